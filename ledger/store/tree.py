"""The tree of the stored entries in memory, which proves anything at any size."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from ledger.errors import StoreError
from ledger.log.hashtree import HashTree
from ledger.log.proofs import root_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.store.recorder import LedgerRecorder
    from ledger.store.rows import StoredCheckpoint

_PAGE: Final = 50_000
"""Leaf hashes loaded at a time, 1.6 MB."""


class LogTree:
    """A ``HashTree`` that loads what it lacks; one for all readers, and the writer.

    Only what was committed gets in. While one thread adds leaves others read: a complete node
    never changes.
    """

    def __init__(self, recorder: LedgerRecorder) -> None:
        self._recorder = recorder
        self._growing = threading.Lock()
        self._tree = HashTree()

    @property
    def hashes(self) -> HashTree:
        """The tree as far as it is loaded."""
        return self._tree

    def covering(self, checkpoint: StoredCheckpoint) -> HashTree:
        """Return the tree with at least all entries that a stored checkpoint commits to.

        Raises:
            StoreError: The stored leaf hashes do not make the root that was signed.
        """
        with self._growing:
            if self._tree.size < checkpoint.tree_size:
                self._load(checkpoint)
            return self._tree

    def extend(self, first_index: int, leaf_hashes: Sequence[bytes], *, wait: bool = True) -> None:
        """Add what was just committed, unless that would leave a gap or was loaded meanwhile.

        Args:
            first_index: The place of the first leaf.
            leaf_hashes: 32 bytes each.
            wait: Whether to wait for a thread that loads others, which may take seconds. What is
                not added here is loaded when it is asked for.
        """
        if self._growing.acquire(blocking=wait):
            try:
                if self._tree.size == first_index:
                    self._tree.extend(leaf_hashes)
            finally:
                self._growing.release()

    def clear(self) -> None:
        """Forget what was loaded, for when it is in doubt that the database still holds it."""
        with self._growing:
            self._tree = HashTree()

    def _load(self, checkpoint: StoredCheckpoint) -> None:
        while (start := self._tree.size) < checkpoint.tree_size:
            hashes = self._recorder.leaf_hashes(start, min(start + _PAGE, checkpoint.tree_size))
            if not hashes:
                break
            self._tree.extend(hashes)
        complete = self._tree.size >= checkpoint.tree_size
        if complete and root_at(checkpoint.tree_size, self._tree) == checkpoint.checkpoint().root:
            return
        self._tree = HashTree()
        raise StoreError(
            f"The leaf hashes in the database do not make the root hash that was signed at "
            f"{checkpoint.tree_size}.",
            rule="root-mismatch",
        )
