from __future__ import annotations

from datetime import date

import pytest

from ledger import casefile
from ledger.codec.groups import COLUMNS, parse_groups_csv
from ledger.domain.vocabulary import Grade
from ledger.errors import RecordFormatError

HEADER = ",".join(COLUMNS) + "\n"
CAMBODIA = (
    'D:5,KH,Cambodia,2021-12-09,2026-02-03,checked,"86 FR 70015, and 91 FR 5091",as printed\n'
)


def refusal(text: str | bytes) -> RecordFormatError:
    with pytest.raises(RecordFormatError) as caught:
        parse_groups_csv(text)
    return caught.value


def test_the_groups_of_the_case_file_are_read() -> None:
    facts = parse_groups_csv(casefile.path(casefile.GROUPS).read_bytes())
    assert len(facts) == 162
    assert len({fact.id for fact in facts}) == 162


def test_a_row_is_a_membership() -> None:
    [fact] = parse_groups_csv(HEADER + CAMBODIA)
    assert fact.id == "group-d-5-kh-2021-12-09-until-2026-02-03"
    assert fact.stream == "destinations/kh"
    assert (fact.group, fact.country, fact.name) == ("D:5", "KH", "Cambodia")
    assert (fact.from_date, fact.until_date) == (date(2021, 12, 9), date(2026, 2, 3))
    assert (fact.grade, fact.note) == (Grade.CHECKED, "as printed")
    assert fact.source == "86 FR 70015, and 91 FR 5091"


def test_an_empty_cell_is_an_absent_value() -> None:
    [fact] = parse_groups_csv(HEADER + "D:5-state,ET,Ethiopia,,,memory,a law firm,\n")
    assert fact.id == "group-d-5-state-et"
    assert (fact.from_date, fact.until_date, fact.note) == (None, None, None)


def test_an_id_follows_from_its_row_alone() -> None:
    """What a later file adds or ends never takes the id of what is on record already."""
    periods = [(",", ""), ("2021-12-09,", ""), (",2026-02-03", ""), ("2021-12-09,2026-02-03", "")]
    rows = [f"D:5,KH,Cambodia,{dates},checked,91 FR 5091,\n" for dates, _ in periods]
    together = [fact.id for fact in parse_groups_csv(HEADER + "".join(rows))]
    apart = [parse_groups_csv(HEADER + row)[0].id for row in rows]
    assert together == apart
    assert len(set(together)) == 4


def test_a_period_that_stands_twice_is_refused() -> None:
    error = refusal(HEADER + CAMBODIA + CAMBODIA.replace("checked", "memory"))
    assert (error.line, error.field) == (3, "group")
    assert "stands on line 2 already" in error.message


def test_line_ends_of_either_kind_are_read() -> None:
    assert parse_groups_csv((HEADER + CAMBODIA).replace("\n", "\r\n")) == parse_groups_csv(
        HEADER + CAMBODIA.rstrip("\n")
    )


def test_a_line_is_counted_where_its_row_begins() -> None:
    long = CAMBODIA.replace("86 FR 70015, and", "86 FR 70015\nand")
    assert refusal(HEADER + long + "A:1,XX,Nowhere,,,checked,x,\n").line == 4


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("D5,KH,Cambodia,,,checked,x,", "group", "not a country group"),
        (",KH,Cambodia,,,checked,x,", "group", "group is missing"),
        ("D:5,UK,Cambodia,,,checked,x,", "iso3166_alpha2", "ISO 3166"),
        ("D:5,,Cambodia,,,checked,x,", "iso3166_alpha2", "iso3166_alpha2 is missing"),
        ("D:5,KH,,,,checked,x,", "name", "name is missing"),
        ("D:5,KH,Cambodia,2021-12,,checked,x,", "from_date", "YYYY-MM-DD"),
        ("D:5,KH,Cambodia,,1661472000,checked,x,", "until_date", "YYYY-MM-DD"),
        ("D:5,KH,Cambodia,2021-12-09,2021-12-09,checked,x,", "", "does not follow from_date"),
        ("D:5,KH,Cambodia,,,sure,x,", "grade", "'checked', 'secondhand' or 'memory'"),
        ("D:5,KH,Cambodia,,,checked,,", "source", "source is missing"),
        ("D:5,KH,Cambodia,,,checked,x", "", "7 cells, not 8"),
        ("D:5,KH,Cambodia,,,checked,x,,", "", "9 cells, not 8"),
        ("", "", "0 cells, not 8"),
        ('D:5,KH,"Cambodia,,,checked,x,', "", "not CSV"),
        ('D:5,KH,"Cam"bodia,,,checked,x,', "", "not CSV"),
    ],
)
def test_a_refused_cell_is_named_by_line_and_column(row: str, column: str, reason: str) -> None:
    error = refusal(HEADER + CAMBODIA + row + "\n")
    assert reason in error.message
    assert (error.line, error.field) == (3, column)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 1, "is empty"),
        ("group,country\n", 1, "must name the columns"),
        ("\ufeff" + HEADER, 1, "byte order mark"),
        (HEADER.encode() + b"A:1\n\xff", 3, "not UTF-8"),
    ],
)
def test_a_file_that_is_none_is_refused(text: str | bytes, line: int, reason: str) -> None:
    error = refusal(text)
    assert reason in error.message
    assert error.line == line
