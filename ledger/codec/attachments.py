"""The erasure of a document, between protobuf and the domain."""

from __future__ import annotations

from ledger.domain.attachments import AttachmentErased
from ledger.v1 import facts_pb2


def erased_to_proto(fact: AttachmentErased) -> facts_pb2.AttachmentErased:
    """Write the erasure of a document."""
    return facts_pb2.AttachmentErased(commitment=fact.commitment, reason=fact.reason)


def erased_from_proto(
    message: facts_pb2.AttachmentErased, fact_id: str, stream: str
) -> AttachmentErased:
    """Read the erasure of a document.

    Raises:
        ValidationError: The domain refuses the whole.
    """
    return AttachmentErased(
        id=fact_id, stream=stream, commitment=message.commitment, reason=message.reason
    )
