"""Facts between protobuf and the domain: which message stands for which class, and its name.

A fact's id and stream stand in the statement, not in its message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ledger.codec import attachments, authorship, described, items, keychanges, reported
from ledger.codec.within import missing, one
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
    ReportedFact,
)
from ledger.domain.logkeys import LogKeyRetired, LogKeyRotated
from ledger.domain.vocabulary import Family
from ledger.v1 import facts_pb2

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.message import Message


class _Kind(NamedTuple):
    """One kind of fact: its field in the oneof, its event type, and the way there and back."""

    field: str
    event: str
    to_proto: Callable[[Any], Message]
    from_proto: Callable[[Any, str, str], Fact]


_KINDS: Final[dict[type[Fact], _Kind]] = {
    ReportedFact: _Kind("reported", "", reported.reported_to_proto, reported.reported_from_proto),
    CoverageDeclared: _Kind(
        "coverage",
        "coverage-declared.v1",
        described.coverage_to_proto,
        described.coverage_from_proto,
    ),
    PartyDescribed: _Kind(
        "party", "party-described.v1", described.party_to_proto, described.party_from_proto
    ),
    ItemDescribed: _Kind("item", "item-described.v1", items.item_to_proto, items.item_from_proto),
    GroupMembership: _Kind(
        "membership",
        "group-membership.v1",
        described.membership_to_proto,
        described.membership_from_proto,
    ),
    CoSignature: _Kind(
        "co_signature",
        "co-signature.v1",
        described.co_signature_to_proto,
        described.co_signature_from_proto,
    ),
    LedgerFounded: _Kind(
        "founded", "ledger-founded.v1", authorship.founded_to_proto, authorship.founded_from_proto
    ),
    AuthorEnrolled: _Kind(
        "enrolled",
        "author-enrolled.v1",
        authorship.enrolled_to_proto,
        authorship.enrolled_from_proto,
    ),
    KeyRotated: _Kind(
        "rotated", "key-rotated.v1", keychanges.rotated_to_proto, keychanges.rotated_from_proto
    ),
    KeyRevoked: _Kind(
        "revoked", "key-revoked.v1", keychanges.revoked_to_proto, keychanges.revoked_from_proto
    ),
    KeyDelegated: _Kind(
        "delegated",
        "key-delegated.v1",
        keychanges.delegated_to_proto,
        keychanges.delegated_from_proto,
    ),
    LogKeyRotated: _Kind(
        "log_key_rotated",
        "log-key-rotated.v1",
        keychanges.log_key_rotated_to_proto,
        keychanges.log_key_rotated_from_proto,
    ),
    LogKeyRetired: _Kind(
        "log_key_retired",
        "log-key-retired.v1",
        keychanges.log_key_retired_to_proto,
        keychanges.log_key_retired_from_proto,
    ),
    AttachmentErased: _Kind(
        "attachment_erased",
        "attachment-erased.v1",
        attachments.erased_to_proto,
        attachments.erased_from_proto,
    ),
}

_BY_FIELD: Final = {kind.field: kind for kind in _KINDS.values()}

_FAMILY_EVENTS: Final = {family: f"{family.replace('_', '-')}.v1" for family in Family}


def fact_to_proto(fact: Fact) -> facts_pb2.Fact:
    """Write a fact of any kind."""
    kind = _KINDS[type(fact)]
    message = facts_pb2.Fact()
    getattr(message, kind.field).CopyFrom(kind.to_proto(fact))
    return message


def fact_from_proto(message: facts_pb2.Fact, *, fact_id: str, stream: str) -> Fact:
    """Read a fact of any kind.

    Args:
        message: The fact.
        fact_id: Its name.
        stream: The stream it stands in.

    Raises:
        EnvelopeError: There is none, or it is refused; ``field`` is the path inside ``message``.
    """
    field = message.WhichOneof("kind")
    if field is None:
        raise missing("kind")
    kind = _BY_FIELD[field]
    return one(message, field, lambda inner: kind.from_proto(inner, fact_id, stream))


def event_type(fact: Fact) -> str:
    """The registered name that a fact's event is stored under, such as ``company-order.v1``.

    It outlives every class and module name: what is stored is never renamed.
    """
    if isinstance(fact, ReportedFact):
        return _FAMILY_EVENTS[fact.family]
    return _KINDS[type(fact)].event
