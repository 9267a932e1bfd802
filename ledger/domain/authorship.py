"""Facts about the ledger itself, its authors and their keys (DESIGN §4, founding and power)."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from ledger.domain.dates import Milliseconds
from ledger.domain.facts import Fact
from ledger.domain.model import Frozen
from ledger.domain.scope import CountryCode
from ledger.domain.vocabulary import Role

AuthorId = Annotated[str, Field(pattern=r"^[a-z0-9-]{2,64}$")]
KeyId = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
SpkiDer = Annotated[bytes, Field(min_length=32, max_length=512)]

ADMINISTRATORS_STREAM = "authors/administrators"
FOUNDING_FACT_ID = "ledger-founded"


class OutsideRecord(Frozen):
    """Destinations under rules that the record does not carry.

    For them the answer is never that no license is required.
    """

    codes: Annotated[tuple[CountryCode, ...], Field(min_length=1)]
    citation: str
    note: str | None = None


class Policy(Frozen):
    """What the founders fix about the ledger's answers."""

    outside_record: tuple[OutsideRecord, ...] = ()


class Administrator(Frozen):
    """One of those who together enroll, recover and revoke authors."""

    author: AuthorId
    spki_der: SpkiDer


class LedgerFounded(Fact):
    """Entry 0: only local ``init`` writes it, and ``Append`` refuses it.

    ``origin`` is the C2SP checkpoint origin, ``log_key`` the SPKI DER of the key that signs
    checkpoints, ``threshold`` how many administrators must sign together.
    """

    origin: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9./-]{3,120}$")]
    policy: Policy
    log_key: SpkiDer
    administrators: Annotated[tuple[Administrator, ...], Field(min_length=1, max_length=16)]
    threshold: Annotated[int, Field(ge=1, le=16)]

    @model_validator(mode="after")
    def _threshold_can_be_met(self) -> Self:
        if self.threshold > len(self.administrators):
            message = f"threshold {self.threshold} exceeds the number of administrators"
            raise ValueError(message)
        if len({a.author for a in self.administrators}) != len(self.administrators):
            message = "administrators: two have one name"
            raise ValueError(message)
        if len({a.spki_der for a in self.administrators}) != len(self.administrators):
            message = "administrators: two have one key"
            raise ValueError(message)
        return self


class AuthorEnrolled(Fact):
    """``threshold`` administrators enroll an author, or give one a new key (recovery).

    ``party`` is the name under which the author's own facts appear as ``actor``; ``possession`` is
    the new key's signature over the enrollment message, which proves that the author holds it. The
    key is valid from the next index; it expires once ``recorded_ms`` reaches ``not_after_ms``.
    """

    author: AuthorId
    role: Role
    party: str
    spki_der: SpkiDer
    possession: Annotated[bytes, Field(min_length=64, max_length=128)]
    not_after_ms: Milliseconds | None = None


class KeyRotated(Fact):
    """An author replaces its own key: the envelope is signed by the old key and by the new one."""

    author: AuthorId
    old_keyid: KeyId
    spki_der: SpkiDer
    not_after_ms: Milliseconds | None = None


class KeyRevoked(Fact):
    """A key signs nothing after this entry's index; ``compromised_since_ms`` only annotates."""

    author: AuthorId
    keyid: KeyId
    reason: str
    compromised_since_ms: Milliseconds | None = None


def possession_message(ledger_id: bytes, author: str, spki_der: bytes) -> bytes:
    """What a new key signs to prove that its holder asks for enrollment in this very ledger."""
    parts = (b"ledger-key-possession-v1", ledger_id, author.encode(), spki_der)
    return b"".join(len(part).to_bytes(4) + part for part in parts)
