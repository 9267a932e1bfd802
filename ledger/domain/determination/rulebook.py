"""The rulebook: known rules together, and the editions in which they stand from day to day.

As a chronicle follows one rule, a rulebook follows several. Most days and most cuts change nothing
of what these rules say: they share one edition, and what an edition asks of a question is found
once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial

from ledger.domain.determination.chronicle import Chronicle, Settled
from ledger.domain.determination.cut import Cut
from ledger.domain.determination.register import Rule


@dataclass(frozen=True, slots=True, eq=False)
class Edition:
    """Rules as they read and stand on a day; there is one of it wherever none of them differs."""

    rules: tuple[Settled, ...]


@dataclass(slots=True, eq=False)
class Rulebook:
    """Rules by what one cut knows of them, without those that only amend others."""

    cut: Cut
    chronicles: tuple[Chronicle, ...]
    _boundaries: frozenset[date] | None = None

    @classmethod
    def of(cls, rules: Iterable[Rule], cut: Cut) -> Rulebook:
        """Open the chronicles of rules."""
        own = (rule for rule in rules if not rule.provision.amends)
        return cls(cut, tuple(Chronicle.of(rule, cut) for rule in own))

    def on(self, day: date) -> Edition:
        """The rules on a day."""
        register = self.cut.register
        like = register.days.first_like(day)
        return register.findings((self, like), partial(self._edition, day))

    def _edition(self, day: date) -> Edition:
        settled = tuple(chronicle.on(day) for chronicle in self.chronicles)
        return self.cut.register.findings(("edition", settled), partial(Edition, settled))

    def boundaries(self) -> frozenset[date]:
        """The days on which a rule's standing or text, or a part of it, may change."""
        if self._boundaries is None:
            days = (chronicle.boundaries() for chronicle in self.chronicles)
            self._boundaries = frozenset().union(*days)
        return self._boundaries
