"""Documents outside the log: how a statement commits to one, and how one is erased (DESIGN §4).

A statement carries ``SHA-256("ledger-attachment-v1" || 32-byte salt || content)``. The salt never
enters the log, so that the commitment tells nobody what the document says, even of a document
that could be guessed. Once content and salt are destroyed the commitment is a number, and every
proof over the entry that carries it still holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Final, final

from pydantic import Field

from ledger.domain.facts import Fact
from ledger.domain.statement import AttachmentCommitment, Digest
from ledger.domain.vocabulary import Collection
from ledger.errors import InputError

SALT_LENGTH: Final = 32
CONTENT_BYTES_MAX: Final = 4 * 2**20 - 2**16
"""The largest document, 64 KiB less than 4 MiB: it travels in one message, with its salt, and
clients of any language receive 4 MiB unless told otherwise."""

_CONTEXT: Final = b"ledger-attachment-v1"


class AttachmentErased(Fact):
    """Administrators have a document destroyed, and say why.

    It lives in a stream of its own, named by the commitment, so that a document is erased once and
    no other stream's version has to be known. It need not say which statements name the document:
    several may, and all of them lose it.
    """

    commitment: Digest
    reason: Annotated[str, Field(min_length=1, max_length=1_000)]


class AttachmentState(StrEnum):
    """What has become of a document that a statement names."""

    PRESENT = "present"
    MISSING = "missing"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Erasure:
    """Which entry had a document destroyed, whose, and why."""

    index: int
    by: str
    reason: str

    def __str__(self) -> str:
        return f"erased by {self.by} at index {self.index}: {self.reason}"


@dataclass(frozen=True, slots=True)
class NamedAttachment:
    """A document by the statement that names it.

    Attributes:
        index: The entry of that statement.
        fact_id: Its fact.
        named: The commitment, with length and media type.
        erasure: Of the document, or None.
    """

    index: int
    fact_id: str
    named: AttachmentCommitment
    erasure: Erasure | None = None

    def state(self, *, held: bool) -> AttachmentState:
        """What has become of it, given whether the store holds it."""
        if self.erasure is not None:
            return AttachmentState.ERASED
        return AttachmentState.PRESENT if held else AttachmentState.MISSING


@final
@dataclass(slots=True)
class AttachmentRegister:
    """Every document that a log names and every erasure, folded from its entries in order."""

    _named: list[NamedAttachment] = field(default_factory=list)
    _erasures: dict[bytes, Erasure] = field(default_factory=dict)

    def add(
        self, index: int, author: str, fact: Fact, attachments: Iterable[AttachmentCommitment]
    ) -> None:
        """Take in the next entry."""
        if isinstance(fact, AttachmentErased):
            self._erasures[fact.commitment] = Erasure(index, author, fact.reason)
        self._named.extend(NamedAttachment(index, fact.id, named) for named in attachments)

    @property
    def erasures(self) -> int:
        """How many documents were erased."""
        return len(self._erasures)

    def attachments(self, tree_size: int) -> Iterator[NamedAttachment]:
        """The documents named before a tree size, in the log's order, as they stood there."""
        for attachment in self._named:
            if attachment.index >= tree_size:
                return
            erased = self._erasures.get(attachment.named.commitment)
            if erased is not None and erased.index < tree_size:
                yield replace(attachment, erasure=erased)
            else:
                yield attachment


def commitment_of(salt: bytes, content: bytes) -> bytes:
    """The 32 bytes by which a statement commits to a document.

    Raises:
        InputError: The salt is not of 32 bytes: commitments of salts of other lengths would be
            ambiguous.
    """
    if len(salt) != SALT_LENGTH:
        raise InputError(
            f"A salt has {SALT_LENGTH} bytes, not {len(salt)}.", field="salt", rule="salt-length"
        )
    return sha256(_CONTEXT + salt + content).digest()


def erasure_stream(commitment: bytes) -> str:
    """The stream in which the erasure of a document lives."""
    return f"{Collection.ATTACHMENTS.value}/{commitment.hex()}"


def erasure(commitment: bytes, reason: str) -> AttachmentErased:
    """Make the fact by which a document is erased."""
    return AttachmentErased(
        id=f"erased-{commitment.hex()}",
        stream=erasure_stream(commitment),
        commitment=commitment,
        reason=reason,
    )
