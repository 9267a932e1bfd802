"""Receipts on their way out."""

from __future__ import annotations

from ledger.log.receipts import Receipt
from ledger.v1 import log_pb2


def receipt_to_proto(receipt: Receipt) -> log_pb2.Receipt:
    """A receipt as a message; nothing in it is encoded anew."""
    return log_pb2.Receipt(
        entry=receipt.entry,
        index=receipt.index,
        inclusion_proof=receipt.inclusion_proof,
        checkpoint=receipt.checkpoint,
    )
