"""What a client trusts before it asks anything: one ledger, by origin, log key and ledger id.

A pin is public and small; whoever founds a ledger hands it out, and everybody else checks every
checkpoint, receipt and answer against it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Field, ValidationError

from ledger.codec.entries import decode_entry
from ledger.codec.envelopes import decode_envelope
from ledger.codec.statements import decode_statement
from ledger.domain.authorship import LedgerFounded
from ledger.domain.model import Frozen
from ledger.errors import LedgerError, SettingError, VerificationError
from ledger.log.notekeys import SignatureType, VerifierKey
from ledger.log.receipts import Receipt, verify_receipt
from ledger.signing.dsse import statement_digest
from ledger.signing.publickeys import parse_public_key

PIN_FILE: Final = "pin.json"
_PIN_BYTES_MAX: Final = 64 * 1024


class _Tenured(Frozen):
    """A log key with the tree sizes that it signs, known from the entries that changed it."""

    vkey: str
    from_size: Annotated[int, Field(ge=0)] = 0
    until_size: Annotated[int, Field(ge=0)] | None = None

    @classmethod
    def of(cls, key: VerifierKey) -> Self:
        return cls(vkey=key.vkey(), from_size=key.from_size, until_size=key.until_size)

    def key(self) -> VerifierKey:
        key = VerifierKey.parse(self.vkey)
        return replace(key, from_size=self.from_size, until_size=self.until_size)


class _PinText(Frozen):
    """A pin as it stands in a file; a key that signs every size is its text form alone."""

    origin: str
    ledger_id: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    log_keys: Annotated[tuple[str | _Tenured, ...], Field(min_length=1, max_length=64)]


@dataclass(frozen=True, slots=True)
class Pin:
    """One ledger, so that no other can pass for it.

    Attributes:
        origin: The log's origin, the first line of its checkpoints.
        ledger_id: The statement digest of entry 0, 32 bytes.
        log_keys: The keys that sign its checkpoints, oldest first, each for its tree sizes: one,
            and those that it had before, by which old receipts verify.
    """

    origin: str
    ledger_id: bytes
    log_keys: tuple[VerifierKey, ...]

    @classmethod
    def of_founding(cls, founding: LedgerFounded, ledger_id: bytes) -> Self:
        """The pin of a ledger that one has founded, or read entry 0 of.

        Raises:
            InputError: The log key cannot sign notes.
        """
        key = parse_public_key(founding.log_key)
        log_key = VerifierKey(founding.origin, SignatureType.ED25519, key.raw)
        return cls(founding.origin, ledger_id, (log_key,))

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        """Read the JSON that ``to_json`` writes.

        Raises:
            SettingError: It is not a pin.
        """
        try:
            pin = _PinText.model_validate_json(text)
            keys = tuple(
                VerifierKey.parse(key) if isinstance(key, str) else key.key()
                for key in pin.log_keys
            )
        except (ValidationError, LedgerError) as error:
            raise SettingError("This is not a pin.", field="pin", rule="pin-form") from error
        return cls(pin.origin, bytes.fromhex(pin.ledger_id), keys)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a pin file.

        Raises:
            SettingError: It cannot be read, or is not a pin.
        """
        try:
            with path.open("rb") as file:
                content = file.read(_PIN_BYTES_MAX)
        except OSError as error:
            raise SettingError(
                f"The pin {path} cannot be read: {error.strerror}.", field="pin", rule="pin-file"
            ) from error
        return cls.parse(content)

    def to_json(self) -> str:
        """Write the pin as one JSON object on lines of its own."""
        text = _PinText(
            origin=self.origin,
            ledger_id=self.ledger_id.hex(),
            log_keys=tuple(
                _Tenured.of(key) if key.from_size or key.until_size is not None else key.vkey()
                for key in self.log_keys
            ),
        )
        return text.model_dump_json(indent=2, exclude_none=True) + "\n"


def pin_from_founding(receipt: Receipt) -> Pin:
    """Trust on first use: take origin and log key from what the server says is entry 0.

    Nothing vouches for it but the server itself, so only a user's explicit wish leads here. What
    the founding says of itself must hold all the same.

    Raises:
        VerificationError: The entry is not a founding, or its own log key did not sign it in.
        LedgerError: The entry does not parse.
    """
    envelope = decode_envelope(decode_entry(receipt.entry).envelope)
    founding = decode_statement(envelope.payload).fact
    if not isinstance(founding, LedgerFounded) or receipt.index != 0:
        raise VerificationError("Entry 0 does not found a ledger.", rule="founding")
    digest = statement_digest(envelope.payload_type, envelope.payload)
    pin = Pin.of_founding(founding, digest)
    verify_receipt(receipt, origin=pin.origin, verifiers=pin.log_keys)
    return pin
