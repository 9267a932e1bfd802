"""The answer: five axes, never collapsed, the side fact, and every reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from ledger.domain.determination.question import Question
from ledger.domain.determination.review import Offer, Reason
from ledger.domain.statement import Recorded
from ledger.domain.vocabulary import (
    Authorization,
    CommercialCondition,
    DestinationMeasure,
    Disposition,
    Evidence,
    Requirement,
    ReviewPolicy,
)


@dataclass(frozen=True, slots=True)
class Axes:
    """The values of all axes on one day; equal axes are an unchanged status."""

    requirement: Requirement
    review_policy: ReviewPolicy
    authorization: Authorization
    destination_measure: DestinationMeasure
    commercial_condition: CommercialCondition


class Considered(NamedTuple):
    """An entry that the determination looked at, and what became of it."""

    recorded: Recorded
    disposition: Disposition
    reason: str
    superseded_by: str = ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Facts that contradict each other, and about what."""

    fact_ids: tuple[str, ...]
    about: str


@dataclass(frozen=True, slots=True)
class NextChange:
    """The next day on which the answer changes by what is already on record."""

    day: date
    axes: Axes
    description: str
    fact_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the record says, for one question, at one tree size.

    Attributes:
        evidence: The weakest applied link, None where nothing on record carries the answer.
        since: First day of the unbroken run in which the requirement has been as it is, as far
            back as the coverage goes; None for NO_RECORD.
        authorization_scope: The scope of the deciding license in the record's words.
        reasons: The provisions that ask something, deciding ones first.
        offers: Exceptions that deciding reasons offer; where not every one of them does, the
            authorization axis stays as it is (P3).
        assumed: What the model of the law assumes where nothing was supplied.
        missing: Facts of which some value would change the requirement.
        flags: Words of a closed list; ``notes`` says in sentences what they mean here.
        item_record: The version of the item's description that was used.
    """

    question: Question
    axes: Axes
    evidence: Evidence | None
    since: date | None
    authorization_scope: str
    authorization_detail: str
    measure_detail: str
    condition_detail: str
    reasons: tuple[Reason, ...]
    offers: tuple[Offer, ...]
    considered: tuple[Considered, ...]
    assumed: tuple[str, ...]
    missing: tuple[str, ...]
    conflicts: tuple[Conflict, ...]
    flags: tuple[str, ...]
    notes: tuple[str, ...]
    next_change: NextChange | None
    item_record: Recorded | None
    tree_size: int
    engine_version: str

    @property
    def supplied(self) -> tuple[str, ...]:
        """Facts of the question, as ``name=value``."""
        return self.question.supplied()

    @property
    def applied(self) -> tuple[Considered, ...]:
        """The entries that the answer rests on."""
        return tuple(c for c in self.considered if c.disposition is Disposition.APPLIED)
