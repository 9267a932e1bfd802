"""LedgerService: writes, and what proves them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import final

from ledger.errors import InputError
from ledger.log.receipts import Receipt
from ledger.service.bridges import receipts
from ledger.service.calls import Context
from ledger.service.reading import Reading
from ledger.store.reader import Reader
from ledger.v1 import log_pb2, services_pb2, services_pb2_grpc


@final
class LedgerService(services_pb2_grpc.LedgerServiceServicer):
    """Hands envelopes to the appender, and receipts back."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._parts = reading.parts

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

    async def GetReceipt(
        self, request: services_pb2.GetReceiptRequest, context: Context
    ) -> services_pb2.GetReceiptResponse:
        receipt = await self._reading.look_up(partial(_receipt, self._parts.reader, request))
        return services_pb2.GetReceiptResponse(receipt=receipt_to_proto(receipt))

    async def _validated(self, envelopes: Sequence[bytes]) -> int:
        return await self._reading.look_up(partial(self._parts.validator.validate, envelopes))


def receipt_to_proto(receipt: Receipt) -> log_pb2.Receipt:
    """A receipt as a message; nothing in it is encoded anew."""
    return log_pb2.Receipt(
        entry=receipt.entry,
        index=receipt.index,
        inclusion_proof=receipt.inclusion_proof,
        checkpoint=receipt.checkpoint,
    )


def _receipt(reader: Reader, request: services_pb2.GetReceiptRequest) -> Receipt:
    """The receipt of whatever the request names."""
    match request.WhichOneof("name"):
        case "fact_id":
            return reader.receipt(reader.index_of_fact(request.fact_id))
        case "statement_digest":
            return reader.receipt(reader.index_of_statement(request.statement_digest))
        case "index":
            return reader.receipt(request.index)
        case _:
            raise InputError(
                "Name the receipt by fact_id, index or statement_digest.",
                field="name",
                rule="receipt-name",
            )


def _size_of(given: Sequence[Receipt]) -> int:
    """The tree size that all of these receipts are proved at, the second line of a checkpoint."""
    notes = {receipt.checkpoint for receipt in given}
    return max(int(note.split(b"\n", 2)[1]) for note in notes)
