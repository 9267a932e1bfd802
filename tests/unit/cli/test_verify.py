"""``verify``: what does not hold is found, named, and told by an exit code of its own."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ledger.cli.tampering import copy_and_change
from ledger.client.receiptfiles import read_receipt
from ledger.errors import StoreError, UnavailableError
from tests.unit.cli.conftest import Command

LETTER = "us-2025-04-09-nvda-h20-letter"


@pytest.fixture
def receipt(regledger: Command, h20: Path, tmp_path: Path) -> Path:
    """The letter's receipt, in a file."""
    regledger("show", LETTER, "--ledger", h20, "--receipts", tmp_path)
    return tmp_path / f"{LETTER}.tlog-proof"


def test_a_log_that_holds_is_told_in_full(regledger: Command, h20: Path) -> None:
    result = regledger("verify", "--ledger", h20)
    assert result.code == 0
    assert "The log holds: 270 entries." in result.out
    assert "regulatory-action.v1    40" in result.out
    report = regledger("verify", "--ledger", h20, "-o", "json").json()
    assert report["tree_size"] == 270
    assert report["authors"] == {"administrator": 2, "registrar": 268}


def test_a_byte_changed_on_the_disk_is_found_by_its_index(
    regledger: Command, h20: Path, tmp_path: Path, receipt: Path
) -> None:
    entry = read_receipt(receipt).entry
    copy_and_change(h20, tmp_path / "copy", entry, b"company", b"sompany")
    result = regledger("verify", "--ledger", tmp_path / "copy")
    assert (result.code, result.out) == (3, "")
    assert result.err.startswith("VERIFICATION FAILED: Entry 222 ")


def _delete(h20: Path, table: str, column: str, value: object) -> None:
    """Delete a row behind the back of the store, which has triggers against that."""
    with closing(sqlite3.connect(h20 / "ledger.sqlite3")) as database, database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            database.execute(f"DROP TRIGGER {name}")
        deleted = database.execute(f"DELETE FROM {table} WHERE {column} = ?", (value,))  # noqa: S608
        assert deleted.rowcount == 1


def test_an_event_that_was_deleted_is_found_by_its_index(regledger: Command, h20: Path) -> None:
    _delete(h20, "stored_events", "originator_id", "claims/co-2022-08-31-nvda-400m")
    result = regledger("verify", "--ledger", h20)
    assert (result.code, result.out) == (3, "")
    assert "rule: entry-missing" in result.err


@pytest.mark.parametrize("index", [100, 269])
def test_an_entry_that_was_deleted_condemns_the_database(
    regledger: Command, h20: Path, index: int
) -> None:
    _delete(h20, "ledger_entries", "entry_index", index)
    result = regledger("verify", "--ledger", h20)
    assert (result.code, result.out) == (3, "")
    assert "root-mismatch" in result.err


def test_a_ledger_that_cannot_be_asked_is_no_finding(
    regledger: Command, h20: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for error, code in ((UnavailableError("busy"), 4), (StoreError("failed"), 4)):

        def refuse(*_: object, reason: StoreError = error, **__: object) -> None:
            raise reason

        monkeypatch.setattr("ledger.cli.verify.verify_log", refuse)
        assert regledger("verify", "--ledger", h20).code == code


def test_an_old_backup_is_a_rollback(regledger: Command, empty: Path, tmp_path: Path) -> None:
    """Even where the whole folder was put back, with everything that it remembers of itself."""
    shutil.copytree(empty, tmp_path / "backup")
    regledger("keygen", tmp_path / "k.pem", "--author", "amd", "--no-passphrase")
    enrolled = regledger(
        "enroll", tmp_path / "k.pem.enroll.json", "--role", "company", "--party", "AMD"
    )
    assert enrolled.code == 0
    shutil.rmtree(empty)
    (tmp_path / "backup").rename(empty)
    result = regledger("verify")
    assert result.code == 3
    assert "rule: rollback" in result.err


def test_another_ledger_in_its_place_is_noticed(
    regledger: Command, empty: Path, tmp_path: Path
) -> None:
    regledger("init", tmp_path / "other", "--no-passphrase")
    pin = empty / "pin.json"
    result = regledger("verify", "--ledger", tmp_path / "other", "--pin", pin)
    assert result.code == 3


def test_a_receipt_holds_on_its_own(
    regledger: Command, h20: Path, receipt: Path, tmp_path: Path
) -> None:
    shutil.move(h20 / "pin.json", tmp_path / "pin.json")
    shutil.rmtree(h20)
    result = regledger("verify", receipt, "--offline", "--pin", tmp_path / "pin.json")
    assert result.code == 0
    assert f"{LETTER} holds" in result.out


def test_a_receipt_is_held_against_the_ledger(regledger: Command, h20: Path, receipt: Path) -> None:
    told = regledger("verify", receipt, "--ledger", h20, "-o", "json").json()["verified"]
    assert [(one["fact_id"], one["index"], one["tree_size"]) for one in told] == [
        (LETTER, 222, 270)
    ]


def test_a_receipt_of_another_ledger_does_not_hold(
    regledger: Command, empty: Path, receipt: Path
) -> None:
    assert regledger("verify", receipt, "--ledger", empty).code == 3
    assert regledger("verify", receipt, "--offline").code == 3


def test_a_receipt_that_was_changed_does_not_hold(
    regledger: Command, h20: Path, receipt: Path
) -> None:
    text = receipt.read_text(encoding="utf-8")
    receipt.write_text(text.replace("index 222", "index 221"), encoding="utf-8")
    assert regledger("verify", receipt, "--ledger", h20).code == 3
    receipt.write_text("hello", encoding="utf-8")
    assert regledger("verify", receipt, "--ledger", h20).code == 3


def test_offline_there_must_be_a_receipt_and_a_pin(regledger: Command, receipt: Path) -> None:
    assert regledger("verify", "--offline").code == 2
    assert regledger("verify", receipt, "--offline").code == 2
