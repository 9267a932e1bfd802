"""The tree as it is stored, against the tree that its entries make.

Every hash is rebuilt from what lies beneath it: leaf hashes from the entries, each hash of a higher
tile from the full tile below, the root from the entries. So each difference is found where it is,
and named by tile and index; a log without one is whole: its entries, its tiles and the signed root
are one tree. Entries are read once, in order, a bundle at a time.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final, Protocol, final

from ledger.errors import InputError
from ledger.log.layout import CHECKPOINT_PATH
from ledger.log.merkle import HASH_BYTES, Frontier, leaf_hash, root_of
from ledger.log.tiles import TILE_LEVEL_MAX, TILE_WIDTH, TilePath, decode_bundle, tile_width

if TYPE_CHECKING:
    from ledger.log.checkpoint import Checkpoint

ALL_LEVELS: Final = TILE_LEVEL_MAX + 1

Hashes = Sequence[bytes | None]
"""Hashes side by side; None where nothing is left to know one from."""


class TileReader(Protocol):
    """Reads a tile or an entry bundle as it is stored."""

    def __call__(self, tile: TilePath, /) -> bytes | None:
        """Return its bytes, or None if it is missing."""
        ...


class Progress(Protocol):
    """Is told how far a check is."""

    def __call__(self, done: int, total: int, /) -> None:
        """Take how many entries are read, of how many."""
        ...


@dataclass(frozen=True, slots=True)
class Finding:
    """A difference.

    Attributes:
        path: The file, by its C2SP path: a tile, a bundle, or ``checkpoint``.
        index: The entry's index or the hash's place in its level, 0-based; of a checkpoint the
            size. None if all of the file is meant.
        rule: What does not hold, in kebab-case.
        message: One sentence, for a person.
    """

    path: str
    index: int | None
    rule: str
    message: str


def check_tree(
    checkpoint: Checkpoint,
    read: TileReader,
    *,
    levels: int = ALL_LEVELS,
    earlier: Iterable[Checkpoint] = (),
    progress: Progress = lambda _done, _total: None,
) -> Iterator[Finding]:
    """Yield every difference between what is stored and what the entries make.

    Args:
        checkpoint: What says how large the tree is, and its root; its signature is the caller's.
        read: Reads what is stored.
        levels: How many levels of hash tiles are stored, at least the leaf hashes.
        earlier: Checkpoints of smaller sizes, ascending, whose roots are rebuilt too.
        progress: Told how many entries are read, of how many.
    """
    size = checkpoint.size
    roots = _Roots(chain(earlier, (checkpoint,)), checkpoint)
    leaves = _Level(0, size, read, levels)
    index = 0
    while width := tile_width(None, index, size):
        bundle = TilePath(None, index, width)
        rebuilt, broken = _rebuilt(bundle, read(bundle))
        yield from broken
        stored = yield from leaves.compare(rebuilt)
        yield from roots.extend(rebuilt, stored)
        index += 1
        progress(min(index * TILE_WIDTH, size), size)
    yield from roots.extend((), ())


def _rebuilt(bundle: TilePath, data: bytes | None) -> tuple[Hashes, Sequence[Finding]]:
    """The leaf hashes that a bundle's entries make, and what is wrong with it."""
    if data is None:
        finding = Finding(str(bundle), None, "bundle-missing", "The bundle is missing.")
        return [None] * bundle.width, (finding,)
    try:
        return [leaf_hash(entry) for entry in decode_bundle(data, width=bundle.width)], ()
    except InputError as error:
        finding = Finding(str(bundle), None, error.rule, error.message)
        return [None] * bundle.width, (finding,)


