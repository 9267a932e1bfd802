"""Folding a stream in a test: decide and evolve, fact by fact, as the appender does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ledger.domain.aggregates import aggregate_for
from ledger.errors import RuleError
from tests.builders import digest_of

if TYPE_CHECKING:
    from ledger.domain.facts import Fact


def fold(*facts: Fact) -> Any:
    """The state of one stream after these facts, each of them admitted."""
    aggregate = aggregate_for(facts[0].collection)
    state = aggregate.initial()
    for fact in facts:
        aggregate.decide(state, fact)
        state = aggregate.evolve(state, fact, digest_of(fact))
    return state


def refusal(*facts: Fact) -> RuleError:
    """The error that refuses the last of these facts, all the others being admitted."""
    *earlier, last = facts
    aggregate = aggregate_for(last.collection)
    state = fold(*earlier) if earlier else aggregate.initial()
    with pytest.raises(RuleError) as caught:
        aggregate.decide(state, last)
    return caught.value
