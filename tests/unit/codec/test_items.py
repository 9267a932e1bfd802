from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from pydantic import ValidationError

from ledger.codec.items import item_from_proto, item_to_proto
from ledger.domain.facts import ItemDescribed
from ledger.errors import EnvelopeError
from ledger.v1 import facts_pb2, shared_pb2
from tests.builders import item
from tests.unit.codec import strategies


def read(message: facts_pb2.ItemDescribed) -> ItemDescribed:
    return item_from_proto(message, "item-h20", "items/h20")


@given(strategies.items())
def test_an_item_survives_the_wire(fact: ItemDescribed) -> None:
    assert item_from_proto(item_to_proto(fact), fact.id, fact.stream) == fact


def test_parameters_travel_sorted_whatever_their_order() -> None:
    one, other = (
        item(parameters={"tpp": Decimal(2), "datacenter": True}),
        item(parameters={"datacenter": True, "tpp": Decimal("2.0")}),
    )
    assert item_to_proto(one).SerializeToString() == item_to_proto(other).SerializeToString()
    assert [p.name for p in item_to_proto(one).parameters] == ["datacenter", "tpp"]


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("parameters", [facts_pb2.ItemParameter(name=name, decimal="1") for name in ("b", "a")]),
        ("basis", [facts_pb2.ItemBasis(group="die", text="x") for _ in range(2)]),
        (
            "grades",
            [
                facts_pb2.ItemGrade(group=group, grade=shared_pb2.GRADE_CHECKED)
                for group in ("io", "die")
            ],
        ),
    ],
)
def test_what_stands_for_a_map_must_be_sorted(name: str, members: list[object]) -> None:
    message = item_to_proto(item())
    getattr(message, name).extend(members)
    with pytest.raises(EnvelopeError) as caught:
        read(message)
    assert (caught.value.field, caught.value.rule) == (f"{name}[1]", "sorted")


@pytest.mark.parametrize(
    ("parameter", "field"),
    [
        (facts_pb2.ItemParameter(name="tpp"), "parameters[0].value"),
        (facts_pb2.ItemParameter(name="tpp", decimal="1e3"), "parameters[0].decimal"),
        (
            facts_pb2.ItemParameter(name="tpp", range=facts_pb2.DecimalRange(min="1")),
            "parameters[0].range.max",
        ),
        (
            facts_pb2.ItemParameter(name="tpp", range=facts_pb2.DecimalRange(min="2", max="1")),
            "parameters[0]",
        ),
    ],
)
def test_a_refused_parameter_is_named_by_its_place(
    parameter: facts_pb2.ItemParameter, field: str
) -> None:
    message = item_to_proto(item())
    message.parameters.append(parameter)
    with pytest.raises(EnvelopeError) as caught:
        read(message)
    assert caught.value.field == field


def test_a_grade_left_unspecified_is_refused() -> None:
    message = item_to_proto(item())
    message.grades.add(group="die")
    with pytest.raises(EnvelopeError) as caught:
        read(message)
    assert caught.value.field == "grades[0].grade"


def test_an_unknown_parameter_is_refused() -> None:
    message = item_to_proto(item())
    message.parameters.add(name="flops", decimal="1")
    with pytest.raises(ValidationError, match="'flops' is not a parameter"):
        read(message)
