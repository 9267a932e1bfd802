"""What a signature on an envelope is made over (DSSE v1.0.2, protocol.md)."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from ledger.errors import EnvelopeError

PAYLOAD_TYPE: Final = "application/vnd.ledger.statement.v1+protobuf"
"""The payload type of every envelope in the ledger."""


def pae(payload_type: str, body: bytes) -> bytes:
    """Return the pre-authentication encoding, the message that is signed.

    ``"DSSEv1" SP len(type) SP type SP len(body) SP body``, lengths in bytes and decimal. The
    lengths keep type and body apart, so that no two pairs of them have the same encoding.

    Raises:
        EnvelopeError: The type is not Unicode text.
    """
    try:
        type_bytes = payload_type.encode("utf-8")
    except UnicodeEncodeError as error:
        raise EnvelopeError(
            "The payload type is not Unicode text.", field="payload_type", rule="utf-8"
        ) from error
    return b"DSSEv1 %d %b %d %b" % (len(type_bytes), type_bytes, len(body), body)


def statement_digest(payload_type: str, body: bytes) -> bytes:
    """Return ``SHA-256(pae)``, 32 bytes: the name of a statement, whoever signed it.

    Raises:
        EnvelopeError: The type is not Unicode text.
    """
    return digest_of(pae(payload_type, body))


def digest_of(message: bytes) -> bytes:
    """Return the digest of a statement whose ``pae`` is at hand."""
    return sha256(message).digest()
