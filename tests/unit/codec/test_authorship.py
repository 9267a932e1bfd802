from __future__ import annotations

import pytest
from hypothesis import given

from ledger.codec import authorship
from ledger.domain.authorship import AuthorEnrolled, LedgerFounded, Policy
from ledger.errors import EnvelopeError
from tests.builders import enrolled, founded
from tests.unit.codec import strategies


@given(strategies.founding)
def test_a_founding_survives_the_wire(fact: LedgerFounded) -> None:
    message = authorship.founded_to_proto(fact)
    assert authorship.founded_from_proto(message, fact.id, fact.stream) == fact


@given(strategies.enrollments)
def test_an_enrollment_survives_the_wire(fact: AuthorEnrolled) -> None:
    message = authorship.enrolled_to_proto(fact)
    assert authorship.enrolled_from_proto(message, fact.id, fact.stream) == fact


def test_an_expiry_in_1970_is_not_no_expiry() -> None:
    message = authorship.enrolled_to_proto(enrolled("registrar", not_after_ms=0))
    assert message.HasField("not_after_ms")
    fact = authorship.enrolled_from_proto(message, "a-fact", "authors/registrar")
    assert fact.not_after_ms == 0


def test_an_empty_policy_is_stated() -> None:
    message = authorship.founded_to_proto(founded())
    assert message.HasField("policy")
    assert authorship.founded_from_proto(message, "a-fact", "authors/x1").policy == Policy()
    message.ClearField("policy")
    with pytest.raises(EnvelopeError, match="policy is missing"):
        authorship.founded_from_proto(message, "a-fact", "authors/x1")


def test_a_refused_administrator_is_named_by_its_place() -> None:
    message = authorship.founded_to_proto(founded("ada", "bob"))
    message.administrators[1].spki_der = b"short"
    with pytest.raises(EnvelopeError, match="fewer than 32 bytes") as caught:
        authorship.founded_from_proto(message, "a-fact", "authors/x1")
    assert caught.value.field == "administrators[1].spki_der"
