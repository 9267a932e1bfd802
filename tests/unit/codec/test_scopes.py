from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.codec import scopes
from ledger.domain import scope
from ledger.errors import EnvelopeError
from ledger.v1 import facts_pb2
from tests.unit.codec import strategies

if TYPE_CHECKING:
    from collections.abc import Callable


@given(st.builds(scope.Tests, **strategies.tests))
def test_tests_survive_the_wire(tests: scope.Tests) -> None:
    assert scopes.tests_from_proto(scopes.tests_to_proto(tests)) == tests


def test_no_tests_are_no_message() -> None:
    assert scopes.some_tests(scope.Tests()) is None
    assert scopes.tests_of(facts_pb2.Exemption()) == scope.Tests()


def test_tests_that_are_present_and_empty_are_refused() -> None:
    message = facts_pb2.Exemption(tests=facts_pb2.Tests())
    with pytest.raises(EnvelopeError, match="hold nothing") as caught:
        scopes.tests_of(message)
    assert (caught.value.field, caught.value.rule) == ("tests", "canonical")


def _parameter_test(**fields: object) -> Callable[[facts_pb2.Tests], object]:
    test = facts_pb2.ParameterTest(**{"param": 1, "op": 1, **fields})  # type: ignore[arg-type]
    return lambda tests: tests.items.any_of.add().all_of.append(test)


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        (lambda m: m.items.SetInParent(), "items", "items needs any"),
        (lambda m: m.items.any_of.add(), "items.any_of[0].all_of", "needs at least 1"),
        (_parameter_test(), "items.any_of[0].all_of[0].value", "is missing"),
        (_parameter_test(decimal="1.0"), "items.any_of[0].all_of[0].decimal", "shortest form"),
        (_parameter_test(decimal="1" * 16), "items.any_of[0].all_of[0].value", "15 digits"),
        (_parameter_test(flag=True), "items.any_of[0].all_of[0]", "cannot be compared"),
        (_parameter_test(param=7, op=1, flag=True), "items.any_of[0].all_of[0]", "== only"),
        (lambda m: m.destinations.codes.append("UK"), "destinations.codes[0]", "ISO 3166"),
        (lambda m: m.headquarters.any_group.append("Z:9"), "headquarters.any_group[0]", "D:5"),
        (lambda m: m.addressees.append(""), "addressees[0]", "is empty"),
        (lambda m: m.consignees.SetInParent(), "consignees", "consignees need names"),
        (lambda m: m.transactions.append(0), "transactions[0]", "is missing"),
        (lambda m: m.shipped_from.extend(["US", "us"]), "shipped_from[1]", "ISO 3166"),
    ],
)
def test_a_refused_test_is_named_by_its_place(
    change: Callable[[facts_pb2.Tests], object], field: str, reason: str
) -> None:
    message = facts_pb2.Exemption()
    change(message.tests)
    with pytest.raises(EnvelopeError, match=reason) as caught:
        scopes.tests_of(message)
    assert caught.value.field == f"tests.{field}"


def test_names_that_are_given_cannot_be_unpublished() -> None:
    scope = facts_pb2.ConsigneeScope(names=["Biren"], names_unpublished=True)
    with pytest.raises(EnvelopeError, match="called unpublished") as caught:
        scopes.tests_from_proto(facts_pb2.Tests(consignees=scope))
    assert caught.value.field == "consignees.names_unpublished"
