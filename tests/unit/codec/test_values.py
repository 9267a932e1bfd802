from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from pydantic import ValidationError

from ledger.codec.values import (
    check_ascending,
    dates_from_proto,
    dates_to_proto,
    day_from_text,
    decimal_from_text,
    decimal_to_text,
    outside_date_from_proto,
    outside_date_to_proto,
    place_from_proto,
    place_to_proto,
    source_from_proto,
    source_to_proto,
)
from ledger.domain.dates import Dates, OutsideDate
from ledger.domain.effects import Source
from ledger.domain.scope import PlaceScope
from ledger.errors import EnvelopeError
from ledger.v1 import facts_pb2, shared_pb2
from tests.unit.codec import strategies


@given(strategies.numbers())
def test_a_decimal_has_one_text(value: Decimal) -> None:
    text = decimal_to_text(value)
    assert decimal_from_text(text, "decimal") == value
    assert decimal_to_text(decimal_from_text(text, "decimal")) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("4992", "4992"),
        ("4.80E+3", "4800"),
        ("19.450", "19.45"),
        ("-0.50", "-0.5"),
        ("-0", "0"),
        ("-0.00", "0"),
        ("100", "100"),
        ("1E-6", "0.000001"),
    ],
)
def test_a_decimal_is_written_in_its_shortest_form(value: str, text: str) -> None:
    assert decimal_to_text(Decimal(value)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-0",
        "-0.0",
        "+1",
        "01",
        "1.0",
        "1.50",
        ".5",
        "5.",
        "1e3",
        "NaN",
        "1 ",
        "\u0661",
        "1_0",
        "0x1",
    ],
)
def test_another_form_of_a_decimal_is_refused(text: str) -> None:
    with pytest.raises(EnvelopeError, match="shortest form") as caught:
        decimal_from_text(text, "range.min")
    assert (caught.value.field, caught.value.rule) == ("range.min", "decimal")


def test_a_day_is_read_in_one_form() -> None:
    assert day_from_text("2022-08-26", "from_day") == date(2022, 8, 26)
    for text in ("2022-8-26", "20220826", "2022-02-30", "1661472000", ""):
        with pytest.raises(EnvelopeError) as caught:
            day_from_text(text, "from_day")
        assert (caught.value.field, caught.value.rule) == ("from_day", "day")


@pytest.mark.parametrize(
    ("names", "field"), [(("b", "a"), "grades[1]"), (("a", "b", "b"), "grades[2]")]
)
def test_disorder_and_repetition_are_refused(names: tuple[str, ...], field: str) -> None:
    with pytest.raises(EnvelopeError, match="must be sorted") as caught:
        check_ascending(names, "grades")
    assert (caught.value.field, caught.value.rule) == (field, "sorted")


@pytest.mark.parametrize("names", [(), ("a",), ("A", "a", "b")])
def test_what_is_sorted_passes(names: tuple[str, ...]) -> None:
    before = tuple(names)
    check_ascending(names, "grades")
    assert names == before


@given(strategies.outside_dates())
def test_an_outside_date_survives(value: OutsideDate) -> None:
    message = outside_date_to_proto(value)
    assert message is not None
    assert outside_date_from_proto(message) == value


def test_no_date_is_no_message() -> None:
    assert outside_date_to_proto(None) is None
    assert dates_to_proto(None) is None
    assert place_to_proto(None) is None


def test_a_date_of_no_precision_is_refused() -> None:
    with pytest.raises(EnvelopeError, match="precision is missing"):
        outside_date_from_proto(shared_pb2.OutsideDate(value="2025-04-15"))


@given(strategies.dates())
def test_the_dates_of_a_fact_survive(value: Dates) -> None:
    message = dates_to_proto(value)
    assert message is not None
    assert dates_from_proto(message) == value


def test_a_refused_date_is_named_by_its_field() -> None:
    message = facts_pb2.Dates(
        ends=shared_pb2.OutsideDate(value="soon", precision=shared_pb2.PRECISION_DAY)
    )
    with pytest.raises(EnvelopeError, match="'soon'") as caught:
        dates_from_proto(message)
    assert caught.value.field == "ends.value"


@given(strategies.places)
def test_a_scope_of_places_survives(value: PlaceScope) -> None:
    message = place_to_proto(value)
    assert message is not None
    assert place_from_proto(message) == value


def test_a_scope_of_places_that_says_nothing_is_refused() -> None:
    with pytest.raises(ValidationError, match="a place needs"):
        place_from_proto(shared_pb2.PlaceScope())


@given(strategies.sources)
def test_a_source_survives(value: Source) -> None:
    assert source_from_proto(source_to_proto(value)) == value
