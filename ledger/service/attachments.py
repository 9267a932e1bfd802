"""Attachments: what a statement commits to, kept outside the log while nobody has it erased."""

from __future__ import annotations

from functools import partial
from typing import Final, TypeAlias, final

from ledger.domain.attachments import (
    CONTENT_BYTES_MAX,
    AttachmentState,
    NamedAttachment,
    commitment_of,
)
from ledger.domain.statement import AttachmentCommitment
from ledger.domain.steps import Steps
from ledger.errors import ErasedError, InputError, NotFoundError, StoreError
from ledger.service.pagination import PageStart, Paginator, filled, page_size_of
from ledger.service.parts import Parts
from ledger.store.reader import Reader
from ledger.store.vault import Document
from ledger.v1 import services_pb2 as pb

Named: TypeAlias = pb.PutAttachmentRequest | pb.GetAttachmentRequest | pb.GetReceiptRequest
"""A request that names a statement by fact_id, index or statement_digest."""

_STATES: Final = {
    AttachmentState.PRESENT: pb.ATTACHMENT_STATE_PRESENT,
    AttachmentState.MISSING: pb.ATTACHMENT_STATE_MISSING,
    AttachmentState.ERASED: pb.ATTACHMENT_STATE_ERASED,
}


@final
class Attachments:
    """Puts, gets and lists documents; runs in a reading thread.

    Who may put is not asked beyond the access to write: only who was given the document and its
    salt by the author can, and what is put is what the author signed for.
    """

    def __init__(self, parts: Parts, pages: Paginator) -> None:
        self._parts = parts
        self._pages = pages

    def put(self, request: pb.PutAttachmentRequest) -> pb.PutAttachmentResponse:
        """Store a document that a committed statement names.

        Raises:
            InputError: It is too large, or its salt or length does not do.
            NotFoundError: There is no such statement, or it names no such document.
            ErasedError: An erasure is in the log.
            StoreError: It cannot be stored.
        """
        if len(request.content) > CONTENT_BYTES_MAX:
            raise InputError(
                f"An attachment has at most {CONTENT_BYTES_MAX} bytes, not {len(request.content)}.",
                field="content",
                rule="content-size",
            )
        commitment = commitment_of(request.salt, request.content)
        named = self._named(request, commitment)
        if named.length != len(request.content):
            raise InputError(
                f"The statement says that the attachment has {named.length} bytes, and it has "
                f"{len(request.content)}.",
                field="content",
                rule="attachment-length",
            )
        self._parts.vault.put(
            Document(request.salt, request.content),
            check=partial(self._require_not_erased, commitment),
        )
        return pb.PutAttachmentResponse(commitment=commitment)

    def get(self, request: pb.GetAttachmentRequest) -> pb.GetAttachmentResponse:
        """Give a document that a committed statement names.

        Raises:
            NotFoundError: There is no such statement, it names no such document, or the document
                is not here.
            ErasedError: An erasure is in the log.
            StoreError: The document does not read back.
        """
        self._named(request, request.commitment)
        self._require_not_erased(request.commitment)
        try:
            document = self._parts.vault.get(request.commitment)
        except (NotFoundError, StoreError):
            # It may be on its way out at this very moment.
            self._require_not_erased(request.commitment)
            raise
        return pb.GetAttachmentResponse(salt=document.salt, content=document.content)

    def list(self, request: pb.ListAttachmentsRequest) -> Steps[pb.ListAttachmentsResponse]:
        """A page of documents by the statements that name them, in the log's order.

        Raises:
            InputError: The page's token or size does not do.
            NotFoundError: No such fact is on record.
        """
        size = page_size_of(request)
        start = self._pages.start(request)
        models = self._parts.models
        view = models.catalog.at(start.tree_size or models.tree_size)
        if request.fact_id and view.find(request.fact_id) is None:
            raise NotFoundError(
                f"There is no fact {request.fact_id}.", field="fact_id", rule="no-fact"
            )
        found = [
            attachment
            for attachment in models.attachments.attachments(view.tree_size)
            if request.fact_id in {"", attachment.fact_id}
        ][start.offset :]
        page = yield from filled((partial(self._listed, one) for one in found), size)
        token = ""
        if len(page) < len(found):
            offset = start.offset + len(page)
            token = self._pages.token(request, PageStart(view.tree_size, offset))
        return pb.ListAttachmentsResponse(
            attachments=page, next_page_token=token, tree_size=view.tree_size
        )

    def _named(self, request: Named, commitment: bytes) -> AttachmentCommitment:
        """What the statement says of the document with this commitment."""
        reader = self._parts.reader
        index = named_index(reader, request)
        for named in reader.statement_at(index).attachments:
            if named.commitment == commitment:
                return named
        raise NotFoundError(
            f"The statement at index {index} names no attachment {commitment.hex()}.",
            field="commitment",
            rule="attachment-named",
        )

    def _require_not_erased(self, commitment: bytes) -> None:
        index = self._parts.reader.erased_at(commitment)
        if index is not None:
            raise ErasedError(f"The attachment {commitment.hex()} was erased.", index=index)

    def _listed(self, attachment: NamedAttachment) -> pb.Attachment:
        named = attachment.named
        held = self._parts.vault.holds(named.commitment)
        return pb.Attachment(
            commitment=named.commitment,
            length=named.length,
            media_type=named.media_type,
            index=attachment.index,
            fact_id=attachment.fact_id,
            state=_STATES[attachment.state(held=held)],
            erased_at_index=attachment.erasure.index if attachment.erasure else None,
        )


def named_index(reader: Reader, request: Named) -> int:
    """Where the statement stands that a request names.

    Raises:
        InputError: It names none.
        NotFoundError: There is none.
    """
    match request.WhichOneof("name"):
        case "fact_id":
            return reader.index_of_fact(request.fact_id)
        case "statement_digest":
            return reader.index_of_statement(request.statement_digest)
        case "index":
            return request.index
        case _:
            raise InputError(
                "Name the statement by fact_id, index or statement_digest.",
                field="name",
                rule="receipt-name",
            )
