"""Requests: what the holder of a new key hands to those who let it in, a small public file."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Field, ValidationError

from ledger.client.keyfacts import prove_delegation
from ledger.client.signer import prove_possession
from ledger.domain.authorship import AuthorId
from ledger.domain.model import Frozen
from ledger.errors import InputError
from ledger.signing.privatekeys import Signer
from ledger.signing.publickeys import PublicKey, parse_public_key

REQUEST_SUFFIX: Final = ".enroll.json"
DELEGATION_SUFFIX: Final = ".delegate.json"
_BYTES_MAX: Final = 16 * 1024


class EnrollmentRequest(Frozen):
    """Somebody asks to be enrolled in one ledger under one name, and shows to hold the key."""

    ledger_id: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    author: AuthorId
    public_key: str
    possession: str

    @classmethod
    def make(cls, ledger_id: bytes, author: str, signer: Signer) -> Self:
        """Ask for enrollment, signing with the new key.

        Raises:
            InputError: The name is not one an author may have.
        """
        possession = cls._prove(ledger_id, author, signer)
        try:
            return cls(
                ledger_id=ledger_id.hex(),
                author=author,
                public_key=base64.b64encode(signer.public.spki_der).decode(),
                possession=base64.b64encode(possession).decode(),
            )
        except ValidationError as error:
            raise InputError(
                f"{author!r} cannot name an author: 2 to 64 of a-z, 0-9 and hyphen.",
                field="author",
                rule="author-id",
            ) from error

    def require_for(self, ledger_id: bytes) -> None:
        """See that it is for this ledger.

        Raises:
            InputError: It is for another one.
        """
        if self.ledger_id != ledger_id.hex():
            raise InputError(
                f"The request is for the ledger {self.ledger_id}, and this one is "
                f"{ledger_id.hex()}.",
                field="ledger_id",
                rule="other-ledger",
            )

    @staticmethod
    def _prove(ledger_id: bytes, author: str, signer: Signer) -> bytes:
        return prove_possession(ledger_id, author, signer)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a request file.

        Raises:
            InputError: It cannot be read, or is not one.
        """
        try:
            with path.open("rb") as file:
                return cls.model_validate_json(file.read(_BYTES_MAX))
        except (OSError, ValidationError) as error:
            raise InputError(
                f"{path} is not a request for a key.", field="request", rule="request-form"
            ) from error

    def key(self) -> PublicKey:
        """The key to be enrolled.

        Raises:
            InputError: It is not a key that may be.
        """
        return parse_public_key(_decoded(self.public_key, "public_key"))

    def proof(self) -> bytes:
        """The new key's signature over the enrollment message.

        Raises:
            InputError: It is not base64.
        """
        return _decoded(self.possession, "possession")


class DelegationRequest(EnrollmentRequest):
    """Somebody asks to sign for an author in one ledger, and shows to hold the key."""

    @staticmethod
    def _prove(ledger_id: bytes, author: str, signer: Signer) -> bytes:
        return prove_delegation(ledger_id, author, signer)


def _decoded(text: str, field: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InputError(f"The {field} is not base64.", field=field, rule="base64") from error


def ledger_id_of(text: str) -> bytes:
    """Read a ledger id, 64 lower-case hexadecimal digits.

    Raises:
        InputError: It is something else.
    """
    message = f"{text!r} is not a ledger id: 64 lower-case hexadecimal digits."
    try:
        ledger_id = bytes.fromhex(text)
    except ValueError as error:
        raise InputError(message, field="ledger_id", rule="ledger-id") from error
    if ledger_id.hex() != text or len(text) != 64:  # noqa: PLR2004 - two digits a byte
        raise InputError(message, field="ledger_id", rule="ledger-id")
    return ledger_id
