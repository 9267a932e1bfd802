"""Every row of every table, the head file and the schema are held against the entries."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ledger.audit.auditing import Options, audit
from ledger.audit.database import DatabaseSource
from ledger.audit.findings import NOWHERE
from ledger.audit.report import Report
from ledger.errors import NotFoundError, StoreError
from ledger.store.head import Head
from ledger.store.inspection import inspecting
from tests.unit.audit.ledgers import PIN
from tests.unit.store.builders import LedgerFolder, append, order, tamper

SIZE = 8
OF_ANOTHER_SIZE = (
    "UPDATE ledger_checkpoints SET note = (SELECT note FROM ledger_checkpoints "
    "WHERE tree_size = 2) WHERE tree_size = 1"
)
SAYS_ANOTHER_SIZE = (
    "UPDATE ledger_checkpoints SET note = CAST(replace(note, char(10) || '2', "
    "char(10) || '3') AS BLOB) WHERE tree_size = 2"
)


@pytest.fixture
def copy(stored: Path, tmp_path: Path) -> LedgerFolder:
    """A copy to tamper with."""
    shutil.copytree(stored, tmp_path / "copy")
    return LedgerFolder(tmp_path / "copy")


def report_on(ledger: LedgerFolder, **options: int) -> Report:
    """The report on a folder."""
    with inspecting(ledger.path / "ledger.sqlite3") as inspection:
        source = DatabaseSource(inspection, ledger.path / "head")
        return audit(source, PIN, Options(processes=1, **options))  # type: ignore[arg-type]


def found_in(ledger: LedgerFolder) -> list[tuple[int, str]]:
    """Index and rule of what is found in a folder."""
    return [(one.index, one.rule) for one in report_on(ledger).findings]


def test_a_ledger_as_it_was_written_holds(copy: LedgerFolder) -> None:
    report = report_on(copy)
    assert list(report.findings) == []
    assert dict(report.checked) == {
        "leaf hashes": SIZE,
        "signatures": SIZE + 1,
        "statements against every rule": SIZE,
        "anchors": 0,
        "rows of entries": SIZE,
        "stored checkpoints": 4,
        "documents": 0,
        "rows and events, for strays": 2 * SIZE,
        "schema and pages": 2,
        "released heads": 2,
        "answers derived again": 0,
    }


@pytest.mark.parametrize(
    ("column", "value", "rules"),
    [
        ("fact_id", "'another'", {"row-fact-id"}),
        ("statement_digest", "zeroblob(32)", {"row-digest"}),
        ("author", "'nvidia'", {"row-author"}),
        ("author", "CAST(x'FF6E76' AS TEXT)", {"row-author"}),
        ("nonce", "zeroblob(16)", {"row-nonce"}),
        ("leaf_hash", "zeroblob(32)", {"leaf-hash"}),
        ("recorded_ms", "recorded_ms + 1", {"row-recorded-ms"}),
        ("originator_version", "7", {"entry-missing", "event-without-entry"}),
        ("originator_id", "'orders/x'", {"entry-missing", "event-without-entry"}),
    ],
)
def test_a_row_that_says_otherwise_than_its_entry_is_named(
    copy: LedgerFolder, column: str, value: str, rules: set[str]
) -> None:
    tamper(copy, f"UPDATE ledger_entries SET {column} = {value} WHERE entry_index = 4")  # noqa: S608
    found = found_in(copy)
    assert {rule for _, rule in found} == rules
    assert {index for index, _ in found} <= {4, NOWHERE}


def test_an_event_under_another_type_is_named(copy: LedgerFolder) -> None:
    tamper(
        copy, "UPDATE stored_events SET topic = 'claim.v1' WHERE originator_id = 'orders/order-1'"
    )
    assert found_in(copy) == [(4, "row-event-type")]


def test_an_entry_that_was_changed_is_the_one_that_the_log_did_not_sign(copy: LedgerFolder) -> None:
    tamper(
        copy,
        "UPDATE stored_events SET state = CAST(replace(state, 'NVIDIA', 'NVIDIB') AS BLOB) "
        "WHERE originator_id = 'orders/order-1'",
    )
    report = report_on(copy)
    assert [(one.index, one.rule) for one in report.findings][:6] == [
        (4, "leaf-hash"),
        (4, "signature"),
        (4, "row-digest"),
        (NOWHERE, "root-hash"),
        (NOWHERE, "root-hash"),
        (NOWHERE, "head-mismatch"),
    ]
    assert "make: 7, 8." in list(report.findings)[4].message
    assert "not the one that the log signed" in next(iter(report.findings)).message


def test_rows_that_are_missing_or_too_many_are_found(copy: LedgerFolder) -> None:
    tamper(copy, "DELETE FROM ledger_entries WHERE entry_index = 4")
    assert {(4, "entry-missing"), (NOWHERE, "event-without-entry")} <= set(found_in(copy))


def test_the_last_row_that_is_missing_is_found(copy: LedgerFolder) -> None:
    tamper(copy, f"DELETE FROM ledger_entries WHERE entry_index = {SIZE - 1}")  # noqa: S608
    assert (SIZE - 1, "entry-missing") in found_in(copy)


def test_a_row_beyond_every_checkpoint_is_found(copy: LedgerFolder) -> None:
    tamper(copy, f"UPDATE ledger_entries SET entry_index = 900 WHERE entry_index = {SIZE - 1}")  # noqa: S608
    assert (NOWHERE, "row-beyond-checkpoint") in found_in(copy)
    tamper(copy, "DELETE FROM ledger_entries")
    assert (NOWHERE, "row-beyond-checkpoint") in found_in(copy)


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("UPDATE ledger_checkpoints SET tree_size = 3 WHERE tree_size = 2", "stored-note"),
        (OF_ANOTHER_SIZE, "stored-note"),
        (SAYS_ANOTHER_SIZE, "note-signature"),
    ],
)
def test_a_checkpoint_that_is_not_that_of_its_size_is_found(
    copy: LedgerFolder, statement: str, rule: str
) -> None:
    tamper(copy, statement)
    assert (NOWHERE, rule) in found_in(copy)


def test_a_properly_signed_checkpoint_of_another_tree_is_found(copy: LedgerFolder) -> None:
    other = LedgerFolder(copy.path.with_name("other"))
    other.path.mkdir()
    append(other.found(), order(9))
    other.close()
    with inspecting(other.path / "ledger.sqlite3") as inspection:
        note = inspection.note(3)
    assert note is not None
    tamper(copy, f"INSERT INTO ledger_checkpoints VALUES (3, X'{note.hex()}')")  # noqa: S608
    assert found_in(copy) == [(NOWHERE, "root-hash")]


def test_a_missing_trigger_a_strange_table_and_another_definition_are_named(
    copy: LedgerFolder,
) -> None:
    ledger = copy.path / "ledger.sqlite3"
    tamper(copy, "CREATE TABLE notes (text TEXT)", "PRAGMA user_version = 5")
    with inspecting(ledger) as inspection:
        assert inspection.schema_differences() == [
            "notes is not the ledger's",
            "user_version is 5, not 0",
        ]
    tamper(copy, "DROP TABLE notes", "PRAGMA user_version = 0")
    with closing(sqlite3.connect(ledger)) as connection, connection:
        connection.execute("DROP TRIGGER ledger_entries_no_UPDATE")
        connection.execute("DROP TRIGGER ledger_entries_no_DELETE")
        connection.execute(
            "CREATE TRIGGER ledger_entries_no_DELETE BEFORE DELETE ON ledger_entries "
            "BEGIN SELECT 1; END"
        )
    with inspecting(ledger) as inspection:
        assert inspection.schema_differences() == [
            "ledger_entries_no_UPDATE is missing",
            "ledger_entries_no_DELETE is defined otherwise",
        ]
    assert found_in(copy) == [(NOWHERE, "schema"), (NOWHERE, "schema")]


def test_a_released_head_that_the_database_is_behind_or_beside_is_found(
    copy: LedgerFolder,
) -> None:
    path = copy.path / "head"
    root = report_on(copy).root
    path.write_bytes(Head(SIZE + 1, root).to_slot() + Head(SIZE, root).to_slot())
    assert found_in(copy) == [(NOWHERE, "database-behind-head")]
    path.write_bytes(Head(SIZE, root).to_slot() + Head(3, bytes(32)).to_slot())
    assert found_in(copy) == [(NOWHERE, "head-mismatch")]
    content = bytearray(Head(SIZE, root).to_slot() * 2)
    content[-1] ^= 1
    path.write_bytes(content)
    assert found_in(copy) == [(NOWHERE, "head-damaged")]
    path.unlink()
    assert found_in(copy) == [(NOWHERE, "head-missing")]


def test_an_earlier_size_is_audited_without_what_came_later(copy: LedgerFolder) -> None:
    report = report_on(copy, tree_size=2)
    assert (report.tree_size, report.holds) == (2, True)
    with pytest.raises(NotFoundError, match="of 3 entries"):
        report_on(copy, tree_size=3)


def test_a_database_that_is_being_written_is_read_with_its_journal(stored: Path) -> None:
    folder = LedgerFolder(stored.with_name("written"))
    shutil.copytree(stored, folder.path)
    parts = folder.open()
    append(parts, order(50))
    try:
        report = report_on(folder)
        assert (report.tree_size, report.holds) == (SIZE + 1, True)
    finally:
        folder.close()


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    for content in (b"", b"SQLite format 3\0" + bytes(200), b"hello"):
        path = tmp_path / "ledger.sqlite3"
        path.write_bytes(content)
        with pytest.raises(StoreError), inspecting(path) as inspection:
            DatabaseSource(inspection).checkpoint()
    with pytest.raises(StoreError, match="no database"), inspecting(tmp_path / "none"):
        pass
    path = tmp_path / "empty.sqlite3"
    path.write_bytes(b"")
    with inspecting(path) as inspection, pytest.raises(StoreError, match="cannot be read"):
        inspection.counts()


def test_a_database_without_a_checkpoint_cannot_be_audited(copy: LedgerFolder) -> None:
    tamper(copy, "DELETE FROM ledger_checkpoints")
    with pytest.raises(NotFoundError, match="no checkpoint"):
        report_on(copy)
