"""Which tree a request is about, and the signed note that stands for it.

A request may name any tree size that a checkpoint was signed at. A size within a batch is refused:
the batch was committed as one, so the log never stood there for anybody, and there is no signed
note that an answer at that size could be held against.
"""

from __future__ import annotations

from typing import final

from ledger.errors import QuestionError
from ledger.service.parts import Parts
from ledger.store.rows import StoredCheckpoint


def checkpoint_at(parts: Parts, tree_size: int) -> StoredCheckpoint:
    """The note that was signed at exactly this tree size; 0 means the newest.

    Raises:
        NotFoundError: The log is not that large.
        QuestionError: The size lies within a batch; the message names the end of that batch.
    """
    if tree_size == 0:
        return parts.reader.latest_checkpoint()
    stored = parts.reader.checkpoint_covering(tree_size)
    if stored.tree_size != tree_size:
        raise QuestionError(
            f"The log never stood at {tree_size} entries: they were committed together with "
            f"others, up to {stored.tree_size}, the nearest size with a checkpoint from there on.",
            field="tree_size",
            rule="tree-size-has-checkpoint",
        )
    return stored


@final
class Newest:
    """The newest note as it was last read, and whether it is the newest still.

    It is, unless this process has appended since, or has followed what another one appended.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._stored = StoredCheckpoint(0, b"")

    def at_hand(self) -> StoredCheckpoint | None:
        """The newest note, without asking the database; None if that has to be asked."""
        parts, stored = self._parts, self._stored
        known = max(parts.reader.tree.hashes.size, parts.progress.tree_size, parts.opened_size)
        return stored if 0 < known <= stored.tree_size else None

    def read(self) -> StoredCheckpoint:
        """The newest note, from the database.

        Raises:
            NotFoundError: The ledger is not founded yet.
        """
        stored = self._stored = checkpoint_at(self._parts, 0)
        return stored
