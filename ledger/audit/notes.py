"""The notes that a source keeps beside its entries, each held against the tree at its size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from ledger.audit.findings import NOWHERE, Finding, Findings
from ledger.audit.source import Derived, StoredNote
from ledger.errors import LedgerError
from ledger.log.proofs import root_at

_SHOWN: Final = 10


def compare_notes(notes: Iterable[StoredNote], derived: Derived, findings: Findings) -> int:
    """See that the log signed each of them, for its size and for the tree of that size.

    Returns:
        How many there were.
    """
    looked = 0
    others: list[int] = []
    for size, note in notes:
        looked += 1
        try:
            checkpoint = derived.keys.open(note).checkpoint
        except LedgerError as error:
            findings.add(Finding.of_error(error, f"checkpoint at {size}"))
            continue
        if checkpoint.size != size:
            message = f"It is kept for {size} entries and was signed for {checkpoint.size}."
            findings.add(Finding(NOWHERE, f"checkpoint at {size}", "stored-note", message))
        elif size <= derived.tree.size and root_at(size, derived.tree) != checkpoint.root:
            others.append(size)
    if others:
        # An entry that was changed makes every later checkpoint another tree's: one finding.
        message = f"Checkpoints of other trees than the entries make: {_told(others)}."
        findings.add(Finding(NOWHERE, f"checkpoint at {others[0]}", "root-hash", message))
    return looked


def _told(sizes: Sequence[int]) -> str:
    """The sizes, or the first of many."""
    shown = ", ".join(map(str, sizes[:_SHOWN]))
    return shown if len(sizes) <= _SHOWN else f"{shown} and {len(sizes) - _SHOWN} more"
