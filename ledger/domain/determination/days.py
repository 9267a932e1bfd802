"""Days on record: between two of them, nothing that depends on a day turns out differently.

The determination compares a day with days on record and with nothing else. An imprecise date is
compared by its first and its last day; what ends is over on the day after.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from ledger.domain.dates import OutsideDate
from ledger.domain.model import Frozen

_STANDING_ALONE = 2
"""A day on record and the day after it are like no other day."""


@dataclass(slots=True)
class Days:
    """Days that facts name, in order.

    Any thread may ask while one adds.
    """

    _ordinals: list[int] = field(default_factory=list)

    def add(self, days: Iterable[date]) -> None:
        """Take in further days; those that are there already change nothing."""
        for ordinal in {day.toordinal() for day in days}:
            place = bisect_left(self._ordinals, ordinal)
            if self._ordinals[place : place + 1] != [ordinal]:
                self._ordinals.insert(place, ordinal)

    def copy(self) -> Days:
        """The same days, which grow by themselves."""
        return Days(list(self._ordinals))

    def first_like(self, day: date) -> int:
        """The first day, as an ordinal, that none of them tells from a day.

        A day on record and the one after it stand alone, so that a period's first day is no day on
        which anything begins.
        """
        ordinal, ordinals = day.toordinal(), self._ordinals
        place = bisect_right(ordinals, ordinal)
        if not place:
            return 0
        first = ordinals[place - 1] + _STANDING_ALONE
        return first if first < ordinal else ordinal


NO_DAYS: Final = Days()


def first_like(day: date, several: Iterable[Days]) -> int:
    """The first day, as an ordinal, that none of several tells from a day."""
    return max([days.first_like(day) for days in several], default=0)


def days_in(value: object) -> Iterator[date]:
    """All days that a value names, however deep: of an imprecise date the first and the last."""
    match value:
        case OutsideDate():
            yield value.first
            yield value.last
        case date():
            yield value
        case Frozen():
            for name in type(value).model_fields:
                yield from days_in(getattr(value, name))
        case tuple():
            for part in value:
                yield from days_in(part)
        case _:
            return
