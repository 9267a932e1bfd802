"""LedgerService: writes, and what proves them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from functools import partial
from typing import final

from ledger.log.receipts import Receipt
from ledger.service.appending import AppendingStream
from ledger.service.attachments import Attachments, named_index
from ledger.service.bridges import receipts
from ledger.service.calls import Context
from ledger.service.parts import Parts
from ledger.service.reading import Reading
from ledger.service.receipts import receipt_to_proto
from ledger.v1 import services_pb2, services_pb2_grpc


@final
class LedgerService(services_pb2_grpc.LedgerServiceServicer):
    """Hands envelopes to the appender, and receipts back."""

    def __init__(self, reading: Reading, attachments: Attachments) -> None:
        self._reading = reading
        self._parts = reading.parts
        self._attachments = attachments

    async def Append(
        self, request: services_pb2.AppendRequest, context: Context
    ) -> services_pb2.AppendResponse:
        if request.validate_only:
            size = await self._validated([request.envelope])
            return services_pb2.AppendResponse(tree_size=size)
        (receipt,) = await receipts(self._parts.appender, [request.envelope])
        return services_pb2.AppendResponse(
            receipt=receipt_to_proto(receipt), tree_size=_size_of([receipt])
        )

    async def AppendBatch(
        self, request: services_pb2.AppendBatchRequest, context: Context
    ) -> services_pb2.AppendBatchResponse:
        if request.validate_only:
            size = await self._validated(request.envelopes)
            return services_pb2.AppendBatchResponse(tree_size=size)
        given = await receipts(self._parts.appender, request.envelopes)
        return services_pb2.AppendBatchResponse(
            receipts=map(receipt_to_proto, given), tree_size=_size_of(given)
        )

    async def AppendStream(
        self, request_iterator: AsyncIterator[services_pb2.AppendStreamRequest], context: Context
    ) -> AsyncIterator[services_pb2.AppendStreamResponse]:
        stream = AppendingStream(self._parts.appender, request_iterator)
        async with aclosing(stream.results()) as responses:
            async for response in responses:
                yield response

    async def GetReceipt(
        self, request: services_pb2.GetReceiptRequest, context: Context
    ) -> services_pb2.GetReceiptResponse:
        if request.witnessed:
            # Found first: nobody waits for the witnesses of an entry that is not there.
            found = await self._reading.look_up(partial(_receipt, self._parts, request))
            await self._parts.witnessing.reached(found.index + 1)
        receipt = await self._reading.look_up(
            partial(_receipt, self._parts, request, witnessed=request.witnessed)
        )
        return services_pb2.GetReceiptResponse(receipt=receipt_to_proto(receipt))

    async def PutAttachment(
        self, request: services_pb2.PutAttachmentRequest, context: Context
    ) -> services_pb2.PutAttachmentResponse:
        return await self._reading.document(partial(self._attachments.put, request))

    async def GetAttachment(
        self, request: services_pb2.GetAttachmentRequest, context: Context
    ) -> services_pb2.GetAttachmentResponse:
        return await self._reading.document(partial(self._attachments.get, request))

    async def ListAttachments(
        self, request: services_pb2.ListAttachmentsRequest, context: Context
    ) -> services_pb2.ListAttachmentsResponse:
        return await self._reading.answer_in_steps(
            self._attachments.list(request), tree_sizes={request.tree_size}
        )

    async def _validated(self, envelopes: Sequence[bytes]) -> int:
        return await self._reading.look_up(partial(self._parts.validator.validate, envelopes))


def _receipt(
    parts: Parts, request: services_pb2.GetReceiptRequest, *, witnessed: bool = False
) -> Receipt:
    """The receipt with the cosignatures that there are, or one to a witnessed checkpoint."""
    index = named_index(parts.reader, request)
    covering = parts.witnessing.covering if witnessed else parts.witnessing.cosigned_covering
    return parts.reader.receipt(index, covering=covering)


def _size_of(given: Sequence[Receipt]) -> int:
    """The tree size that all of these receipts are proved at, the second line of a checkpoint."""
    notes = {receipt.checkpoint for receipt in given}
    return max(int(note.split(b"\n", 2)[1]) for note in notes)
