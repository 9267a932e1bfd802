"""Statements between bytes and the domain, byte-exact: these bytes are what authors sign."""

from __future__ import annotations

from ledger.codec.canonical import check_length, parse, serialize
from ledger.codec.entries import MAX_ENVELOPE_BYTES
from ledger.codec.facts import fact_from_proto, fact_to_proto
from ledger.codec.within import each, given, maybe, missing, one, within
from ledger.domain.facts import Fact, FactId, StreamName
from ledger.domain.model import Frozen
from ledger.domain.statement import Anchor, AttachmentCommitment, Statement
from ledger.errors import EnvelopeError
from ledger.v1 import statement_pb2


class _Place(Frozen):
    """A fact's name and stream under their names on the wire, which refusals then give."""

    fact_id: FactId
    stream: StreamName


def encode_statement(statement: Statement) -> bytes:
    """Write a statement in its one spelling.

    Raises:
        EnvelopeError: It does not fit into an entry.
    """
    anchor = statement.anchor
    data = serialize(
        statement_pb2.Statement(
            ledger_id=statement.ledger_id,
            stream=statement.stream,
            expected_version=statement.expected_version,
            author=statement.author,
            nonce=statement.nonce,
            signed_at_ms=statement.signed_at_ms,
            anchor=statement_pb2.Anchor(size=anchor.size, root=anchor.root) if anchor else None,
            fact_id=statement.fact_id,
            fact=fact_to_proto(statement.fact),
            attachments=[
                statement_pb2.AttachmentCommitment(
                    commitment=attachment.commitment,
                    length=attachment.length,
                    media_type=attachment.media_type,
                )
                for attachment in statement.attachments
            ],
        )
    )
    check_length(data, name="statement", limit=MAX_ENVELOPE_BYTES)
    return data


def decode_statement(data: bytes) -> Statement:
    """Read a statement strictly; what it decodes to encodes to the same bytes again.

    Raises:
        EnvelopeError: It is not spelled canonically, lacks something, is too long, or holds what
            the domain refuses; ``field`` is a path such as
            ``fact.reported.provisions[0].effective.value``.
    """
    message = parse(statement_pb2.Statement, data, name="statement", limit=MAX_ENVELOPE_BYTES)
    if not message.HasField("expected_version"):
        raise missing("expected_version")
    with within(""):
        return Statement(
            ledger_id=message.ledger_id,
            expected_version=message.expected_version,
            author=message.author,
            nonce=message.nonce,
            signed_at_ms=message.signed_at_ms,
            **given(
                anchor=maybe(message, "anchor", _anchor),
                fact=_fact(message),
                attachments=each(message.attachments, "attachments", _attachment),
            ),
        )


def _fact(message: statement_pb2.Statement) -> Fact:
    """The fact, whose name and place stand beside it in the statement.

    The fact itself holds name and place to their form. Only where it is refused are they looked at
    by themselves, so that the refusal names them as they are called here.
    """
    name, stream = message.fact_id, message.stream
    try:
        return one(message, "fact", lambda fact: fact_from_proto(fact, fact_id=name, stream=stream))
    except EnvelopeError:
        _Place(fact_id=name, stream=stream)
        raise


def _anchor(message: statement_pb2.Anchor) -> Anchor:
    return Anchor(size=message.size, root=message.root)


def _attachment(message: statement_pb2.AttachmentCommitment) -> AttachmentCommitment:
    return AttachmentCommitment(
        commitment=message.commitment, length=message.length, media_type=message.media_type
    )
