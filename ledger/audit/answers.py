"""Given answers, derived again from the entries and compared byte for byte.

A proof of inclusion shows that what an answer cites is in the log. That it cites all it should is
shown by nothing but the same determination, run again over all entries up to its tree size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ledger.audit.findings import Finding, Findings
from ledger.audit.source import Derived, Source
from ledger.client.derivation import GivenAnswer
from ledger.domain.statement import Recorded
from ledger.errors import LedgerError
from ledger.readmodels.models import ReadModels
from ledger.store.mapper import open_entry, recorded_of
from ledger.store.rows import StoredEntry


@dataclass(frozen=True, slots=True)
class Rederived:
    """An answer that was derived again.

    Attributes:
        name: The file that it was given in.
        question: What it answers, in one line.
        tree_size: The tree that it stands on.
        engine_version: The determination that derived it.
        holds: Whether it came out the same.
    """

    name: str
    question: str
    tree_size: int
    engine_version: str
    holds: bool

    def to_json(self) -> dict[str, Any]:
        """The outcome as JSON."""
        return {
            "file": self.name,
            "question": self.question,
            "tree_size": self.tree_size,
            "engine_version": self.engine_version,
            "holds": self.holds,
        }


def rederive(
    given: Sequence[GivenAnswer], source: Source, derived: Derived, findings: Findings
) -> tuple[Rederived, ...]:
    """Derive answers again from a source's entries, which an audit has read before.

    Args:
        given: The answers.
        source: Where the entries are.
        derived: The tree that they make.
        findings: Told of each answer that does not come out the same.
    """
    if not given:
        return ()
    models = ReadModels()
    unreadable: LedgerError | None = None
    size = min(max(answer.tree_size for answer in given), derived.tree.size)
    try:
        for page in source.pages(0, size):
            models.apply([_recorded(piece.index, piece.data or b"") for piece in page])
    except LedgerError as error:
        unreadable = error
    outcomes = []
    for answer in given:
        found = unreadable or _refusal(answer, models, derived)
        if found is not None:
            findings.add(Finding.of_error(found, f"answer {answer.name}"))
        outcomes.append(
            Rederived(
                answer.name,
                answer.question,
                answer.tree_size,
                answer.response.engine_version,
                holds=found is None,
            )
        )
    return tuple(outcomes)


def _refusal(answer: GivenAnswer, models: ReadModels, derived: Derived) -> LedgerError | None:
    try:
        answer.verify(models, derived.tree, derived.pin)
    except LedgerError as error:
        return error
    return None


def _recorded(index: int, data: bytes) -> Recorded:
    """An entry as read models take it; its version is the one that its statement claims."""
    version = open_entry(data).statement.expected_version + 1
    return recorded_of(StoredEntry(index, version, data))
