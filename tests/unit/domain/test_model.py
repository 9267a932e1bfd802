from __future__ import annotations

import pytest

from ledger.domain.authorship import KeyRevoked
from ledger.domain.facts import Fact, ReportedFact
from ledger.domain.model import Frozen
from tests.builders import claim


class Stranger:
    """Registered below as a virtual subclass."""


def test_a_value_is_of_the_classes_that_its_own_names() -> None:
    fact = claim("a-claim")
    own = [kind for kind in (ReportedFact, Fact, KeyRevoked, Frozen) if isinstance(fact, kind)]
    assert own == [ReportedFact, Fact, Frozen]
    assert not isinstance("a-claim", Frozen)


def test_nothing_becomes_a_fact_by_being_registered_as_one() -> None:
    with pytest.warns(UserWarning, match="virtual subclass"):
        Frozen.register(Stranger)
    assert not isinstance(Stranger(), Frozen)
