"""Tiles: the tree and its entries as files that never change (C2SP tlog-tiles).

A tile holds up to 256 hashes side by side at every eighth level of the tree, an entry bundle the
entries under one tile of level 0. Both are full, 256 wide, or partial at the tree's right edge.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.errors import InputError
from ledger.log.strict import SIZE_MAX

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ledger.log.proofs import HashReader

TILE_HEIGHT: Final = 8
"""Levels of the tree a tile spans."""

TILE_WIDTH: Final = 1 << TILE_HEIGHT
"""Hashes or entries in a full tile or bundle."""

TILE_LEVEL_MAX: Final = 63
ENTRY_BYTES_MAX: Final = 65_535
_LENGTH_BYTES = 2
_GROUP = 1000
_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)"
    r"/(?P<groups>(?:x[0-9]{3}/)*[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)
_PATH_LENGTH_MAX = 64


@dataclass(frozen=True, slots=True)
class TilePath:
    """Which tile or entry bundle.

    Attributes:
        level: Tile level, 0 to 63; None for an entry bundle.
        index: Place in the level, 0-based.
        width: Hashes or entries in it, 1 to 256; fewer than 256 makes it partial.

    Raises:
        InputError: A value is out of range.
    """

    level: int | None
    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        if self.level is not None and not 0 <= self.level <= TILE_LEVEL_MAX:
            raise _bad_path(f"A tile's level is 0 to {TILE_LEVEL_MAX}.")
        if not 0 <= self.index <= SIZE_MAX // TILE_WIDTH:
            raise _bad_path("A tile's index is 0 to 2**55 - 1.")
        if not 1 <= self.width <= TILE_WIDTH:
            raise _bad_path(f"A tile's width is 1 to {TILE_WIDTH}.")

    @classmethod
    def parse(cls, path: str) -> TilePath:
        """Read ``tile/<L>/<N>[.p/<W>]`` or ``tile/entries/<N>[.p/<W>]``.

        Raises:
            InputError: The path is anything else, or not the one spelling of this tile.
        """
        match = _PATH.fullmatch(path) if len(path) <= _PATH_LENGTH_MAX else None
        if match is None:
            raise _bad_path("This is not the path of a tile or entry bundle.")
        level = None if match["level"] == "entries" else int(match["level"])
        index = int(match["groups"].replace("x", "").replace("/", ""))
        tile = cls(level, index, int(match["width"] or TILE_WIDTH))
        if str(tile) != path:
            raise _bad_path(f"The path of this tile is {tile}.")
        return tile

    def __str__(self) -> str:
        groups = [f"{self.index % _GROUP:03}"]
        rest = self.index // _GROUP
        while rest:
            groups.append(f"x{rest % _GROUP:03}")
            rest //= _GROUP
        level = "entries" if self.level is None else str(self.level)
        partial = f".p/{self.width}" if self.width < TILE_WIDTH else ""
        return f"tile/{level}/{'/'.join(reversed(groups))}{partial}"


def tile_width(level: int | None, index: int, tree_size: int) -> int:
    """Return how wide a tile is in a tree of this size: 1 to 256, or 0 if it is not there.

    Level None asks for an entry bundle, which is as wide as the level 0 tile over it.
    """
    hashes = tree_size >> (TILE_HEIGHT * (level or 0))
    return max(0, min(TILE_WIDTH, hashes - index * TILE_WIDTH))


def tile_paths(tree_size: int) -> Iterator[TilePath]:
    """Yield every bundle and tile of a tree of this size: the bundles, then level by level.

    Those at the right edge are partial; narrower ones of earlier sizes are not among them.
    """
    level: int | None = None
    while width := tile_width(level, 0, tree_size):
        index = 0
        while width:
            yield TilePath(level, index, width)
            index += 1
            width = tile_width(level, index, tree_size)
        level = 0 if level is None else level + 1


def tile_bytes(tile: TilePath, hash_reader: HashReader) -> bytes:
    """Return a tile's content: ``width`` hashes of 32 bytes.

    Raises:
        InputError: The path is that of an entry bundle.
        NotFoundError: The tree does not reach that far.
    """
    if tile.level is None:
        raise _bad_path("An entry bundle is not made of hashes.")
    level = TILE_HEIGHT * tile.level
    first = tile.index * TILE_WIDTH
    return b"".join(hash_reader.node(level, first + place) for place in range(tile.width))


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Write an entry bundle: each entry after its length as a big-endian 16-bit number.

    Raises:
        InputError: Not 1 to 256 entries, or one over 65,535 bytes.
    """
    if not 1 <= len(entries) <= TILE_WIDTH:
        raise _bad_bundle(f"A bundle has 1 to {TILE_WIDTH} entries, not {len(entries)}.")
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > ENTRY_BYTES_MAX:
            raise _bad_bundle(f"An entry has at most {ENTRY_BYTES_MAX} bytes.")
        parts += (len(entry).to_bytes(_LENGTH_BYTES, "big"), entry)
    return b"".join(parts)


def decode_bundle(data: bytes, *, width: int) -> list[bytes]:
    """Read an entry bundle that must hold exactly ``width`` entries and nothing more.

    Raises:
        InputError: It ends early, or goes on.
    """
    entries: list[bytes] = []
    at = 0
    for _ in range(width):
        begin = at + _LENGTH_BYTES
        end = begin + int.from_bytes(data[at:begin], "big")
        # A slice past the end is silently shorter, be it of the length or of the entry.
        if end > len(data):
            raise _bad_bundle(f"The bundle ends after {len(entries)} of {width} entries.")
        entries.append(data[begin:end])
        at = end
    if at != len(data):
        raise _bad_bundle(f"The bundle goes on after {width} entries.")
    return entries


def _bad_path(message: str) -> InputError:
    return InputError(message, field="path", rule="tile-path")


def _bad_bundle(message: str) -> InputError:
    return InputError(message, field="bundle", rule="entry-bundle")
