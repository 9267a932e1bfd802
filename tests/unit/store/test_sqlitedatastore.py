"""Transactions wait their turn and last: each trap of the library's is shown to be there."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from eventsourcing.persistence import ConnectionUnavailableError, OperationalError

from ledger.errors import StoreError, UnavailableError
from ledger.store.sqlite import SQLiteLedgerRecorder
from ledger.store.sqlitedatastore import LedgerPool
from tests.unit.store.rows import batch, new_entry
from tests.unit.store.stock import insert, stock

if TYPE_CHECKING:
    from pathlib import Path

    from eventsourcing.sqlite import SQLiteConnection


class TestLocking:
    """The library begins DEFERRED: a second writing process makes it fail at once."""

    def test_the_stock_transaction_fails_when_another_process_wrote_meanwhile(
        self, path: Path
    ) -> None:
        recorder = stock(path)
        other = sqlite3.connect(path, isolation_level=None)

        def read_then_write() -> None:
            with recorder.datastore.transaction(commit=True) as cursor:
                cursor.execute("SELECT MAX(originator_version) FROM stored_events")
                other.execute("INSERT INTO stored_events VALUES ('orders/x', 1, 't', x'')")
                cursor.execute("INSERT INTO stored_events VALUES ('orders/y', 1, 't', x'')")

        with pytest.raises((OperationalError, sqlite3.OperationalError)) as refusal:
            read_then_write()
        other.close()
        cause = refusal.value if isinstance(refusal.value, sqlite3.Error) else refusal.value.args[0]
        assert cause.sqlite_errorcode == sqlite3.SQLITE_BUSY_SNAPSHOT

    def test_under_the_ordering_lock_no_other_process_writes(
        self, recorder: SQLiteLedgerRecorder, path: Path
    ) -> None:
        other = sqlite3.connect(path, isolation_level=None, timeout=0)
        with recorder.ordering_lock():
            assert recorder.latest_checkpoint() is None
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")
            recorder.insert_batch(batch(new_entry(0)))
        other.close()

        assert len(recorder.entries(0, 10)) == 1

    def test_a_refused_insert_gives_the_lock_back_at_once(
        self, recorder: SQLiteLedgerRecorder, path: Path
    ) -> None:
        """Even while the traceback is alive, which keeps the statement that failed."""
        other = sqlite3.connect(path, isolation_level=None, timeout=0)
        with pytest.raises(StoreError) as refusal:
            insert(recorder, 7)

        other.execute("BEGIN IMMEDIATE")

        other.close()
        assert refusal.value.rule == "store-refused"

    def test_a_lock_that_is_not_to_be_had_is_told_as_unavailable(
        self, recorder: SQLiteLedgerRecorder, path: Path
    ) -> None:
        impatient = SQLiteLedgerRecorder(path, busy_timeout_s=1)
        with recorder.ordering_lock(), pytest.raises(UnavailableError) as refusal:
            insert(impatient, 0)
        impatient.close()

        assert refusal.value.rule == "store-busy"

    def test_the_stock_pool_stalls_readers_behind_a_queued_writer(self, path: Path) -> None:
        recorder = stock(path, pool_timeout=1)
        pool = recorder.datastore.pool
        first = pool.get_connection(is_writer=True)
        queued = threading.Thread(target=_ask_for_writer, args=(pool,))
        queued.start()
        while pool._get_semaphore._value:
            pass

        with pytest.raises(ConnectionUnavailableError):
            pool.get_connection(timeout=0.1, is_writer=False)
        pool.put_connection(first)
        queued.join()

    def test_readers_do_not_wait_for_writers(self, recorder: SQLiteLedgerRecorder) -> None:
        waiting = threading.Event()

        def queue() -> None:
            waiting.set()
            insert(recorder, 1)

        queued = threading.Thread(target=queue)
        read: list[int] = []
        reader = threading.Thread(target=lambda: read.append(len(recorder.entries(0, 10))))
        with recorder.ordering_lock():
            queued.start()
            waiting.wait()
            reader.start()
            reader.join()
            recorder.insert_batch(batch(new_entry(0)))
        queued.join()

        assert read == [0]
        assert len(recorder.entries(0, 10)) == 2

    def test_connections_that_are_all_in_use_are_told_as_unavailable(
        self, recorder: SQLiteLedgerRecorder
    ) -> None:
        pool = recorder.datastore.pool
        pool.pool_timeout = 0.01
        taken = [pool.get_connection() for _ in range(pool.pool_size + pool.max_overflow)]

        with pytest.raises(UnavailableError) as refusal:
            recorder.entries(0, 1)
        for connection in taken:
            pool.put_connection(connection)

        assert refusal.value.rule == "store-busy"
        assert recorder.entries(0, 1) == []


class TestConnections:
    """The library has a connection keep one compiled statement, and lends them round."""

    def test_the_stock_connection_compiles_a_statement_again_when_another_came_between(
        self, path: Path
    ) -> None:
        with stock(path).datastore.get_connection(commit=False) as connection:
            assert _compiled(connection) == 6

    def test_a_statement_is_compiled_once(self, recorder: SQLiteLedgerRecorder) -> None:
        with recorder.datastore.get_connection(commit=False) as connection:
            assert _compiled(connection) == 2

    def test_a_writer_has_the_connection_that_wrote_last(
        self, recorder: SQLiteLedgerRecorder
    ) -> None:
        datastore, lent = recorder.datastore, []
        for _ in range(3):
            with datastore.get_connection(commit=True) as connection:
                lent.append(connection)
            with (
                datastore.get_connection(commit=False) as one,
                datastore.get_connection(commit=False) as other,
            ):
                assert connection not in {one, other}

        assert len({id(connection) for connection in lent}) == 1

    def test_a_writer_does_not_wait_for_readers(self, recorder: SQLiteLedgerRecorder) -> None:
        with ExitStack() as readers:
            for _ in range(15):
                readers.enter_context(recorder.datastore.get_connection(commit=False))
            insert(recorder, 0)

        assert len(recorder.entries(0, 10)) == 1


def _compiled(connection: SQLiteConnection) -> int:
    """How many statements are compiled where two are run three times in turns."""
    compiled: list[int] = []

    def authorize(action: int, *_: object) -> int:
        """SQLite asks this while it compiles, and not while it runs."""
        compiled.append(action)
        return sqlite3.SQLITE_OK

    connection._sqlite_conn.set_authorizer(authorize)
    for _ in range(3):
        connection.cursor().execute("SELECT 1")
        connection.cursor().execute("SELECT 2")
    connection._sqlite_conn.set_authorizer(None)
    return compiled.count(sqlite3.SQLITE_SELECT)


class TestDurability:
    def test_every_connection_promises_wal_and_full_synchronization(
        self, recorder: SQLiteLedgerRecorder
    ) -> None:
        full = 2
        for lock in (recorder.ordering_lock, recorder.snapshot):
            with lock():
                assert recorder.fetch("PRAGMA journal_mode")[0][0] == "wal"
                assert recorder.fetch("PRAGMA synchronous")[0][0] == full

    def test_a_database_without_a_write_ahead_log_is_refused(self) -> None:
        """A temporary database, which has no name, keeps none."""
        with pytest.raises(StoreError) as refusal:
            LedgerPool(db_name="").get_connection()

        assert refusal.value.rule == "journal-mode"

    def test_a_file_that_is_no_database_is_refused(self, path: Path) -> None:
        path.write_bytes(b"not a database" * 100)

        with pytest.raises(StoreError):
            SQLiteLedgerRecorder(path).create_table()

    def test_a_folder_that_is_missing_is_refused(self, path: Path) -> None:
        with pytest.raises(StoreError):
            SQLiteLedgerRecorder(path / "missing" / "file").create_table()


def _ask_for_writer(pool: Any) -> None:
    pool.put_connection(pool.get_connection(is_writer=True))
