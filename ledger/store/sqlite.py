"""A ledger in one SQLite file: the embedded store.

``SQLiteLedgerRecorder`` is the library's application recorder as far as the events table goes:
its definition, and reading a stream's events. Replaced are

* **inserting.** ``insert_batch`` writes events, entries and note in the transaction that holds
  the ordering lock, by ``executemany``. The library's ``insert_events`` is closed: it would
  commit events that have no index, no leaf hash and no note.
* **following.** ``select_notifications`` goes by row ids, which are given out again after a
  deletion at the tail and renumbered by VACUUM; ``subscribe`` is not implemented for SQLite at
  all. ``entries`` goes by index, which is dense, so that a page of it can miss nothing; waking up
  is the follower's business.

The durability promised is WAL with ``synchronous=FULL``: COMMIT returns after the log is on disk.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn, cast

from eventsourcing.sqlite import SQLiteApplicationRecorder

from ledger.errors import StoreError
from ledger.store.asking import NOTHING, nothing_to_do
from ledger.store.recorder import LedgerRecorder
from ledger.store.sqlitedatastore import LedgerDatastore
from ledger.store.sqliteschema import SEAL, SIDE_STATEMENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from eventsourcing.persistence import StoredEvent

    from ledger.store.asking import Known, Mentioned, Row
    from ledger.store.rows import Batch

BUSY_TIMEOUT_S = 10
"""How long a writer waits for another process; a batch holds the lock for milliseconds."""

_INSERT_EVENT = "INSERT INTO stored_events VALUES (?, ?, ?, ?)"
_INSERT_ENTRY = "INSERT INTO ledger_entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_CHECKPOINT = "INSERT INTO ledger_checkpoints VALUES (?, ?)"

# Events and entries are inserted side by side, so that an event's row mostly has the number after
# its entry's index: one step where its name takes several, of long texts. It is a guess, since
# VACUUM may number rows anew, and stream and version have to confirm it.
_ENTRY_BYTES_GUESSED = (
    "SELECT e.entry_index, s.state FROM ledger_entries e CROSS JOIN stored_events s "
    "ON s.rowid = e.entry_index + 1 AND s.originator_id = e.originator_id "
    "AND s.originator_version = e.originator_version "
    "WHERE e.entry_index >= ? AND e.entry_index < ? ORDER BY e.entry_index"
)


class SQLiteLedgerRecorder(SQLiteApplicationRecorder, LedgerRecorder):
    """A ledger in a file.

    Args:
        path: The file; ``create_table`` makes a ledger of it.
        busy_timeout_s: How long to wait for another process that writes.
    """

    datastore: LedgerDatastore

    def __init__(self, path: Path, *, busy_timeout_s: int = BUSY_TIMEOUT_S) -> None:
        super().__init__(LedgerDatastore(path, busy_timeout_s=busy_timeout_s))

    def construct_create_table_statements(self) -> list[str]:
        """Return the library's definition of the events table, then ours of what is beside it."""
        return [*super().construct_create_table_statements(), *SIDE_STATEMENTS]

    @contextmanager
    def ordering_lock(
        self,
        mentioned: Mentioned = NOTHING,
        *,
        meanwhile: Callable[[], bool] = nothing_to_do,  # noqa: ARG002 - SQLite commits in this thread
    ) -> Iterator[Known]:
        """Hold SQLite's one write lock, and commit at the end."""
        with self.datastore.transaction(commit=True):
            yield self.known(mentioned)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read at one state of the database, which a writer may leave behind meanwhile."""
        with self.datastore.transaction(commit=False):
            yield

    def insert_batch(self, batch: Batch) -> None:
        """Insert events, entries and note; the triggers of the schema check what follows what."""
        with self.datastore.transaction(commit=True) as cursor:
            cursor.executemany(
                _INSERT_EVENT,
                [
                    (
                        new.event.originator_id,
                        new.event.originator_version,
                        new.event.topic,
                        new.event.state,
                    )
                    for new in batch.entries
                ],
            )
            cursor.executemany(
                _INSERT_ENTRY,
                [
                    (
                        new.index,
                        new.event.originator_id,
                        new.event.originator_version,
                        new.fact_id,
                        new.digest,
                        new.author,
                        new.nonce,
                        new.leaf_hash,
                        new.recorded_ms,
                    )
                    for new in batch.entries
                ],
            )
            cursor.execute(_INSERT_CHECKPOINT, (batch.tree_size, batch.note))

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> NoReturn:  # noqa: ARG002 - the library's signature
        """Refuse: an event without index, leaf hash and note would be no entry.

        Raises:
            StoreError: Always.
        """
        raise StoreError("Events are inserted by insert_batch.", rule="events-come-in-batches")

    def fetch(self, query: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
        """Return all rows of a query."""
        with self.datastore.statement() as cursor:
            cursor.execute(query, parameters)
            rows: list[Row] = cursor.fetchall()
            return rows

    def entry_bytes(self, start: int, end: int) -> Sequence[tuple[int, bytes]]:
        """Return index and bytes of entries; where a guess fails, as every store does."""
        rows = self.fetch(_ENTRY_BYTES_GUESSED, (start, end))
        if len(rows) == end - start:
            return cast("Sequence[tuple[int, bytes]]", rows)
        return super().entry_bytes(start, end)

    def seal(self) -> None:
        """Take no more entries from anybody, once this thread's transaction is committed."""
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute(SEAL)

    def close(self) -> None:
        """Close all connections; the last one to close writes the log back into the file."""
        self.datastore.close()
