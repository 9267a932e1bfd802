"""Record files are read row by row, and one bad row hides none of the others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ledger import casefile
from ledger.client.rows import RefusedRow, Row, items_named, read_rows
from ledger.codec.groups import COLUMNS
from ledger.domain.effects import Effect
from ledger.domain.facts import GroupMembership
from ledger.domain.provision import Provision
from ledger.domain.scope import ItemScope
from ledger.domain.vocabulary import Axis
from ledger.errors import RecordFormatError, RuleError
from tests.builders import action, order, party
from tests.unit.client.served import MemoryFile, item_row, row

HEADER = ",".join(COLUMNS)


def _read(content: str | bytes, name: str = "file") -> list[Row | RefusedRow]:
    return list(read_rows(MemoryFile(name, content)))


def _lines(rows: list[Row | RefusedRow]) -> list[tuple[int, bool]]:
    return [(one.line, isinstance(one, Row)) for one in rows]


def test_each_row_carries_the_line_it_stands_on() -> None:
    rows = _read(f"{json.dumps(row('co-1'))}\n\n{json.dumps(item_row())}\n")
    assert _lines(rows) == [(1, True), (3, True)]


def test_a_bad_row_is_told_and_the_next_one_read() -> None:
    bad = row("co-2", quantity={"min": -1, "unit": "chips"})
    rows = _read(f"{json.dumps(bad)}\n{json.dumps(row('co-1'))}\r\n", "orders.jsonl")
    refused = rows[0]
    assert isinstance(refused, RefusedRow)
    assert (refused.file, refused.line, refused.field) == ("orders.jsonl", 1, "quantity.min")
    assert isinstance(rows[1], Row)


@pytest.mark.parametrize("line", [b"\xff\xfe", b"{", b"[]", b'{"id": "x"}'])
def test_whatever_is_no_row_is_refused_with_its_line(line: bytes) -> None:
    rows = _read(b"\n" + line + b"\n")
    assert _lines(rows) == [(2, False)]


def test_a_byte_order_mark_in_front_is_nothing() -> None:
    assert _lines(_read(b"\xef\xbb\xbf" + json.dumps(row("co-1")).encode())) == [(1, True)]


def test_the_table_of_groups_is_known_by_its_header() -> None:
    rows = _read(f"{HEADER}\nD:5,CN,China,,,checked,a source,\n")
    assert isinstance(rows[0], Row)
    assert isinstance(rows[0].fact, GroupMembership)
    assert rows[0].line == 2


def test_a_bad_line_of_the_table_is_told_and_the_others_read() -> None:
    rows = _read(
        f"{HEADER}\nD:5,ZZ,Nowhere,,,checked,s,\nD:5,CN,China,,,checked,s,\n"
        '"D:5",MO,"Macau\nSAR",,,checked,s,\nD:5,HK\n'
    )
    assert _lines(rows) == [(2, False), (3, True), (4, True), (6, False)]
    refused = rows[0]
    assert isinstance(refused, RefusedRow)
    assert refused.field == "iso3166_alpha2"


def test_a_quote_that_never_closes_is_told_where_it_opens() -> None:
    rows = _read(f'{HEADER}\nD:5,CN,China,,,checked,s,\nD:5,"HK,Hong Kong,,,checked,s,\n')
    assert _lines(rows) == [(2, True), (3, False)]


def test_bytes_that_are_no_text_refuse_their_line_alone() -> None:
    table = f"{HEADER}\n".encode() + b"D:5,CN,\xff,,,checked,s,\nD:5,HK,Hong Kong,,,checked,s,\n"
    rows = _read(table)
    assert _lines(rows) == [(2, False), (3, True)]
    refused = rows[0]
    assert isinstance(refused, RefusedRow)
    assert refused.rule == "utf-8"


def test_a_cell_that_is_too_long_for_csv_is_told() -> None:
    rows = _read(f"{HEADER}\nD:5,CN,{'x' * 200_000},,,checked,s,\n")
    assert _lines(rows) == [(2, False)]


def test_an_empty_file_has_no_rows() -> None:
    assert _read(b"") == []


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordFormatError) as refused:
        list(read_rows(tmp_path))
    assert refused.value.rule == "file"


def test_a_file_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.client.rows.FILE_BYTES_MAX", 10)
    with pytest.raises(RecordFormatError) as refused:
        _read(b"x" * 11)
    assert refused.value.rule == "file-length"


def test_the_case_file_has_no_bad_row() -> None:
    files = [casefile.path(name) for name in casefile.IMPORT_ORDER]
    rows = [one for file in files for one in read_rows(file)]
    assert [one for one in rows if isinstance(one, RefusedRow)] == []
    assert len(rows) == 268


def test_a_refused_row_says_where_and_why_in_one_line() -> None:
    one = Row("a.jsonl", 3, order("co-1"))
    refused = one.refused(RuleError("No.", field="quantity", rule="shipped-exceeds-ordered"))
    assert str(refused) == "a.jsonl:3: co-1: quantity: No. (shipped-exceeds-ordered)"
    assert str(RefusedRow("a.jsonl", 3, "", "", "", "No.")) == "a.jsonl:3: No."


def test_items_are_named_as_subject_in_effects_and_in_provisions() -> None:
    scope = ItemScope(names=("H800",))
    fact = action(
        "us-1",
        items=("H20",),
        effects=(Effect(axis=Axis.AUTHORIZATION, value="APPLIED", items=("A100",)),),
        provisions=(Provision(id="us-1#a", items=scope), Provision(id="us-1#b")),
    )
    assert list(items_named(fact)) == ["H20", "A100", "H800"]
    assert list(items_named(party())) == []
