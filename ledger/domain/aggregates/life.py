"""What the streams of reported facts have in common: how a life opens, and how it closes.

FORMAT §1: "A fact that brings provisions of its own or begins something opens a stream named by
its id; one that only changes another goes into that one's stream." Both sentences describe where
a fact belongs, and a file need not bring them in that order, since ``relates_to`` "may name any
fact, later or absent" (DESIGN §4). So a stream may also be opened by a change that came before
what it changes, or by a fact that brings itself what the stream is about; only a bare fact that
has nothing to do with the stream's name is refused. The fact that gave the stream its name is
the opening one whenever it comes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from ledger.domain.aggregates.base import tail
from ledger.domain.facts import Fact, ReportedFact
from ledger.domain.vocabulary import Collection, Family, RelationKind
from ledger.errors import RuleError

FAMILIES: Final = {
    Collection.INSTRUMENTS: Family.REGULATORY_ACTION,
    Collection.LICENSES: Family.REGULATORY_ACTION,
    Collection.ORDERS: Family.COMPANY_ORDER,
    Collection.SUBMISSIONS: Family.ADVOCACY_SUBMISSION,
    Collection.CLAIMS: Family.CLAIM,
}
"""The family whose facts a collection holds (FORMAT §1)."""

WITHDRAWAL: Final = "withdrawal"
CORRECTION: Final = "correction"


@dataclass(frozen=True, slots=True)
class Life:
    """A stream of reported facts so far.

    Attributes:
        version: How many facts it holds.
        opening_id: Id of the fact that opened it, "" before.
        opening_actor: Who acted in that fact.
        opening_digest: Statement digest of that fact.
        withdrawn_by: Id of the fact that withdrew it, or "".
    """

    version: int = 0
    opening_id: str = ""
    opening_actor: str = ""
    opening_digest: bytes = b""
    withdrawn_by: str = ""


L = TypeVar("L", bound=Life)


def names_its_stream(fact: Fact) -> bool:
    """Whether the stream bears the fact's own id: the fact begins it."""
    return tail(fact.stream) == fact.id


def is_correction(fact: Fact) -> bool:
    """Whether a fact sets right what an earlier one said: by its relation or its subtype."""
    return isinstance(fact, ReportedFact) and (
        fact.subtype.startswith(CORRECTION) or has_relation(fact, RelationKind.CORRECTS)
    )


def speaker(actor: str) -> str:
    """Who an actor is, letter case aside.

    The record writes behind the name who carried the sentence, as in "NVIDIA (via press)"; that
    is no part of it.
    """
    return actor.partition("(")[0].strip().casefold()


def has_relation(fact: ReportedFact, kind: RelationKind, *targets: str) -> bool:
    """Whether a fact relates so to one of these facts as a whole, or to anything if none is named.

    A relation to a single provision, ``fact#name``, is not one to the whole fact.
    """
    return any(
        link.relation is kind and (not targets or link.id in targets) for link in fact.relates_to
    )


def is_withdrawal(life: Life, fact: ReportedFact) -> bool:
    """Whether a fact ends the whole life: its subtype, or ``ends`` to the fact that opened it.

    The stream's own opening is none, whatever its subtype: an act that withdraws another one has
    a life of its own. Nor is an ``ends`` to one provision, which the others outlive.
    """
    if names_its_stream(fact):
        return False
    return fact.subtype == WITHDRAWAL or has_relation(
        fact, RelationKind.ENDS, tail(fact.stream), life.opening_id
    )


def family_fits_collection(_: Life, fact: Fact) -> None:
    """A collection of reported facts holds one family only."""
    if isinstance(fact, ReportedFact) and fact.family is not FAMILIES[fact.collection]:
        raise RuleError(
            f"{fact.collection.value} holds facts of the family "
            f"{FAMILIES[fact.collection].value}, not {fact.family.value}.",
            field="family",
            rule="family-fits-collection",
        )


def opens_its_own_stream(life: Life, fact: Fact) -> None:
    """A fact opens the stream that bears its id, or brings what the stream is about."""
    if life.version or not isinstance(fact, ReportedFact) or names_its_stream(fact):
        return
    changes_the_namesake = any(link.fact_id == tail(fact.stream) for link in fact.relates_to)
    if not changes_the_namesake and not _brings_a_subject(fact):
        raise RuleError(
            f"{fact.id} would open {fact.stream}, which is not named by it, nor does it relate to "
            f"{tail(fact.stream)} or bring anything of its own: file it as "
            f"{fact.collection.value}/{fact.id}, or in the stream of the fact that it changes.",
            field="stream",
            rule="opens-its-own-stream",
        )


def nothing_follows_withdrawal(life: Life, fact: Fact) -> None:
    """After a withdrawal there is nothing left to change; the record of it may be corrected.

    The fact that names the stream is let in even so: it only came late.
    """
    if life.withdrawn_by and not is_correction(fact) and not names_its_stream(fact):
        raise RuleError(
            f"{fact.stream} was withdrawn by {life.withdrawn_by}: only a correction may follow.",
            field="stream",
            rule="nothing-follows-withdrawal",
        )


LIFE_RULES: Final = (family_fits_collection, opens_its_own_stream, nothing_follows_withdrawal)
"""The rules of every stream of reported facts, in the order in which they are asked."""


def lived_on(life: L, fact: ReportedFact, digest: bytes, **more: Any) -> L:
    """The life after one more reported fact; what the kind of stream adds changes by ``more``."""
    more["version"] = life.version + 1
    if is_withdrawal(life, fact):
        more["withdrawn_by"] = fact.id
    if not life.version or names_its_stream(fact):
        more |= {"opening_id": fact.id, "opening_actor": fact.actor, "opening_digest": digest}
    return replace(life, **more)


def _brings_a_subject(fact: ReportedFact) -> bool:
    match fact.family:
        case Family.REGULATORY_ACTION:
            return bool(fact.provisions or fact.effects)
        case Family.COMPANY_ORDER:
            return bool(fact.quantity or fact.money)
        case Family.ADVOCACY_SUBMISSION:
            return bool(fact.requested_outcome or fact.signatories or fact.claims)
        case Family.CLAIM:
            return bool(fact.claims or fact.quantity or fact.money or fact.effects)
