"""``import``: rows go in, refused ones are told by file and line, and the exit code says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ledger.client.importer import Importer, ImportReport
from ledger.codec.record import json_schema
from ledger.errors import UnavailableError
from tests.unit.cli.conftest import Command
from tests.unit.client.served import item_row, row


def _rows(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(f"{json.dumps(one)}\n" for one in rows), encoding="utf-8")
    return path


@pytest.mark.usefixtures("empty")
def test_each_file_is_told_and_what_was_verified(regledger: Command, tmp_path: Path) -> None:
    items = _rows(tmp_path / "items.jsonl", item_row())
    orders = _rows(tmp_path / "orders.jsonl", row("co-1"), row("co-2"))
    result = regledger("import", items, orders)
    assert result.code == 0
    assert "items.jsonl   1 appended" in result.out
    assert "orders.jsonl  2 appended" in result.out
    assert (
        "3 entries appended at index 2 to 4, each receipt verified here; tree size 5" in result.out
    )
    again = regledger("import", items, orders)
    assert again.code == 0
    assert "orders.jsonl  2 already in" in again.out
    assert "Nothing was appended." in again.out


@pytest.mark.usefixtures("empty")
def test_a_refused_row_is_told_by_line_field_and_reason_and_by_the_exit_code(
    regledger: Command, tmp_path: Path
) -> None:
    rows = _rows(
        tmp_path / "rows.jsonl",
        row("co-1"),
        row("co-2", quantity={"min": -1, "unit": "chips"}),
        row("co-3", stream="claims/co-3"),
    )
    result = regledger("import", rows)
    assert result.code == 1
    assert "rows.jsonl  1 appended, 2 refused" in result.out
    assert "refused: rows.jsonl:2: quantity.min: " in result.err
    assert "refused: rows.jsonl:3: co-3: " in result.err
    assert "(family-fits-collection)" in result.err


@pytest.mark.usefixtures("empty")
def test_the_report_is_one_object_where_asked(regledger: Command, tmp_path: Path) -> None:
    rows = _rows(tmp_path / "rows.jsonl", row("co-1", items=["B30A"]), row("co-2", grade="sure"))
    report = regledger("import", rows, "-o", "json").json()
    assert report["appended"] == [{"fact_id": "co-1", "index": 2, "file": "rows.jsonl", "line": 1}]
    assert report["refused"][0]["field"] == "grade"
    assert "B30A" in report["warnings"][0]
    assert report["tree_size"] == 3


@pytest.mark.usefixtures("empty")
def test_a_dry_run_appends_nothing(regledger: Command, tmp_path: Path) -> None:
    rows = _rows(tmp_path / "rows.jsonl", row("co-1"))
    result = regledger("import", "--dry-run", rows)
    assert "rows.jsonl  1 would go in" in result.out
    assert regledger("verify", "-o", "json").json()["tree_size"] == 2


@pytest.mark.usefixtures("empty")
def test_a_strict_import_with_one_bad_row_appends_nothing(
    regledger: Command, tmp_path: Path
) -> None:
    rows = _rows(tmp_path / "rows.jsonl", row("co-1"), row("co-2", grade="sure"))
    assert regledger("import", "--strict", rows).code == 1
    assert regledger("verify", "-o", "json").json()["tree_size"] == 2


def test_the_schema_is_printed_without_any_ledger(regledger: Command) -> None:
    assert regledger("import", "--schema").json() == json_schema()


def test_there_must_be_something_to_import(regledger: Command, tmp_path: Path) -> None:
    assert regledger("import").code == 2
    assert regledger("import", tmp_path / "nothing").code == 2


@pytest.mark.usefixtures("empty")
def test_an_author_without_a_key_imports_nothing(regledger: Command, tmp_path: Path) -> None:
    rows = _rows(tmp_path / "rows.jsonl", row("co-1"))
    result = regledger("import", rows, "--author", "nobody")
    assert result.code == 1
    assert "does not exist" in result.err


@pytest.mark.usefixtures("empty")
def test_a_key_that_nobody_enrolled_imports_nothing(regledger: Command, tmp_path: Path) -> None:
    rows = _rows(tmp_path / "rows.jsonl", row("co-1"), row("co-2"))
    regledger("keygen", tmp_path / "k.pem", "--no-passphrase")
    result = regledger("import", rows, "--author", "nobody", "--key", tmp_path / "k.pem")
    assert result.code == 1
    assert result.err.count("key-unknown") == 2


@pytest.mark.usefixtures("empty")
@pytest.mark.parametrize("done", [0, 2])
def test_an_import_that_broke_off_says_how_far_it_came(
    regledger: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, done: int
) -> None:
    def broken(importer: Importer, rows: Any, **_: Any) -> ImportReport:
        importer.report.appended.extend([(next(iter(rows)), None)] * done)  # type: ignore[list-item]
        raise UnavailableError("The ledger is gone.")

    monkeypatch.setattr(Importer, "run", broken)
    result = regledger("import", _rows(tmp_path / "rows.jsonl", row("co-1")))
    assert result.code == 4
    assert ("interrupted after 2 rows" in result.err) is bool(done)
