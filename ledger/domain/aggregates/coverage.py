"""Coverage: for which days the record of one regime is meant to be complete (FORMAT §5).

"Facts of one stream extend or shorten it, the latest known one counts." The stream's name is the
regime; its wording and its declarer may change with whoever imports more, so nothing is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ledger.domain.aggregates.base import Aggregate
from ledger.domain.facts import CoverageDeclared
from ledger.domain.vocabulary import Collection


@dataclass(frozen=True, slots=True)
class CoverageState:
    """How often a regime's coverage was declared."""

    version: int = 0


def _declared(state: CoverageState, _fact: CoverageDeclared, _digest: bytes) -> CoverageState:
    return CoverageState(version=state.version + 1)


COVERAGE: Final = Aggregate(
    collection=Collection.COVERAGE,
    kinds=(CoverageDeclared,),
    nothing=CoverageState(),
    rules=(),
    fold=_declared,
)
"""The streams ``coverage/<regime>``."""
