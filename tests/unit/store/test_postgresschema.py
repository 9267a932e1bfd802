"""The database itself refuses what would break a ledger, and each role what is not its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg import errors as pg
from psycopg.conninfo import conninfo_to_dict

from ledger.errors import StoreError
from ledger.store.postgres import PostgresLedgerRecorder
from ledger.store.postgresschema import APPENDED_CHANNEL, SCHEMA_VERSION
from tests.postgres import OWNER, READER, SUPERUSER, WRITER, database_in, shared_server
from tests.unit.store.rows import batch, new_entry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TABLES = ("stored_events", "ledger_entries", "ledger_checkpoints", "ledger_schema")
CHANGES = (
    "DELETE FROM {}",
    "TRUNCATE {}",
    "UPDATE stored_events SET topic = 'changed'",
    "UPDATE ledger_entries SET recorded_ms = 0",
    "UPDATE ledger_checkpoints SET note = ''",
)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The writer's URL of a ledger with one entry in it."""
    url = database_in(tmp_path_factory.mktemp("ledger"))
    recorder = PostgresLedgerRecorder(url)
    with recorder.ordering_lock():
        recorder.insert_batch(batch(new_entry(0, "orders/one")))
    recorder.close()
    return url


@pytest.fixture
def empty_url(tmp_path: Path) -> str:
    """The owner's URL of a database with nothing in it."""
    name = f"empty_{tmp_path.name[:30]}".replace("-", "_")
    shared_server().create_database(name, template="template0")
    return shared_server().url(name, OWNER)


def as_role(url: str, role: str) -> str:
    return url.replace(WRITER, role, 1)


@pytest.fixture
def opened() -> Iterator[list[PostgresLedgerRecorder]]:
    """Recorders to be closed at the end."""
    recorders: list[PostgresLedgerRecorder] = []
    yield recorders
    for recorder in recorders:
        recorder.close()


def try_out(url: str, *statements: str) -> None:
    """Run statements and take them back."""
    with psycopg.connect(url) as connection:
        for statement in statements:
            connection.execute(statement.encode())
        connection.rollback()


class TestAppendOnly:
    @pytest.mark.parametrize("table", TABLES)
    @pytest.mark.parametrize("change", CHANGES)
    def test_the_service_may_change_nothing(self, url: str, table: str, change: str) -> None:
        with pytest.raises(pg.InsufficientPrivilege):
            try_out(url, change.format(table))

    @pytest.mark.parametrize("role", [OWNER, SUPERUSER])
    @pytest.mark.parametrize("table", TABLES)
    @pytest.mark.parametrize("change", CHANGES)
    def test_a_mistake_of_the_owners_changes_nothing(
        self, url: str, table: str, change: str, role: str
    ) -> None:
        with pytest.raises(pg.RaiseException, match="append-only"):
            try_out(as_role(url, role), change.format(table))

    @pytest.mark.parametrize(
        "change",
        [
            "DROP TABLE {}",
            "ALTER TABLE {} DISABLE TRIGGER ALL",
            "ALTER TABLE {} ADD COLUMN extra text",
            "SET session_replication_role = replica",
        ],
    )
    def test_the_service_cannot_get_past_the_triggers(self, url: str, change: str) -> None:
        for table in TABLES:
            with pytest.raises(pg.InsufficientPrivilege):
                try_out(url, change.format(table))

    def test_the_stock_lock_takes_a_privilege_that_the_service_does_not_have(
        self, url: str
    ) -> None:
        with pytest.raises(pg.InsufficientPrivilege):
            try_out(url, "LOCK TABLE stored_events IN EXCLUSIVE MODE")


class TestReaders:
    def test_a_reader_reads(self, url: str, opened: list[PostgresLedgerRecorder]) -> None:
        recorder = PostgresLedgerRecorder(as_role(url, READER))
        opened.append(recorder)

        recorder.require_schema()

        assert len(recorder.entries(0, 10)) == 1

    def test_a_reader_appends_nothing(self, url: str, opened: list[PostgresLedgerRecorder]) -> None:
        recorder = PostgresLedgerRecorder(as_role(url, READER))
        opened.append(recorder)

        with (
            pytest.raises(StoreError, match="permission denied"),
            recorder.ordering_lock(),
        ):
            recorder.insert_batch(batch(new_entry(1)))


