"""What can be said of a statement before the lock is taken: is it sound, and who signed it?

Whether a signature holds depends on the key and the bytes alone, and a key id names one key for
ever; whether the key may sign *here* is decided under the lock. So verifying ahead is safe even
against a keyring that is older than the entry's place, or newer.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from ledger.codec.envelopes import decode_envelope
from ledger.codec.statements import decode_statement
from ledger.domain.admission import CandidateKeys, candidate_keys
from ledger.domain.authorship import KeyRotated, LedgerFounded
from ledger.domain.logkeys import LogKeyRotated
from ledger.domain.possession import possession_of
from ledger.errors import EnvelopeError, InputError, SignatureError
from ledger.signing.dsse import PAYLOAD_TYPE, digest_of, pae
from ledger.signing.publickeys import Algorithm, PublicKey, parse_public_key
from ledger.signing.verifying import verify_all

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ledger.domain.keyring import Keyring
    from ledger.domain.possession import Possession
    from ledger.domain.statement import Envelope, EnvelopeSignature, Statement

_KEYS_KEPT = 10_000


class Prepared(NamedTuple):
    """A statement that was parsed strictly.

    Attributes:
        envelope: The envelope's bytes, verbatim.
        statement: What was signed.
        digest: Statement digest, 32 bytes.
        message: What the signatures are made over (DSSE PAE).
        signatures: Signatures and the keys that they claim.
        signers: The key ids of the signatures.
        verified: Whether all of them were verified; if not, a key was not known yet.
    """

    envelope: bytes
    statement: Statement
    digest: bytes
    message: bytes
    signatures: tuple[EnvelopeSignature, ...]
    signers: tuple[str, ...]
    verified: bool = False


Given = bytes | Prepared
"""A statement on its way in: its envelope, or what another thread or process made of it."""


def envelope_of(given: Given) -> bytes:
    """The envelope, verbatim."""
    return given.envelope if isinstance(given, Prepared) else given


def parse(envelope: bytes) -> Prepared:
    """Read an envelope and the statement in it, and check the keys that it brings.

    Raises:
        EnvelopeError: Envelope or statement are not well formed, or the statement brings a key
            that may not be enrolled.
        SignatureError: A new key's holder did not sign the enrollment message.
    """
    return parse_opened(envelope, open_envelope(envelope))


def open_envelope(envelope: bytes) -> Envelope:
    """Read an envelope that holds a statement, the first half of ``parse``.

    Raises:
        EnvelopeError: It is not well formed, or holds something else.
    """
    outer = decode_envelope(envelope)
    if outer.payload_type != PAYLOAD_TYPE:
        raise EnvelopeError(
            f"The payload type is not {PAYLOAD_TYPE}.", field="payload_type", rule="payload-type"
        )
    return outer


def parse_opened(envelope: bytes, outer: Envelope) -> Prepared:
    """Read the statement in an envelope that was opened, the second half of ``parse``.

    Raises:
        EnvelopeError: It is not well formed, or brings a key that may not be enrolled.
        SignatureError: A new key's holder did not sign the enrollment message.
    """
    statement = decode_statement(outer.payload)
    _check_brought_keys(statement)
    message = pae(outer.payload_type, outer.payload)
    return Prepared(
        envelope=envelope,
        statement=statement,
        digest=digest_of(message),
        message=message,
        signatures=outer.signatures,
        signers=tuple([signature.keyid for signature in outer.signatures]),
    )


def verify_if_known(prepared: Prepared, candidates: CandidateKeys) -> Prepared:
    """Verify all signatures, or leave that for later if a key is not known here yet.

    Raises:
        SignatureError: A signature does not hold.
    """
    known = candidates.of(prepared.statement)
    if all(keyid in known for keyid in prepared.signers):
        return _verified(prepared, known)
    return prepared


def verify(prepared: Prepared, keyring: Keyring) -> Prepared:
    """Verify all signatures against the keys that may come into question (DESIGN §4).

    Raises:
        SignatureError: A key is not known here, or a signature does not hold; ``field`` says
            which.
    """
    return _verified(prepared, candidate_keys(prepared.statement, keyring))


def _verified(prepared: Prepared, known: Mapping[str, bytes]) -> Prepared:
    verify_by(prepared, known)
    return prepared._replace(verified=True)


def verify_by(prepared: Prepared, known: Mapping[str, bytes]) -> None:
    """Verify all signatures by keys that come into question, SPKI DER by keyid.

    Raises:
        SignatureError: A key is not among them, or a signature does not hold; ``field`` says which.
    """
    pairs: list[tuple[PublicKey, bytes]] = []
    for place, signature in enumerate(prepared.signatures):
        spki_der = known.get(signature.keyid)
        if spki_der is None:
            raise SignatureError(
                f"No key {signature.keyid} comes into question for a statement of "
                f"{prepared.statement.author}.",
                field=f"signatures[{place}].keyid",
                rule="key-unknown",
            )
        pairs.append((_public_key(spki_der), signature.sig))
    verify_all(prepared.message, pairs)


@lru_cache(maxsize=_KEYS_KEPT)
def _public_key(spki_der: bytes) -> PublicKey:
    """Parse a key once: checking that its point is a sound one costs as much as a signature."""
    return parse_public_key(spki_der)


def _check_brought_keys(statement: Statement) -> None:
    """Refuse a key under which signatures prove nothing, and one that nobody holds.

    The domain is pure and leaves both to here.
    """
    match statement.fact:
        case KeyRotated() as fact:
            _sound_key(fact.spki_der, "fact.rotated.spki_der")
        case LogKeyRotated() as fact:
            _signs_notes(fact.spki_der, "fact.log_key_rotated.spki_der")
        case LedgerFounded() as fact:
            for place, founder in enumerate(fact.administrators):
                _sound_key(founder.spki_der, f"fact.founded.administrators[{place}].spki_der")
            _signs_notes(fact.log_key, "fact.founded.log_key")
        case _:
            pass
    possession = possession_of(statement)
    if possession is not None:
        key = _sound_key(possession.spki_der, f"{possession.field}.spki_der")
        _check_possession(key, possession)


def _sound_key(spki_der: bytes, field: str) -> PublicKey:
    try:
        return _public_key(spki_der)
    except InputError as error:
        raise EnvelopeError(error.message, field=field, rule=error.rule) from error


def _signs_notes(spki_der: bytes, field: str) -> None:
    if _sound_key(spki_der, field).algorithm is not Algorithm.ED25519:
        raise EnvelopeError(
            "Checkpoints are signed with Ed25519 (C2SP signed-note type 0x01).",
            field=field,
            rule="log-key",
        )


def _check_possession(key: PublicKey, possession: Possession) -> None:
    try:
        key.verify(possession.signature, possession.message)
    except SignatureError as error:
        raise SignatureError(
            f"The holder of the key {key.keyid} did not sign the message that asks for it to be "
            "let into this ledger.",
            field=f"{possession.field}.possession",
            rule="possession",
        ) from error
