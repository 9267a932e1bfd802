"""``migrate-schema``, ``init --database`` and ``migrate``: a ledger in PostgreSQL, by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.postgres import OWNER, READER, WRITER, database_in, shared_server
from tests.unit.cli.conftest import Command


def fresh(name: str) -> tuple[str, str]:
    """The owner's and the writer's URL of a database with nothing in it."""
    shared_server().create_database(name, template="template0")
    return shared_server().url(name, OWNER), shared_server().url(name)


def test_the_owner_makes_the_tables_and_the_service_founds_the_ledger(
    regledger: Command, tmp_path: Path
) -> None:
    owner, writer = fresh("by_hand")

    made = regledger("migrate-schema", "--database", owner, "--writer", WRITER, "--reader", READER)
    founded = regledger("init", tmp_path / "pg", "--database", writer, "--no-passphrase")

    assert made.code == founded.code == 0
    assert f"{WRITER} may INSERT and SELECT, and nothing else." in made.err
    assert f"{READER} may SELECT, and nothing else." in made.err
    assert regledger("verify", "-o", "json").json()["tree_size"] == 2


def test_the_database_may_be_named_by_the_environment(
    regledger: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, _ = fresh("by_variable")
    assert regledger("migrate-schema").code == 2
    monkeypatch.setenv("LEDGER_DATABASE", owner)

    assert regledger("migrate-schema").code == 0


def test_a_ledger_moves_to_postgresql(regledger: Command, empty: Path, tmp_path: Path) -> None:
    before = regledger("verify", "-o", "json").json()

    moved = regledger("migrate", empty, "--database", database_in(tmp_path))

    assert moved.code == 0
    assert "2 of 2 entries are copied." in moved.err
    assert "2 entries are moved, and compared with the file byte for byte." in moved.err
    assert regledger("verify", "-o", "json").json() == before


def test_what_is_no_url_is_a_wrong_usage(regledger: Command, empty: Path) -> None:
    refused = regledger("migrate", empty, "--database", "ledger.db")

    assert refused.code == 2
    assert "postgresql://role@host:port/database" in refused.err
