"""Documents outside the log, for plain functions, and what has become of all that a log names."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.client.asyncattachments import AsyncAttachments, Attachment, attach, named_in
from ledger.client.client import LedgerClient, Proved
from ledger.client.transport import finished
from ledger.domain.attachments import AttachmentState, NamedAttachment
from ledger.v1 import services_pb2

__all__ = [
    "Attachment",
    "AttachmentStatus",
    "attach",
    "get_attachment",
    "held_documents",
    "named_in",
    "put_attachment",
]


@dataclass(frozen=True, slots=True)
class AttachmentStatus:
    """A document that a statement names, and what has become of it."""

    attachment: NamedAttachment
    state: AttachmentState


def put_attachment(client: LedgerClient, proved: Proved, attachment: Attachment) -> None:
    """Have the ledger store a document that an appended statement names; again does no harm."""
    finished(AsyncAttachments(client.steps).put(proved, attachment))


def get_attachment(client: LedgerClient, proved: Proved, commitment: bytes) -> Attachment:
    """Get a document that a proved statement names, and verify it against its commitment."""
    return finished(AsyncAttachments(client.steps).get(proved, commitment))


def held_documents(client: LedgerClient) -> frozenset[bytes]:
    """The commitments of the documents that the server says it holds: it is believed in that."""
    return frozenset(
        listed.commitment
        for listed in client.listed_attachments()
        if listed.state == services_pb2.ATTACHMENT_STATE_PRESENT
    )
