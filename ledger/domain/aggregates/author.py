"""An author's stream: enrollment, rotations, revocations and delegations.

The founding has one of its own, and there stands what the administrators do to the log's key.

Here is only what a stream can see of itself. Whether a key is new to the whole ledger, or whether
enough administrators remain, is asked of the keyring (``ledger.domain.enrollment``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ledger.domain.aggregates.base import Aggregate, tail
from ledger.domain.authorship import (
    ADMINISTRATORS_STREAM,
    AuthorEnrolled,
    KeyRevoked,
    KeyRotated,
    LedgerFounded,
)
from ledger.domain.delegation import KeyDelegated
from ledger.domain.logkeys import LogKeyRetired, LogKeyRotated
from ledger.domain.vocabulary import Collection
from ledger.errors import RuleError

AuthorFact = AuthorEnrolled | KeyRotated | KeyRevoked | KeyDelegated
LedgerFact = LedgerFounded | LogKeyRotated | LogKeyRetired


@dataclass(frozen=True, slots=True)
class AuthorState:
    """How many facts the stream holds."""

    version: int = 0


def founding_comes_first(state: AuthorState, fact: AuthorFact | LedgerFact) -> None:
    """The founding opens ``authors/administrators``, once; only the log's keys follow there."""
    if isinstance(fact, LedgerFounded) and state.version:
        raise RuleError("A ledger is founded once.", field="stream", rule="founded-once")


def author_gives_stream(_: AuthorState, fact: AuthorFact | LedgerFact) -> None:
    """A stream bears its author's id; ``administrators`` is the founding's and no author's."""
    expected, ids = tail(ADMINISTRATORS_STREAM), []
    match fact:
        case LedgerFounded():
            ids = [administrator.author for administrator in fact.administrators]
        case LogKeyRotated() | LogKeyRetired():
            pass
        case _:
            expected, ids = fact.author, [fact.author]
    if tail(ADMINISTRATORS_STREAM) in ids:
        raise RuleError(
            f"{tail(ADMINISTRATORS_STREAM)} cannot be an author's id: it names the founding's "
            "stream.",
            field="author",
            rule="author-id-reserved",
        )
    if tail(fact.stream) != expected:
        raise RuleError(
            f"This belongs in authors/{expected}, not in {fact.stream}.",
            field="stream",
            rule="author-gives-stream",
        )


def _noted(state: AuthorState, _: AuthorFact | LedgerFact, __: bytes) -> AuthorState:
    return AuthorState(version=state.version + 1)


AUTHORS: Final[Aggregate[AuthorState, AuthorFact | LedgerFact]] = Aggregate(
    collection=Collection.AUTHORS,
    kinds=(
        LedgerFounded,
        LogKeyRotated,
        LogKeyRetired,
        AuthorEnrolled,
        KeyRotated,
        KeyRevoked,
        KeyDelegated,
    ),
    nothing=AuthorState(),
    rules=(founding_comes_first, author_gives_stream),
    fold=_noted,
)
"""The streams ``authors/<author id>``, and ``authors/administrators``."""
