"""The library's recorder as it comes, to show its traps on, and ours beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eventsourcing.persistence import StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

from tests.unit.store.rows import batch, new_entry

if TYPE_CHECKING:
    from pathlib import Path

    from ledger.store.sqlite import SQLiteLedgerRecorder


def stock(path: Path, **more: Any) -> SQLiteApplicationRecorder:
    """The library's recorder on a file."""
    datastore = SQLiteDatastore(str(path), originator_id_type="text", **more)
    recorder = SQLiteApplicationRecorder(datastore)
    recorder.create_table()
    return recorder


def event(version: int, stream: str = "orders/one") -> StoredEvent:
    """An event at some version of a stream."""
    return StoredEvent(stream, version, "company-order.v1", b"entry")


def insert(recorder: SQLiteLedgerRecorder, *indexes: int) -> None:
    """Insert a batch of made-up entries with these indexes."""
    with recorder.ordering_lock():
        recorder.insert_batch(batch(*map(new_entry, indexes)))
