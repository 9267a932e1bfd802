"""Rows for tests of a recorder alone: what they say is made up, that it fits together is not."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any

from eventsourcing.persistence import StoredEvent

from ledger.store.rows import Batch, NewEntry


def new_entry(
    index: int, stream: str = "", version: int = 1, *, state: bytes = b"entry", **more: Any
) -> NewEntry:
    """The entry at an index, the first of a stream of its own unless told otherwise."""
    name = sha256(str(index).encode()).digest()
    entry = NewEntry(
        index=index,
        event=StoredEvent(stream or f"orders/order-{index}", version, "company-order.v1", state),
        fact_id=f"order-{index}",
        digest=name,
        author="registrar",
        nonce=name[:16],
        leaf_hash=name,
        recorded_ms=index,
    )
    return replace(entry, **more)


def batch(*entries: NewEntry, tree_size: int | None = None) -> Batch:
    """A batch of entries, with a note for the size after them."""
    size = entries[-1].index + 1 if tree_size is None else tree_size
    return Batch(entries, size, b"note at %d" % size)
