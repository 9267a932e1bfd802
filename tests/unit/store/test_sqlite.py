"""A ledger in SQLite: what is left of the library's recorder, and how questions are answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.errors import StoreError
from ledger.store.asking import Mentioned
from ledger.store.committing import Committer
from ledger.store.recorder import LedgerRecorder
from ledger.store.sqlite import SQLiteLedgerRecorder
from tests.unit.store.builders import order, receipts_of, tamper
from tests.unit.store.stock import event

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ledger.store.asking import Row
    from ledger.store.committing import Ledger
    from tests.unit.store.builders import LedgerFolder


class TestFollowing:
    def test_the_library_has_no_subscriptions_over_sqlite(
        self, recorder: SQLiteLedgerRecorder
    ) -> None:
        """So a follower is woken inside its process, and polls (``follower``)."""
        with pytest.raises(NotImplementedError):
            recorder.subscribe()


def test_events_come_in_batches_only(recorder: SQLiteLedgerRecorder) -> None:
    with pytest.raises(StoreError) as refusal:
        recorder.insert_events([event(1)])

    assert refusal.value.rule == "events-come-in-batches"


class Explaining(SQLiteLedgerRecorder):
    """Notes how SQLite goes about each question."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.plans: list[str] = []

    def fetch(self, query: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
        rows = super().fetch(f"EXPLAIN QUERY PLAN {query}", parameters)
        self.plans += [row[3] for row in rows]
        return super().fetch(query, parameters)


def test_no_question_scans_a_table(path: Path) -> None:
    """A ledger of a million entries answers as fast as one of ten."""
    recorder = Explaining(path)
    recorder.create_table()
    recorder.latest_checkpoint()
    recorder.checkpoint_covering(1)
    recorder.notes_at({1, 2})
    recorder.entries(0, 10)
    recorder.entry_bytes(0, 10)
    recorder.author_entries(10)
    recorder.indexes_of_stream("orders/one")
    recorder.index_of_event("orders/one", 1)
    recorder.since(0, 10)
    recorder.leaf_hashes(0, 10)
    recorder.index_of_fact("order-1")
    recorder.index_of_statement(bytes(32))
    recorder.known(
        Mentioned(
            nonces={bytes(16), bytes(15)},
            fact_ids={"order-1", "order-2"},
            streams={"orders/one", "orders/two"},
        )
    )
    recorder.close()

    asked = [name for name in vars(LedgerRecorder) if not name.startswith("_")]
    assert len(asked) > len(recorder.plans) / 2
    # A walk along the newest end of the primary key, cut by LIMIT, is the one scan there may be.
    scans = [plan for plan in recorder.plans if plan.startswith("SCAN")]
    assert scans == ["SCAN ledger_checkpoints"]


def test_an_entrys_bytes_are_found_wherever_its_row_went(
    ledger: Ledger, folder: LedgerFolder
) -> None:
    receipts_of(Committer(ledger).commit([[order(number) for number in range(3)]])[0])
    expected = [(entry.index, entry.entry) for entry in ledger.recorder.entries(0, 5)]

    def read() -> list[tuple[int, bytes]]:
        return [(index, entry) for index, entry in ledger.recorder.entry_bytes(0, 5)]

    assert len(expected) == 5
    assert read() == expected
    tamper(folder, "UPDATE stored_events SET rowid = 100 - rowid")
    assert read() == expected
    assert [index for index, _ in ledger.recorder.entry_bytes(3, 9)] == [3, 4]
