from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ledger.domain.model import Frozen
from ledger.domain.number import DIGITS_MAX, Number, json_number


class Sample(Frozen):
    value: Number


def test_a_number_of_json_keeps_the_decimal_that_was_written() -> None:
    for text in ("660.6", "19.45", "0.1", "4992", "-0.5", "123456789012.345", "1e3"):
        assert Sample.model_validate_json(f'{{"value": {text}}}').value == Decimal(text)


@given(st.integers(-(10**15) + 1, 10**15 - 1), st.integers(0, 15))
def test_every_number_survives_json(unscaled: int, places: int) -> None:
    sample = Sample(value=Decimal(unscaled).scaleb(-places))
    assert Sample.model_validate_json(sample.model_dump_json()) == sample


@pytest.mark.parametrize(
    "text", ['"4992"', "true", "null", "1e300", "1e999", "[1]", "1234567890123456", "1e-16"]
)
def test_what_is_no_number_of_the_record_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        Sample.model_validate_json(f'{{"value": {text}}}')


@pytest.mark.parametrize("value", [4992, 19.45, "4992", Decimal("NaN"), Decimal("1e1000000")])
def test_code_hands_in_decimals_of_a_size(value: object) -> None:
    with pytest.raises(ValidationError):
        Sample.model_validate({"value": value})


def test_a_whole_number_is_written_without_a_point() -> None:
    assert Sample(value=Decimal("4992.0")).model_dump_json() == '{"value":4992}'
    assert type(json_number(Decimal("2.50"))) is float
    assert json_number(Decimal("9" * DIGITS_MAX)) == 10**DIGITS_MAX - 1
