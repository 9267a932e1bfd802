"""A claim: something that somebody said, and what the same voice said of it later.

What others hold against it is a claim of their own, in a stream of its own, so that a life tells
what became of one sentence of one speaker.
"""

from __future__ import annotations

from typing import Final

from ledger.domain.aggregates.base import Aggregate
from ledger.domain.aggregates.life import (
    LIFE_RULES,
    Life,
    is_correction,
    is_withdrawal,
    lived_on,
    speaker,
)
from ledger.domain.facts import ReportedFact
from ledger.domain.vocabulary import Collection
from ledger.errors import RuleError

RETRACTION: Final = "retraction"


def claim_keeps_its_speaker(state: Life, fact: ReportedFact) -> None:
    """A claim is followed by corrections, retractions and restatements of the same actor."""
    if not state.version or is_correction(fact) or is_withdrawal(state, fact):
        return
    if fact.subtype.startswith(RETRACTION) or speaker(fact.actor) == speaker(state.opening_actor):
        return
    raise RuleError(
        f"{fact.stream} is a claim of {state.opening_actor}: what {fact.actor} says of it opens "
        f"claims/{fact.id}.",
        field="actor",
        rule="claim-keeps-its-speaker",
    )


CLAIMS: Final = Aggregate(
    collection=Collection.CLAIMS,
    kinds=(ReportedFact,),
    nothing=Life(),
    rules=(*LIFE_RULES, claim_keeps_its_speaker),
    fold=lived_on,
)
"""The streams ``claims/<id>``."""
