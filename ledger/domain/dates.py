"""Outside dates: a calendar value with its precision, read as an interval.

Calendar dates have no zone. FORMAT §1: "All days are inclusive: `ends` is the last day."
"""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import Annotated, Final, Self

from pydantic import BeforeValidator, Field, model_validator

from ledger.domain.model import Frozen
from ledger.domain.vocabulary import Precision

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MONTH = re.compile(r"\d{4}-\d{2}")
_MONTH_LENGTH = len("YYYY-MM")

LAST_YEAR: Final = 9998
"""The last year accepted: whatever ends in it still has a day and a week after it."""

MILLISECONDS_END: Final = 253_370_764_800_000
"""The first millisecond after ``LAST_YEAR``."""

Milliseconds = Annotated[int, Field(ge=0, lt=MILLISECONDS_END)]
"""An instant: milliseconds since 1970 (UTC), whose day the calendar can hold."""


def parse_day(text: str) -> date:
    """Read ``YYYY-MM-DD`` and nothing else.

    Raises:
        ValueError: The text is not a calendar day in that form, or lies past ``LAST_YEAR``.
    """
    if not _DAY.fullmatch(text) or not text.isascii():
        message = f"{text!r} is not a day written YYYY-MM-DD"
        raise ValueError(message)
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        message = f"{text!r} is not a day of the calendar"
        raise ValueError(message) from error
    if day.year > LAST_YEAR:
        message = f"{text!r} lies past the year {LAST_YEAR}; leave out an end that is open"
        raise ValueError(message)
    return day


def _day(value: object) -> object:
    return parse_day(value) if isinstance(value, str) else value


Day = Annotated[date, BeforeValidator(_day)]
"""A plain calendar day, written YYYY-MM-DD."""


# pydantic checks a value again wherever it becomes part of another, and records name the same days
# again and again.
@lru_cache(maxsize=4_096)
def _check_value(value: str, precision: Precision) -> None:
    if _MONTH.fullmatch(value) and value.isascii():
        if precision in {Precision.DAY, Precision.WEEK_OF}:
            message = f"{value!r} is a month, but precision {precision.value} asks a day"
            raise ValueError(message)
        parse_day(f"{value}-01")
        return
    if precision is Precision.MONTH:
        message = f"{value!r} is not a month written YYYY-MM, as precision month asks"
        raise ValueError(message)
    if parse_day(value).weekday() != 0 and precision is Precision.WEEK_OF:
        message = f"{value} is not a Monday, as precision week-of asks"
        raise ValueError(message)


class OutsideDate(Frozen):
    """A date as the outside world gives it.

    ``month`` is ``YYYY-MM``, ``day`` a full day and ``week-of`` a Monday; ``on-or-before`` and
    ``on-or-after`` carry either form.
    """

    value: str
    precision: Precision

    @model_validator(mode="after")
    def _value_fits_precision(self) -> Self:
        try:
            _check_value(self.value, self.precision)
        except ValueError as error:
            message = f"value: {error}"
            raise ValueError(message) from error
        return self

    @cached_property
    def first(self) -> date:
        """The first day that the value itself covers."""
        return date.fromisoformat(
            self.value if len(self.value) > _MONTH_LENGTH else f"{self.value}-01"
        )

    @cached_property
    def last(self) -> date:
        """The last day that the value itself covers."""
        if self.precision is Precision.WEEK_OF:
            return self.first + timedelta(days=6)
        if len(self.value) > _MONTH_LENGTH:
            return self.first
        return self.first.replace(day=calendar.monthrange(self.first.year, self.first.month)[1])

    @cached_property
    def earliest(self) -> date:
        """The first day on which the thing may have begun, as far as the record asserts.

        ``on-or-before``: "holds from the value; earlier days are not asserted" (FORMAT §1).
        """
        return self.last if self.precision is Precision.ON_OR_BEFORE else self.first

    @cached_property
    def certain(self) -> date:
        """The first day from which the thing holds.

        FORMAT §1: "`month` (YYYY-MM: certain only from the month's last day)", a week from its
        Sunday in the same way; "`on-or-after` (not before the value)" holds from the value.
        """
        return self.first if self.precision is Precision.ON_OR_AFTER else self.last

    @property
    def is_exact(self) -> bool:
        """True where the value names the very day."""
        return self.precision is Precision.DAY

    def __str__(self) -> str:
        if self.is_exact:
            return self.value
        if self.precision is Precision.MONTH:
            return f"in {self.value}"
        return f"{self.precision.value.replace('-', ' ')} {self.value}"


class Dates(Frozen):
    """The dates of a fact. Without ``effective``, what it does holds from ``public``."""

    effective: OutsideDate | None = None
    compliance: OutsideDate | None = None
    notified: OutsideDate | None = None
    public: OutsideDate | None = None
    ends: OutsideDate | None = None

    @model_validator(mode="after")
    def _ends_do_not_precede(self) -> Self:
        if self.ends and self.effective and self.ends.certain < self.effective.earliest:
            message = f"ends ({self.ends}) lies before effective ({self.effective})"
            raise ValueError(message)
        return self

    @property
    def starts(self) -> OutsideDate | None:
        """The day from which an effect or relation of the fact holds."""
        return self.effective or self.public
