"""Numbers of the record: decimals that every reader of JSON reads alike.

"IEEE 754 double precision" is what a receiver of JSON can be expected to keep (RFC 7493 §2.2), and
a decimal of up to 15 significant digits passes through a double unchanged. Numbers of that size
are exact wherever they are read; longer ones are refused rather than rounded.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, PlainSerializer, ValidationInfo, WithJsonSchema

DIGITS_MAX: Final = 15


def json_number(value: Decimal) -> int | float:
    """The JSON number that reads as this decimal: an integer wherever it is one."""
    return int(value) if value == value.to_integral_value() else float(value)


def _from_json(value: object, info: ValidationInfo) -> object:
    """Let JSON numbers in, and nothing else: text is no number, nor is a float of Python's."""
    if info.mode == "json" and isinstance(value, int | float) and not isinstance(value, bool):
        return Decimal(repr(value))
    return value


Number = Annotated[
    Decimal,
    Field(allow_inf_nan=False, max_digits=DIGITS_MAX),
    BeforeValidator(_from_json),
    PlainSerializer(json_number, return_type=int | float, when_used="json"),
    WithJsonSchema({"type": "number"}),
]
"""A decimal of at most 15 digits before and after the point together."""
