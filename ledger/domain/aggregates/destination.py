"""A destination: one country's dated places in the country groups (FORMAT §4).

A period is half open, from its first day in to its first day out, and known by group and first
day. A later fact with the same two restates that period: it closes one that was open, opens one
that was closed too early, or mends its grade or source. A period with another first day is
another period, and must not overlap.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from ledger.domain.aggregates.base import Aggregate, tail
from ledger.domain.facts import GroupMembership
from ledger.domain.vocabulary import Collection
from ledger.errors import RuleError


@dataclass(frozen=True, slots=True)
class DestinationState:
    """A country so far: each period as last stated."""

    version: int = 0
    periods: tuple[GroupMembership, ...] = ()


def country_gives_stream(_: DestinationState, fact: GroupMembership) -> None:
    """The stream bears the country's code."""
    expected = fact.country.casefold()
    if tail(fact.stream) != expected:
        raise RuleError(
            f"The groups of {fact.country} lie in destinations/{expected}, not in {fact.stream}.",
            field="stream",
            rule="country-gives-stream",
        )


def periods_do_not_overlap(state: DestinationState, fact: GroupMembership) -> None:
    """A country is in a group or not: two periods of one group have no day in common."""
    for known in state.periods:
        if known.group == fact.group and not _is_same(known, fact) and _overlap(known, fact):
            raise RuleError(
                f"{fact.country} is in {fact.group} {_words(known)} according to {known.id}; "
                f"{_words(fact)} overlaps with it. Restate that period with the same from_date "
                "to close or correct it.",
                field="from_date",
                rule="membership-overlaps",
            )


def says_something_new(state: DestinationState, fact: GroupMembership) -> None:
    """A period is restated only to change something in it."""
    for known in state.periods:
        if known == fact.model_copy(update={"id": known.id}):
            raise RuleError(
                f"{fact.id} says what {known.id} says already.", rule="membership-unchanged"
            )


def _is_same(one: GroupMembership, other: GroupMembership) -> bool:
    return (one.group, one.from_date) == (other.group, other.from_date)


def _overlap(one: GroupMembership, other: GroupMembership) -> bool:
    return _first(one) < _first_out(other) and _first(other) < _first_out(one)


def _first(period: GroupMembership) -> date:
    return period.from_date or date.min


def _first_out(period: GroupMembership) -> date:
    return period.until_date or date.max


def _words(period: GroupMembership) -> str:
    return f"from {period.from_date or 'always'} until {period.until_date or 'further notice'}"


def _joined(state: DestinationState, fact: GroupMembership, _: bytes) -> DestinationState:
    others = tuple(known for known in state.periods if not _is_same(known, fact))
    return DestinationState(version=state.version + 1, periods=(*others, fact))


DESTINATIONS: Final = Aggregate(
    collection=Collection.DESTINATIONS,
    kinds=(GroupMembership,),
    nothing=DestinationState(),
    rules=(country_gives_stream, periods_do_not_overlap, says_something_new),
    fold=_joined,
)
"""The streams ``destinations/<country code in lower case>``."""
