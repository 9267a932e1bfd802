"""A small world to ask about: facts in the order of the log, and one line for a question.

The defaults make the plainest case: one official rule of the United States that asks a license for
every item for China, public and in force since New Year 2025, a chip launched in 2024, coverage of
2022-08-26 to 2025-12-31, and questions of mid-June 2025 with the knowledge of year's end.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from ledger.domain.authorship import OutsideRecord, Policy
from ledger.domain.dates import Dates, OutsideDate
from ledger.domain.determination.answer import Answer
from ledger.domain.determination.assessment import Assessment, assess
from ledger.domain.determination.engine import determine
from ledger.domain.determination.question import Question
from ledger.domain.determination.register import Register
from ledger.domain.determination.situation import Situation
from ledger.domain.effects import Effect, Relation
from ledger.domain.facts import Fact, ItemDescribed, ParameterRange, ReportedFact
from ledger.domain.provision import Provision
from ledger.domain.scope import Alternative, ItemScope, ParameterTest, PlaceScope
from ledger.domain.statement import Recorded
from ledger.domain.vocabulary import (
    Axis,
    Basis,
    Certainty,
    Disposition,
    Operator,
    Parameter,
    Precision,
    RelationKind,
    Requirement,
)
from tests.builders import action, coverage, digest_of, founded, item

AS_OF: Final = "2025-06-15"
KNOWN_AT: Final = "2025-12-31"
RECORDED: Final = "2026-01-15"

ANY_ITEM: Final = ItemScope(any=True)
ANYWHERE: Final = PlaceScope(any=True)

When = str | OutsideDate | None


def when(value: When) -> OutsideDate | None:
    """A day or a month from its text; any other precision as an OutsideDate of its own."""
    if value is None or isinstance(value, OutsideDate):
        return value
    precision = Precision.DAY if len(value) > len("YYYY-MM") else Precision.MONTH
    return OutsideDate(value=value, precision=precision)


def dates(**days: When) -> Dates:
    return Dates(**{name: when(value) for name, value in days.items()})


def codes(*countries: str) -> PlaceScope:
    return PlaceScope(codes=countries)


def grouped(*groups: str, **more: Any) -> PlaceScope:
    return PlaceScope(any_group=groups, **more)


def named(*names: str) -> ItemScope:
    return ItemScope(names=names)


def at_least(**thresholds: float) -> ItemScope:
    """The technical class of items that reach every threshold."""
    return ItemScope(any_of=(alternative(**thresholds),))


def alternative(**thresholds: float) -> Alternative:
    return Alternative(
        all_of=tuple(
            ParameterTest(
                param=Parameter(name),
                op=Operator.EQUAL if isinstance(value, bool) else Operator.AT_LEAST,
                value=value if isinstance(value, bool) else Decimal(str(value)),
            )
            for name, value in thresholds.items()
        )
    )


def chip(name: str = "Chip", launch: str | None = "2024-01-01", **more: Any) -> ItemDescribed:
    """An item; words that are parameters become its parameters, a pair becomes a range."""
    given = {parameter: more.pop(parameter) for parameter in Parameter if parameter in more}
    parameters = {str(name): _parameter(value) for name, value in given.items()}
    return item(name, launch=when(launch), parameters=parameters, **more)


def _parameter(value: bool | float | tuple[int, int]) -> bool | Decimal | ParameterRange:
    if isinstance(value, tuple):
        return ParameterRange(min=Decimal(value[0]), max=Decimal(value[1]))
    return value if isinstance(value, bool) else Decimal(str(value))


def provision(provision_id: str = "us-rule#all", **fields: Any) -> Provision:
    """A requirement for China that every item meets; dates are given as text."""
    defaults: dict[str, Any] = {
        "destinations": codes("CN"),
        "requirement": Requirement.LICENSE_REQUIRED,
    }
    return Provision(id=provision_id, **(defaults | fields))


def amending(provision_id: str, amends: str, **fields: Any) -> Provision:
    """A provision that carries nothing but what it changes."""
    return Provision(id=provision_id, amends=amends, **fields)


def act(
    fact_id: str,
    *provisions: Provision,
    relates: tuple[Relation, ...] = (),
    effects: tuple[Effect, ...] = (),
    public: When = "2025-01-01",
    effective: When = None,
    notified: When = None,
    compliance: When = None,
    ends: When = None,
    **more: Any,
) -> ReportedFact:
    """An official act of the United States, public and at work since New Year 2025."""
    stated = dates(
        public=public, effective=effective, notified=notified, compliance=compliance, ends=ends
    )
    fields: dict[str, Any] = {"certainty": Certainty.OFFICIAL, "issuer_country": "US"}
    return action(
        fact_id,
        dates=stated,
        provisions=provisions,
        relates_to=relates,
        effects=effects,
        **(fields | more),
    )


def rule(fact_id: str = "us-rule", **tests: Any) -> ReportedFact:
    """An act that brings one provision, named ``<fact_id>#all``."""
    return act(fact_id, provision(f"{fact_id}#all", **tests))


