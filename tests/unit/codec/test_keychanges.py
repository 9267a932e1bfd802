from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from ledger.codec import keychanges
from ledger.errors import EnvelopeError
from ledger.v1 import facts_pb2
from tests.builders import delegated
from tests.unit.codec import strategies

if TYPE_CHECKING:
    from ledger.domain.authorship import KeyRevoked, KeyRotated
    from ledger.domain.delegation import KeyDelegated
    from ledger.domain.logkeys import LogKeyRetired, LogKeyRotated


@given(strategies.rotations)
def test_a_rotation_survives_the_wire(fact: KeyRotated) -> None:
    message = keychanges.rotated_to_proto(fact)
    assert keychanges.rotated_from_proto(message, fact.id, fact.stream) == fact


@given(strategies.revocations)
def test_a_revocation_survives_the_wire(fact: KeyRevoked) -> None:
    message = keychanges.revoked_to_proto(fact)
    assert keychanges.revoked_from_proto(message, fact.id, fact.stream) == fact


@given(strategies.delegations)
def test_a_delegation_survives_the_wire(fact: KeyDelegated) -> None:
    message = keychanges.delegated_to_proto(fact)
    assert keychanges.delegated_from_proto(message, fact.id, fact.stream) == fact


@given(strategies.log_rotations)
def test_a_log_keys_announcement_survives_the_wire(fact: LogKeyRotated) -> None:
    message = keychanges.log_key_rotated_to_proto(fact)
    assert keychanges.log_key_rotated_from_proto(message, fact.id, fact.stream) == fact


@given(strategies.log_retirements)
def test_a_log_keys_end_survives_the_wire(fact: LogKeyRetired) -> None:
    message = keychanges.log_key_retired_to_proto(fact)
    assert keychanges.log_key_retired_from_proto(message, fact.id, fact.stream) == fact


def test_a_kind_of_fact_that_is_none_is_named_by_its_place() -> None:
    message = keychanges.delegated_to_proto(delegated("nvidia", "feed"))
    message.kinds.append(facts_pb2.FACT_KIND_UNSPECIFIED)
    with pytest.raises(EnvelopeError, match="missing") as caught:
        keychanges.delegated_from_proto(message, "a-fact", "authors/nvidia")
    assert caught.value.field == "kinds[1]"
