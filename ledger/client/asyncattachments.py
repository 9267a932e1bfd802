"""Documents outside the log: committed to, put, and got back against the commitment.

Nothing is believed of what the server gives: content and salt must make the commitment in the
proved entry, and that a document was erased must stand in an entry that says so.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import final

from ledger.client.asyncclient import AsyncLedgerClient
from ledger.client.records import Proved
from ledger.domain.attachments import (
    CONTENT_BYTES_MAX,
    SALT_LENGTH,
    AttachmentErased,
    Erasure,
    commitment_of,
)
from ledger.domain.statement import AttachmentCommitment
from ledger.errors import ErasedError, InputError, NotFoundError, VerificationError


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document with the salt that its commitment was made with.

    Attributes:
        named: What the statement says of it.
        salt: 32 bytes, as secret as the content.
        content: The document.
    """

    named: AttachmentCommitment
    salt: bytes
    content: bytes

    @property
    def commitment(self) -> bytes:
        """What names it in the log."""
        return self.named.commitment


def attach(content: bytes, media_type: str, *, salt: bytes | None = None) -> Attachment:
    """Commit to a document, with a fresh random salt unless one is given.

    Raises:
        InputError: It is larger than a ledger takes, or the salt has the wrong length.
        ValidationError: The media type is none.
    """
    if len(content) > CONTENT_BYTES_MAX:
        raise InputError(
            f"An attachment has at most {CONTENT_BYTES_MAX:,} bytes, and this {len(content):,}.",
            field="content",
            rule="content-size",
        )
    salt = secrets.token_bytes(SALT_LENGTH) if salt is None else salt
    named = AttachmentCommitment(
        commitment=commitment_of(salt, content), length=len(content), media_type=media_type
    )
    return Attachment(named, salt, content)


@final
class AsyncAttachments:
    """Puts and gets the documents of one ledger; ``attachments`` does it for plain functions.

    Args:
        client: The ledger.
    """

    def __init__(self, client: AsyncLedgerClient) -> None:
        self._client = client

    async def put(self, proved: Proved, attachment: Attachment) -> None:
        """Have the ledger store a document that an appended statement names; again does no harm.

        Raises:
            InputError: The statement names no such document.
            ErasedError: It was erased, which an entry proves.
            LedgerError: The ledger cannot take it.
        """
        statement, named = proved.entry.statement, attachment.named
        if named not in statement.attachments:
            raise InputError(
                f"{statement.fact_id} names no attachment {named.commitment.hex()} of "
                f"{named.length} bytes and type {named.media_type}.",
                field="attachments",
                rule="attachment-named",
            )
        try:
            await self._client.calls.put_attachment(
                proved.entry.index, attachment.salt, attachment.content
            )
        except ErasedError as error:
            raise await self._proved_erasure(named.commitment, error.index) from error

    async def get(self, proved: Proved, commitment: bytes) -> Attachment:
        """Get a document that a proved statement names.

        Raises:
            NotFoundError: The statement names no such document, or the ledger does not have it.
            ErasedError: It was erased, which an entry proves.
            VerificationError: What came is another document, or no entry erases this one.
        """
        named = named_in(proved, commitment)
        try:
            salt, content = await self._client.calls.get_attachment(proved.entry.index, commitment)
        except ErasedError as error:
            raise await self._proved_erasure(commitment, error.index) from error
        if not _makes(commitment, salt, content) or len(content) != named.length:
            raise VerificationError(
                f"What was given for the attachment {commitment.hex()} is another document.",
                field="content",
                rule="attachment-commitment",
            )
        return Attachment(named, salt, content)

    async def _proved_erasure(self, commitment: bytes, index: int) -> ErasedError:
        """See that the entry at an index erases a document, and give the error that says so.

        Raises:
            VerificationError: It does not: the document is withheld under a pretext.
        """
        entry = (await self._client.proved(index)).entry
        fact = entry.fact
        if not isinstance(fact, AttachmentErased) or fact.commitment != commitment:
            raise VerificationError(
                f"The attachment {commitment.hex()} is said to be erased by entry {index}, which "
                "does not erase it.",
                field="commitment",
                rule="erasure",
            )
        erased = Erasure(index, entry.statement.author, fact.reason)
        return ErasedError(f"The attachment {commitment.hex()} was {erased}", index=index)


def named_in(proved: Proved, commitment: bytes) -> AttachmentCommitment:
    """What a proved statement says of the document with this commitment.

    Raises:
        NotFoundError: It names none.
    """
    for named in proved.entry.statement.attachments:
        if named.commitment == commitment:
            return named
    raise NotFoundError(
        f"{proved.entry.statement.fact_id} names no attachment {commitment.hex()}.",
        field="commitment",
        rule="attachment-named",
    )


def _makes(commitment: bytes, salt: bytes, content: bytes) -> bool:
    return len(salt) == SALT_LENGTH and commitment_of(salt, content) == commitment
