from __future__ import annotations

import pytest
from hypothesis import given
from pydantic import ValidationError

from ledger.codec import described
from ledger.domain.facts import CoSignature, CoverageDeclared, GroupMembership, PartyDescribed
from ledger.errors import EnvelopeError
from ledger.v1 import facts_pb2
from tests.builders import coverage, membership, party
from tests.unit.codec import strategies


@given(strategies.coverages)
def test_coverage_survives_the_wire(fact: CoverageDeclared) -> None:
    message = described.coverage_to_proto(fact)
    assert described.coverage_from_proto(message, fact.id, fact.stream) == fact


@given(strategies.parties)
def test_a_party_survives_the_wire(fact: PartyDescribed) -> None:
    message = described.party_to_proto(fact)
    assert described.party_from_proto(message, fact.id, fact.stream) == fact


@given(strategies.memberships)
def test_a_membership_survives_the_wire(fact: GroupMembership) -> None:
    message = described.membership_to_proto(fact)
    assert described.membership_from_proto(message, fact.id, fact.stream) == fact


@given(strategies.co_signatures)
def test_a_co_signature_survives_the_wire(fact: CoSignature) -> None:
    message = described.co_signature_to_proto(fact)
    assert described.co_signature_from_proto(message, fact.id, fact.stream) == fact


@pytest.mark.parametrize("field", ["from_day", "to_day"])
def test_coverage_needs_both_its_days(field: str) -> None:
    message = described.coverage_to_proto(coverage())
    setattr(message, field, "")
    with pytest.raises(EnvelopeError) as caught:
        described.coverage_from_proto(message, "a-fact", "coverage/us")
    assert caught.value.field == field


def test_coverage_that_ends_before_it_begins_is_refused() -> None:
    message = described.coverage_to_proto(coverage())
    message.to_day = "2022-08-25"
    with pytest.raises(ValidationError, match="lies before from"):
        described.coverage_from_proto(message, "a-fact", "coverage/us")


def test_a_membership_may_always_have_been_and_never_end() -> None:
    message = described.membership_to_proto(membership())
    assert (message.from_date, message.until_date) == ("", "")


@pytest.mark.parametrize("field", ["from_date", "until_date"])
def test_a_day_of_a_membership_has_one_form(field: str) -> None:
    message = described.membership_to_proto(membership())
    setattr(message, field, "2021-12")
    with pytest.raises(EnvelopeError) as caught:
        described.membership_from_proto(message, "a-fact", "destinations/cn")
    assert caught.value.field == field


def test_identifiers_of_a_party_must_be_sorted() -> None:
    message = described.party_to_proto(party())
    message.identifiers.extend(
        facts_pb2.Identifier(scheme=scheme, value="1") for scheme in ("lei", "cik")
    )
    with pytest.raises(EnvelopeError) as caught:
        described.party_from_proto(message, "a-fact", "parties/x1")
    assert (caught.value.field, caught.value.rule) == ("identifiers[1]", "sorted")
