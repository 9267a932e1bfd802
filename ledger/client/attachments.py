"""Documents outside the log: committed to, put, and got back against the commitment.

Nothing is believed of what the server gives: content and salt must make the commitment in the
proved entry, and that a document was erased must stand in an entry that says so.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from ledger.client.client import LedgerClient, Proved
from ledger.client.transport import finished
from ledger.domain.attachments import (
    CONTENT_BYTES_MAX,
    SALT_LENGTH,
    AttachmentErased,
    AttachmentRegister,
    AttachmentState,
    Erasure,
    NamedAttachment,
    commitment_of,
)
from ledger.domain.statement import AttachmentCommitment
from ledger.errors import ErasedError, InputError, NotFoundError, VerificationError
from ledger.v1 import services_pb2


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


@dataclass(frozen=True, slots=True)
class AttachmentStatus:
    """A document that a statement names, and what has become of it."""

    attachment: NamedAttachment
    state: AttachmentState


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


def put_attachment(client: LedgerClient, proved: Proved, attachment: Attachment) -> None:
    """Have the ledger store a document that an appended statement names; again does no harm.

    Raises:
        InputError: The statement names no such document.
        ErasedError: It was erased, which an entry proves.
        LedgerError: The ledger cannot take it.
    """
    if attachment.named not in proved.entry.statement.attachments:
        raise InputError(
            f"{proved.entry.statement.fact_id} names no attachment "
            f"{attachment.commitment.hex()} of {attachment.named.length} bytes and type "
            f"{attachment.named.media_type}.",
            field="attachments",
            rule="attachment-named",
        )
    try:
        finished(
            client.steps.calls.put_attachment(
                proved.entry.index, attachment.salt, attachment.content
            )
        )
    except ErasedError as error:
        raise proved_erasure(client, attachment.commitment, error.index) from error


def get_attachment(client: LedgerClient, proved: Proved, commitment: bytes) -> Attachment:
    """Get a document that a proved statement names.

    Raises:
        NotFoundError: The statement names no such document, or the ledger does not have it.
        ErasedError: It was erased, which an entry proves.
        VerificationError: What came is another document, or no entry erases this one.
    """
    index = proved.entry.index
    named = named_in(proved, commitment)
    try:
        salt, content = finished(client.steps.calls.get_attachment(index, commitment))
    except ErasedError as error:
        raise proved_erasure(client, commitment, error.index) from error
    try:
        made = commitment_of(salt, content)
    except InputError:
        made = b""
    if made != commitment or len(content) != named.length:
        raise VerificationError(
            f"What was given for the attachment {commitment.hex()} is another document.",
            field="content",
            rule="attachment-commitment",
        )
    return Attachment(named, salt, content)


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


def proved_erasure(client: LedgerClient, commitment: bytes, index: int) -> ErasedError:
    """See that the entry at an index erases a document, and give the error that says so.

    Raises:
        VerificationError: It does not: the document is withheld under a pretext.
    """
    entry = client.proved(index).entry
    fact = entry.fact
    if not isinstance(fact, AttachmentErased) or fact.commitment != commitment:
        raise VerificationError(
            f"The attachment {commitment.hex()} is said to be erased by entry {index}, which does "
            "not erase it.",
            field="commitment",
            rule="erasure",
        )
    erased = Erasure(index, entry.statement.author, fact.reason)
    return ErasedError(f"The attachment {commitment.hex()} was {erased}", index=index)


def attachment_states(
    client: LedgerClient, register: AttachmentRegister, tree_size: int
) -> Iterator[AttachmentStatus]:
    """What has become of every document that a log names, for an audit and for a bundle.

    Names and erasures come from entries that the caller has verified; the server is believed in
    one thing, whether it holds a document that nobody erased.

    Args:
        client: Whom to ask.
        register: Folded from all entries before ``tree_size``.
        tree_size: Of the verified checkpoint.
    """
    held = {
        listed.commitment
        for listed in client.listed_attachments()
        if listed.state == services_pb2.ATTACHMENT_STATE_PRESENT
    }
    for attachment in register.attachments(tree_size):
        state = attachment.state(held=attachment.named.commitment in held)
        yield AttachmentStatus(attachment, state)
