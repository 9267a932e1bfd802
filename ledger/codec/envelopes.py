"""Envelopes between bytes and the domain: DSSE in protobuf, byte-exact (DESIGN §4)."""

from __future__ import annotations

from ledger.codec.canonical import check_length, parse, serialize
from ledger.codec.entries import MAX_ENVELOPE_BYTES
from ledger.codec.within import each, within
from ledger.domain.statement import Envelope, EnvelopeSignature
from ledger.errors import EnvelopeError
from ledger.v1 import statement_pb2


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
        raise EnvelopeError("payload is missing.", field="payload", rule="missing")
    with within(""):
        envelope = Envelope(
            payload=message.payload,
            payload_type=message.payload_type,
            signatures=each(message.signatures, "signatures", _signature),
        )
    seen: set[str] = set()
    for index, signature in enumerate(envelope.signatures):
        if signature.keyid in seen:
            raise EnvelopeError(
                f"The key {signature.keyid} signs twice.",
                field=f"signatures[{index}].keyid",
                rule="signature-twice",
            )
        seen.add(signature.keyid)
    return envelope


def _signature(message: statement_pb2.Signature) -> EnvelopeSignature:
    return EnvelopeSignature(sig=message.sig, keyid=message.keyid)
