"""Receipts: an appended entry, where it stands, and the proof of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.log.checkpoint import open_checkpoint
from ledger.log.merkle import leaf_hash
from ledger.log.proofs import verify_inclusion

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ledger.log.checkpoint import Checkpoint
    from ledger.log.notekeys import VerifierKey


@dataclass(frozen=True, slots=True)
class Receipt:
    """An acknowledged append: proved to the note that was committed together with the entry.

    So it never changes: whoever asks again, today or after ten years, gets the same bytes.
    Nothing in it is verified until ``verify_receipt`` has done so.

    Attributes:
        entry: The leaf data, verbatim (DESIGN §4).
        index: The entry's place in the log, 0-based.
        inclusion_proof: Sibling hashes from the leaf up, 32 bytes each (RFC 6962 section 2.1.1).
        checkpoint: The signed note (C2SP tlog-checkpoint), verbatim.
    """

    entry: bytes
    index: int
    inclusion_proof: tuple[bytes, ...]
    checkpoint: bytes

    def __reduce__(self) -> tuple[type[Receipt], tuple[object, ...]]:
        """Go to another process by its four parts, as processes of one server hand it over."""
        return Receipt, (self.entry, self.index, self.inclusion_proof, self.checkpoint)


def verify_receipt(
    receipt: Receipt, *, origin: str, verifiers: Iterable[VerifierKey]
) -> Checkpoint:
    """Verify that the log with this origin holds the receipt's entry at its index.

    What the entry says, and whether it is the envelope that was sent, is for the caller to see.

    Args:
        receipt: What a service handed out.
        origin: The origin that was pinned.
        verifiers: The keys that were pinned, as for ``open_checkpoint``.

    Returns:
        The checkpoint that the entry is proved to.

    Raises:
        NoteError: The checkpoint's bytes are not a note, or its text is not a checkpoint.
        VerificationError: The checkpoint or the inclusion does not hold.
        SettingError: Two different verifiers share a name and key id.
    """
    checkpoint = open_checkpoint(receipt.checkpoint, origin=origin, verifiers=verifiers)
    verify_inclusion(
        receipt.index,
        checkpoint.size,
        leaf_hash(receipt.entry),
        receipt.inclusion_proof,
        checkpoint.root,
    )
    return checkpoint
