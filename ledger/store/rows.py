"""The rows that cross the seam between the ledger and a database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.errors import NoteError, StoreError
from ledger.log.checkpoint import Checkpoint
from ledger.log.note import SignedNote

if TYPE_CHECKING:
    from eventsourcing.persistence import StoredEvent


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An accepted statement with everything that one transaction writes for it.

    Attributes:
        index: Its place in the log, 0-based and dense.
        event: What the event store keeps: stream, version, type, and the leaf data, which is
            stored there and nowhere else.
        fact_id: Unique in the log.
        digest: Statement digest, 32 bytes, unique in the log.
        author: Author id; (author, nonce) is unique in the log.
        nonce: 16 bytes.
        leaf_hash: 32 bytes.
        recorded_ms: Milliseconds since 1970 (UTC), never less than the entry's before it.
    """

    index: int
    event: StoredEvent
    fact_id: str
    digest: bytes
    author: str
    nonce: bytes
    leaf_hash: bytes
    recorded_ms: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries that are committed together, and the note that commits to them and all before."""

    entries: tuple[NewEntry, ...]
    tree_size: int
    note: bytes


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """The signed note of a batch, and the tree size after it."""

    tree_size: int
    note: bytes

    def checkpoint(self) -> Checkpoint:
        """Read what the note says; its signatures were made here and are not verified again.

        Raises:
            StoreError: It is not a checkpoint, or one of another size.
        """
        try:
            checkpoint = Checkpoint.parse(SignedNote.parse(self.note).text)
        except NoteError as error:
            raise StoreError(
                f"The stored note at {self.tree_size} does not read back: {error.message}",
                rule="stored-note",
            ) from error
        if checkpoint.size != self.tree_size:
            raise StoreError(
                f"The note at {self.tree_size} is one for {checkpoint.size}.", rule="stored-note"
            )
        return checkpoint


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry read back in the log's order; ``version`` is its place in its stream."""

    index: int
    version: int
    entry: bytes


@dataclass(frozen=True, slots=True)
class TailRow:
    """What a writer must know of an entry that was appended behind its back.

    ``author_entry`` is the entry if it lies in a stream of authors and keys, or else None: nothing
    but the keyring has to read what others appended.
    """

    index: int
    stream: str
    digest: bytes
    leaf_hash: bytes
    recorded_ms: int
    author_entry: bytes | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a statement stands: its index, and its digest, which tells it from another."""

    index: int
    digest: bytes
