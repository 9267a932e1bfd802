"""The database refuses what the library's recorders let pass: each trap is shown to be there."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest
from eventsourcing.persistence import IntegrityError

from tests.unit.store.stock import event, insert, stock

if TYPE_CHECKING:
    from pathlib import Path

    from ledger.store.sqlite import SQLiteLedgerRecorder


class TestVersions:
    """Recorders check uniqueness only."""

    def test_the_stock_recorder_takes_version_0_gaps_and_disorder(self, path: Path) -> None:
        recorder = stock(path)

        recorder.insert_events([event(7), event(0), event(3)])

        versions = [e.originator_version for e in recorder.select_events("orders/one")]
        assert versions == [0, 3, 7]

    @pytest.mark.parametrize("version", [0, 2, 7])
    def test_the_database_refuses_them_even_from_the_stock_recorder(
        self, recorder: SQLiteLedgerRecorder, path: Path, version: int
    ) -> None:
        insert(recorder, 0)

        with pytest.raises(IntegrityError):
            stock(path).insert_events([event(version)])
        assert recorder.select_events("orders/one") == []


class TestTail:
    """A tail row id is given out again after a deletion."""

    def delete_last(self, path: Path) -> None:
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            connection.execute(
                "DELETE FROM stored_events WHERE rowid = (SELECT MAX(rowid) FROM stored_events)"
            )
        finally:
            connection.close()

    def test_the_stock_recorder_gives_a_notification_id_twice(self, path: Path) -> None:
        recorder = stock(path)
        first = recorder.insert_events([event(1)])
        self.delete_last(path)

        assert recorder.insert_events([event(1, "orders/other")]) == first

    def test_nothing_is_deleted_from_a_ledger(
        self, recorder: SQLiteLedgerRecorder, path: Path
    ) -> None:
        insert(recorder, 0)

        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            self.delete_last(path)
        assert len(recorder.entries(0, 10)) == 1

    @pytest.mark.parametrize("table", ["stored_events", "ledger_entries", "ledger_checkpoints"])
    @pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET rowid = rowid + 5"])
    def test_no_table_of_a_ledger_is_changed(
        self, recorder: SQLiteLedgerRecorder, path: Path, table: str, change: str
    ) -> None:
        insert(recorder, 0)
        connection = sqlite3.connect(path)

        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(change.format(table))
        connection.close()
