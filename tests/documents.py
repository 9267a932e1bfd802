"""Documents that a simulated service's statements name: appended, put, and looked for on disk."""

from __future__ import annotations

from pathlib import Path

from ledger.bootstrap import ATTACHMENTS_FOLDER
from ledger.domain.statement import AttachmentCommitment
from ledger.store.vault import KEYS_FOLDER
from ledger.v1 import services_pb2 as pb
from tests import builders
from tests.builders import committed, salt_of
from tests.e2e.refusals import Refusal, refusal_of
from tests.simulator import CALL_S, Simulator


def name(service: Simulator, fact_id: str, *documents: str) -> None:
    """Append an order that names documents."""
    service.append(
        builders.order(fact_id), attachments=tuple(committed(text) for text in documents)
    )


def putting(fact_id: str, document: str) -> pb.PutAttachmentRequest:
    """What is sent to put a document."""
    return pb.PutAttachmentRequest(
        fact_id=fact_id, salt=salt_of(document), content=document.encode()
    )


def put(service: Simulator, fact_id: str, document: str) -> bytes:
    """Put a document; gives its commitment."""
    return service.ledger.PutAttachment(putting(fact_id, document), timeout=CALL_S).commitment


def getting(fact_id: str, document: str) -> pb.GetAttachmentRequest:
    """What is sent to get a document."""
    return pb.GetAttachmentRequest(fact_id=fact_id, commitment=committed(document).commitment)


def refused_get(service: Simulator, fact_id: str, document: str) -> Refusal:
    """Why a document is not given."""
    return refusal_of(service.ledger.GetAttachment, getting(fact_id, document))


def key_file(service: Simulator, named: AttachmentCommitment) -> Path:
    """Where a document's key lies."""
    return service.directory / ATTACHMENTS_FOLDER / KEYS_FOLDER / named.commitment.hex()
