"""Private keys in memory, and the shape of anything else that can sign."""

from __future__ import annotations

from typing import Final, Protocol, final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from nacl.bindings import crypto_sign

from ledger.errors import KeyFileError
from ledger.signing.publickeys import (
    ED25519_SIGNATURE_BYTES,
    Algorithm,
    PublicKey,
    parse_public_key,
)

PASSPHRASE_BYTES_MAX: Final = 1023


class Signer(Protocol):
    """Whatever holds a private key: memory, a hardware module, a key service."""

    @property
    def public(self) -> PublicKey:
        """The public half, by which signatures are verified."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return a signature over the message, in the form ``PublicKey.verify`` takes."""
        ...


@final
class PrivateKey:
    """A private key in memory. It shows itself by its keyid only.

    Raises:
        InputError: The key's public half is not one that may be enrolled, such as one on
            another curve.
    """

    __slots__ = ("_key", "_public", "_secret")

    def __init__(self, key: Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> None:
        self._key = key
        self._public = parse_public_key(
            key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        )
        # libsodium's form of an Ed25519 key; OpenSSL derives it anew at every signature.
        self._secret = b""
        if isinstance(key, Ed25519PrivateKey):
            self._secret = key.private_bytes_raw() + self._public.raw

    @classmethod
    def generate(cls, algorithm: Algorithm = Algorithm.ED25519) -> PrivateKey:
        """Make a new key from the operating system's randomness."""
        if algorithm is Algorithm.ED25519:
            return cls(Ed25519PrivateKey.generate())
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @property
    def public(self) -> PublicKey:
        """The public half."""
        return self._public

    def sign(self, message: bytes) -> bytes:
        """Sign a message: 64 bytes of Ed25519, or DER of ECDSA P-256 with SHA-256."""
        if isinstance(self._key, Ed25519PrivateKey):
            signed: bytes = crypto_sign(message, self._secret)
            return signed[:ED25519_SIGNATURE_BYTES]
        return self._key.sign(message, ec.ECDSA(SHA256()))

    def to_pem(self, passphrase: bytes | None) -> bytes:
        """Return PKCS#8 in PEM, encrypted under the pass phrase, or bare if it is None.

        Raises:
            KeyFileError: The pass phrase is empty or over 1,023 bytes, which OpenSSL cannot use.
        """
        encryption: KeySerializationEncryption = NoEncryption()
        if passphrase is not None:
            if not 1 <= len(passphrase) <= PASSPHRASE_BYTES_MAX:
                raise KeyFileError(
                    f"A pass phrase has 1 to {PASSPHRASE_BYTES_MAX} bytes.",
                    field="passphrase",
                    rule="passphrase",
                )
            encryption = BestAvailableEncryption(passphrase)
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)

    def __repr__(self) -> str:
        return f"PrivateKey({self._public.algorithm.value}, keyid={self._public.keyid})"