def link(kind: RelationKind, target: str) -> tuple[Relation, ...]:
    return (Relation(id=target, relation=kind),)


def effect(axis: Axis, value: str, **more: Any) -> tuple[Effect, ...]:
    return (Effect(axis=axis, value=value, **more),)


class World:
    """Facts in the order of the log, behind a founding and, unless told otherwise, coverage."""

    def __init__(
        self, *facts: Fact, covered: bool = True, outside_record: tuple[OutsideRecord, ...] = ()
    ) -> None:
        self.records: list[Recorded] = []
        self.add(founded(policy=Policy(outside_record=outside_record)))
        if covered:
            self.add(coverage())
        self.add(*facts)

    def add(self, *facts: Fact, on: str = RECORDED) -> World:
        """Record facts on a day."""
        for fact in facts:
            version = 1 + sum(r.fact.stream == fact.stream for r in self.records)
            noon = datetime.fromisoformat(on).replace(hour=12, tzinfo=UTC)
            self.records.append(
                Recorded(
                    index=len(self.records),
                    version=version,
                    recorded_ms=int(noon.timestamp() * 1000),
                    author="registrar",
                    digest=digest_of(fact),
                    fact=fact,
                )
            )
        return self

    @property
    def register(self) -> Register:
        return Register.of(self.records)

    def ask(self, *, include_not_yet_known: bool = False, **more: Any) -> Answer:
        """The answer to a question about the chip for China, as far as not told otherwise."""
        return determine(
            question(**more), self.register, include_not_yet_known=include_not_yet_known
        )

    def situation(self, **more: Any) -> Situation:
        asked = question(**more)
        register = self.register
        return Situation.of(asked, register, register.item_stream(asked.item))

    def assessed(self, **more: Any) -> Assessment:
        situation = self.situation(**more)
        return assess(situation.rulebook, situation.effects, situation, situation.question.as_of)

    def requirement(self, **more: Any) -> Requirement:
        return self.ask(**more).axes.requirement


def question(
    *,
    item: str = "Chip",
    destination: str = "CN",
    as_of: str = AS_OF,
    known_at: str = KNOWN_AT,
    basis: Basis = Basis.PUBLIC,
    **more: Any,
) -> Question:
    return Question(
        item=item,
        destination=destination,
        as_of=date.fromisoformat(as_of),
        known_at=date.fromisoformat(known_at),
        basis=basis,
        **more,
    )


def fates(answer: Answer) -> dict[str, Disposition]:
    """What became of every considered fact."""
    return {entry.recorded.fact.id: entry.disposition for entry in answer.considered}


def reasons(answer: Answer) -> dict[str, str]:
    """The stated reason of every considered fact."""
    return {entry.recorded.fact.id: entry.reason for entry in answer.considered}
