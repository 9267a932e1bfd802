"""Receipts as files (C2SP tlog-proof): the entry travels in them, so one file proves it all."""

from __future__ import annotations

from pathlib import Path

from ledger.client.client import Proved
from ledger.client.opened import open_entry
from ledger.client.pins import Pin
from ledger.client.trust import Head
from ledger.errors import NoteError
from ledger.log.policy import TrustPolicy
from ledger.log.receipts import Receipt, verify_receipt
from ledger.log.tlogproof import PROOF_BYTES_MAX, TlogProof


def receipt_to_file(receipt: Receipt) -> bytes:
    """Write a receipt as the bytes of a proof file."""
    return TlogProof(
        receipt.index, receipt.inclusion_proof, receipt.checkpoint, receipt.entry
    ).to_bytes()


def read_receipt(path: Path) -> Receipt:
    """Read a receipt from a proof file; nothing is verified.

    Raises:
        NoteError: The file cannot be read, is not a proof, or carries no entry.
    """
    try:
        with path.open("rb") as file:
            data = file.read(PROOF_BYTES_MAX + 1)
    except OSError as error:
        raise NoteError(
            f"The receipt {path} cannot be read: {error.strerror}.", field="receipt", rule="file"
        ) from error
    proof = TlogProof.parse(data)
    if not proof.extra:
        raise NoteError(
            f"The proof in {path} carries no entry, so it is not a receipt.",
            field="extra",
            rule="receipt-entry",
        )
    return Receipt(proof.extra, proof.index, proof.hashes, proof.checkpoint)


def verify_offline(
    receipt: Receipt, pin: Pin, policy: TrustPolicy | None = None, *, now_s: int | None = None
) -> Proved:
    """Verify a receipt by a pin, and a policy of witnesses if there is one, asking nobody.

    Args:
        receipt: The receipt.
        pin: The log.
        policy: Whose cosignatures are demanded; None demands none.
        now_s: POSIX time in seconds; None does not look at the clock.

    Raises:
        SettingError: The policy accepts other logs.
        VerificationError: The pinned log does not hold the entry by this proof, or the checkpoint
            is below the quorum.
        NoteError: The checkpoint is not one.
    """
    checkpoint = verify_receipt(receipt, origin=pin.origin, verifiers=pin.log_keys)
    if policy is not None:
        policy.require_log(pin.origin, pin.log_keys)
        policy.require_quorum(receipt.checkpoint, now_s=now_s)
    head = Head(checkpoint, receipt.checkpoint)
    return Proved(open_entry(receipt.entry, receipt.index), receipt, head)
