"""The assessment: all axes of one situation on one day, with what decided each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from ledger.domain.determination.answer import Axes
from ledger.domain.determination.authorization import Permission, permission
from ledger.domain.determination.beyond import NOTHING_ASKED, with_silence
from ledger.domain.determination.effects import Reach, effects_on
from ledger.domain.determination.measures import Condition, Measure, condition, measure
from ledger.domain.determination.register import Effected
from ledger.domain.determination.requirement import (
    Finding,
    Held,
    Reduced,
    hold,
    reduce_requirement,
)
from ledger.domain.determination.review import Reason, reasons_of, strictest
from ledger.domain.determination.rulebook import Rulebook
from ledger.domain.determination.situation import Situation
from ledger.domain.determination.standing import Calendar, Overruled
from ledger.domain.vocabulary import Axis, Requirement, ReviewPolicy


@dataclass(frozen=True, slots=True)
class Assessment:
    """One day's axes and their makers, and what weaker sources tried to make of them."""

    axes: Axes
    reduced: Reduced
    held: Held
    reasons: tuple[Reason, ...]
    deciding: tuple[Reason, ...]
    permission: Permission
    measure: Measure
    condition: Condition
    effects: tuple[Reach, ...]
    overruled: Overruled

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What each rule comes to."""
        return self.held.findings


def requirement_on(rules: Rulebook, situation: Situation, day: date) -> tuple[Reduced, Held]:
    """The first axis alone, with the rules that the record does not carry taken into account."""
    held = hold(rules.on(day), situation, day)
    return with_silence(held.reduced, held.findings, situation), held


def deciding_reasons(reduced: Reduced, reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """The reasons that decide the first axis, where a license is asked for with certainty.

    A review policy and an exception belong to a reason that applies; one that is only possible has
    neither yet.
    """
    ids = {finding.id for finding in reduced.deciding}
    return tuple(
        reason
        for reason in reasons
        if reason.finding.id in ids
        and reason.finding.value is not Requirement.INDETERMINATE
        and reduced.value not in NOTHING_ASKED
    )


def outcome_of(
    findings: Sequence[Finding], situation: Situation, day: date
) -> tuple[Requirement, ReviewPolicy]:
    """The first two axes that these findings would come to."""
    reduced = with_silence(reduce_requirement(findings), findings, situation)
    deciding = deciding_reasons(reduced, reasons_of(findings, situation, day))
    return reduced.value, strictest(reason.policy for reason in deciding)


def assess(
    rules: Rulebook, effects: Sequence[Effected], situation: Situation, day: date
) -> Assessment:
    """All axes on one day, by these of the known rules and effects."""
    calendar = Calendar(situation.cut)
    reduced, held = requirement_on(rules, situation, day)
    reasons = situation.register.findings(
        ("reasons", held), partial(reasons_of, held.findings, situation, day)
    )
    deciding = deciding_reasons(reduced, reasons)
    authorizations = effects_on(Axis.AUTHORIZATION, effects, situation, calendar, day)
    measures = effects_on(Axis.DESTINATION_MEASURE, effects, situation, calendar, day)
    conditions = effects_on(Axis.COMMERCIAL_CONDITION, effects, situation, calendar, day)
    permitted = permission(authorizations, deciding)
    measured = measure(measures)
    conditioned = condition(conditions)
    axes = Axes(
        requirement=reduced.value,
        review_policy=strictest(reason.policy for reason in deciding),
        authorization=permitted.value,
        destination_measure=measured.value,
        commercial_condition=conditioned.value,
    )
    return Assessment(
        axes=axes,
        reduced=reduced,
        held=held,
        reasons=reasons,
        deciding=deciding,
        permission=permitted,
        measure=measured,
        condition=conditioned,
        effects=(*authorizations, *measures, *conditions),
        overruled={
            **calendar.overruled,
            **held.drawn("overruled", partial(_overruled, held.findings)),
        },
    )


def _overruled(findings: Iterable[Finding]) -> Overruled:
    overruled: dict[tuple[str, str], str] = {}
    for finding in findings:
        overruled.update(finding.overruled)
    return overruled
