"""Transactions in PostgreSQL wait their turn, last, and survive what happens to a connection."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal

import psycopg
import pytest

from ledger.errors import StoreError, UnavailableError
from ledger.store.committing import Committer
from ledger.store.postgres import PostgresLedgerRecorder
from ledger.store.postgresdatastore import ORDERING_LOCK
from tests.postgres import OWNER, WRITER, PostgresServer, database_in, postgres_in, shared_server
from tests.unit.store.builders import FOUNDED_SIZE, LedgerFolder, order, proved, receipts_of
from tests.unit.store.losing import LosingLink
from tests.unit.store.rows import batch, new_entry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOCK = f"SELECT pg_advisory_xact_lock({ORDERING_LOCK})"
_LOCK_AND_READ = f"{_LOCK}, (SELECT COUNT(*) FROM ledger_entries)"  # noqa: S608 - no input in it
_WAITING = (
    "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_ISOLATION = "default_transaction_isolation"


def insert(recorder: PostgresLedgerRecorder, *indexes: int) -> None:
    """Insert a batch of made-up entries with these indexes."""
    with recorder.ordering_lock():
        recorder.insert_batch(batch(*map(new_entry, indexes)))


def raw(url: str, role: str = WRITER) -> psycopg.Connection[tuple[Any, ...]]:
    """A connection as anybody has it, outside the ledger's code."""
    return psycopg.connect(url.replace(WRITER, role, 1), autocommit=True)


def wait_until_somebody_waits(url: str) -> None:
    """Wait until a session of this database stands in line for the ordering lock."""
    with raw(url) as connection:
        while not connection.execute(_WAITING).fetchall():
            time.sleep(0.01)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Where an empty database with the ledger's tables is, for the writer's role."""
    return database_in(tmp_path)


@pytest.fixture
def recorder(url: str) -> Iterator[PostgresLedgerRecorder]:
    """What is under test."""
    opened = PostgresLedgerRecorder(url)
    yield opened
    opened.close()


class TestOrdering:
    """Whoever waited for the lock sees what its holder left, whatever the database's default."""

    def test_lock_and_state_in_one_statement_are_of_different_times(
        self, recorder: PostgresLedgerRecorder, url: str
    ) -> None:
        """The trap: a statement sees the state before it began to wait."""
        seen: list[Any] = []

        def lock_and_read() -> None:
            with raw(url) as connection, connection.transaction():
                seen.extend(connection.execute(_LOCK_AND_READ))

        with recorder.ordering_lock():
            thread = threading.Thread(target=lock_and_read)
            thread.start()
            wait_until_somebody_waits(url)
            recorder.insert_batch(batch(new_entry(0)))
        thread.join()

        assert seen[0][1] == 0

    @pytest.mark.parametrize("isolation", ["read committed", "repeatable read", "serializable"])
    def test_the_next_holder_sees_what_the_holder_before_left(
        self, recorder: PostgresLedgerRecorder, url: str, isolation: str
    ) -> None:
        with raw(url) as connection:
            connection.execute(
                f"ALTER ROLE {WRITER} SET default_transaction_isolation = '{isolation}'"
            )
        other = PostgresLedgerRecorder(url)
        seen: list[int] = []

        def second() -> None:
            with other.ordering_lock():
                seen.append(len(other.since(0, 10)))

        assert other.fetch(f"SHOW {_ISOLATION}") == [(isolation,)]

        thread = threading.Thread(target=second)
        with recorder.ordering_lock():
            thread.start()
            wait_until_somebody_waits(url)
            recorder.insert_batch(batch(new_entry(0)))
        thread.join()
        other.close()

        assert seen == [1]

    def test_a_lock_that_is_not_to_be_had_is_told_as_unavailable(
        self, recorder: PostgresLedgerRecorder, url: str
    ) -> None:
        impatient = PostgresLedgerRecorder(url, lock_timeout_s=0.05)
        impatient.latest_checkpoint()
        with recorder.ordering_lock(), pytest.raises(UnavailableError) as refusal:
            insert(impatient, 0)

        assert refusal.value.rule == "store-busy"
        insert(impatient, 0)
        impatient.close()

    def test_a_refused_insert_gives_the_lock_back_at_once(
        self, recorder: PostgresLedgerRecorder, url: str
    ) -> None:
        impatient = PostgresLedgerRecorder(url, lock_timeout_s=0.05)
        with pytest.raises(StoreError) as refusal:
            insert(recorder, 7)

        insert(impatient, 0)
        impatient.close()
        assert refusal.value.rule == "store-refused"

    def test_what_failed_is_not_committed_though_nobody_minded(
        self, recorder: PostgresLedgerRecorder
    ) -> None:
        """The trap: COMMIT rolls back what had failed, and says that all is well."""

        def mind_nothing() -> None:
            with recorder.ordering_lock():
                recorder.insert_batch(batch(new_entry(0)))
                with suppress(StoreError):
                    recorder.fetch("SELECT nothing FROM nowhere")

        with pytest.raises(StoreError) as refusal:
            mind_nothing()

        assert refusal.value.rule == "transaction-failed"
        insert(recorder, 0)

    def test_of_many_batches_under_one_lock_one_waits_at_a_time(
        self, recorder: PostgresLedgerRecorder
    ) -> None:
        inserted: list[int] = []

        def insert_three() -> None:
            with recorder.ordering_lock():
                for index in (0, 7, 8):
                    recorder.insert_batch(batch(new_entry(index)))
                    inserted.append(index)

        with pytest.raises(StoreError) as refusal:
            insert_three()

        assert refusal.value.rule == "store-refused"
        assert (inserted, recorder.entries(0, 10)) == ([0, 7], [])

    def test_readers_do_not_wait_for_writers(self, recorder: PostgresLedgerRecorder) -> None:
        with recorder.ordering_lock():
            recorder.insert_batch(batch(new_entry(0)))
            read: list[int] = []
            reader = threading.Thread(target=lambda: read.append(len(recorder.entries(0, 10))))
            reader.start()
            reader.join()

        assert read == [0]

    def test_a_batch_of_any_size_goes_through(self, recorder: PostgresLedgerRecorder) -> None:
        """Where the library's recorder writes and reads at once, and stops at 500 of a KiB."""
        entries = [new_entry(index, state=bytes(4_096)) for index in range(1_000)]
        with recorder.ordering_lock():
            recorder.insert_batch(batch(*entries))

        assert len(recorder.entries(0, 2_000)) == 1_000

    def test_connections_that_are_all_in_use_are_told_as_unavailable(self, url: str) -> None:
        recorder = PostgresLedgerRecorder(url, lock_timeout_s=0.05)
        held = recorder.datastore._connections._places
        while held.acquire(blocking=False):
            pass

        with pytest.raises(UnavailableError) as refusal:
            recorder.entries(0, 1)

        assert refusal.value.rule == "store-busy"


