"""An entry taken apart: who said what, when it was recorded, and by which name it goes.

Opening reads strictly and verifies nothing but the payload type; inclusion is a receipt's matter
and signatures are ``audit``'s.
"""

from __future__ import annotations

from dataclasses import dataclass

from ledger.codec.entries import decode_entry
from ledger.codec.envelopes import decode_envelope
from ledger.codec.refusals import quoted
from ledger.codec.statements import decode_statement
from ledger.domain.facts import Fact
from ledger.domain.statement import Envelope, Recorded, Statement
from ledger.errors import EnvelopeError, VerificationError
from ledger.signing.dsse import PAYLOAD_TYPE, statement_digest


@dataclass(frozen=True, slots=True)
class OpenedEnvelope:
    """An envelope and what is in it.

    Attributes:
        envelope: Payload and signatures.
        statement: What the payload says.
        digest: The statement digest, 32 bytes.
    """

    envelope: Envelope
    statement: Statement
    digest: bytes


@dataclass(frozen=True, slots=True)
class OpenedEntry(OpenedEnvelope):
    """An entry of the log and what is in it.

    Attributes:
        index: Its place in the log.
        recorded_ms: When the service recorded it, in ms since 1970 (UTC).
        data: The leaf data, verbatim.
    """

    index: int
    recorded_ms: int
    data: bytes

    @property
    def fact(self) -> Fact:
        """What the statement states."""
        return self.statement.fact


def open_envelope(data: bytes) -> OpenedEnvelope:
    """Read an envelope and its statement.

    Raises:
        EnvelopeError: The bytes are not canonical, or are no statement.
    """
    envelope = decode_envelope(data)
    if envelope.payload_type != PAYLOAD_TYPE:
        raise EnvelopeError(
            f"The payload type is {quoted(envelope.payload_type)}, not that of a statement.",
            field="payload_type",
            rule="payload-type",
        )
    digest = statement_digest(envelope.payload_type, envelope.payload)
    return OpenedEnvelope(envelope, decode_statement(envelope.payload), digest)


def open_entry(data: bytes, index: int) -> OpenedEntry:
    """Read an entry, its envelope and its statement.

    Raises:
        VerificationError: The bytes are not canonical, or are no statement: a log that keeps its
            rules holds no such entry.
    """
    try:
        entry = decode_entry(data)
        opened = open_envelope(entry.envelope)
    except EnvelopeError as error:
        raise VerificationError(
            f"Entry {index}: {error.message}", field=error.field, rule=error.rule
        ) from error
    return OpenedEntry(
        opened.envelope, opened.statement, opened.digest, index, entry.recorded_ms, data
    )


def recorded_of(entry: OpenedEntry) -> Recorded:
    """An entry as read models and the determination take it."""
    statement = entry.statement
    return Recorded(
        index=entry.index,
        version=statement.expected_version + 1,
        recorded_ms=entry.recorded_ms,
        author=statement.author,
        digest=entry.digest,
        fact=entry.fact,
        signed_at_ms=statement.signed_at_ms,
        anchor_size=statement.anchor.size if statement.anchor else 0,
        attachments=statement.attachments,
        signers=tuple(signature.keyid for signature in entry.envelope.signatures),
    )
