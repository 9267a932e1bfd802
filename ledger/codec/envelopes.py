"""Envelopes between bytes and the domain: DSSE in protobuf, byte-exact (DESIGN §4)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ledger.codec.canonical import check_length, parse, serialize
from ledger.codec.entries import MAX_ENVELOPE_BYTES
from ledger.codec.within import missing
from ledger.domain.statement import Envelope, EnvelopeSignature
from ledger.errors import EnvelopeError
from ledger.v1 import statement_pb2

if TYPE_CHECKING:
    from collections.abc import Sequence

SIGNATURES_MAX: Final = 64
"""Most signatures in an envelope."""

SIG_BYTES_MAX: Final = 256
"""Most bytes of one of them; no algorithm that is known here needs as many."""

_KEYID: Final = re.compile(r"[0-9a-f]{64}")


def encode_envelope(envelope: Envelope) -> bytes:
    """Write an envelope in its one spelling.

    Raises:
        EnvelopeError: It does not fit into an entry.
    """
    data = serialize(
        statement_pb2.Envelope(
            payload=envelope.payload,
            payload_type=envelope.payload_type,
            signatures=[
                statement_pb2.Signature(sig=signature.sig, keyid=signature.keyid)
                for signature in envelope.signatures
            ],
        )
    )
    check_length(data, name="envelope", limit=MAX_ENVELOPE_BYTES)
    return data


def decode_envelope(data: bytes) -> Envelope:
    """Read an envelope strictly. Nothing is verified here, and the payload stays unread.

    Raises:
        EnvelopeError: It is not spelled canonically, lacks something, is too long, or one key
            signs twice; ``field`` says where.
    """
    message = parse(statement_pb2.Envelope, data, name="envelope", limit=MAX_ENVELOPE_BYTES)
    if not message.payload:
        raise missing("payload")
    if not message.payload_type:
        raise missing("payload_type")
    return Envelope(message.payload, message.payload_type, _signatures(message.signatures))


def _signatures(messages: Sequence[statement_pb2.Signature]) -> tuple[EnvelopeSignature, ...]:
    """Read the signatures, whose number and order are the author's."""
    if not 1 <= len(messages) <= SIGNATURES_MAX:
        raise EnvelopeError(
            f"signatures: there are 1 to {SIGNATURES_MAX}, not {len(messages)}.",
            field="signatures",
            rule="signature-count",
        )
    signatures: dict[str, EnvelopeSignature] = {}
    for index, message in enumerate(messages):
        sig, keyid = message.sig, message.keyid
        if not 1 <= len(sig) <= SIG_BYTES_MAX:
            raise _refused(index, "sig", f"must have 1 to {SIG_BYTES_MAX} bytes", "value")
        if not _KEYID.fullmatch(keyid):
            raise _refused(index, "keyid", "must be 64 lower-case hexadecimal digits", "value")
        if keyid in signatures:
            raise _refused(index, "keyid", f"{keyid} signs twice", "signature-twice")
        signatures[keyid] = EnvelopeSignature(sig, keyid)
    return tuple(signatures.values())


def _refused(index: int, name: str, reason: str, rule: str) -> EnvelopeError:
    return EnvelopeError(f"{name}: {reason}.", field=f"signatures[{index}].{name}", rule=rule)
