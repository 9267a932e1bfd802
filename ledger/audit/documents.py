"""Attachments in an audit: which there must be, and whether what is held is what was signed for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from ledger.audit.findings import NOWHERE, Finding, Findings
from ledger.audit.source import Source
from ledger.codec.skimming import Skimmed, skim
from ledger.domain.attachments import (
    CONTENT_BYTES_MAX,
    SALT_LENGTH,
    AttachmentRegister,
    NamedAttachment,
    commitment_of,
)
from ledger.domain.vocabulary import Collection
from ledger.errors import LedgerError, VerificationError
from ledger.store.mapper import open_entry
from ledger.store.vault import Document

MEMBER_BYTES_MAX: Final = SALT_LENGTH + CONTENT_BYTES_MAX
"""The longest document in a bundle: its salt stands in front of its content."""

_ERASURES: Final = f"{Collection.ATTACHMENTS.value}/"


def register(known: AttachmentRegister, index: int, skimmed: Skimmed | None, data: bytes) -> None:
    """Take note of documents that an entry names, or erases; what it is worth, others say."""
    if skimmed is None or not (skimmed.has_attachments or skimmed.stream.startswith(_ERASURES)):
        return
    with suppress(LedgerError):
        statement = open_entry(data).statement
        known.add(index, statement.author, statement.fact, statement.attachments)


def held_documents(source: Source, size: int) -> Iterator[NamedAttachment]:
    """The documents of a log that its source holds and nobody erased, each once, in order.

    They are found by reading all entries.
    """
    known = AttachmentRegister()
    for page in source.pages(0, size):
        for piece in page:
            if piece.data is not None:
                register(known, piece.index, skim(piece.data), piece.data)
    named = {
        attachment.named.commitment: attachment
        for attachment in known.attachments(size)
        if attachment.erasure is None
    }
    return (named[commitment] for commitment in sorted(named) if source.holds(commitment))


def encode(document: Document) -> bytes:
    """A document as a member of a bundle: its salt, and its content."""
    return document.salt + document.content


def check_document(document: Document, commitment: bytes) -> None:
    """See that a document is the one that was signed for.

    Raises:
        VerificationError: It is another one.
    """
    same = (
        len(document.salt) == SALT_LENGTH
        and commitment_of(document.salt, document.content) == commitment
    )
    if not same:
        raise VerificationError(
            f"The document is not the one of the commitment {commitment.hex()}.",
            field="attachments",
            rule="attachment-commitment",
        )


def check_member(
    content: bytes, commitment: bytes, known: AttachmentRegister, size: int, findings: Findings
) -> None:
    """See that a bundle's document is one that a statement names and nobody erased.

    Raises:
        VerificationError: It is another document than the one that its name says.
    """
    check_document(Document(content[:SALT_LENGTH], content[SALT_LENGTH:]), commitment)
    naming = [one for one in known.attachments(size) if one.named.commitment == commitment]
    where = f"attachments/{commitment.hex()}"
    if not naming:
        message = "No statement names this document."
        findings.add(Finding(NOWHERE, where, "attachment-named", message))
    elif naming[0].erasure is not None:
        message = f"The document was {naming[0].erasure}, and is held all the same."
        findings.add(Finding(naming[0].erasure.index, "attachment", "erasure", message))