class TestDurability:
    @pytest.mark.parametrize(
        ("default", "used"),
        [("off", "on"), ("local", "on"), ("on", "on"), ("remote_apply", "remote_apply")],
    )
    def test_a_commit_waits_for_the_disk_and_the_standbys(
        self, url: str, default: str, used: str
    ) -> None:
        recorder = PostgresLedgerRecorder(f"{url}&options=-csynchronous_commit%3D{default}")

        assert recorder.fetch("SHOW synchronous_commit") == [(used,)]
        recorder.close()

    def test_after_a_doubtful_commit_the_next_one_waits_for_the_standbys_too(
        self, url: str
    ) -> None:
        """A COMMIT waits for what it wrote to the log, and for all before it."""

        def written(by: PostgresLedgerRecorder) -> bool:
            position = "SELECT pg_current_wal_insert_lsn()"
            with raw(url, "postgres") as connection:
                before = connection.execute(position).fetchall()
                with by.ordering_lock():
                    pass
                return connection.execute(position).fetchall() != before

        link = LosingLink(shared_server())
        linked = PostgresLedgerRecorder(link.through(url))

        assert [written(linked), written(linked)] == [True, False]
        link.lose("reply")
        with pytest.raises(UnavailableError):
            insert(linked, 0)
        assert [written(linked), written(linked)] == [True, False]
        linked.close()


class TestLostConnections:
    @pytest.mark.parametrize(("lost", "recorded"), [("request", False), ("reply", True)])
    def test_a_commit_without_an_answer_is_looked_up(
        self, tmp_path: Path, lost: Literal["request", "reply"], *, recorded: bool
    ) -> None:
        """The library's retry would make a duplicate of what was committed."""
        folder = LedgerFolder(tmp_path, postgres_in)
        founded = folder.found()
        link = LosingLink(shared_server())
        linked = PostgresLedgerRecorder(link.through(database_in(tmp_path)))
        committer = Committer(folder.open(linked))
        committer.catch_up()
        link.lose(lost)

        outcome = committer.commit([[order(1)]])[0]

        assert isinstance(outcome, UnavailableError) != recorded
        assert founded.reader.tree_size() == FOUNDED_SIZE + recorded
        (receipt,) = receipts_of(committer.commit([[order(1)]])[0])
        assert proved(receipt).size == FOUNDED_SIZE + 1
        folder.close()

    def test_a_holder_that_is_gone_holds_nothing(
        self, recorder: PostgresLedgerRecorder, url: str
    ) -> None:
        other = PostgresLedgerRecorder(url)

        def vanish() -> None:
            with recorder.ordering_lock():
                recorder.insert_batch(batch(new_entry(0)))
                pid = recorder.fetch("SELECT pg_backend_pid()")[0][0]
                with raw(url, "postgres") as connection:
                    connection.execute("SELECT pg_terminate_backend(%s)", [pid])

        with pytest.raises(UnavailableError) as refusal:
            vanish()

        assert refusal.value.rule == "store-unreachable"
        insert(other, 0)
        other.close()

    def test_connections_that_broke_while_idle_are_replaced_unnoticed(
        self, recorder: PostgresLedgerRecorder, url: str
    ) -> None:
        with recorder.ordering_lock():
            threading_read = threading.Thread(target=recorder.latest_checkpoint)
            threading_read.start()
            threading_read.join()
        with raw(url, "postgres") as connection:
            ended = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND application_name = 'regledger'"
            ).fetchall()

        insert(recorder, 0)

        assert len(ended) == 2
        assert len(recorder.entries(0, 10)) == 1

    def test_a_server_that_is_away_is_told_as_unavailable_and_found_again(self) -> None:
        server = PostgresServer()
        server.start()
        server.create_template()
        recorder = PostgresLedgerRecorder(server.create_database("ledger"))
        insert(recorder, 0)
        server.kill()

        for _ in range(2):
            with pytest.raises(UnavailableError) as refusal:
                insert(recorder, 1)
            assert refusal.value.rule == "store-unreachable"
        server.start()
        insert(recorder, 1)

        assert len(recorder.entries(0, 10)) == 2
        recorder.close()
        server.stop()

    def test_a_database_that_does_not_exist_is_told(self) -> None:
        recorder = PostgresLedgerRecorder(shared_server().url("nothing", OWNER))
        with pytest.raises(StoreError, match="does not exist"):
            recorder.latest_checkpoint()
