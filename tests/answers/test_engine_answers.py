"""The engine gives the answers of the table, and the table leaves nothing of the model out."""

from __future__ import annotations

from enum import StrEnum

import pytest

from ledger.domain.determination.register import Register
from ledger.domain.vocabulary import (
    Authorization,
    CommercialCondition,
    DestinationMeasure,
    Evidence,
    Requirement,
    ReviewPolicy,
)
from ledger.errors import NotFoundError
from tests.answers import further, further_time
from tests.answers.asking import answer, departures
from tests.answers.case import Case, ask
from tests.answers.record import facts_of, register_of, shipped_items, shipped_rows
from tests.answers.table import FURTHER, SHIPPED

EVERY_AXIS = {
    "requirement": Requirement,
    "review_policy": ReviewPolicy,
    "authorization": Authorization,
    "destination_measure": DestinationMeasure,
    "evidence": Evidence,
    "commercial_condition": CommercialCondition,
}

CANNOT_DECIDE = {
    "us-2024-09-06-ifr": "brings no provision about these items",
    "us-2024-11-tsmc-letter": "its class has no named item and no testable parameter",
    "us-2024-12-02-hbm-fdp-ifr": "its class is memory stacks, of which none is an item",
    "us-2025-01-16-foundry-dd": "its class has no named item and no testable parameter",
    "us-2025-02-11-correction": "corrects a rule that reaches no item on record",
    "us-2025-04-14-nvda-indefinite": "confirms a letter and adds nothing",
    "us-2025-05-13-gp10-huawei": "speaks of conduct and asks no license",
    "cn-2025-07-31-cac-summons": "a severer measure was open from the first day on",
}
"""Acts of the shipped record that no question can turn on, and why."""


@pytest.fixture(scope="module")
def shipped() -> Register:
    return register_of(facts_of(shipped_rows(), shipped_items()))


@pytest.fixture(scope="module")
def later() -> Register:
    rows = [*shipped_rows(), *further.ROWS, *further_time.ROWS]
    return register_of(facts_of(rows, [*shipped_items(), *further.ITEMS]))


@pytest.mark.parametrize("case", SHIPPED, ids=lambda case: case.name)
def test_the_shipped_record_answers_as_the_law_is_read(case: Case, shipped: Register) -> None:
    assert departures(case, answer(case, shipped)) == [], case.why


@pytest.mark.parametrize("case", FURTHER, ids=lambda case: case.name)
def test_further_facts_are_answered_without_new_code(case: Case, later: Register) -> None:
    assert departures(case, answer(case, later)) == [], case.why


def test_an_unknown_item_is_an_error(shipped: Register) -> None:
    with pytest.raises(NotFoundError):
        answer(Case("unknown", ask("H21", "CN", "2025-05-01"), "No such item."), shipped)


def test_names_in_the_table_are_unique() -> None:
    names = [case.name for case in (*SHIPPED, *FURTHER)]

    assert len(set(names)) == len(names)


@pytest.mark.parametrize("axis", EVERY_AXIS)
def test_every_value_of_an_axis_is_expected_somewhere(axis: str) -> None:
    values: type[StrEnum] = EVERY_AXIS[axis]
    expected = {getattr(case, axis) for case in (*SHIPPED, *FURTHER)} - {""}

    assert expected == set(values)


def test_every_act_that_can_decide_decides_somewhere_and_elsewhere_does_not(
    shipped: Register,
) -> None:
    answers = [answer(case, shipped) for case in SHIPPED]
    applied = [{entry.recorded.fact.id for entry in given.applied} for given in answers]
    acts = {row["id"] for row in shipped_rows() if row["family"] == "regulatory_action"}

    assert acts - set().union(*applied) == set(CANNOT_DECIDE)
    assert not set.intersection(*applied)
