"""A log as static files, in the layout of C2SP tlog-tiles, for whoever stores or ships one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.log.tiles import TILE_WIDTH, encode_bundle, tile_bytes, tile_paths

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ledger.log.proofs import HashReader

CHECKPOINT_PATH: Final = "checkpoint"


def static_files(
    note: bytes,
    tree_size: int,
    entries: Callable[[int, int], Sequence[bytes]],
    hash_reader: HashReader,
) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a log at one checkpoint, each as its path and bytes.

    The same log and note give the same files in the same order: bundles, tiles level by level, and
    the checkpoint last, so that what is written in this order never shows a checkpoint before the
    tiles under it. One bundle is held in memory at a time.

    Args:
        note: The checkpoint's signed note.
        tree_size: Its size.
        entries: Reads the entries from one index to before another, all of them.
        hash_reader: Reads the tree's hashes.

    Raises:
        InputError: An entry is too long for a bundle, or entries are missing.
        NotFoundError: The tree does not reach that far.
    """
    for tile in tile_paths(tree_size):
        if tile.level is None:
            first = tile.index * TILE_WIDTH
            yield str(tile), encode_bundle(entries(first, first + tile.width))
        else:
            yield str(tile), tile_bytes(tile, hash_reader)
    yield CHECKPOINT_PATH, note
