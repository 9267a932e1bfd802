"""The founding, and the enrollment of authors, between protobuf and the domain."""

from __future__ import annotations

from ledger.codec.within import each, one
from ledger.codec.words import ROLES
from ledger.domain.authorship import (
    Administrator,
    AuthorEnrolled,
    LedgerFounded,
    OutsideRecord,
    Policy,
)
from ledger.v1 import facts_pb2


def founded_to_proto(fact: LedgerFounded) -> facts_pb2.LedgerFounded:
    """Write the founding of a ledger."""
    return facts_pb2.LedgerFounded(
        origin=fact.origin,
        policy=_policy_to_proto(fact.policy),
        log_key=fact.log_key,
        administrators=[
            facts_pb2.Administrator(author=administrator.author, spki_der=administrator.spki_der)
            for administrator in fact.administrators
        ],
        threshold=fact.threshold,
    )


def founded_from_proto(
    message: facts_pb2.LedgerFounded, fact_id: str, stream: str
) -> LedgerFounded:
    """Read the founding of a ledger.

    Raises:
        EnvelopeError: A part of it is refused.
        ValidationError: The domain refuses the whole.
    """
    return LedgerFounded(
        id=fact_id,
        stream=stream,
        origin=message.origin,
        policy=one(message, "policy", _policy_from_proto),
        log_key=message.log_key,
        administrators=each(message.administrators, "administrators", _administrator),
        threshold=message.threshold,
    )


def enrolled_to_proto(fact: AuthorEnrolled) -> facts_pb2.AuthorEnrolled:
    """Write the enrollment of an author's key."""
    return facts_pb2.AuthorEnrolled(
        author=fact.author,
        role=ROLES.number(fact.role),
        party=fact.party,
        spki_der=fact.spki_der,
        possession=fact.possession,
        not_after_ms=fact.not_after_ms,
    )


def enrolled_from_proto(
    message: facts_pb2.AuthorEnrolled, fact_id: str, stream: str
) -> AuthorEnrolled:
    """Read the enrollment of an author's key; the key itself is not examined here.

    Raises:
        EnvelopeError: The role is missing.
        ValidationError: The domain refuses the whole.
    """
    return AuthorEnrolled(
        id=fact_id,
        stream=stream,
        author=message.author,
        role=ROLES.word(message.role, "role"),
        party=message.party,
        spki_der=message.spki_der,
        possession=message.possession,
        not_after_ms=message.not_after_ms if message.HasField("not_after_ms") else None,
    )


def _policy_to_proto(policy: Policy) -> facts_pb2.Policy:
    return facts_pb2.Policy(
        outside_record=[
            facts_pb2.OutsideRecord(
                codes=outside.codes, citation=outside.citation, note=outside.note or ""
            )
            for outside in policy.outside_record
        ]
    )


def _policy_from_proto(message: facts_pb2.Policy) -> Policy:
    return Policy(outside_record=each(message.outside_record, "outside_record", _outside_record))


def _outside_record(message: facts_pb2.OutsideRecord) -> OutsideRecord:
    return OutsideRecord(
        codes=tuple(message.codes), citation=message.citation, note=message.note or None
    )


def _administrator(message: facts_pb2.Administrator) -> Administrator:
    return Administrator(author=message.author, spki_der=message.spki_der)