@final
class _Level:
    """One level of tiles, each compared once the hashes that belong in it are rebuilt."""

    def __init__(self, level: int, tree_size: int, read: TileReader, levels: int) -> None:
        self._level = level
        self._tree_size = tree_size
        self._read = read
        self._index = 0
        self._waiting: list[bytes | None] = []
        self._above: _Level | None = None
        if level + 1 < levels and tile_width(level + 1, 0, tree_size):
            self._above = _Level(level + 1, tree_size, read, levels)

    def compare(self, rebuilt: Hashes) -> Generator[Finding, None, Hashes]:
        """Compare the next tile, and those above it that it completes.

        Returns:
            The hashes as they are stored, or the rebuilt ones where the tile is of no use.
        """
        tile = TilePath(self._level, self._index, self._width)
        self._index += 1
        data = self._read(tile)
        hashes = rebuilt
        if data is None:
            yield Finding(str(tile), None, "tile-missing", "The tile is missing.")
        elif len(data) != tile.width * HASH_BYTES:
            message = f"The tile has {len(data)} bytes, not {tile.width * HASH_BYTES}."
            yield Finding(str(tile), None, "tile-length", message)
        else:
            hashes = [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]
            yield from _differences(tile, hashes, rebuilt)
        if self._above is not None and tile.width == TILE_WIDTH:
            yield from self._above.add(hashes)
        return hashes

    def add(self, below: Hashes) -> Iterator[Finding]:
        """Rebuild the hash over a full tile, and compare the tile of this level that it fills."""
        known = [value for value in below if value is not None]
        self._waiting.append(root_of(known) if len(known) == len(below) else None)
        if len(self._waiting) == self._width:
            rebuilt, self._waiting = self._waiting, []
            yield from self.compare(rebuilt)

    @property
    def _width(self) -> int:
        return tile_width(self._level, self._index, self._tree_size)


def _differences(tile: TilePath, stored: Hashes, rebuilt: Hashes) -> Iterator[Finding]:
    first = tile.index * TILE_WIDTH
    for index, (found, made) in enumerate(zip(stored, rebuilt, strict=True), start=first):
        if made is None or found == made:
            continue
        if tile.level == 0:
            message = f"Entry {index} does not hash to the leaf hash that is stored for it."
            yield Finding(str(tile), index, "leaf-hash", message)
        else:
            message = f"Hash {index} is not that of the tile below it."
            yield Finding(str(tile), index, "tile-hash", message)


@final
class _Roots:
    """Rebuilds the root at each checkpoint's size, from the entries and from the stored hashes.

    The newest checkpoint must be that of the entries. Of those before it one is wrong only if
    neither makes its root: else a single changed entry would put all that came after it under
    suspicion.
    """

    def __init__(self, checkpoints: Iterator[Checkpoint], newest: Checkpoint) -> None:
        self._checkpoints = checkpoints
        self._newest = newest
        self._next = next(self._checkpoints, None)
        self._made: Frontier | None = Frontier()
        self._kept: Frontier | None = self._made
        self._size = 0

    def extend(self, made: Hashes, kept: Hashes) -> Iterator[Finding]:
        """Add leaf hashes, and compare the root wherever a checkpoint was signed.

        Args:
            made: The next leaf hashes as the entries make them.
            kept: The same as they are stored.
        """
        at = 0
        while self._next is not None and self._next.size <= self._size + len(made) - at:
            until = at + self._next.size - self._size
            self._grow(made[at:until], kept[at:until])
            at = until
            yield from self._compared(self._next)
            self._next = next(self._checkpoints, None)
        self._grow(made[at:], kept[at:])

    def _grow(self, made: Hashes, kept: Hashes) -> None:
        one = self._made is self._kept and made == kept
        self._made = _grown(self._made, made)
        self._kept = self._made if one else _grown(self._kept, kept)
        self._size += len(made)

    def _compared(self, checkpoint: Checkpoint) -> Iterator[Finding]:
        if checkpoint.origin != self._newest.origin:
            message = f"The checkpoint is of {checkpoint.origin!r}, not of {self._newest.origin!r}."
            yield Finding(CHECKPOINT_PATH, checkpoint.size, "origin", message)
        made, kept = (
            frontier is not None and frontier.root() == checkpoint.root
            for frontier in (self._made, self._kept)
        )
        known = self._made is not None and checkpoint is self._newest
        if made or (kept and not known):
            return
        if self._made is None and self._kept is None:
            message = "The root cannot be rebuilt: entries and their leaf hashes are missing."
            yield Finding(CHECKPOINT_PATH, checkpoint.size, "root-unknown", message)
            return
        message = f"The first {checkpoint.size} entries do not make the root that was signed"
        message += "; the stored leaf hashes do." if kept else "."
        yield Finding(CHECKPOINT_PATH, checkpoint.size, "root-hash", message)


def _grown(frontier: Frontier | None, leaf_hashes: Hashes) -> Frontier | None:
    known = [value for value in leaf_hashes if value is not None]
    if frontier is None or len(known) < len(leaf_hashes):
        return None
    return frontier.extend(known)
