"""The timeline: facts in the order of their own dates, not in that of the log."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
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


def _row(day: date, index: int) -> int:
    return day.toordinal() << _INDEX_BITS | index


@final
class Timeline:
    """Follows the log; the rows are put in order when somebody reads.

    Python's sort finds what is in order already, so that reading after a few more entries costs
    one pass over the rows.
    """

    def __init__(self) -> None:
        self._rows = array("q")
        self._ordered = array("q")

    def apply(self, recorded: Recorded) -> None:
        """Take in the next entry, if it has a date."""
        day = day_of(recorded.fact)
        if day is not None:
            self._rows.append(_row(day, recorded.index))

    def indexes(self, tree_size: int, *, first: date, last: date) -> Sequence[int]:
        """The indexes of the entries dated within two days, inclusive, in the order of their days.

        Args:
            tree_size: Entries at or past it are left out.
            first: The first day.
            last: The last day.
        """
        count = len(self._rows)
        if len(self._ordered) != count:
            newer = self._rows[len(self._ordered) : count]
            self._ordered = array("q", sorted([*self._ordered, *newer]))
        rows = self._ordered
        begin = bisect_left(rows, _row(first, 0))
        end = bisect_left(rows, (last.toordinal() + 1) << _INDEX_BITS)
        indexes = (row & ~(-1 << _INDEX_BITS) for row in rows[begin:end])
        return [index for index in indexes if index < tree_size]


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

    def among(self, view: CatalogView, indexes: Sequence[int]) -> Iterator[Recorded]:
        """The entries at these indexes that are about the item and the destination, in their order.

        Only those are read that may be.
        """
        possible = list(indexes)
        if self.item_names:
            naming = view.naming(self.item_names)
            possible = [index for index in possible if index in naming]
        if self.destination:
            placed = view.placed()
            possible = [index for index in possible if index in placed]
        for index in possible:
            recorded = view.record(index)
            if self.includes(recorded.fact):
                yield recorded

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
    for stream in view.streams(Collection.ITEMS):
        names = {
            known.casefold()
            for recorded in view.stream(stream)
            if isinstance(recorded.fact, ItemDescribed)
            for known in recorded.fact.names
        }
        if name in names:
            return frozenset(names)
    message = f"No item named {name!r} is on record."
    raise NotFoundError(message, field="item", rule="item-on-record")


def _groups_of(view: CatalogView, destination: str) -> frozenset[str]:
    stream = f"{Collection.DESTINATIONS.value}/{destination.casefold()}"
    if stream not in view.streams(Collection.DESTINATIONS):
        return frozenset()
    return frozenset(
        recorded.fact.group
        for recorded in view.stream(stream)
        if isinstance(recorded.fact, GroupMembership)
    )
