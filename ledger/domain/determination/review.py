"""The second axis: how an application would be reviewed.

P6: "Review policy: strictest across applicable reasons, unless a lane's preconditions are all
affirmed."
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from ledger.domain.determination.matching import reaches
from ledger.domain.determination.requirement import Finding
from ledger.domain.determination.situation import Situation
from ledger.domain.determination.standing import DEAD, State
from ledger.domain.provision import LicenseException, ReviewLane
from ledger.domain.vocabulary import ReviewPolicy

ORDER: Final = (
    ReviewPolicy.POLICY_OF_DENIAL,
    ReviewPolicy.PRESUMPTION_OF_DENIAL,
    ReviewPolicy.NOT_STATED,
    ReviewPolicy.CASE_BY_CASE,
    ReviewPolicy.PRESUMPTION_OF_APPROVAL,
)
"""Reduction: "POLICY_OF_DENIAL > PRESUMPTION_OF_DENIAL > NOT_STATED > CASE_BY_CASE >
PRESUMPTION_OF_APPROVAL, over the reasons that apply"."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A review lane whose tests hold.

    Attributes:
        lane: The lane.
        brought_by: The provision that carries it.
        unaffirmed: Preconditions that the question does not affirm.
    """

    lane: ReviewLane
    brought_by: Finding
    unaffirmed: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        """Whether every precondition is affirmed, so that the lane's policy replaces the other."""
        return not self.unaffirmed


@dataclass(frozen=True, slots=True)
class Offer:
    """A license exception that a provision offers for this question."""

    exception: LicenseException
    provision_id: str
    unaffirmed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """A provision that bears on the requirement, with its own policy beside it.

    Attributes:
        finding: The provision against the question.
        policy: Its own review policy, after review rules and lanes.
        lane: The lane that replaced the policy, if one did.
        closed_lane: A lane that could replace it, but for unaffirmed preconditions.
        offers: The license exceptions it makes available.
        turns_on: Facts without which another review policy or exception cannot be excluded.
    """

    finding: Finding
    policy: ReviewPolicy
    lane: Lane | None
    closed_lane: Lane | None
    offers: tuple[Offer, ...]
    turns_on: frozenset[str]


def reasons_of(findings: Iterable[Finding], situation: Situation, day: date) -> tuple[Reason, ...]:
    """Every finding that asks something, with its own policy, lanes and exceptions."""
    findings = tuple(findings)
    lanes = [lane for finding in findings for lane in _lanes(finding, situation, day)]
    return tuple(
        _reason(finding, lanes, situation, day) for finding in findings if finding.value is not None
    )


def _reason(finding: Finding, lanes: list[Lane], situation: Situation, day: date) -> Reason:
    policy, turns_on = _own_policy(finding, situation, day)
    offers, offers_turn_on = _offers(finding, situation, day)
    amended = situation.register.amended
    own = [lane for lane in lanes if amended(lane.lane.on_provision) == finding.id]
    opened = next((lane for lane in own if lane.is_open), None)
    closed = next((lane for lane in own if not lane.is_open), None)
    return Reason(
        finding=finding,
        policy=opened.lane.policy if opened else policy,
        lane=opened,
        closed_lane=None if opened else closed,
        offers=offers,
        turns_on=turns_on | offers_turn_on,
    )


def _own_policy(
    finding: Finding, situation: Situation, day: date
) -> tuple[ReviewPolicy, frozenset[str]]:
    """FORMAT §2: "the first whose tests all hold replaces" the default.

    A review rule that lacks a fact does not hold; the fact is named, because the policy turns on
    it.
    """
    provision = finding.reading.provision
    turns_on: frozenset[str] = frozenset()
    for rule in provision.review_by:
        truth = reaches(rule.when, situation, day, of=finding.id)
        if truth.value:
            return rule.policy, turns_on
        if truth.value is None:
            turns_on |= truth.lacks
    return provision.review_policy or ReviewPolicy.NOT_STATED, turns_on


def _lanes(finding: Finding, situation: Situation, day: date) -> Iterable[Lane]:
    """The lanes of a provision in force whose own tests and dates hold."""
    idle = finding.standing.state in DEAD | {State.STAYED, State.UNCERTAIN}
    if idle or not finding.truth.value:
        return
    for lane in finding.reading.provision.review_lanes:
        begun = lane.effective is None or lane.effective.certain <= day
        over = lane.ends is not None and day > lane.ends.certain
        if begun and not over and reaches(lane, situation, day, of=finding.id).value:
            unaffirmed = tuple(p for p in lane.preconditions if not situation.question.affirms(p))
            yield Lane(lane, finding, unaffirmed)


def _offers(
    finding: Finding, situation: Situation, day: date
) -> tuple[tuple[Offer, ...], frozenset[str]]:
    """The exceptions whose tests hold, and what those that are undetermined lack.

    FORMAT §2: "An exception leaves the requirement standing and makes an authorization available."
    """
    offers: dict[tuple[str, tuple[str, ...]], Offer] = {}
    turns_on: frozenset[str] = frozenset()
    for exception in finding.reading.provision.exceptions:
        begun = exception.effective is None or exception.effective.certain <= day
        over = exception.ends is not None and day > exception.ends.certain
        if not begun or over:
            continue
        truth = reaches(exception, situation, day, of=finding.id)
        if truth.value:
            unaffirmed = tuple(
                p for p in exception.preconditions if not situation.question.affirms(p)
            )
            offer = Offer(exception, finding.id, unaffirmed)
            offers.setdefault((exception.code, exception.preconditions), offer)
        elif truth.value is None:
            turns_on |= truth.lacks
    return tuple(offers.values()), turns_on


def strictest(policies: Iterable[ReviewPolicy]) -> ReviewPolicy:
    """P6, over the reasons that apply; N_A where none does."""
    stated = (policy for policy in policies if policy is not ReviewPolicy.N_A)
    return min(stated, key=ORDER.index, default=ReviewPolicy.N_A)
