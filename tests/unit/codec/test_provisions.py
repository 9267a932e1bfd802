from __future__ import annotations

import pytest
from hypothesis import given
from pydantic import ValidationError

from ledger.codec.provisions import provision_from_proto, provision_to_proto
from ledger.domain.provision import Provision
from ledger.errors import EnvelopeError
from ledger.v1 import axes_pb2, facts_pb2
from tests.unit.codec.samples import PROVISION
from tests.unit.codec.strategies import provisions


@given(provisions("us-rule#place"))
def test_a_provision_survives_the_wire(provision: Provision) -> None:
    assert provision_from_proto(provision_to_proto(provision)) == provision


def test_a_bare_provision_has_no_message_for_its_tests() -> None:
    message = provision_to_proto(Provision(id="us-rule#place"))
    assert not message.HasField("tests")
    assert message.ListFields() == [(message.DESCRIPTOR.fields_by_name["id"], "us-rule#place")]


def test_a_review_rule_without_tests_is_refused() -> None:
    message = facts_pb2.Provision(
        id="us-rule#place",
        review_by=[facts_pb2.ReviewRule(policy=axes_pb2.ReviewPolicy.CASE_BY_CASE)],
    )
    with pytest.raises(EnvelopeError, match="when is missing") as caught:
        provision_from_proto(message)
    assert caught.value.field == "review_by[0].when"


@pytest.mark.parametrize(
    ("part", "name", "field"),
    [
        ("review_lanes", "on_provision", "review_lanes[0].on_provision"),
        ("exceptions", "code", "exceptions[0].code"),
    ],
)
def test_a_part_that_lacks_its_name_is_refused_at_its_place(
    part: str, name: str, field: str
) -> None:
    message = provision_to_proto(PROVISION)
    setattr(getattr(message, part)[0], name, "")
    with pytest.raises(EnvelopeError) as caught:
        provision_from_proto(message)
    assert caught.value.field == field


def test_a_provision_that_amends_itself_is_refused() -> None:
    with pytest.raises(ValidationError, match="cannot amend or restate itself"):
        provision_from_proto(facts_pb2.Provision(id="us-rule#place", amends="us-rule#place"))
