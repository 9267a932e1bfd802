from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from ledger.codec.facts import event_type, fact_from_proto, fact_to_proto
from ledger.domain.attachments import AttachmentErased
from ledger.domain.authorship import AuthorEnrolled, KeyRevoked, KeyRotated, LedgerFounded
from ledger.domain.delegation import KeyDelegated
from ledger.domain.facts import (
    CoSignature,
    CoverageDeclared,
    Fact,
    GroupMembership,
    ItemDescribed,
    PartyDescribed,
)
from ledger.domain.logkeys import LogKeyRetired, LogKeyRotated
from ledger.errors import EnvelopeError
from ledger.v1 import facts_pb2
from tests.builders import action, claim, order, submission
from tests.unit.codec.mutations import UNKNOWN_NUMBER, at, enum_places, fields_of, fields_set
from tests.unit.codec.samples import SAMPLES
from tests.unit.codec.strategies import any_fact

if TYPE_CHECKING:
    from tests.unit.codec.mutations import Path


def read(message: facts_pb2.Fact, fact: Fact) -> Fact:
    return fact_from_proto(message, fact_id=fact.id, stream=fact.stream)


@given(any_fact)
def test_a_fact_of_any_kind_survives_the_wire(fact: Fact) -> None:
    message = facts_pb2.Fact.FromString(fact_to_proto(fact).SerializeToString())
    assert read(message, fact) == fact


def test_every_field_of_the_wire_format_is_written() -> None:
    """A field that the codec forgot would be lost without a word."""
    written = {field for fact in SAMPLES for field in fields_set(fact_to_proto(fact))}
    assert fields_of(facts_pb2.Fact.DESCRIPTOR) - written == set()


@pytest.mark.parametrize("fact", SAMPLES, ids=lambda fact: fact.id)
def test_an_unknown_enum_value_is_refused_wherever_it_stands(fact: Fact) -> None:
    original = fact_to_proto(fact)
    for path, field in enum_places(original):
        message = facts_pb2.Fact.FromString(original.SerializeToString())
        *way, last = path
        if isinstance(last, int):
            at(message, tuple(way))[last] = UNKNOWN_NUMBER
        else:
            setattr(at(message, tuple(way)), last, UNKNOWN_NUMBER)
        with pytest.raises(EnvelopeError, match="unknown value 99") as caught:
            read(message, fact)
        assert caught.value.rule == "unknown-enum"
        assert caught.value.field.startswith(str(path[0]))
        assert field.name in caught.value.field


@pytest.mark.parametrize(
    ("path", "field"),
    [
        (("reported", "family"), "reported.family"),
        (("reported", "certainty"), "reported.certainty"),
        (("reported", "grade"), "reported.grade"),
        (("reported", "effects", 0, "axis"), "reported.effects[0].axis"),
        (("reported", "relates_to", 0, "relation"), "reported.relates_to[0].relation"),
        (("reported", "dates", "public", "precision"), "reported.dates.public.precision"),
        (("reported", "requested_outcome", "kind"), "reported.requested_outcome.kind"),
        (
            ("reported", "provisions", 0, "review_by", 0, "policy"),
            "reported.provisions[0].review_by[0].policy",
        ),
        (
            ("reported", "provisions", 0, "tests", "items", "any_of", 0, "all_of", 0, "param"),
            "reported.provisions[0].tests.items.any_of[0].all_of[0].param",
        ),
    ],
)
def test_an_enum_left_unspecified_is_refused_where_a_value_is_needed(
    path: Path, field: str
) -> None:
    fact = SAMPLES[0]
    message = fact_to_proto(fact)
    setattr(at(message, path[:-1]), str(path[-1]), 0)
    with pytest.raises(EnvelopeError, match="is missing") as caught:
        read(message, fact)
    assert (caught.value.field, caught.value.rule) == (field, "unspecified-enum")


def test_a_fact_of_no_kind_is_refused() -> None:
    with pytest.raises(EnvelopeError, match="kind is missing"):
        fact_from_proto(facts_pb2.Fact(), fact_id="a-fact", stream="claims/a-fact")


def test_every_kind_has_an_event_type_of_its_own() -> None:
    families = [action("us-rule"), order("an-order"), submission("a-letter"), claim("a-claim")]
    assert [event_type(fact) for fact in families] == [
        "regulatory-action.v1",
        "company-order.v1",
        "advocacy-submission.v1",
        "claim.v1",
    ]
    assert {type(fact): event_type(fact) for fact in SAMPLES[2:]} == {
        CoverageDeclared: "coverage-declared.v1",
        PartyDescribed: "party-described.v1",
        ItemDescribed: "item-described.v1",
        GroupMembership: "group-membership.v1",
        CoSignature: "co-signature.v1",
        LedgerFounded: "ledger-founded.v1",
        AuthorEnrolled: "author-enrolled.v1",
        KeyRotated: "key-rotated.v1",
        KeyRevoked: "key-revoked.v1",
        KeyDelegated: "key-delegated.v1",
        LogKeyRotated: "log-key-rotated.v1",
        LogKeyRetired: "log-key-retired.v1",
        AttachmentErased: "attachment-erased.v1",
    }