class TestOrder:
    @pytest.mark.parametrize("version", [-1, 0, 1, 3])
    def test_versions_follow_whoever_inserts(self, url: str, version: int) -> None:
        statement = f"INSERT INTO stored_events VALUES ('orders/one', {version}, 't', '')"  # noqa: S608 - a test's number
        with pytest.raises((pg.RaiseException, pg.UniqueViolation)):
            try_out(as_role(url, SUPERUSER), statement)

    def test_the_stock_recorder_takes_them_in_any_order(self, empty_url: str) -> None:
        """The trap: only uniqueness is checked."""
        database = str(conninfo_to_dict(empty_url)["dbname"])
        host = str(shared_server().socket)
        datastore = PostgresDatastore(database, host, 5432, OWNER, "", originator_id_type="text")
        stock = PostgresApplicationRecorder(datastore)
        stock.create_table()
        events = [new_entry(0, "orders/one", version).event for version in (7, 0, 3)]

        stock.insert_events(events)

        versions = [event.originator_version for event in stock.select_events("orders/one")]
        stock.datastore.close()
        assert versions == [0, 3, 7]

    def test_a_temporary_table_stands_in_for_none(self, url: str) -> None:
        insert = "INSERT INTO public.ledger_checkpoints VALUES (9, '')"
        fake = "CREATE TEMPORARY TABLE ledger_entries (entry_index) AS VALUES (8)"
        with pytest.raises(pg.RaiseException, match="size of the tree"):
            try_out(url, fake, insert)

    def test_every_batch_is_told_of_once_it_is_committed(self, url: str) -> None:
        recorder = PostgresLedgerRecorder(url)
        with psycopg.connect(url, autocommit=True) as listening:
            listening.execute(f"LISTEN {APPENDED_CHANNEL}")
            with recorder.ordering_lock():
                size = (recorder.fetch("SELECT MAX(tree_size) FROM ledger_checkpoints"))[0][0]
                recorder.insert_batch(batch(new_entry(size)))
                assert list(listening.notifies(timeout=0)) == []
            (told,) = listening.notifies(timeout=20, stop_after=1)
        recorder.close()

        assert told.payload == "public"


class TestMigrating:
    def test_the_owner_creates_the_tables_once(
        self, empty_url: str, opened: list[PostgresLedgerRecorder]
    ) -> None:
        owner = PostgresLedgerRecorder(empty_url)
        opened.append(owner)
        owner.create_table()
        with owner.ordering_lock():
            owner.insert_batch(batch(new_entry(0)))

        owner.create_table()

        owner.require_schema()
        assert len(owner.entries(0, 10)) == 1

    def test_the_service_does_not_create_them(
        self, empty_url: str, opened: list[PostgresLedgerRecorder]
    ) -> None:
        recorder = PostgresLedgerRecorder(empty_url.replace(OWNER, WRITER, 1))
        opened.append(recorder)

        with pytest.raises(StoreError, match="permission denied"):
            recorder.create_table()
        with pytest.raises(StoreError) as refusal:
            recorder.require_schema()

        assert refusal.value.rule == "schema-version"
        assert "migrate-schema" in refusal.value.message

    def test_tables_of_a_newer_version_are_left_alone(
        self, empty_url: str, opened: list[PostgresLedgerRecorder]
    ) -> None:
        owner = PostgresLedgerRecorder(empty_url)
        opened.append(owner)
        owner.create_table()
        with psycopg.connect(empty_url) as connection:
            connection.execute("INSERT INTO ledger_schema VALUES (%s)", [SCHEMA_VERSION + 1])

        for step in (owner.create_table, owner.require_schema):
            with pytest.raises(StoreError, match="newer regledger"):
                step()

    def test_a_role_that_does_not_exist_is_told(
        self, empty_url: str, opened: list[PostgresLedgerRecorder]
    ) -> None:
        owner = PostgresLedgerRecorder(empty_url)
        opened.append(owner)
        owner.create_table()

        with pytest.raises(StoreError, match="does not exist"):
            owner.grant(writer="nobody_here", reader=None)

    def test_a_ledger_may_stand_in_a_schema_of_its_own(
        self, empty_url: str, opened: list[PostgresLedgerRecorder]
    ) -> None:
        with psycopg.connect(empty_url) as connection:
            connection.execute("CREATE SCHEMA apart")
        owner = PostgresLedgerRecorder(f"{empty_url}&options=-csearch_path%3Dapart")
        opened.append(owner)
        owner.create_table()
        owner.grant(writer=WRITER, reader=READER)
        writer = PostgresLedgerRecorder(
            f"{empty_url.replace(OWNER, WRITER, 1)}&options=-csearch_path%3Dapart"
        )
        opened.append(writer)

        with writer.ordering_lock():
            writer.insert_batch(batch(new_entry(0)))

        assert owner.fetch("SELECT schemaname FROM pg_tables WHERE tablename = ?", TABLES[:1]) == [
            ("apart",)
        ]
        assert len(owner.entries(0, 10)) == 1
