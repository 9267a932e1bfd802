"""Properties of the determination, over the shipped record."""

from __future__ import annotations

from datetime import date
from random import Random

import pytest

from ledger.domain.determination.answer import Answer
from ledger.domain.determination.engine import determine
from ledger.domain.determination.question import Question
from ledger.domain.determination.register import Register
from ledger.domain.determination.survey import survey
from ledger.domain.facts import ReportedFact
from ledger.domain.statement import Recorded
from ledger.domain.vocabulary import Basis, Disposition, EndUse, Requirement, Transaction
from ledger.errors import LedgerError
from tests.casebook import casebook, recorded
from tests.properties.realrecord import CONTESTED, questions

RECORD = casebook()
DECIDING = frozenset({Disposition.APPLIED, Disposition.CONFLICTING})
OPEN = frozenset({Requirement.INDETERMINATE, Requirement.NO_RECORD})


def deciding(answer: Answer) -> list[tuple[str, str]]:
    return [
        (c.recorded.fact.id, c.disposition.value)
        for c in answer.considered
        if c.disposition in DECIDING
    ]


def kept(entry: Recorded, ids: set[str]) -> bool:
    """Of the reported facts only these; items, memberships, coverage and founding always."""
    return not isinstance(entry.fact, ReportedFact) or entry.fact.id in ids


@pytest.mark.parametrize("seed", range(60))
def test_what_is_not_yet_known_changes_nothing(seed: int) -> None:
    """P1: "Cut by knowledge first": the record without its unknown facts gives the same."""
    (asked,) = questions(seed, 1, covered=True)
    asked = asked.model_copy(update={"basis": Basis.PUBLIC})
    answer = determine(asked, RECORD, include_not_yet_known=True)
    unknown = {
        c.recorded.fact.id for c in answer.considered if c.disposition is Disposition.NOT_YET_KNOWN
    }
    known = Register.of(entry for entry in recorded() if entry.fact.id not in unknown)

    without = determine(asked, known)
    assert without.axes == answer.axes
    assert deciding(without) == deciding(answer)
    assert (without.missing, without.since) == (answer.missing, answer.since)


@pytest.mark.parametrize("seed", range(60))
def test_the_order_of_the_import_does_not_matter(seed: int) -> None:
    (asked,) = questions(seed, 1, covered=True)
    entries = recorded()
    Random(seed).shuffle(entries)  # noqa: S311 - a reproducible disorder
    one = determine(asked, RECORD)
    other = determine(asked, Register.of(entries))

    assert one.axes == other.axes
    assert deciding(one) == deciding(other)
    assert [c.recorded for c in one.considered] == [c.recorded for c in other.considered]
    for part in ("evidence", "since", "missing", "assumed", "conflicts", "flags", "next_change"):
        assert getattr(one, part) == getattr(other, part), part


@pytest.mark.parametrize("seed", range(150))
def test_the_applied_entries_alone_reproduce_the_axes(seed: int) -> None:
    (asked,) = questions(seed, 1, covered=True)
    asked = asked.model_copy(update={"basis": Basis.PUBLIC, "end_use": None})
    answer = determine(asked, RECORD)
    ids = {name for name, _ in deciding(answer)}
    alone = Register.of(entry for entry in recorded() if kept(entry, ids))

    assert determine(asked, alone).axes == answer.axes


HARMLESS = {
    "exporter": "Dell",
    "shipped_from": "US",
    "end_use": EndUse.NONE,
    "transaction": Transaction.EXPORT,
    "consignee_headquarters": "CN",
    "consignee": "Nobody In Particular",
}
"""Facts that deny nothing of what is assumed."""


@pytest.mark.parametrize("seed", range(40))
def test_supplying_a_fact_never_contradicts_a_definite_requirement(seed: int) -> None:
    """model §3: "A fact is *missing* only if some value of it would change the requirement"."""
    (asked,) = questions(seed, 1, covered=True)
    asked = asked.model_copy(update={"consignee": None})
    before = determine(asked, RECORD).axes.requirement
    for name, value in HARMLESS.items():
        if getattr(asked, name) is None and before not in OPEN:
            supplied = asked.model_copy(update={name: value})
            assert determine(supplied, RECORD).axes.requirement is before, name


@pytest.mark.parametrize("seed", range(8))
def test_every_cell_of_a_survey_equals_the_answer_to_its_question(seed: int) -> None:
    (asked,) = questions(seed, 1, covered=True)

    for cell in survey(asked, RECORD, ["H20", "H100", "L2", "MI308", "RTX 4090"], CONTESTED):
        place = {"item": cell.item, "destination": cell.destination}
        answer = determine(asked.model_copy(update=place), RECORD)
        assert cell.axes == answer.axes
        assert cell.missing == answer.missing
        resting = {name for name, _ in deciding(answer)}
        assert {c.recorded.fact.id for c in answer.applied} <= set(cell.deciding) <= resting


FIRST_PUBLIC = date(2022, 8, 31)
"""Before this day the public knew of no fact on record, and there is nothing to consider."""


def explains_itself(answer: Answer) -> bool:
    """An answer has a reason or an entry, or says NO_RECORD, or names the coverage."""
    return bool(
        answer.reasons
        or answer.considered
        or answer.axes.requirement is Requirement.NO_RECORD
        or "OUTSIDE_COVERAGE" in answer.flags
        or answer.question.known_at < FIRST_PUBLIC
    )


def answered(asked: Question) -> Answer | None:
    """The answer; None where the question is refused by an error of the ledger's own."""
    try:
        return determine(asked, RECORD)
    except LedgerError:
        return None


def test_ten_thousand_questions_are_answered_with_reasons_or_refused_properly() -> None:
    answers = [answered(asked) for asked in questions(2026, 10_000)]

    assert None not in answers
    assert all(explains_itself(answer) for answer in answers if answer is not None)
    said = {answer.axes.requirement for answer in answers if answer is not None}
    assert said >= {
        Requirement.NO_RECORD,
        Requirement.LICENSE_REQUIRED,
        Requirement.NO_LICENSE_REQUIRED,
        Requirement.INDETERMINATE,
        Requirement.CODIFIED_NOT_ENFORCED,
    }
