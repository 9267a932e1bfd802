"""The stored rows as a log's tiles, read as they are: nothing is rebuilt and nothing compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, final

from ledger.errors import NotFoundError
from ledger.log.tiles import TILE_WIDTH, TilePath, encode_bundle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.log.checkpoint import Checkpoint
    from ledger.store.recorder import LedgerRecorder
    from ledger.store.rows import StoredCheckpoint

LEVELS: Final = 1
"""A database keeps leaf hashes; every higher hash is made from them when it is needed."""


@final
class StoredTiles:
    """What a database holds of the tree.

    Args:
        recorder: The database.
    """

    def __init__(self, recorder: LedgerRecorder) -> None:
        self._recorder = recorder

    def latest(self) -> StoredCheckpoint:
        """Return the newest note.

        Raises:
            NotFoundError: The ledger is not founded yet.
        """
        latest = self._recorder.latest_checkpoint()
        if latest is None:
            raise NotFoundError("The ledger is not founded yet.", rule="not-founded")
        return latest

    def earlier(self) -> Iterator[Checkpoint]:
        """Yield what the notes before the newest say, by size; no signature is verified.

        Raises:
            StoreError: A stored note is not one, or is of another size than its row says.
        """
        newest, size = self.latest().tree_size, 1
        while (stored := self._recorder.checkpoint_covering(size)) and stored.tree_size < newest:
            yield stored.checkpoint()
            size = stored.tree_size + 1

    def read(self, tile: TilePath, /) -> bytes | None:
        """Return the stored entries, or the stored leaf hashes; as many as there are.

        An entry that is missing among others reads as an empty one, so that it is found by its
        index and not by the shape of its bundle.
        """
        first = tile.index * TILE_WIDTH
        indexes = range(first, first + tile.width)
        if tile.level is None:
            found = {
                stored.index: stored.entry
                for stored in self._recorder.entries(indexes.start, indexes.stop)
            }
            return encode_bundle([found.get(index, b"") for index in indexes]) if found else None
        hashes = self._recorder.leaf_hashes(indexes.start, indexes.stop)
        return b"".join(hashes) if tile.level == 0 and hashes else None
