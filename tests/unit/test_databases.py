"""A ledger's folder says which database keeps it, and a ledger may move from one to the other."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from ledger.bootstrap import found_ledger, open_ledger
from ledger.client.signer import Author
from ledger.databases import (
    LOCATION_FILE,
    SQLITE_FILE,
    keep_location,
    migrate,
    migrate_schema,
    recorder_in,
)
from ledger.domain.authorship import Policy
from ledger.errors import RefusedError, SettingError, StoreError
from ledger.store.sqlite import SQLiteLedgerRecorder
from tests import builders
from tests.postgres import OWNER, WRITER, database_in, shared_server
from tests.simulator import START_MS, Clock, Simulator, key_of


def found(directory: Path, database: str | None = None) -> None:
    found_ledger(
        directory,
        administrators=[Author("ada", key_of("ada"))],
        threshold=1,
        policy=Policy(),
        database=database,
        clock=Clock(START_MS),
    )


def test_a_ledger_founded_in_postgresql_is_served_like_any_other(tmp_path: Path) -> None:
    with Simulator(tmp_path, database=database_in(tmp_path)) as service:
        receipt = service.append(builders.order("order-1"))
        service.caught_up()
        assert service.opened.parts.models.tree_size == receipt.index + 1

    directory = service.directory
    assert not (directory / SQLITE_FILE).exists()
    assert stat.S_IMODE((directory / LOCATION_FILE).stat().st_mode) == 0o600
    with Simulator(tmp_path) as again:
        assert again.tree_size() == receipt.index + 1


def test_the_database_may_be_named_by_whoever_opens(tmp_path: Path) -> None:
    url = database_in(tmp_path)
    found(tmp_path / "ledger", url)
    (tmp_path / "ledger" / LOCATION_FILE).unlink()

    with pytest.raises(SettingError, match="There is no ledger"):
        open_ledger(tmp_path / "ledger")
    with open_ledger(tmp_path / "ledger", database=url, clock=Clock(START_MS)) as ledger:
        assert ledger.parts.reader.tree_size() == 1


def test_another_ledgers_database_is_not_opened(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        found(tmp_path / name / "ledger", database_in(tmp_path / name))

    with pytest.raises((SettingError, StoreError)) as refusal:
        open_ledger(
            tmp_path / "one" / "ledger",
            database=database_in(tmp_path / "other"),
            clock=Clock(START_MS),
        )

    assert refusal.value.rule in {"one-ledger", "log-key", "head-mismatch"}


def test_a_database_holds_one_ledger(tmp_path: Path) -> None:
    url = database_in(tmp_path)
    found(tmp_path / "one", url)

    with pytest.raises(RefusedError) as refusal:
        found(tmp_path / "other", url)

    assert refusal.value.rule == "already-founded"
    assert not (tmp_path / "other").exists()


def test_a_database_without_tables_is_refused_with_what_to_do(tmp_path: Path) -> None:
    shared_server().create_database("without_tables", template="template0")
    url = shared_server().url("without_tables")
    found(tmp_path / "ledger", database_in(tmp_path))

    with pytest.raises(StoreError, match="migrate-schema"):
        open_ledger(tmp_path / "ledger", database=url)

    migrate_schema(shared_server().url("without_tables", OWNER), writer=WRITER, reader=None)
    found(tmp_path / "next", url)


def test_a_ledger_moves_and_goes_on(tmp_path: Path) -> None:
    with Simulator(tmp_path) as service:
        first = service.append(builders.order("order-1"))
    url = database_in(tmp_path)

    size = migrate(service.directory, url)

    with Simulator(tmp_path) as moved:
        assert moved.tree_size() == size == first.index + 1
        assert moved.opened.parts.reader.receipt(first.index) == first
        assert moved.append(builders.order("order-2")).index == size
        assert moved.pin == service.pin
    left = SQLiteLedgerRecorder(service.directory / SQLITE_FILE)
    latest = left.latest_checkpoint()
    left.close()
    assert latest is not None
    assert latest.tree_size == size


def test_a_folder_without_a_file_moves_nowhere(tmp_path: Path) -> None:
    with pytest.raises(SettingError) as refusal:
        migrate(tmp_path, "postgresql://host/ledger")

    assert refusal.value.rule == "ledger-in-directory"


def test_the_file_that_names_the_database_is_read_strictly(tmp_path: Path) -> None:
    (tmp_path / LOCATION_FILE).write_bytes(b"\xff\xfe")
    with pytest.raises(SettingError) as refusal:
        recorder_in(tmp_path)
    assert refusal.value.rule == "database-file"

    keep_location(tmp_path, "mysql://host/ledger")
    with pytest.raises(SettingError) as refusal:
        recorder_in(tmp_path)
    assert refusal.value.rule == "database-url"

    with pytest.raises(StoreError) as failure:
        keep_location(tmp_path / "missing", "postgresql://host/ledger")
    assert failure.value.rule == "directory"


def test_without_psycopg_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "ledger.store.postgres", raising=False)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    for name in [name for name in sys.modules if name.startswith("ledger.store.postgres")]:
        monkeypatch.delitem(sys.modules, name)

    with pytest.raises(SettingError) as refusal:
        recorder_in(tmp_path, "postgresql://host/ledger")

    assert refusal.value.rule == "extra-missing"
    assert "regulatory-ledger[postgres]" in refusal.value.message
