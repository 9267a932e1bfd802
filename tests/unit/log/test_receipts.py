"""Receipts hold, and stop holding as soon as anything in them is changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ledger.errors import NoteError, VerificationError
from ledger.log.checkpoint import sign_checkpoint
from ledger.log.proofs import inclusion_proof
from ledger.log.receipts import Receipt, verify_receipt
from tests.unit.log.builders import ORIGIN, checkpoint_of, flipped, signer_of, tree_of
from tests.unit.log.oracle import numbered_leaves

SIZE = 7
VERIFIERS = (signer_of().key,)


def receipt_of(index: int = 4) -> Receipt:
    return Receipt(
        entry=list(numbered_leaves(SIZE))[index],
        index=index,
        inclusion_proof=tuple(inclusion_proof(index, SIZE, tree_of(SIZE))),
        checkpoint=sign_checkpoint(checkpoint_of(SIZE), [signer_of()]),
    )


@pytest.mark.parametrize("index", range(SIZE))
def test_a_receipt_of_every_entry_is_proved_to_its_checkpoint(index: int) -> None:
    proved_to = verify_receipt(receipt_of(index), origin=ORIGIN, verifiers=VERIFIERS)

    assert proved_to == checkpoint_of(SIZE)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(replace(receipt_of(), entry=flipped(receipt_of().entry)), id="entry"),
        pytest.param(replace(receipt_of(), entry=b""), id="no entry"),
        pytest.param(replace(receipt_of(), index=5), id="another index"),
        pytest.param(replace(receipt_of(), index=SIZE), id="an index past the end"),
        pytest.param(replace(receipt_of(), index=-1), id="a negative index"),
        pytest.param(replace(receipt_of(), inclusion_proof=()), id="no proof"),
        pytest.param(
            replace(receipt_of(), inclusion_proof=receipt_of(3).inclusion_proof),
            id="another entry's proof",
        ),
        pytest.param(
            replace(receipt_of(), checkpoint=sign_checkpoint(checkpoint_of(8), [signer_of()])),
            id="a later checkpoint",
        ),
    ],
)
def test_a_receipt_that_was_changed_is_refused(changed: Receipt) -> None:
    with pytest.raises(VerificationError):
        verify_receipt(changed, origin=ORIGIN, verifiers=VERIFIERS)


def test_a_receipt_of_another_log_is_refused() -> None:
    with pytest.raises(VerificationError):
        verify_receipt(receipt_of(), origin="ledger.example/other", verifiers=VERIFIERS)


def test_a_receipt_signed_by_a_key_that_was_not_pinned_is_refused() -> None:
    with pytest.raises(VerificationError):
        verify_receipt(receipt_of(), origin=ORIGIN, verifiers=[signer_of(seed=2).key])


def test_a_receipt_without_a_note_is_refused() -> None:
    with pytest.raises(NoteError):
        verify_receipt(
            replace(receipt_of(), checkpoint=b"size 7"), origin=ORIGIN, verifiers=VERIFIERS
        )
