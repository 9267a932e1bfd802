"""Statement, envelope and entry: what an author signs, how it travels, what the log keeps."""

from __future__ import annotations

from typing import Annotated, NamedTuple, Self

from pydantic import Field, model_validator

from ledger.domain.authorship import AuthorId, KeyId
from ledger.domain.dates import Milliseconds
from ledger.domain.facts import Fact
from ledger.domain.model import Frozen

NONCE_LENGTH = 16
DIGEST_LENGTH = 32
COUNT_END = 2**63
SIGNATURES_MAX = 64

Digest = Annotated[bytes, Field(min_length=DIGEST_LENGTH, max_length=DIGEST_LENGTH)]


class Anchor(Frozen):
    """A checkpoint that the author had verified: the statement is not older than it."""

    size: Annotated[int, Field(ge=1, lt=COUNT_END)]
    root: Digest


class AttachmentCommitment(Frozen):
    """A document outside the log: SHA-256("ledger-attachment-v1" || salt || content)."""

    commitment: Digest
    length: Annotated[int, Field(ge=0, lt=COUNT_END)]
    media_type: Annotated[str, Field(pattern=r"^[a-z0-9.+-]+/[a-z0-9.+-]+$")]


class Statement(Frozen):
    """One fact, for one place in one stream of one ledger (DESIGN §4).

    ``ledger_id`` is the statement digest of entry 0, and empty in entry 0 itself.
    ``expected_version`` counts the events that the author believes the stream holds.
    """

    ledger_id: Annotated[bytes, Field(max_length=DIGEST_LENGTH)]
    expected_version: Annotated[int, Field(ge=0, lt=COUNT_END)]
    author: AuthorId
    nonce: Annotated[bytes, Field(min_length=NONCE_LENGTH, max_length=NONCE_LENGTH)]
    signed_at_ms: Milliseconds
    anchor: Anchor | None = None
    fact: Fact
    attachments: tuple[AttachmentCommitment, ...] = ()

    @model_validator(mode="after")
    def _names_a_ledger_or_founds_one(self) -> Self:
        if len(self.ledger_id) not in {0, DIGEST_LENGTH}:
            message = f"ledger_id: it has {len(self.ledger_id)} bytes, not {DIGEST_LENGTH}"
            raise ValueError(message)
        return self

    @property
    def stream(self) -> str:
        """The stream that the fact lives in."""
        return self.fact.stream

    @property
    def fact_id(self) -> str:
        """The fact's name, unique in the log."""
        return self.fact.id


class EnvelopeSignature(NamedTuple):
    """One signature over PAE(type, payload), and the key that claims to have made it.

    ``sig`` has 1 to 256 bytes. Like an envelope and an entry it says nothing of the domain, so its
    form is checked where bytes become one of it, and nowhere else.
    """

    sig: bytes
    keyid: str


class Envelope(NamedTuple):
    """A DSSE envelope: the statement's bytes and 1 to 64 signatures by different keys."""

    payload: bytes
    payload_type: str
    signatures: tuple[EnvelopeSignature, ...]


class Entry(NamedTuple):
    """The leaf data: when the service recorded it, and the envelope's bytes, verbatim."""

    recorded_ms: int
    envelope: bytes


class Recorded(Frozen):
    """An entry read back: what the read models and the determination stand on.

    ``version`` is the event's place in its stream, from 1; ``index`` the entry's in the log.
    ``signed_at_ms`` is the author's word, None where whoever built the value has no use for it;
    ``anchor_size`` the tree size of the statement's anchor, 0 without one; ``signers`` are the
    keyids of the envelope's signatures, in its order.
    """

    index: Annotated[int, Field(ge=0)]
    version: Annotated[int, Field(ge=1)]
    recorded_ms: Milliseconds
    author: AuthorId
    digest: Digest
    fact: Fact
    signed_at_ms: Milliseconds | None = None
    anchor_size: Annotated[int, Field(ge=0)] = 0
    attachments: tuple[AttachmentCommitment, ...] = ()
    signers: tuple[KeyId, ...] = ()
