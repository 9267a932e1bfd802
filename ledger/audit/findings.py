"""What an audit found not to hold, by the index of the entry that it concerns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, final

from ledger.errors import LedgerError, VerificationError

NOWHERE: Final = 2**63
"""The index of a finding that concerns no one entry; it sorts behind all others."""

FINDINGS_KEPT: Final = 10_000
"""How many are told in full; of a ledger with more, the rest are counted."""


# An entry that is there twice also breaks whatever only holds once, which says less.
_SAYS_MOST: Final = frozenset({"unique"})
_SAYS_LEAST: Final = frozenset({"leaf-hash", "inclusion-proof", "entry-missing", "root-hash"})


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that does not hold.

    Attributes:
        index: The entry's index, or ``NOWHERE``.
        where: What was looked at: ``entry``, ``row``, ``checkpoint``, ``head`` and the like.
        rule: Which rule it breaks.
        message: A sentence for people.
    """

    index: int
    where: str
    rule: str
    message: str

    @classmethod
    def of_error(cls, error: LedgerError, where: str, index: int = NOWHERE) -> Finding:
        """A finding from what a check raised."""
        detail = f" ({error.field})" if error.field else ""
        return cls(index, where, error.rule or type(error).__name__, f"{error.message}{detail}")

    @property
    def place(self) -> str:
        """Where it is, for people: ``entry 7``, or what was looked at."""
        return self.where if self.index == NOWHERE else f"{self.where} {self.index}"

    def as_error(self) -> VerificationError:
        """The finding as the error that a check stops with."""
        if self.index == NOWHERE:
            return VerificationError(self.message, field=self.where, rule=self.rule)
        return VerificationError(
            f"Entry {self.index} does not hold: {self.message}",
            field=f"entries[{self.index}]",
            rule=self.rule,
        )


@final
@dataclass(slots=True)
class Findings:
    """All findings of an audit; iterated in the order of the log."""

    kept: list[Finding] = field(default_factory=list)
    count: int = 0

    def add(self, finding: Finding) -> None:
        """Take in one more."""
        self.count += 1
        if len(self.kept) < FINDINGS_KEPT:
            self.kept.append(finding)

    def extend(self, findings: Iterable[Finding]) -> None:
        """Take in several."""
        for finding in findings:
            self.add(finding)

    @property
    def first(self) -> Finding | None:
        """The first in the order of the log; of one entry, what says most."""
        return min(self.kept, key=_by_index_and_weight, default=None)

    def __iter__(self) -> Iterator[Finding]:
        return iter(sorted(self.kept))


def _by_index_and_weight(finding: Finding) -> tuple[int, bool, bool]:
    return finding.index, finding.rule not in _SAYS_MOST, finding.rule in _SAYS_LEAST
