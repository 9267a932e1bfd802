"""A company order: what was ordered, what was shipped, what was canceled.

In one stream and unit, what was shipped never exceeds what was ordered. The record is made of
reports, so the rule refuses only what cannot be true: orders count at the upper end of their
range, shipments and cancellations at the lower one; an approximate quantity, an open upper end
and an order whose quantity is not public are no bound at all. Nor is silence: what was shipped
before any order in its unit belongs to orders that are not on record, and is not counted.

Of two quantities of one kind a relation says what they are to each other (model §5): one that
corrects or supersedes another takes its place; one that confirms another or is part of it is
already counted there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.domain.aggregates.base import Aggregate
from ledger.domain.aggregates.life import LIFE_RULES, Life, lived_on
from ledger.domain.aggregates.tally import ANY_UNIT, NOTHING, Count, Side, Tally
from ledger.domain.facts import ReportedFact
from ledger.domain.persistent import PersistentMap
from ledger.domain.vocabulary import Collection, RelationKind
from ledger.errors import RuleError

if TYPE_CHECKING:
    from collections.abc import Mapping


ORDERED: Final = frozenset(
    {
        "order",
        "purchase_order",
        "foundry_purchase_order",
        "customer_order",
        "customer_orders",
        # The quantity of an increase is the increase alone, so it adds to the order before it.
        "order_increase",
        # What a foundry reserves on request may be delivered without a further order.
        "capacity_reservation",
        "foundry_capacity_request",
    }
)
"""Subtypes that say how much was ordered; an estimate of stock or of sales is nobody's order."""

SHIPPED: Final = frozenset({"shipment", "partial_shipment", "delivery"})
"""Subtypes that say how much left the seller.

A ``shipment_statement`` is a company's sentence about a quarter, mostly in money, and covers
several orders; like the estimates of inventory and of sales it is not counted.
"""

CANCELED: Final = frozenset({"cancellation", "order_cancellation", "order_reduction"})
"""Subtypes that say how much will not come; a production that is suspended may be resumed."""

SIDES: Final[Mapping[str, Side]] = {
    **dict.fromkeys(ORDERED, Side.ORDERED),
    **dict.fromkeys(SHIPPED, Side.SHIPPED),
    **dict.fromkeys(CANCELED, Side.CANCELED),
}

TAKES_ITS_PLACE: Final = frozenset({RelationKind.CORRECTS, RelationKind.SUPERSEDES})
COUNTED_THERE: Final = frozenset({RelationKind.CONFIRMS, RelationKind.PART_OF})


@dataclass(frozen=True, slots=True)
class OrderState(Life):
    """An order stream so far.

    Attributes:
        tallies: The sums by unit.
        places: Where a fact that took another's place counts; any other counts under its own id.
        counts: What counts in each place; None where two places became one.
    """

    tallies: Mapping[str, Tally] = field(default_factory=dict)
    places: PersistentMap[str] = field(default_factory=PersistentMap)
    counts: PersistentMap[Count | None] = field(default_factory=PersistentMap)

    def has_order(self, unit: str) -> bool:
        """Whether anything was ordered in a unit, or in one that is not public."""
        return any(self.tallies.get(known, NOTHING).orders for known in (unit, ANY_UNIT))


class _Counted(NamedTuple):
    """What a fact changes in the sums.

    Attributes:
        tallies: The sums after it, by unit.
        place: The place that it counts in.
        contributed: What it contributes.
        replaced: The places whose counts it takes.
    """

    tallies: Mapping[str, Tally]
    place: str
    contributed: Count
    replaced: tuple[str, ...]

    def is_exceeded(self, unit: str) -> bool:
        """Whether more was shipped in a unit than the orders on record allow."""
        tally = self.tallies[unit]
        if tally.unbounded or self.tallies.get(ANY_UNIT, NOTHING).unbounded:
            return False
        return tally.shipped > max(tally.bound, 0)


def shipped_within_ordered(state: OrderState, fact: ReportedFact) -> None:
    """No more is shipped than was ordered, nor canceled of what was shipped."""
    if not state.tallies:
        return  # Only an order counts where nothing was ordered before.
    counted = _counted(state, fact)
    if counted is None:
        return
    for unit, tally in counted.tallies.items():
        if counted.is_exceeded(unit):
            raise RuleError(
                f"{fact.stream}: {tally.shipped} {unit} shipped would exceed the "
                f"{max(tally.bound, 0)} that stand ordered.",
                field="quantity",
                rule="shipped-exceeds-ordered",
            )


def _counted(state: OrderState, fact: ReportedFact) -> _Counted | None:
    """The sums after a fact: what it takes the place of leaves them, what it says enters.

    None where it says nothing that counts.
    """
    replaced = _targets(state, fact, TAKES_ITS_PLACE)
    side = SIDES.get(fact.subtype) or next((count.side for count in replaced.values()), None)
    count = side and _count_of(state, fact, side)
    if not count:
        return None
    replaced = {place: old for place, old in replaced.items() if old.side is count.side}
    tallies = dict(state.tallies)
    for old in replaced.values():
        tallies[old.unit] = tallies[old.unit].with_count(old, -1)
    tallies[count.unit] = tallies.get(count.unit, NOTHING).with_count(count)
    return _Counted(tallies, next(iter(replaced), fact.id), count, tuple(replaced))


def _count_of(state: OrderState, fact: ReportedFact, side: Side) -> Count | None:
    """What a fact contributes on a side, or None where it says nothing certain of its own."""
    amount = fact.quantity
    again = COUNTED_THERE if side is Side.ORDERED else COUNTED_THERE | {RelationKind.CONTRADICTS}
    if any(other.side is side for other in _targets(state, fact, again).values()):
        return None
    if side is Side.ORDERED:
        if amount is None:
            return Count(side, ANY_UNIT, None)
        return Count(side, amount.unit.casefold(), None if amount.approximate else amount.max)
    if amount is None or amount.approximate or not state.has_order(amount.unit.casefold()):
        return None
    return Count(side, amount.unit.casefold(), amount.min)


def _targets(
    state: OrderState, fact: ReportedFact, kinds: frozenset[RelationKind]
) -> dict[str, Count]:
    """What counts in the places of the facts that a fact relates to in one of these ways."""
    found: dict[str, Count] = {}
    for link in fact.relates_to:
        if link.relation not in kinds:
            continue
        place = state.places.get(link.id) or link.id
        if count := state.counts.get(place):
            found[place] = count
    return found


def _ordered(state: OrderState, fact: ReportedFact, digest: bytes) -> OrderState:
    counted = _counted(state, fact)
    if counted is None:
        return lived_on(state, fact, digest)
    places, counts = state.places, state.counts
    for place in counted.replaced:
        counts = counts.with_entry(place, None)
    if counted.place != fact.id:
        places = places.with_entry(fact.id, counted.place)
    counts = counts.with_entry(counted.place, counted.contributed)
    return lived_on(state, fact, digest, tallies=counted.tallies, places=places, counts=counts)


ORDERS: Final = Aggregate(
    collection=Collection.ORDERS,
    kinds=(ReportedFact,),
    nothing=OrderState(),
    rules=(*LIFE_RULES, shipped_within_ordered),
    fold=_ordered,
)
"""The streams ``orders/<id>``."""
