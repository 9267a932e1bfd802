from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from ledger.domain import scope
from ledger.domain.places import COUNTRY_CODES, is_country
from ledger.domain.vocabulary import UNPUBLISHED, EndUse, Operator, Parameter

TPP = scope.ParameterTest(param=Parameter.TPP, op=Operator.AT_LEAST, value=Decimal(4800))


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, "a place needs any, codes, any_group or unpublished"),
        ({"described_as": "some regions"}, "a place needs"),
        ({"not_group": ("A:5",)}, "a place needs"),
        ({"any": True, "not_codes": ("CN",)}, "cut any_group only"),
        ({"codes": ("CN",), "not_group": ("A:5",)}, "cut any_group only"),
        ({"codes": ("UK",)}, "'UK' is not an ISO 3166 country code"),
        ({"codes": ("cn",)}, "ISO 3166"),
        ({"any_group": ("D5",)}, "'D5' is not a country group"),
        ({"any_group": ("D:5\n",)}, "is not a country group"),
        ({"any_group": ("D:5",), "not_group": ("F:1",)}, "'F:1' is not a country group"),
    ],
)
def test_a_scope_of_places_that_cannot_work_is_refused(fields: Any, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        scope.PlaceScope(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"any": True},
        {"codes": ("MO",)},
        {"any_group": ("D:5-state",)},
        {"codes": ("MO",), "any_group": ("D:1",), "not_group": ("A:6",), "not_codes": ("CY",)},
        {"unpublished": True, "described_as": "some regions"},
    ],
)
def test_a_scope_of_places_keeps_what_it_says(fields: Any) -> None:
    assert scope.PlaceScope(**fields).model_dump(exclude_defaults=True) == fields


def test_every_destination_has_two_capitals() -> None:
    assert len(COUNTRY_CODES) == 249
    assert all(len(code) == 2 and code.isupper() for code in COUNTRY_CODES)
    assert [is_country(code) for code in ("MO", "HK", "TW", "EU", "XK")] == [True] * 3 + [False] * 2


@pytest.mark.parametrize(
    ("param", "op", "value", "reason"),
    [
        (Parameter.TPP, Operator.EQUAL, True, "tpp cannot be compared with True"),
        (Parameter.DATACENTER, Operator.EQUAL, Decimal(1), "datacenter cannot be compared with 1"),
        (Parameter.DATACENTER, Operator.AT_LEAST, True, "datacenter is compared with == only"),
    ],
)
def test_a_test_of_the_wrong_kind_is_refused(
    param: Parameter, op: Operator, value: bool | Decimal, reason: str
) -> None:
    with pytest.raises(ValidationError, match=reason):
        scope.ParameterTest(param=param, op=op, value=value)


def test_an_alternative_tests_something() -> None:
    with pytest.raises(ValidationError, match="at least 1"):
        scope.Alternative(all_of=())


def test_a_scope_of_items_says_something() -> None:
    with pytest.raises(ValidationError, match="items needs any"):
        scope.ItemScope()
    described = scope.ItemScope(described_as="dies of 16 nm or less")
    assert (described.names, described.any_of) == ((), ())


def test_consignees_are_named_listed_or_unpublished() -> None:
    with pytest.raises(ValidationError, match="consignees need names"):
        scope.ConsigneeScope(subsidiaries=True)
    assert scope.ConsigneeScope(names=UNPUBLISHED).names == UNPUBLISHED
    assert scope.ConsigneeScope(complete=False).names == ()


def test_names_of_consignees_are_no_bare_text() -> None:
    with pytest.raises(ValidationError):
        scope.ConsigneeScope.model_validate({"names": "Biren"})


@pytest.mark.parametrize(
    ("addressee", "kept", "addressees"),
    [
        (None, None, ()),
        ((), None, ()),
        ("NVIDIA", "NVIDIA", ("NVIDIA",)),
        (("NVIDIA",), "NVIDIA", ("NVIDIA",)),
        (("NVIDIA", "AMD"), ("NVIDIA", "AMD"), ("NVIDIA", "AMD")),
    ],
)
def test_one_addressee_is_a_name_and_several_are_a_list(
    addressee: Any, kept: object, addressees: tuple[str, ...]
) -> None:
    tests = scope.Tests(addressee=addressee)
    assert tests.addressee == kept
    assert tests.addressees == addressees


def test_scopes_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        TPP.value = Decimal(1)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "end_use"),
    [
        ("training AI models", EndUse.AI_TRAINING),
        ("AI training of large models", EndUse.AI_TRAINING),
        ("ai-training", EndUse.AI_TRAINING),
        ("a Supercomputer", EndUse.SUPERCOMPUTER),
        ("semiconductor manufacturing", EndUse.SEMICONDUCTOR),
        ("MILITARY end use", EndUse.MILITARY),
        ("civil aviation", None),
    ],
)
def test_the_wording_of_a_provision_speaks_of_an_end_use(text: str, end_use: EndUse | None) -> None:
    assert scope.end_use_of(text) is end_use
