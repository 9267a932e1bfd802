"""Statements and envelopes, made and signed on the author's own machine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from ledger.client.opened import open_envelope
from ledger.codec.canonical import serialize
from ledger.codec.envelopes import encode_envelope
from ledger.codec.facts import fact_to_proto
from ledger.codec.statements import encode_statement
from ledger.domain.authorship import AuthorEnrolled, possession_message
from ledger.domain.facts import Fact
from ledger.domain.statement import (
    NONCE_LENGTH,
    Anchor,
    AttachmentCommitment,
    Envelope,
    EnvelopeSignature,
    Statement,
)
from ledger.domain.vocabulary import Collection, Role
from ledger.errors import EnvelopeError, SignatureError
from ledger.signing.dsse import PAYLOAD_TYPE, pae
from ledger.signing.privatekeys import Signer
from ledger.signing.publickeys import PublicKey

_NONCE_CONTEXT: Final = b"ledger-client-nonce-v1"


@dataclass(frozen=True, slots=True)
class Author:
    """Whoever signs.

    Attributes:
        name: The author id under which the key is enrolled.
        signer: What holds the private key.
    """

    name: str
    signer: Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where and when a statement is made.

    Attributes:
        ledger_id: The ledger, 32 bytes; empty only for a founding.
        expected_version: How many events its stream holds.
        signed_at_ms: The author's clock, in ms since 1970 (UTC).
        anchor: The checkpoint that the author has verified, or None.
    """

    ledger_id: bytes
    expected_version: int
    signed_at_ms: int
    anchor: Anchor | None = None


def content_of(fact: Fact) -> bytes:
    """A fact's content in one spelling, without its id and stream: equal facts, equal bytes."""
    return serialize(fact_to_proto(fact))


def nonce_of(ledger_id: bytes, author: str, fact: Fact) -> bytes:
    """The nonce of a fact: 16 bytes that follow from ledger, author, id, stream and content.

    A nonce need not be secret, only unique. Derived so, the same row signed twice, by two imports
    at once or by one that was interrupted, asks for the same place, and only one can have it.
    """
    parts = (_NONCE_CONTEXT, ledger_id, author.encode(), fact.id.encode(), fact.stream.encode())
    framed = b"".join(len(part).to_bytes(4) + part for part in (*parts, content_of(fact)))
    return sha256(framed).digest()[:NONCE_LENGTH]


def state(
    fact: Fact, author: str, place: Place, attachments: Sequence[AttachmentCommitment] = ()
) -> Statement:
    """Make the statement of a fact, and of the documents that go with it."""
    return Statement(
        ledger_id=place.ledger_id,
        expected_version=place.expected_version,
        author=author,
        nonce=nonce_of(place.ledger_id, author, fact),
        signed_at_ms=place.signed_at_ms,
        anchor=place.anchor,
        fact=fact,
        attachments=tuple(attachments),
    )


def sign(statement: Statement, signers: Iterable[Signer]) -> bytes:
    """Sign a statement with every key that must.

    Returns:
        The envelope's bytes.

    Raises:
        EnvelopeError: The statement does not fit into an entry.
    """
    payload = encode_statement(statement)
    message = pae(PAYLOAD_TYPE, payload)
    signatures = tuple(
        EnvelopeSignature(sig=signer.sign(message), keyid=signer.public.keyid) for signer in signers
    )
    return encode_envelope(
        Envelope(payload=payload, payload_type=PAYLOAD_TYPE, signatures=signatures)
    )


def add_signature(envelope_bytes: bytes, signer: Signer) -> bytes:
    """Add a signature to an envelope, as administrators on different machines do.

    Raises:
        EnvelopeError: The bytes are not an envelope, or this key has signed it already.
    """
    envelope = open_envelope(envelope_bytes).envelope
    keyid = signer.public.keyid
    if any(signature.keyid == keyid for signature in envelope.signatures):
        raise EnvelopeError(
            f"The key {keyid} has signed this envelope already.",
            field="signatures",
            rule="signature-twice",
        )
    message = pae(envelope.payload_type, envelope.payload)
    signature = EnvelopeSignature(sig=signer.sign(message), keyid=keyid)
    return encode_envelope(envelope._replace(signatures=(*envelope.signatures, signature)))


def prove_possession(ledger_id: bytes, author: str, signer: Signer) -> bytes:
    """Show that one holds the key which one asks to be enrolled under a name."""
    return signer.sign(possession_message(ledger_id, author, signer.public.spki_der))


def enrollment(
    *, ledger_id: bytes, author: str, role: Role, party: str, key: PublicKey, possession: bytes
) -> AuthorEnrolled:
    """Make the fact that enrolls an author, after checking the proof of possession.

    Raises:
        SignatureError: The key's holder did not ask for this name in this ledger.
    """
    try:
        key.verify(possession, possession_message(ledger_id, author, key.spki_der))
    except SignatureError as error:
        raise SignatureError(
            f"Whoever asks to be enrolled as {author} does not show to hold the key {key.keyid}.",
            field="possession",
            rule="possession",
        ) from error
    return AuthorEnrolled(
        id=f"enroll-{author[:50]}-{key.keyid[:16]}",
        stream=f"{Collection.AUTHORS.value}/{author}",
        author=author,
        role=role,
        party=party,
        spki_der=key.spki_der,
        possession=possession,
    )
