from __future__ import annotations

import pytest
from hypothesis import given

from ledger.codec import effects
from ledger.domain.effects import Effect, Money, Quantity, Relation, Signatories
from ledger.domain.vocabulary import UNPUBLISHED, Axis
from ledger.errors import EnvelopeError
from ledger.v1 import axes_pb2, facts_pb2
from tests.builders import quantity
from tests.unit.codec import strategies


@given(strategies.effects_of_facts())
def test_an_effect_survives_the_wire(effect: Effect) -> None:
    read = effects.effect_from_proto(effects.effect_to_proto(effect))
    assert read == effect
    assert type(read.value) is str


@given(strategies.relations)
def test_a_relation_survives_the_wire(relation: Relation) -> None:
    assert effects.relation_from_proto(effects.relation_to_proto(relation)) == relation


@given(strategies.quantities)
def test_a_quantity_survives_the_wire(value: Quantity) -> None:
    message = effects.quantity_to_proto(value)
    assert message is not None
    assert effects.quantity_from_proto(message) == value


@given(strategies.sums)
def test_a_sum_of_money_survives_the_wire(value: Money) -> None:
    message = effects.money_to_proto(value)
    assert message is not None
    assert effects.money_from_proto(message) == value


def test_an_upper_end_of_zero_is_not_an_open_one() -> None:
    closed = effects.quantity_to_proto(quantity(0, 0))
    open_above = effects.quantity_to_proto(quantity(0))
    assert closed is not None
    assert open_above is not None
    assert (closed.HasField("max"), open_above.HasField("max")) == (True, False)


def test_an_unpublished_scope_travels_as_a_flag() -> None:
    message = effects.effect_to_proto(
        Effect(axis=Axis.AUTHORIZATION, value="APPLIED", scope=UNPUBLISHED)
    )
    assert (message.scope, message.scope_unpublished) == ("", True)


@pytest.mark.parametrize(
    ("scope", "flag"), [("some", True), (UNPUBLISHED, False), (UNPUBLISHED, True)]
)
def test_a_scope_is_given_or_unpublished_and_never_both(scope: str, *, flag: bool) -> None:
    message = facts_pb2.Effect(
        axis=facts_pb2.AXIS_AUTHORIZATION,
        authorization=axes_pb2.Authorization.APPLIED,
        scope=scope,
        scope_unpublished=flag,
    )
    with pytest.raises(EnvelopeError) as caught:
        effects.effect_from_proto(message)
    assert (caught.value.field, caught.value.rule) == ("scope", "canonical")


def test_a_value_of_another_axis_is_refused() -> None:
    message = facts_pb2.Effect(
        axis=facts_pb2.AXIS_AUTHORIZATION,
        commercial_condition=axes_pb2.CommercialCondition.TARIFF,
    )
    with pytest.raises(EnvelopeError, match="a value of its own") as caught:
        effects.effect_from_proto(message)
    assert (caught.value.field, caught.value.rule) == ("commercial_condition", "axis-value")


def test_an_effect_without_a_value_is_refused() -> None:
    with pytest.raises(EnvelopeError, match="value is missing"):
        effects.effect_from_proto(facts_pb2.Effect(axis=facts_pb2.AXIS_AUTHORIZATION))


@pytest.mark.parametrize("axis", ["authorization", "destination_measure", "commercial_condition"])
def test_a_value_that_is_present_and_unspecified_is_refused(axis: str) -> None:
    message = facts_pb2.Effect(axis=facts_pb2.Axis.Value(f"AXIS_{axis.upper()}"))
    setattr(message, axis, 0)
    with pytest.raises(EnvelopeError, match=f"{axis} is missing"):
        effects.effect_from_proto(message)


def test_a_count_that_nobody_stated_is_zero_on_the_wire() -> None:
    message = effects.signatories_to_proto(Signatories(names=("An Expert",)))
    assert message is not None
    assert message.stated_count == 0
    assert effects.signatories_from_proto(message).stated_count is None


def test_what_is_absent_has_no_message() -> None:
    assert effects.quantity_to_proto(None) is None
    assert effects.money_to_proto(None) is None
    assert effects.outcome_to_proto(None) is None
    assert effects.signatories_to_proto(None) is None
