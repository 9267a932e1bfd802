"""Entries as rows: one for each, in the record's own format, readable by any data tool."""

from __future__ import annotations

import importlib
import io
import json
from pathlib import Path
from typing import Any

import pytest

from ledger.audit.tables import COLUMNS, require_parquet, rows_of, write_jsonl, write_parquet
from ledger.codec.record import parse_row
from ledger.errors import SettingError, VerificationError
from tests import builders
from tests.unit.audit.ledgers import SignedLog
from tests.unit.store.builders import LEDGER_ID, order, stated


@pytest.fixture(scope="module")
def log() -> SignedLog:
    """A log with facts of several kinds."""
    return SignedLog.of(order(1), stated(builders.item()), stated(builders.membership()))


def rows(log: SignedLog) -> list[dict[str, Any]]:
    """All rows of a log."""
    return list(rows_of(log, log.count(), lambda _done, _total: None))


def test_a_row_says_where_an_entry_stands_and_what_it_states(log: SignedLog) -> None:
    row = rows(log)[2]
    assert list(row) == list(COLUMNS)
    assert {name: row[name] for name in ("index", "stream", "version", "author", "fact_id")} == {
        "index": 2,
        "stream": "orders/order-1",
        "version": 1,
        "author": "registrar",
        "fact_id": "order-1",
    }
    assert (row["event_type"], row["day"], row["public"]) == (
        "company-order.v1",
        "2025-07-28",
        "2025-07-28",
    )
    assert row["recorded_at"] == "2025-10-09T08:53:20Z"
    assert row["leaf_hash"] == log.tree().node(0, 2).hex()
    assert len(bytes.fromhex(row["statement_digest"])) == 32


def test_the_fact_of_a_row_is_a_row_of_the_record_format(log: SignedLog) -> None:
    facts = (builders.order("order-1"), builders.item())
    for row, fact in zip(rows(log)[2:4], facts, strict=True):
        assert parse_row(row["fact"], line=1) == fact


def test_a_membership_which_the_format_has_in_a_table_is_written_by_its_columns(
    log: SignedLog,
) -> None:
    told = json.loads(rows(log)[4]["fact"])
    assert (told["country"], told["group"]) == ("CN", "D:5")


def test_what_concerns_keys_is_written_alike_with_its_bytes_in_hex(log: SignedLog) -> None:
    founded, enrolled = (json.loads(row["fact"]) for row in rows(log)[:2])
    assert founded["administrators"][0]["author"] == "ada"
    assert bytes.fromhex(enrolled["spki_der"])
    assert rows(log)[0]["statement_digest"] == LEDGER_ID.hex()
    assert rows(log)[0]["day"] is None


def test_json_lines_hold_the_fact_as_an_object(log: SignedLog) -> None:
    file = io.BytesIO()
    write_jsonl(rows(log), file)
    lines = [json.loads(line) for line in file.getvalue().splitlines()]
    assert len(lines) == log.count()
    assert lines[2]["fact"]["id"] == "order-1"


def test_parquet_holds_the_same_rows(log: SignedLog, tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    with path.open("wb") as file:
        write_parquet(rows(log), file)
    parquet = importlib.import_module("pyarrow.parquet")
    table = parquet.read_table(path)
    assert table.column_names == list(COLUMNS)
    assert table.to_pylist() == rows(log)


def test_without_pyarrow_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> Any:
        raise ImportError(name)

    require_parquet()
    monkeypatch.setattr(importlib, "import_module", refuse)
    with pytest.raises(SettingError, match=r"regulatory-ledger\[parquet\]"):
        require_parquet()


def test_a_log_with_an_entry_missing_gives_no_table(log: SignedLog) -> None:
    class Holed(SignedLog):
        def pages(self, start, end):  # type: ignore[no-untyped-def]
            for page in super().pages(start, end):
                yield [type(page[0])(one.index, None) for one in page]

    class Short(SignedLog):
        def pages(self, start, end):  # type: ignore[no-untyped-def]
            return super().pages(start, end - 1)

    for broken in (Holed(log.entries), Short(log.entries)):
        with pytest.raises(VerificationError, match="missing"):
            rows(broken)
