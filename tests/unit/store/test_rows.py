"""A stored note is read for what it says, and never taken for another."""

from __future__ import annotations

import pytest

from ledger.errors import StoreError
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.store.rows import StoredCheckpoint
from tests.unit.store.builders import ORIGIN, log_signer

CHECKPOINT = Checkpoint(ORIGIN, 3, bytes(range(32)))
NOTE = sign_checkpoint(CHECKPOINT, [log_signer()])


def test_a_stored_note_says_size_and_root() -> None:
    assert StoredCheckpoint(3, NOTE).checkpoint() == CHECKPOINT


@pytest.mark.parametrize(("size", "note"), [(4, NOTE), (3, b""), (3, b"three\n\n"), (3, NOTE[:-1])])
def test_another_note_is_the_stores_fault(size: int, note: bytes) -> None:
    with pytest.raises(StoreError) as refusal:
        StoredCheckpoint(size, note).checkpoint()

    assert refusal.value.rule == "stored-note"
