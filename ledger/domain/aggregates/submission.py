"""An advocacy submission: a letter, comment or disclosure, and those who join it later."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from ledger.domain.aggregates.base import Aggregate
from ledger.domain.aggregates.life import LIFE_RULES, Life, lived_on
from ledger.domain.facts import CoSignature, ReportedFact
from ledger.domain.persistent import PersistentMap
from ledger.domain.vocabulary import Collection
from ledger.errors import RuleError


@dataclass(frozen=True, slots=True)
class SubmissionState(Life):
    """A submission so far; ``signed`` holds every known signatory by case-folded name."""

    signed: PersistentMap[str] = field(default_factory=PersistentMap)


def co_signature_names_letter(state: SubmissionState, fact: ReportedFact | CoSignature) -> None:
    """A co-signature is on one letter, named by its statement digest, so it cannot come first.

    The digest is what ties a signatory to the very text: a letter filed anew under the same name
    is another one, and nobody's signature moves over to it.
    """
    if not isinstance(fact, CoSignature):
        return
    if not state.version:
        raise RuleError(
            f"{fact.stream} holds no letter yet that could be signed.",
            field="stream",
            rule="co-signature-names-letter",
        )
    if fact.letter_digest != state.opening_digest:
        raise RuleError(
            f"The letter that opened {fact.stream} has the digest {state.opening_digest.hex()}, "
            f"not {fact.letter_digest.hex()}.",
            field="letter_digest",
            rule="co-signature-names-letter",
        )


def signatory_signs_once(state: SubmissionState, fact: ReportedFact | CoSignature) -> None:
    """Nobody counts twice among the signatories, whether in the letter or after it."""
    if isinstance(fact, CoSignature) and state.signed.get(fact.signatory.casefold()):
        raise RuleError(
            f"{fact.signatory} has signed the letter of {fact.stream} already.",
            field="signatory",
            rule="signatory-signs-once",
        )


def _submitted(
    state: SubmissionState, fact: ReportedFact | CoSignature, digest: bytes
) -> SubmissionState:
    if isinstance(fact, CoSignature):
        after = replace(state, version=state.version + 1)
    else:
        after = lived_on(state, fact, digest)
    signed = after.signed
    for name in _signatories(fact):
        signed = signed.with_entry(name.casefold(), name)
    return replace(after, signed=signed)


def _signatories(fact: ReportedFact | CoSignature) -> tuple[str, ...]:
    if isinstance(fact, CoSignature):
        return (fact.signatory,)
    return fact.signatories.names if fact.signatories else ()


SUBMISSIONS: Final[Aggregate[SubmissionState, ReportedFact | CoSignature]] = Aggregate(
    collection=Collection.SUBMISSIONS,
    kinds=(ReportedFact, CoSignature),
    nothing=SubmissionState(),
    rules=(*LIFE_RULES, co_signature_names_letter, signatory_signs_once),
    fold=_submitted,
)
"""The streams ``submissions/<id>``."""
