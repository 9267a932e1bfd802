"""The timeline: facts in the order of their own dates, not in that of the log."""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Final, final

from ledger.domain.dates import Dates
from ledger.domain.facts import (
    CoverageDeclared,
    Fact,
    GroupMembership,
    ItemDescribed,
    PartyDescribed,
    ReportedFact,
)
from ledger.domain.scope import PlaceScope
from ledger.domain.statement import Recorded
from ledger.domain.vocabulary import Collection
from ledger.errors import NotFoundError
from ledger.readmodels.catalog import CatalogView
from ledger.readmodels.columns import Column, column


def day_of(fact: Fact) -> date | None:
    """The day under which a fact stands in the timeline; None where it has no date of its own.

    A reported fact stands where it was first told to anybody, since a rule may take effect long
    after that, or say that it took effect before. An item stands at its launch, a membership and
    a coverage at their first day. What concerns authors and keys has no outside date.
    """
    match fact:
        case ReportedFact():
            return _first_told(fact.dates)
        case PartyDescribed():
            return _first_told(fact.dates) if fact.dates else None
        case ItemDescribed():
            launch = fact.launch or fact.reported
            return launch.earliest if launch else None
        case GroupMembership():
            return fact.from_date
        case CoverageDeclared():
            return fact.from_day
        case _:
            return None


def _first_told(dates: Dates) -> date | None:
    told = [day.earliest for day in (dates.notified, dates.public) if day is not None]
    return min(told, default=dates.effective.earliest if dates.effective else None)


_INDEX_BITS: Final = 40
"""A row is one number, the day's ordinal above the index in the log, which settles the order within
a day: eight bytes, where a pair of objects takes more than a hundred."""

_FEW: Final = 64
"""So many rows are put in their places one by one; more are sorted with all others."""


def _row(day: date, index: int) -> int:
    return day.toordinal() << _INDEX_BITS | index


def index_of(row: int) -> int:
    """The index in the log that a row stands for."""
    return row & ~(-1 << _INDEX_BITS)


@final
class Timeline:
    """Follows the log; the rows are put in order when somebody reads.

    Args:
        rows: Where they are written down as they come.
    """

    def __init__(self, rows: Column | None = None) -> None:
        self._rows = column() if rows is None else rows
        self._ordered = column()

    def apply(self, recorded: Recorded) -> None:
        """Take in the next entry, if it has a date."""
        day = day_of(recorded.fact)
        if day is not None:
            self._rows.append(_row(day, recorded.index))

    def rows(self, tree_size: int, *, first: date, last: date, start: int = 0) -> Iterator[int]:
        """The rows of the entries dated within two days, inclusive, in the order of their days.

        They are looked at as they are taken.

        Args:
            tree_size: Entries at or past it are left out.
            first: The first day.
            last: The last day.
            start: The first row wanted, to go on from where somebody stopped.
        """
        rows = self._in_order()
        begin = bisect_left(rows, max(start, _row(first, 0)))
        end = bisect_left(rows, (last.toordinal() + 1) << _INDEX_BITS)
        return (row for row in islice(rows, begin, end) if index_of(row) < tree_size)

    def indexes(self, tree_size: int, *, first: date, last: date) -> Sequence[int]:
        """The indexes of these entries."""
        return [index_of(row) for row in self.rows(tree_size, first=first, last=last)]

    def _in_order(self) -> Column:
        """All rows in order. What was given out is not touched again: another is made."""
        count, ordered = len(self._rows), self._ordered
        newer = self._rows[len(ordered) : count]
        if not newer:
            return ordered
        if len(newer) <= _FEW:
            ordered = ordered[:]
            for row in newer:
                insort(ordered, row)
        else:
            ordered = array(ordered.typecode, sorted([*ordered, *newer]))
        self._ordered = ordered
        return ordered


@dataclass(frozen=True, slots=True)
class About:
    """What a timeline is asked about: an item by all of its names, a destination by its groups.

    Attributes:
        item_names: Lower case; empty selects every item.
        destination: ISO 3166-1 alpha-2; empty selects every destination.
        groups: The groups that the destination ever was in.
    """

    item_names: frozenset[str]
    destination: str
    groups: frozenset[str]

    @classmethod
    def of(cls, view: CatalogView, *, item: str, destination: str) -> About:
        """Resolve names and groups at a view's tree size; an empty text selects everything.

        Raises:
            NotFoundError: No item of that name is on record.
        """
        return cls(
            item_names=_names_of(view, item.casefold()) if item else frozenset(),
            destination=destination,
            groups=_groups_of(view, destination) if destination else frozenset(),
        )

    def among(
        self, view: CatalogView, rows: Iterable[int]
    ) -> Iterator[tuple[int, Recorded] | None]:
        """Those of a timeline's rows that are about the item and the destination, with the entries.

        Only those entries are read that may be. None stands for a row that is passed over.
        """
        naming = view.naming(self.item_names) if self.item_names else None
        placed = view.placed() if self.destination else None
        for row in rows:
            index = index_of(row)
            if (naming is None or index in naming) and (placed is None or index in placed):
                recorded = view.record(index)
                yield (row, recorded) if self.includes(recorded.fact) else None
            else:
                yield None

    def includes(self, fact: Fact) -> bool:
        """Whether a fact is about the item and the destination."""
        return (not self.item_names or self._has_item(fact)) and (
            not self.destination or self._has_destination(fact)
        )

    def _has_item(self, fact: Fact) -> bool:
        names = fact.names if isinstance(fact, ItemDescribed) else getattr(fact, "items", ())
        return any(name.casefold() in self.item_names for name in names)

    def _has_destination(self, fact: Fact) -> bool:
        if isinstance(fact, GroupMembership):
            return fact.country == self.destination
        if isinstance(fact, ReportedFact):
            scopes = (fact.destinations, fact.headquarters)
            return any(self._lies_in(scope) for scope in scopes if scope is not None)
        return False

    def _lies_in(self, scope: PlaceScope) -> bool:
        """Whether the destination may be meant; a group counts whenever it was a member."""
        if scope.any or self.destination in scope.codes:
            return True
        if self.destination in scope.not_codes:
            return False
        return not self.groups.isdisjoint(scope.any_group)


def _names_of(view: CatalogView, name: str) -> frozenset[str]:
    """Every name that any version of the item of this name has borne."""
    described = view.described(name)
    if described is None:
        message = f"No item named {name!r} is on record."
        raise NotFoundError(message, field="item", rule="item-on-record")
    return frozenset(
        known.casefold()
        for recorded in view.stream(described.fact.stream)
        if isinstance(recorded.fact, ItemDescribed)
        for known in recorded.fact.names
    )


def _groups_of(view: CatalogView, destination: str) -> frozenset[str]:
    stream = f"{Collection.DESTINATIONS.value}/{destination.casefold()}"
    if not view.has_stream(stream):
        return frozenset()
    return frozenset(
        recorded.fact.group
        for recorded in view.stream(stream)
        if isinstance(recorded.fact, GroupMembership)
    )
