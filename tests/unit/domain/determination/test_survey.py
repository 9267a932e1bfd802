from __future__ import annotations

from typing import Any

import pytest

from ledger.domain.determination.survey import Cell, survey
from ledger.domain.vocabulary import Axis, Basis, Requirement
from ledger.errors import NotFoundError
from tests.builders import membership, party
from tests.unit.domain.determination.world import (
    World,
    act,
    at_least,
    chip,
    codes,
    effect,
    grouped,
    question,
    rule,
)

ITEMS = ("Chip", "small chip")
PLACES = ("CN", "JP", "MO")

WORLD = World(
    chip("Chip", tpp=5000),
    chip("Small Chip", tpp=1000),
    rule("us-rule", items=at_least(tpp=4800), destinations=grouped("D:5", codes=("MO",))),
    rule("us-letter", addressee="NVIDIA"),
    rule("us-seat", headquarters=codes("CN"), destinations=None),
    membership("CN"),
    party("Acme", headquarters="CN"),
    act(
        "cn-measure", effects=effect(Axis.DESTINATION_MEASURE, "INQUIRY", destinations=codes("CN"))
    ),
)


def cells(world: World = WORLD, **asked: Any) -> list[Cell]:
    return list(survey(question(**asked), world.register, ITEMS, PLACES))


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"exporter": "NVIDIA"},
        {"exporter": "Dell", "consignee": "Acme"},
        {"exporter": "Dell", "consignee_headquarters": "JP"},
        {"as_of": "2024-06-01"},
        {"as_of": "2026-06-01"},
        {"known_at": "2024-06-01"},
    ],
)
def test_every_cell_equals_the_answer_to_its_question(asked: dict[str, Any]) -> None:
    for cell in cells(**asked):
        answer = WORLD.ask(**asked, item=cell.item, destination=cell.destination)
        assert cell.axes == answer.axes
        assert cell.missing == answer.missing
        assert cell.deciding == tuple(c.recorded.fact.id for c in answer.applied)


def test_items_stand_outermost_under_the_names_on_record() -> None:
    assert [(c.item, c.destination) for c in cells()] == [
        ("Chip", "CN"),
        ("Chip", "JP"),
        ("Chip", "MO"),
        ("Small Chip", "CN"),
        ("Small Chip", "JP"),
        ("Small Chip", "MO"),
    ]


def test_outside_coverage_every_cell_is_no_record() -> None:
    found = cells(as_of="2026-06-01")

    assert {c.axes.requirement for c in found} == {Requirement.NO_RECORD}
    assert {(c.evidence, c.missing, c.deciding) for c in found} == {(None, (), ())}


def test_an_item_that_the_ledger_had_not_recorded_is_no_record_everywhere() -> None:
    found = cells(basis=Basis.LEDGER, known_at="2025-12-31")

    assert {c.axes.requirement for c in found} == {Requirement.NO_RECORD}
    assert {c.item for c in found} == set(ITEMS)


def test_an_item_that_is_not_on_record_is_refused() -> None:
    with pytest.raises(NotFoundError, match="no item named 'Nothing'") as error:
        list(survey(question(), WORLD.register, ["Nothing"], PLACES))

    assert (error.value.field, error.value.rule) == ("items", "item-on-record")
