"""Keys of signed notes: what names one, what it signs, and its text form (C2SP signed-note).

Two signature types are known: 0x01, Ed25519 over the note text, with which the log signs; and
0x04, cosignature/v1 (C2SP tlog-cosignature), an Ed25519 signature over text and time, with which
a witness says that it saw the log grow consistently until then. Others are unknown keys.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from nacl.bindings import crypto_core_ed25519_is_valid_point, crypto_sign_open
from nacl.exceptions import BadSignatureError

from ledger.errors import NoteError, SettingError, VerificationError
from ledger.log.strict import SIZE_MAX, decode_base64, encode_base64, encode_text

if TYPE_CHECKING:
    from collections.abc import Callable

KEY_ID_BYTES: Final = 4
_PUBLIC_KEY_BYTES = 32
_SIGNATURE_BYTES = 64
_TIME_BYTES = 8
_VKEY = re.compile(r"([^+]+)\+([0-9a-f]{8})\+(.+)", re.DOTALL)


class SignatureType(IntEnum):
    """The signature type byte of C2SP signed-note."""

    ED25519 = 0x01
    COSIGNATURE_V1 = 0x04


@dataclass(frozen=True)
class VerifierKey:
    """A note's public key: everything a verifier must be configured with.

    Attributes:
        name: The key's name, by custom a schema-less URL; a log's is its origin.
        signature_type: What its signatures are made over.
        public_key: Ed25519, 32 bytes as RFC 8032 encodes them.
        from_size: For a log's key, the least tree size whose checkpoint it signs.
        until_size: For a log's key that was replaced, the largest such size; else None. A key's
            text form has neither: they are known to whoever read of the change in the log, and a
            key is the same key with them and without.

    Raises:
        NoteError: The name is not one, or the key is not a point that may sign.
    """

    name: str
    signature_type: SignatureType
    public_key: bytes
    from_size: int = field(default=0, compare=False)
    until_size: int | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        require_key_name(self.name)
        # libsodium's check refuses non-canonical encodings, the eight points of small order and
        # every point outside the prime-order subgroup: no honest key pair has such a key.
        valid = len(self.public_key) == _PUBLIC_KEY_BYTES
        if not valid or not crypto_core_ed25519_is_valid_point(self.public_key):
            raise NoteError(
                f"The key {self.name!r} is not a valid Ed25519 public key.",
                field="public_key",
                rule="public-key",
            )

    @classmethod
    def parse(cls, vkey: str) -> VerifierKey:
        """Read ``name+hex8(key id)+base64(type || public key)``, which ``vkey`` writes.

        Raises:
            NoteError: The text is not of that form, its type is not known here, or its key id is
                not that of its key.
        """
        match = _VKEY.fullmatch(vkey)
        if match is None:
            raise NoteError("A verifier key is name+id+key.", field="vkey", rule="vkey")
        name, key_id, encoded = match.groups()
        material = decode_base64(encoded, field="vkey")
        if material[:1] not in _KNOWN_TYPES:
            raise NoteError(
                f"The key {name!r} is of a type that is not known here.",
                field="vkey",
                rule="signature-type",
            )
        key = cls(name, SignatureType(material[0]), material[1:])
        if key.key_id.hex() != key_id:
            raise NoteError(
                f"The key {name!r} says id {key_id} and has {key.key_id.hex()}.",
                field="vkey",
                rule="key-id",
            )
        return key

    @cached_property
    def key_id(self) -> bytes:
        """``SHA-256(name || 0x0A || type || public key)[:4]``."""
        return sha256(self.name.encode() + b"\n" + self._material()).digest()[:KEY_ID_BYTES]

    def signs_at(self, size: int) -> bool:
        """Whether the key, if it is a log's, signs the checkpoint of a tree of this size."""
        return self.from_size <= size and (self.until_size is None or size <= self.until_size)

    def vkey(self) -> str:
        """Return the text form to configure verifiers with."""
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(self._material())}"

    def verify(self, text: str, signature: bytes) -> int | None:
        """Check a signature over a note text; strict Ed25519, as libsodium does it.

        Args:
            text: The note text with its final newline.
            signature: What follows the key id: 64 bytes, after 8 bytes of time for a cosignature.

        Returns:
            The POSIX time in seconds a cosignature states, None for an Ed25519 note signature.

        Raises:
            VerificationError: The signature is not one of this key over this text.
        """
        time_s, signed = None, signature
        if self.signature_type is SignatureType.COSIGNATURE_V1:
            time_s = int.from_bytes(signature[:_TIME_BYTES], "big")
            signed = signature[_TIME_BYTES:]
        if len(signed) != _SIGNATURE_BYTES or (time_s or 0) > SIZE_MAX:
            raise self._failed()
        try:
            crypto_sign_open(signed + _message(text, time_s), self.public_key)
        except BadSignatureError as error:
            raise self._failed() from error
        return time_s

    def _failed(self) -> VerificationError:
        return VerificationError(
            f"The signature by {self.name!r} does not verify.",
            field="signatures",
            rule="note-signature",
        )

    def _material(self) -> bytes:
        return bytes([self.signature_type]) + self.public_key


_KNOWN_TYPES = {bytes([known]) for known in SignatureType}


@dataclass(frozen=True)
class NoteSigner:
    """A key that signs notes: the public half, and whatever holds the private one.

    Attributes:
        key: The public half.
        sign: Takes a message, returns a 64-byte Ed25519 signature (a key in memory, an HSM).
    """

    key: VerifierKey
    sign: Callable[[bytes], bytes]

    def signature_over(self, text: str, *, time_s: int | None = None) -> bytes:
        """Sign a note text, and verify what was signed before anybody else sees it.

        Checking costs less than a checkpoint nobody can verify: a signer set up with the wrong
        public half, or a faulty device, is found here.

        Args:
            text: The note text with its final newline.
            time_s: POSIX time in seconds; needed for a cosignature, and only there.

        Raises:
            SettingError: The time is missing, out of place or out of range.
            VerificationError: The signature made is not one of this key.
        """
        cosigns = self.key.signature_type is SignatureType.COSIGNATURE_V1
        if cosigns != (time_s is not None) or not 0 <= (time_s or 0) <= SIZE_MAX:
            raise SettingError(
                "A cosignature states its time, an Ed25519 note signature does not.",
                field="time_s",
                rule="cosignature-time",
            )
        signature = self.sign(_message(text, time_s))
        if time_s is not None:
            signature = time_s.to_bytes(_TIME_BYTES, "big") + signature
        self.key.verify(text, signature)
        return signature


def require_key_name(name: str) -> None:
    """Refuse a key name that is empty or has Unicode spaces, control characters or a plus.

    Raises:
        NoteError: The name is one of these.
    """
    encode_text(name, field="name")
    if not name or any(sign.isspace() or sign < " " or sign == "+" for sign in name):
        raise NoteError(
            f"{name!r} is not a key name: no spaces, no plus, not empty.",
            field="name",
            rule="key-name",
        )


def _message(text: str, time_s: int | None) -> bytes:
    """Return what is signed: the text, or the cosignature/v1 message over text and time."""
    if time_s is None:
        return encode_text(text, field="text")
    return encode_text(f"cosignature/v1\ntime {time_s}\n{text}", field="text")
