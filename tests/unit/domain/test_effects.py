from __future__ import annotations

import pytest
from pydantic import ValidationError

from ledger.domain.effects import (
    AXIS_VALUES,
    Effect,
    Money,
    Quantity,
    Relation,
    Signatories,
    Source,
)
from ledger.domain.vocabulary import (
    UNPUBLISHED,
    Authorization,
    Axis,
    CommercialCondition,
    DestinationMeasure,
    RelationKind,
)


@pytest.mark.parametrize(
    ("axis", "value"),
    [
        (Axis.AUTHORIZATION, Authorization.NONE_ON_RECORD),
        (Axis.AUTHORIZATION, Authorization.EXCEPTION_AVAILABLE),
        (Axis.DESTINATION_MEASURE, DestinationMeasure.NONE_ON_RECORD),
        (Axis.DESTINATION_MEASURE, DestinationMeasure.CONFLICT),
        (Axis.AUTHORIZATION, CommercialCondition.TARIFF),
        (Axis.COMMERCIAL_CONDITION, "LICENSE_REQUIRED"),
    ],
)
def test_no_fact_sets_what_only_an_answer_can_say(axis: Axis, value: str) -> None:
    with pytest.raises(ValidationError, match="is not a value that a fact can set"):
        Effect(axis=axis, value=str(value))


def test_every_other_value_of_an_axis_can_be_set() -> None:
    assert set(AXIS_VALUES) == set(Axis)
    for axis, values in AXIS_VALUES.items():
        assert {Effect(axis=axis, value=value.value).value for value in values} == values


def test_an_unpublished_scope_is_a_scope() -> None:
    assert Effect(axis=Axis.AUTHORIZATION, value="APPLIED", scope=UNPUBLISHED).scope_is_unpublished
    assert not Effect(axis=Axis.AUTHORIZATION, value="APPLIED", scope="some").scope_is_unpublished
    assert not Effect(axis=Axis.AUTHORIZATION, value="APPLIED").scope_is_unpublished


def test_a_relation_names_a_fact_or_one_provision_of_it() -> None:
    whole = Relation(id="us-rule", relation=RelationKind.AMENDS)
    part = Relation(id="us-rule#place", relation=RelationKind.STAYS)
    assert whole.fact_id == part.fact_id == "us-rule"
    for target in ("", "us", "us-rule#", "#place", "Us-rule", "us-rule#a#b", "us-rule\n"):
        with pytest.raises(ValidationError):
            Relation(id=target, relation=RelationKind.AMENDS)


def test_an_amount_is_open_above_without_a_most() -> None:
    assert Quantity(min=2_000_000, unit="chips").max is None
    assert Quantity(min=0, max=0, unit="chips").max == 0


@pytest.mark.parametrize(("least", "most"), [(2, 1), (-1, 1), (0, 10**15 + 1)])
def test_an_amount_out_of_order_or_range_is_refused(least: int, most: int) -> None:
    with pytest.raises(ValidationError):
        Quantity(min=least, max=most, unit="chips")


@pytest.mark.parametrize("currency", ["usd", "US", "US Dollar", ""])
def test_money_is_of_a_currency(currency: str) -> None:
    assert Money(min=1, currency="USD").currency == "USD"
    with pytest.raises(ValidationError):
        Money(min=1, currency=currency)


def test_a_source_is_dated_as_it_was_printed() -> None:
    for printed in ("2025", "2025-04", "2025-04-09"):
        assert Source(publisher="SEC", title="8-K", date=printed).date == printed
    for printed in ("April 2025", "2025-4", "25"):
        with pytest.raises(ValidationError):
            Source(publisher="SEC", title="8-K", date=printed)


def test_the_language_of_a_source_is_a_tag() -> None:
    assert Source(publisher="CAC", title="x", language="zh-Hant").language == "zh-Hant"
    with pytest.raises(ValidationError):
        Source(publisher="CAC", title="x", language="Chinese")


def test_signatories_are_counted_or_named() -> None:
    assert Signatories(stated_count=20).names == ()
    assert Signatories(names=("An Expert",)).stated_count is None
    with pytest.raises(ValidationError, match="need a stated_count or names"):
        Signatories()
    with pytest.raises(ValidationError):
        Signatories(stated_count=0)
