"""Puts a case to the engine, and says in words where any answer departs from the table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ledger.domain.determination.answer import Answer
from ledger.domain.determination.engine import determine
from ledger.domain.determination.question import Question
from ledger.domain.determination.register import Register
from ledger.domain.vocabulary import Basis, EndUse, Transaction
from tests.answers.case import Case

AXES = (
    "requirement",
    "review_policy",
    "authorization",
    "destination_measure",
    "evidence",
    "commercial_condition",
)


def question_of(options: Mapping[str, str]) -> Question:
    """The domain's question for a case's options."""
    end_use, transaction = options.get("end_use"), options.get("transaction")
    affirmed = options.get("affirm", "")
    return Question(
        item=options["item"],
        destination=options["destination"],
        as_of=date.fromisoformat(options["as_of"]),
        known_at=date.fromisoformat(options["known_at"]),
        basis=Basis(options.get("basis", "PUBLIC")),
        exporter=options.get("exporter"),
        consignee=options.get("consignee"),
        consignee_headquarters=options.get("consignee_hq"),
        end_use=EndUse(end_use) if end_use else None,
        shipped_from=options.get("shipped_from"),
        transaction=Transaction(transaction) if transaction else None,
        affirmed=tuple(affirmed.split(";")) if affirmed else (),
    )


def answer(case: Case, register: Register) -> Answer:
    """What the engine makes of a case's question."""
    return determine(question_of(case.question), register)


def axes_of(given: Answer) -> dict[str, str]:
    """The five axes and the side fact, by name."""
    axes = given.axes
    return {
        "requirement": axes.requirement.value,
        "review_policy": axes.review_policy.value,
        "authorization": axes.authorization.value,
        "destination_measure": axes.destination_measure.value,
        "evidence": given.evidence.value if given.evidence else "",
        "commercial_condition": axes.commercial_condition.value,
    }


@dataclass(frozen=True)
class Told:
    """What a case may claim of an answer, however the answer was got."""

    axes: Mapping[str, str]
    missing: Sequence[str]
    assumed: Sequence[str]
    offers: Sequence[str]
    flags: Sequence[str]
    conflicts: Sequence[frozenset[str]]
    dispositions: Mapping[str, str]
    since: str
    next_change: str


def told_by_engine(given: Answer) -> Told:
    """The engine's own answer."""
    return Told(
        axes=axes_of(given),
        missing=given.missing,
        assumed=given.assumed,
        offers=[offer.exception.code for offer in given.offers],
        flags=given.flags,
        conflicts=[frozenset(conflict.fact_ids) for conflict in given.conflicts],
        dispositions={e.recorded.fact.id: e.disposition.value for e in given.considered},
        since=str(given.since or ""),
        next_change=given.next_change.day.isoformat() if given.next_change else "",
    )


def told_in_json(given: Mapping[str, Any]) -> Told:
    """An answer as it comes over the wire and out of the command line."""
    return Told(
        axes={axis: given[axis].replace("UNSPECIFIED", "") for axis in AXES},
        missing=given["missing"],
        assumed=given["assumed"],
        offers=[offered["code"] for offered in given["exceptions"]],
        flags=given["flags"],
        conflicts=[frozenset(conflict["fact_ids"]) for conflict in given["conflicts"]],
        dispositions={e["fact_id"]: e["disposition"] for e in given["considered"]},
        since=given["since"],
        next_change=given.get("next_change", {}).get("date", ""),
    )


def departures(case: Case, given: Answer) -> list[str]:
    """Every point in which the engine's answer is not what the case expects."""
    return departures_of(case, told_by_engine(given))


def departures_of(case: Case, told: Told) -> list[str]:
    """Every point in which an answer is not what the case expects."""
    return [*_axes(case, told), *_facts(case, told), *_entries(case, told), *_days(case, told)]


def _axes(case: Case, told: Told) -> Iterator[str]:
    for axis in AXES:
        expected = getattr(case, axis)
        if expected and told.axes[axis] != expected:
            yield f"{axis}: {told.axes[axis]}, not {expected}"


def _facts(case: Case, told: Told) -> Iterator[str]:
    for name, expected, found in (
        ("missing", case.missing, told.missing),
        ("assumed", case.assumed, told.assumed),
        ("offers", case.offers, told.offers),
    ):
        if expected is not None and sorted(expected) != sorted(found):
            yield f"{name}: {sorted(found)}, not {sorted(expected)}"
    for flag in case.flags:
        if flag not in told.flags:
            yield f"flag {flag} is not raised among {list(told.flags)}"
    for flag in case.unflagged:
        if flag in told.flags:
            yield f"flag {flag} is raised"
    if case.conflicts and not any(case.conflicts <= ids for ids in told.conflicts):
        yield f"no conflict holds {sorted(case.conflicts)}: {told.conflicts}"


def _entries(case: Case, told: Told) -> Iterator[str]:
    found = told.dispositions
    for fact_id in sorted(case.applied):
        if found.get(fact_id) != "APPLIED":
            yield f"{fact_id} is {found.get(fact_id)}, not APPLIED"
    for fact_id in sorted(case.unapplied):
        if found.get(fact_id) == "APPLIED":
            yield f"{fact_id} is APPLIED"
    for fact_id, expected in case.dispositions.items():
        if found.get(fact_id) != expected:
            yield f"{fact_id} is {found.get(fact_id)}, not {expected}"


def _days(case: Case, told: Told) -> Iterator[str]:
    if case.since and told.since != case.since:
        yield f"since {told.since or 'no day'}, not {case.since}"
    if case.next_change is not None and told.next_change != case.next_change:
        expected = case.next_change or "none"
        yield f"next change on {told.next_change or 'no day'}, not {expected}"
