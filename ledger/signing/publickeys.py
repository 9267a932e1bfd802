"""Public keys, each in its one canonical form, and strict verification.

A key is its SubjectPublicKeyInfo in DER (RFC 5480, RFC 8410), and the hex SHA-256 of these bytes
names it; so one key must have one encoding. For the two algorithms accepted here DER leaves no
choice at all: everything before the key material is a constant, and that constant decides the
algorithm. Nothing else, such as RSA, another curve, a compressed point, parameters spelled out
or BER, reaches a parser.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA256
from nacl.bindings import crypto_core_ed25519_is_valid_point, crypto_sign_open
from nacl.exceptions import BadSignatureError

from ledger.errors import InputError, SignatureError

ED25519_SIGNATURE_BYTES: Final = 64


class Algorithm(Enum):
    """The algorithms a key may be of; the key decides, never a message."""

    ED25519 = "ed25519"
    ECDSA_P256_SHA256 = "ecdsa-p256-sha256"


_SPKI_FORMS: Final = {
    # SEQUENCE { SEQUENCE { id-Ed25519 }, BIT STRING of 32 bytes }
    Algorithm.ED25519: (bytes.fromhex("302a300506032b6570032100"), 32),
    # SEQUENCE { SEQUENCE { id-ecPublicKey, secp256r1 }, BIT STRING 04 || x || y }
    Algorithm.ECDSA_P256_SHA256: (
        bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004"),
        64,
    ),
}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key that may be enrolled; ``parse_public_key`` is the only maker.

    Attributes:
        spki_der: SubjectPublicKeyInfo in DER.
        algorithm: What its signatures are.
        keyid: Lower-case hex SHA-256 of ``spki_der``.
    """

    spki_der: bytes
    algorithm: Algorithm
    keyid: str
    _p256: ec.EllipticCurvePublicKey | None = field(repr=False, compare=False)

    @property
    def raw(self) -> bytes:
        """The key material: 32 bytes of Ed25519 (RFC 8032), or x and y, 32 bytes each."""
        prefix, _ = _SPKI_FORMS[self.algorithm]
        return self.spki_der[len(prefix) :]

    def verify(self, signature: bytes, message: bytes) -> None:
        """Check a signature over a message.

        Args:
            signature: Ed25519, 64 bytes (RFC 8032); or ECDSA with SHA-256, the DER of
                ``SEQUENCE { r, s }`` (RFC 3279 section 2.2.3).
            message: The bytes signed, unhashed.

        Raises:
            SignatureError: It does not verify, or is not in canonical form.
        """
        if self._p256 is None:
            self._verify_ed25519(signature, message)
        else:
            self._verify_p256(self._p256, signature, message)

    def _verify_ed25519(self, signature: bytes, message: bytes) -> None:
        """Verify by libsodium: S below the group order, A and R not of small order.

        Its equation is the one without cofactor, which implies the one with it, so that what is
        accepted here is accepted by every other verifier. OpenSSL, behind ``cryptography``, lets
        small-order points through.
        """
        if len(signature) != ED25519_SIGNATURE_BYTES:
            raise self._refused("signature-form")
        try:
            crypto_sign_open(signature + message, self.raw)
        except BadSignatureError as error:
            raise self._refused("signature") from error

    def _verify_p256(
        self, key: ec.EllipticCurvePublicKey, signature: bytes, message: bytes
    ) -> None:
        """Verify by OpenSSL, after insisting on the one DER form of (r, s).

        Low S is not asked for: many tokens and key services do not make it, and a signature
        names nothing here, so that its twin (r, n - s) buys nobody anything. Loose DER would be
        harmless likewise, but verifiers disagree about it, and what is accepted here must be
        acceptable everywhere.
        """
        canonical = None
        with suppress(ValueError):
            canonical = encode_dss_signature(*decode_dss_signature(signature))
        if canonical != signature:
            raise self._refused("signature-form")
        try:
            key.verify(signature, message, ec.ECDSA(SHA256()))
        except InvalidSignature as error:
            raise self._refused("signature") from error

    def _refused(self, rule: str) -> SignatureError:
        return SignatureError(
            f"The signature by key {self.keyid} does not verify.", field="sig", rule=rule
        )


def parse_public_key(spki_der: bytes) -> PublicKey:
    """Read a SubjectPublicKeyInfo in DER.

    An Ed25519 key must be canonically encoded (y < 2**255 - 19), on the curve, and in the
    subgroup of prime order, hence not one of the eight torsion points. libsodium's
    ``crypto_core_ed25519_is_valid_point`` decides that, the same library that later verifies.
    Under a torsion key one signature fits many messages, and under a key with a torsion part
    verifiers with and without cofactor disagree; honest key generation makes neither.

    Raises:
        InputError: Another algorithm or curve, another encoding of this key, or a point that is
            not a key: not on the curve, at infinity, of small or mixed order.
    """
    for algorithm, (prefix, length) in _SPKI_FORMS.items():
        if spki_der.startswith(prefix) and len(spki_der) == len(prefix) + length:
            material = spki_der[len(prefix) :]
            p256 = None
            if algorithm is Algorithm.ECDSA_P256_SHA256:
                p256 = _p256_point(material)
            elif not crypto_core_ed25519_is_valid_point(material):
                raise _no_point()
            return PublicKey(spki_der, algorithm, sha256(spki_der).hexdigest(), p256)
    raise InputError(
        "A public key is Ed25519 or ECDSA P-256, as SubjectPublicKeyInfo in canonical DER.",
        field="spki_der",
        rule="key-form",
    )


def _p256_point(material: bytes) -> ec.EllipticCurvePublicKey:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + material)
    except ValueError as error:
        raise _no_point() from error


def _no_point() -> InputError:
    return InputError(
        "The public key is not a point that may sign.", field="spki_der", rule="key-point"
    )
