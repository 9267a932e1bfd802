"""The fourth axis, and the side fact.

model §1: "Destination state: … These never alter the US axis." Reduction: "the severest open
measure, in the order of §2; probes never contradict anything. CONFLICT only where a block and an
approval overlap and neither ends the other."
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ledger.domain.determination.effects import Reach
from ledger.domain.determination.standing import RANK
from ledger.domain.vocabulary import CommercialCondition, DestinationMeasure

SEVERITY: Final = tuple(DestinationMeasure)
_BLOCKS: Final = frozenset(
    {
        DestinationMeasure.ORDERED_STOP_REPORTED,
        DestinationMeasure.CUSTOMS_BLOCK_REPORTED,
        DestinationMeasure.BANNED_FOR_CLASS_REPORTED,
    }
)
_APPROVAL: Final = DestinationMeasure.CONDITIONAL_APPROVAL_REPORTED


@dataclass(frozen=True, slots=True)
class Measure:
    """The fourth axis: its value, and the measures that make it."""

    value: DestinationMeasure
    by: tuple[Reach, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """The side fact: its value, and the fact that sets it."""

    value: CommercialCondition
    by: Reach | None


def is_open(reach: Reach) -> bool:
    """Whether a measure reaches the question and is neither over, ended nor stayed."""
    return reach.decides and not (reach.over or reach.closed_by or reach.stayed_by)


def measure(reached: Sequence[Reach]) -> Measure:
    """The severest open measure, or CONFLICT with both sides listed (P8)."""
    standing = [reach for reach in reached if is_open(reach)]
    blocks = tuple(r for r in standing if r.effect.value in _BLOCKS)
    approvals = tuple(r for r in standing if r.effect.value == _APPROVAL)
    if blocks and approvals:
        return Measure(DestinationMeasure.CONFLICT, (*blocks, *approvals))
    value = max(
        (DestinationMeasure(reach.effect.value) for reach in standing),
        key=SEVERITY.index,
        default=DestinationMeasure.NONE_ON_RECORD,
    )
    return Measure(value, tuple(r for r in standing if r.effect.value == value))


def condition(reached: Sequence[Reach]) -> Condition:
    """The latest open condition; a later one on weaker evidence does not displace it (P8)."""
    latest: Reach | None = None
    for reach in reached:
        if not is_open(reach):
            continue
        if latest is None or RANK[reach.fact.certainty] >= RANK[latest.fact.certainty]:
            latest = reach
    if latest is None:
        return Condition(CommercialCondition.NONE, None)
    return Condition(CommercialCondition(latest.effect.value), latest)
