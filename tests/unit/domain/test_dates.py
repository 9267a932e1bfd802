from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from ledger.domain.dates import (
    LAST_YEAR,
    MILLISECONDS_END,
    Dates,
    Day,
    Milliseconds,
    OutsideDate,
    parse_day,
)
from ledger.domain.vocabulary import Precision
from tests.builders import day

MONDAY = "2025-07-14"


def refusal(value: str, precision: Precision) -> str:
    with pytest.raises(ValidationError) as caught:
        OutsideDate(value=value, precision=precision)
    return str(caught.value.errors()[0]["msg"])


@pytest.mark.parametrize(
    ("value", "precision", "days", "text"),
    [
        ("2025-04-15", "day", "2025-04-15 2025-04-15 2025-04-15 2025-04-15", "2025-04-15"),
        ("2025-04", "month", "2025-04-01 2025-04-30 2025-04-01 2025-04-30", "in 2025-04"),
        ("2024-02", "month", "2024-02-01 2024-02-29 2024-02-01 2024-02-29", "in 2024-02"),
        ("2024-12", "month", "2024-12-01 2024-12-31 2024-12-01 2024-12-31", "in 2024-12"),
        (MONDAY, "week-of", f"{MONDAY} 2025-07-20 {MONDAY} 2025-07-20", f"week of {MONDAY}"),
        (
            "2022-08-31",
            "on-or-before",
            "2022-08-31 2022-08-31 2022-08-31 2022-08-31",
            "on or before 2022-08-31",
        ),
        (
            "2022-08",
            "on-or-before",
            "2022-08-01 2022-08-31 2022-08-31 2022-08-31",
            "on or before 2022-08",
        ),
        (
            "2025-08-08",
            "on-or-after",
            "2025-08-08 2025-08-08 2025-08-08 2025-08-08",
            "on or after 2025-08-08",
        ),
        (
            "2025-08",
            "on-or-after",
            "2025-08-01 2025-08-31 2025-08-01 2025-08-01",
            "on or after 2025-08",
        ),
    ],
)
def test_a_date_is_read_as_an_interval(value: str, precision: str, days: str, text: str) -> None:
    """The days are the first and last of the value, the earliest possible, and the certain one."""
    outside = OutsideDate(value=value, precision=Precision(precision))
    interval = (outside.first, outside.last, outside.earliest, outside.certain)
    assert " ".join(map(str, interval)) == days
    assert str(outside) == text
    assert outside.is_exact == (precision == "day")


@pytest.mark.parametrize(
    ("value", "precision", "reason"),
    [
        ("2025-04", Precision.DAY, "asks a day"),
        ("2025-04", Precision.WEEK_OF, "asks a day"),
        ("2025-04-15", Precision.MONTH, "is not a month written YYYY-MM"),
        ("2025-13", Precision.MONTH, "not a day of the calendar"),
        ("2025-07-15", Precision.WEEK_OF, "is not a Monday"),
        ("2025-02-29", Precision.DAY, "is not a day of the calendar"),
        ("2025-4-15", Precision.DAY, "written YYYY-MM-DD"),
        ("20250415", Precision.ON_OR_AFTER, "written YYYY-MM-DD"),
        ("2025-04-15\n", Precision.DAY, "written YYYY-MM-DD"),
        ("2025-W16-2", Precision.DAY, "written YYYY-MM-DD"),
        ("\u0662025-04-15", Precision.DAY, "written YYYY-MM-DD"),
        ("\u0662\u0660\u0662\u0665-04", Precision.MONTH, "written YYYY-MM"),
        ("9999-12-31", Precision.DAY, "lies past the year 9998"),
        ("9999-01", Precision.MONTH, "lies past the year 9998"),
        ("0000-01-01", Precision.DAY, "not a day of the calendar"),
    ],
)
def test_another_form_is_refused(value: str, precision: Precision, reason: str) -> None:
    assert reason in refusal(value, precision)
    assert "value: " in refusal(value, precision)


@given(st.dates(date(1, 1, 1), date(LAST_YEAR, 12, 31)), st.sampled_from(Precision))
def test_a_day_always_has_a_day_and_a_week_after_it(begins: date, precision: Precision) -> None:
    if precision is Precision.WEEK_OF:
        begins -= timedelta(days=begins.weekday())
    text = begins.isoformat()
    outside = OutsideDate(
        value=text[:7] if precision is Precision.MONTH else text, precision=precision
    )
    assert outside.earliest <= outside.last < outside.last + timedelta(days=8)
    assert outside.first <= outside.certain <= outside.last


def test_a_plain_day_is_written_in_one_way() -> None:
    assert parse_day("2022-08-26") == date(2022, 8, 26)
    with pytest.raises(ValueError, match="written YYYY-MM-DD"):
        parse_day("2022-08")


@pytest.mark.parametrize("text", ['"2022-08-26T00:00:00"', '"1661472000"', "1661472000", "null"])
def test_a_moment_is_no_day(text: str) -> None:
    adapter = TypeAdapter[date](Day)
    assert adapter.validate_json('"2022-08-26"') == date(2022, 8, 26)
    with pytest.raises(ValidationError):
        adapter.validate_json(text, strict=True)


def test_an_instant_lies_in_a_year_that_the_calendar_holds() -> None:
    adapter = TypeAdapter[int](Milliseconds)
    last = adapter.validate_python(MILLISECONDS_END - 1)
    assert (date(1970, 1, 1) + timedelta(milliseconds=last)).year == LAST_YEAR
    for value in (-1, MILLISECONDS_END):
        with pytest.raises(ValidationError):
            adapter.validate_python(value)


def test_a_fact_holds_from_its_effective_day_or_else_from_the_public_one() -> None:
    public, effective = day("2025-04-15"), day("2025-04-09")
    assert Dates(public=public, effective=effective).starts == effective
    assert Dates(public=public).starts == public
    assert Dates(notified=public).starts is None


def test_an_end_before_the_beginning_is_refused() -> None:
    with pytest.raises(ValidationError, match="lies before effective"):
        Dates(effective=day("2025-04-15"), ends=day("2025-04-14"))


@pytest.mark.parametrize(
    ("effective", "ends"),
    [
        (day("2025-04-15"), day("2025-04-15")),
        (day("2025-04-15"), day("2025-04", Precision.MONTH)),
        (day("2025-04", Precision.MONTH), day("2025-04-01")),
    ],
)
def test_an_end_that_may_follow_the_beginning_passes(
    effective: OutsideDate, ends: OutsideDate
) -> None:
    dates = Dates(effective=effective, ends=ends)
    assert (dates.effective, dates.ends) == (effective, ends)
