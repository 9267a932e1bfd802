"""Reading the ledger: entries, checkpoints, proofs and receipts, beside the writer.

Every method may be called from any thread. What it returns stands on what was committed when it
was called; since nothing ever changes, two calls need no transaction around them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.domain.attachments import erasure_stream
from ledger.errors import InputError, NotFoundError
from ledger.log.proofs import consistency_proof, inclusion_proof, inclusion_proofs, root_at
from ledger.log.receipts import Receipt
from ledger.log.strict import SIZE_MAX
from ledger.store.mapper import open_entry, recorded_of
from ledger.store.recent import Recent
from ledger.store.tree import LogTree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ledger.domain.statement import Recorded, Statement
    from ledger.log.hashtree import HashTree
    from ledger.store.recorder import LedgerRecorder
    from ledger.store.rows import StoredCheckpoint, StoredEntry

PAGE: Final = 500
"""Entries read at a time."""


class Reader:
    """What a ledger's database says to whoever asks.

    Attributes:
        tree: The tree over all entries; the writer adds to it what it has committed.
        recent: The newest entries, read; the writer adds to it too.
    """

    def __init__(self, recorder: LedgerRecorder) -> None:
        self._recorder = recorder
        self.tree = LogTree(recorder)
        self.recent = Recent()

    def tree_size(self) -> int:
        """How many entries there are; 0 before the founding."""
        latest = self._recorder.latest_checkpoint()
        return latest.tree_size if latest else 0

    def latest_checkpoint(self) -> StoredCheckpoint:
        """The newest note, with its tree size.

        Raises:
            NotFoundError: The ledger is not founded yet.
        """
        latest = self._recorder.latest_checkpoint()
        if latest is None:
            raise NotFoundError("The ledger is not founded yet.", rule="not-founded")
        return latest

    def checkpoint_covering(self, size: int) -> StoredCheckpoint:
        """The oldest note at this tree size or after it.

        Raises:
            NotFoundError: The log is not that large.
        """
        stored = self._recorder.checkpoint_covering(size) if size <= SIZE_MAX else None
        if stored is None:
            raise NotFoundError(
                f"The log has no tree of size {size} yet.", field="tree_size", rule="tree-size"
            )
        return stored

    def checkpoint_after(self, size: int, *, page: int = PAGE) -> StoredCheckpoint | None:
        """The note up to which somebody who has read so far reads next, a page or more at once.

        Returns:
            The oldest note at ``size + page`` or after, or else the newest; None if there is
            nothing to read.
        """
        latest = self._recorder.latest_checkpoint()
        if latest is None or latest.tree_size <= size:
            return None
        if latest.tree_size <= size + page:
            return latest
        return self._recorder.checkpoint_covering(size + page)

    def entries(self, start: int, end: int) -> list[StoredEntry]:
        """The entries from index ``start`` to before ``end``, as far as there are any.

        Raises:
            InputError: There can be no such range.
        """
        if not 0 <= start <= end:
            raise InputError(
                f"There are no entries from {start} to before {end}.",
                field="start",
                rule="index-range",
            )
        # No database counts further, and some drivers fail on the attempt.
        return self._recorder.entries(min(start, SIZE_MAX), min(end, SIZE_MAX))

    def stored_bytes(self, start: int, end: int) -> Sequence[tuple[int, bytes]]:
        """Index and bytes of the same entries, for whoever sends them on as they are."""
        return self._recorder.entry_bytes(start, end)

    def recorded(self, start: int, end: int) -> Sequence[Recorded]:
        """The same entries, read: what read models stand on.

        Raises:
            InputError: There can be no such range.
            StoreError: An entry does not read back.
        """
        at_hand = self.recent.take(start, end)
        if at_hand is not None:
            return at_hand
        return [recorded_of(stored) for stored in self.entries(start, end)]

    def one_recorded(self, index: int) -> Recorded:
        """The entry at an index, read.

        Raises:
            NotFoundError: There is no such entry.
            StoreError: It does not read back.
        """
        for recorded in self.recorded(index, index + 1):
            return recorded
        raise NotFoundError(f"There is no entry {index}.", field="index", rule="no-entry")

    def pages(self, start: int, end: int, *, page: int = PAGE) -> Iterator[list[StoredEntry]]:
        """The same entries, so many at a time."""
        while start < end and (entries := self.entries(start, min(start + page, end))):
            yield entries
            start = entries[-1].index + 1

    def receipt(
        self, index: int, *, covering: Callable[[int], StoredCheckpoint] | None = None
    ) -> Receipt:
        """The receipt of the entry at an index, as its author got it.

        Args:
            index: The entry's.
            covering: Finds another note to prove the entry to, by the least size that it has.

        Raises:
            NotFoundError: There is no such entry.
        """
        stored = self.entries(index, index + 1) if index >= 0 else []
        if not stored:
            raise NotFoundError(f"There is no entry {index}.", field="index", rule="no-entry")
        checkpoint = (covering or self.checkpoint_covering)(index + 1)
        return Receipt(
            entry=stored[0].entry,
            index=index,
            inclusion_proof=self.inclusion_proof(index, checkpoint.tree_size),
            checkpoint=checkpoint.note,
        )

    def find_fact(self, fact_id: str) -> int | None:
        """Where the fact with this id stands; None where there is none."""
        return self._recorder.index_of_fact(fact_id)

    def indexes_of_stream(self, name: str) -> list[int]:
        """Where a stream's events stand, in its order."""
        return self._recorder.indexes_of_stream(name)

    def index_of_fact(self, fact_id: str) -> int:
        """Where the fact with this id stands.

        Raises:
            NotFoundError: There is none.
        """
        index = self.find_fact(fact_id)
        if index is None:
            raise NotFoundError(f"There is no fact {fact_id}.", field="fact_id", rule="no-fact")
        return index

    def index_of_statement(self, digest: bytes) -> int:
        """Where the statement with this digest stands.

        Raises:
            NotFoundError: There is none.
        """
        index = self._recorder.index_of_statement(digest)
        if index is None:
            raise NotFoundError(
                f"There is no statement {digest.hex()}.",
                field="statement_digest",
                rule="no-statement",
            )
        return index

    def statement_at(self, index: int) -> Statement:
        """The statement in the entry at an index.

        Raises:
            NotFoundError: There is no such entry.
            StoreError: It does not read back.
        """
        entries = self._recorder.entries(index, index + 1) if index < SIZE_MAX else []
        if not entries:
            raise NotFoundError(f"There is no entry {index}.", field="index", rule="no-entry")
        return open_entry(entries[0].entry).statement

    def erased_at(self, commitment: bytes) -> int | None:
        """Where the erasure of an attachment stands, or None while nobody has erased it."""
        return self._recorder.index_of_event(erasure_stream(commitment), 1)

    def inclusion_proof(self, index: int, size: int) -> tuple[bytes, ...]:
        """Prove the entry at an index in the tree of a size (RFC 6962 section 2.1.1).

        Raises:
            InputError: The tree of that size has no such index.
            NotFoundError: The log is not that large.
        """
        return tuple(inclusion_proof(index, size, self.tree_of(size)))

    def inclusion_proofs(self, start: int, end: int, size: int) -> list[tuple[bytes, ...]]:
        """Prove the entries from index ``start`` to before ``end``, all in the tree of a size.

        Raises:
            InputError: The tree of that size has no such entries.
            NotFoundError: The log is not that large.
        """
        return [tuple(proof) for proof in inclusion_proofs(start, end, size, self.tree_of(size))]

    def consistency_proof(self, size1: int, size2: int) -> tuple[bytes, ...]:
        """Prove that the tree of ``size2`` begins with that of ``size1`` (section 2.1.2).

        Raises:
            InputError: The sizes are not ``0 < size1 <= size2``.
            NotFoundError: The log is not that large.
        """
        return tuple(consistency_proof(size1, size2, self.tree_of(size2)))

    def tree_of(self, size: int) -> HashTree:
        """A tree that holds at least the entries of a size: for proofs and tiles.

        Raises:
            NotFoundError: The log is not that large.
            StoreError: The stored leaf hashes do not make the root that was signed.
        """
        loaded = self.tree.hashes
        if size <= loaded.size:
            return loaded
        return self.tree.covering(self.checkpoint_covering(size))

    def root_at(self, size: int) -> bytes:
        """The root hash of the tree of a size, from leaf hashes that make the root that was signed.

        Raises:
            NotFoundError: The log is not that large.
            StoreError: The stored leaf hashes do not make the root that was signed.
        """
        return root_at(size, self.tree_of(size))
