"""Submissions against what was then done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from ledger.domain.determination.knowledge import Knowledge
from ledger.domain.determination.register import Register
from ledger.domain.facts import ReportedFact
from ledger.domain.statement import Recorded
from ledger.domain.vocabulary import Family, RelationKind


@dataclass(frozen=True, slots=True)
class Response:
    """A later fact that answers a submission, or acts on what it was about."""

    fact_id: str
    how: str
    day: date


@dataclass(frozen=True, slots=True)
class Advocacy:
    """A submission, what it turned against, and what was then done.

    Attributes:
        recorded: The submission's entry.
        fact: The submission.
        about: The facts that it opposes, supports or speaks of, with the relation.
        answered_by: Facts that answer it by name; empty where none is on record.
        afterwards: Later regulatory actions on the same facts. That they came later says nothing
            about why.
    """

    recorded: Recorded
    fact: ReportedFact
    about: tuple[str, ...]
    answered_by: tuple[Response, ...]
    afterwards: tuple[Response, ...]


def submissions(
    register: Register, knowledge: Knowledge
) -> Sequence[tuple[Recorded, ReportedFact]]:
    """Every known submission, in the order of their days."""
    known = [
        (recorded, recorded.fact)
        for recorded in register.submissions
        if isinstance(recorded.fact, ReportedFact) and knowledge.has(recorded)
    ]
    known.sort(key=lambda pair: (_day(pair[1]), pair[1].id))
    return known


def advocacy(
    recorded: Recorded, fact: ReportedFact, register: Register, knowledge: Knowledge
) -> Advocacy:
    """A submission with what was then done, by all that is known."""
    targets = {relation.fact_id for relation in fact.relates_to}
    answered = _linked(fact.id, register, knowledge)
    later = (r for target in sorted(targets) for r in _linked(target, register, knowledge))
    return Advocacy(
        recorded=recorded,
        fact=fact,
        about=tuple(f"{r.relation.value} {r.id}" for r in fact.relates_to),
        answered_by=tuple(r for r in answered if r.how.startswith(RelationKind.ANSWERS)),
        afterwards=tuple(
            r
            for r in later
            if r.day >= _day(fact) and _is_regulatory(r.fact_id, register) and r.fact_id != fact.id
        ),
    )


def _linked(target: str, register: Register, knowledge: Knowledge) -> Iterable[Response]:
    """What known facts do to a fact, or to one of its provisions, in the order of their days."""
    fact = register.facts[target].fact if target in register.facts else None
    parts = [p.id for p in fact.provisions] if isinstance(fact, ReportedFact) else []
    links = [
        link
        for name in (target, *parts)
        for link in register.links.get(name, ())
        if knowledge.has(link.recorded)
    ]
    for link in sorted(links, key=lambda link: (_day(link.fact), link.fact.id, link.target)):
        yield Response(link.fact.id, f"{link.kind.value} {link.target}", _day(link.fact))


def _is_regulatory(fact_id: str, register: Register) -> bool:
    fact = register.facts[fact_id].fact
    return isinstance(fact, ReportedFact) and fact.family is Family.REGULATORY_ACTION


def _day(fact: ReportedFact) -> date:
    starts = fact.dates.starts
    return starts.first if starts else date.max
