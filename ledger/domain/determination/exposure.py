"""Exposure: orders held against the license status, in ranges that stay ranges.

A sum is made only where the record says that one quantity adds to another. Quantities that
contradict each other, or that nothing connects, are never added.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ledger.domain.determination.question import Question
from ledger.domain.determination.register import Register
from ledger.domain.determination.situation import Situation
from ledger.domain.determination.survey import Cell, survey
from ledger.domain.effects import Quantity
from ledger.domain.facts import ReportedFact
from ledger.domain.statement import Recorded
from ledger.domain.steps import Steps
from ledger.domain.vocabulary import Family, RelationKind
from ledger.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class OrderExposure:
    """One order, stock or shipment fact against the status.

    Attributes:
        recorded: The fact's entry.
        fact: The fact.
        day: The day of the order, or else of its report.
        then: The status on that day, with the knowledge of the question.
        now: The status on the day asked about.
        contradicts: Quantities on record that this one contradicts, or that contradict it.
        changed_by: Known facts that stay, supersede or end it, with what they do.
    """

    recorded: Recorded
    fact: ReportedFact
    day: date
    then: Cell
    now: Cell
    contradicts: tuple[str, ...]
    changed_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Total:
    """A range that the record itself adds up.

    Attributes:
        unit: The unit that all members share.
        min: The least the members come to.
        max: The most; None where one of them is open above.
        approximate: True where one of them is.
        fact_ids: The facts added, by id.
    """

    unit: str
    min: int
    max: int | None
    approximate: bool
    fact_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exposure:
    """All orders of an item against its status for a destination."""

    orders: tuple[OrderExposure, ...]
    totals: tuple[Total, ...]


def exposure(question: Question, register: Register) -> Steps[Exposure]:
    """Hold every known order of the item against the status that the question asks for.

    Raises:
        NotFoundError: No item of that name is on record.
    """
    stream = register.item_stream(question.item)
    if stream is None:
        message = f"no item named {question.item!r} is on record"
        raise NotFoundError(message, field="question.item", rule="item-on-record")
    situation = Situation.of(question, register, stream)
    facts = yield from _orders(situation)
    facts.sort(key=lambda pair: (_day_of(pair[1]), pair[1].id))
    cells: dict[date, Cell] = {}
    orders = []
    for recorded, fact in facts:
        for day in (_day_of(fact), question.as_of):
            if day not in cells:
                cells[day] = _status(question, register, day)
                yield
        orders.append(_held_against(recorded, fact, situation, cells))
        yield
    totals = _totals([order.fact for order in orders], as_of=question.as_of)
    return Exposure(tuple(orders), totals)


def _orders(situation: Situation) -> Steps[list[tuple[Recorded, ReportedFact]]]:
    """The known orders of the item, read one by one as far as they are not kept."""
    found: dict[int, tuple[Recorded, ReportedFact]] = {}
    for name in situation.item_names:
        for recorded in situation.register.directory.naming(name):
            fact = recorded.fact
            if (
                isinstance(fact, ReportedFact)
                and fact.family is Family.COMPANY_ORDER
                and situation.knowledge.has(recorded)
            ):
                found[recorded.index] = recorded, fact
            yield
    return list(found.values())


def _status(question: Question, register: Register, day: date) -> Cell:
    on_day = question.model_copy(update={"as_of": day})
    return next(survey(on_day, register, [question.item], [question.destination]))


def _day_of(fact: ReportedFact) -> date:
    starts = fact.dates.starts
    return starts.first if starts else date.max


def _held_against(
    recorded: Recorded, fact: ReportedFact, situation: Situation, cells: Mapping[date, Cell]
) -> OrderExposure:
    question, register = situation.question, situation.register
    day = _day_of(fact)
    links = [
        link for link in register.links.get(fact.id, ()) if situation.knowledge.has(link.recorded)
    ]
    opposed = {link.fact.id for link in links if link.kind is RelationKind.CONTRADICTS}
    opposed |= {r.fact_id for r in fact.relates_to if r.relation is RelationKind.CONTRADICTS}
    changing = (RelationKind.STAYS, RelationKind.SUPERSEDES, RelationKind.ENDS)
    return OrderExposure(
        recorded=recorded,
        fact=fact,
        day=day,
        then=cells[day],
        now=cells[question.as_of],
        contradicts=tuple(sorted(opposed)),
        changed_by=tuple(
            sorted(f"{k.kind.value} {k.fact.id}" for k in links if k.kind in changing)
        ),
    )


def _totals(facts: Sequence[ReportedFact], *, as_of: date) -> tuple[Total, ...]:
    """One total for every set of quantities that `adds_to` connects.

    What was superseded, corrected or canceled counts no more, and what adds to it adds to what took
    its place. Quantities of which one contradicts another never come into one sum.
    """
    replaced = _replaced(facts)
    canceled = _canceled(facts, as_of)
    counted = {
        f.id: f
        for f in facts
        if f.quantity is not None and f.id not in replaced and f.id not in canceled
    }
    opposed = {frozenset(pair) for pair in _pairs(facts, frozenset({RelationKind.CONTRADICTS}))}
    groups = {name: frozenset({name}) for name in counted}
    for one, target in _pairs(counted.values(), frozenset({RelationKind.ADDS_TO})):
        other = _latest(target, replaced)
        if not _same_unit(counted.get(one), counted.get(other)):
            continue
        if any(frozenset({a, b}) in opposed for a in groups[one] for b in groups[other]):
            continue
        joined = groups[one] | groups[other]
        groups |= dict.fromkeys(joined, joined)
    sums = sorted({tuple(sorted(members)) for members in groups.values()})
    return tuple(_total([counted[name] for name in members]) for members in sums)


def _pairs(
    facts: Iterable[ReportedFact], kinds: frozenset[RelationKind]
) -> Iterator[tuple[str, str]]:
    """Who relates to whom in one of these ways."""
    for fact in facts:
        for link in fact.relates_to:
            if link.relation in kinds:
                yield fact.id, link.fact_id


def _replaced(facts: Iterable[ReportedFact]) -> dict[str, str]:
    """What took the place of what."""
    kinds = frozenset({RelationKind.SUPERSEDES, RelationKind.CORRECTS})
    return {old: new for new, old in _pairs(facts, kinds) if old != new}


def _canceled(facts: Iterable[ReportedFact], as_of: date) -> frozenset[str]:
    """What was ended as a whole by the day asked about; an end with a quantity is one in part."""
    ending = [f for f in facts if f.quantity is None and _day_of(f) <= as_of]
    return frozenset(target for _, target in _pairs(ending, frozenset({RelationKind.ENDS})))


def _latest(name: str, replaced: Mapping[str, str]) -> str:
    """The fact that stands in a fact's place now."""
    seen: set[str] = set()
    while name in replaced and name not in seen:
        seen.add(name)
        name = replaced[name]
    return name


def _same_unit(one: ReportedFact | None, other: ReportedFact | None) -> bool:
    quantities = (one.quantity if one else None, other.quantity if other else None)
    return None not in quantities and len({q.unit for q in quantities if q}) == 1


def _total(members: Sequence[ReportedFact]) -> Total:
    total = Total(unit="", min=0, max=0, approximate=False, fact_ids=())
    for fact in members:
        quantity = fact.quantity
        if quantity is not None:
            total = _added(total, quantity, fact.id)
    return total


def _added(total: Total, quantity: Quantity, fact_id: str) -> Total:
    unbounded = total.max is None or quantity.max is None
    return replace(
        total,
        unit=quantity.unit,
        min=total.min + quantity.min,
        max=None if unbounded else (total.max or 0) + (quantity.max or 0),
        approximate=total.approximate or quantity.approximate,
        fact_ids=(*total.fact_ids, fact_id),
    )
