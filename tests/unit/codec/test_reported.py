from __future__ import annotations

import pytest
from hypothesis import given
from pydantic import ValidationError

from ledger.codec.reported import reported_from_proto, reported_to_proto
from ledger.domain.facts import ReportedFact
from ledger.errors import EnvelopeError
from tests.builders import action, claim
from tests.unit.codec import strategies


def again(fact: ReportedFact) -> ReportedFact:
    return reported_from_proto(reported_to_proto(fact), fact.id, fact.stream)


@given(strategies.reported())
def test_a_reported_fact_survives_the_wire(fact: ReportedFact) -> None:
    assert again(fact) == fact


def test_one_addressee_is_a_name_and_several_are_a_list() -> None:
    assert again(action("us-rule")).addressee is None
    assert again(action("us-rule", addressee="NVIDIA")).addressee == "NVIDIA"
    assert again(action("us-rule", addressee=("NVIDIA", "AMD"))).addressee == ("NVIDIA", "AMD")


def test_a_fact_without_dates_is_refused() -> None:
    message = reported_to_proto(claim("a-claim"))
    message.ClearField("dates")
    with pytest.raises(EnvelopeError, match="dates is missing"):
        reported_from_proto(message, "a-claim", "claims/a-claim")


def test_a_fact_that_nobody_could_know_of_is_refused() -> None:
    message = reported_to_proto(claim("a-claim"))
    message.dates.Clear()
    message.dates.SetInParent()
    with pytest.raises(ValidationError, match="nobody could know of it"):
        reported_from_proto(message, "a-claim", "claims/a-claim")
