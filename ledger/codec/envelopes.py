"""Envelopes between bytes and the domain: DSSE in protobuf, byte-exact (DESIGN §4)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ledger.codec.canonical import check_length, parse, serialize
from ledger.codec.entries import MAX_ENVELOPE_BYTES
from ledger.codec.within import missing
from ledger.domain.statement import SIGNATURES_MAX, Envelope, EnvelopeSignature
from ledger.errors import EnvelopeError
from ledger.v1 import statement_pb2

if TYPE_CHECKING:
    from collections.abc import Sequence

SIG_BYTES_MAX: Final = 256
"""Most bytes of one of them; no algorithm that is known here needs as many."""

_KEYID: Final = re.compile(r"[0-9a-f]{64}")


def encode_envelope(envelope: Envelope) -> bytes:
    """Write an envelope in its one spelling.

    Raises:
        EnvelopeError: Its signatures are not of the form of some, or it does not fit into an entry.
    """
    _check_form(envelope.signatures)
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
    signatures = tuple([EnvelopeSignature(one.sig, one.keyid) for one in message.signatures])
    _check_form(signatures)
    _check_signers(signatures)
    return Envelope(message.payload, message.payload_type, signatures)


def _check_form(signatures: Sequence[EnvelopeSignature]) -> None:
    """Signatures stand in their number and form; whether one of them holds, others ask."""
    if not 1 <= len(signatures) <= SIGNATURES_MAX:
        raise EnvelopeError(
            f"An envelope has 1 to {SIGNATURES_MAX} signatures, not {len(signatures)}.",
            field="signatures",
            rule="signature-count",
        )
    for place, (sig, keyid) in enumerate(signatures):
        if not 1 <= len(sig) <= SIG_BYTES_MAX:
            raise _refused(place, "sig", f"sig has 1 to {SIG_BYTES_MAX} bytes, not {len(sig)}")
        if not _KEYID.fullmatch(keyid):
            raise _refused(place, "keyid", "keyid must be 64 lower-case hexadecimal digits")


def _check_signers(signatures: Sequence[EnvelopeSignature]) -> None:
    """No key signs twice, which would look like more signers than there are."""
    seen: set[str] = set()
    for place, (_, keyid) in enumerate(signatures):
        if keyid in seen:
            raise _refused(place, "keyid", f"The key {keyid} signs twice", "signature-twice")
        seen.add(keyid)


def _refused(place: int, name: str, reason: str, rule: str = "value") -> EnvelopeError:
    return EnvelopeError(f"{reason}.", field=f"signatures[{place}].{name}", rule=rule)
