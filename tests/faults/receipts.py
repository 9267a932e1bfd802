"""Receipts as one line of text, for telling another process what was acknowledged."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ledger.log.receipts import Receipt


def line_of(number: int, receipt: Receipt) -> bytes:
    """The number of an order and the digest of its whole receipt."""
    return f"{number} {sha256(repr(receipt).encode()).hexdigest()}\n".encode()
