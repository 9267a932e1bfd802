"""Documents outside the log, for plain functions, and what has become of all that a log names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ledger.client.asyncattachments import AsyncAttachments, Attachment, attach, named_in
from ledger.client.client import LedgerClient, Proved
from ledger.client.transport import finished
from ledger.domain.attachments import AttachmentRegister, AttachmentState, NamedAttachment
from ledger.v1 import services_pb2

__all__ = [
    "Attachment",
    "AttachmentStatus",
    "attach",
    "attachment_states",
    "get_attachment",
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
