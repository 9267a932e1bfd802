"""Flags: words of a closed list that warn of what an answer turns on, with a sentence for each."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from enum import StrEnum
from typing import Final

from ledger.domain.determination.amendment import Variant
from ledger.domain.determination.assessment import Assessment, outcome_of
from ledger.domain.determination.chronicle import Chronicle
from ledger.domain.determination.effects import perhaps_on
from ledger.domain.determination.matching import provision_reaches
from ledger.domain.determination.requirement import ORDER, Finding, hold
from ledger.domain.determination.situation import Situation
from ledger.domain.determination.standing import Calendar, Standing, State
from ledger.domain.vocabulary import Authorization, ItemCertainty, RelationKind, Requirement


class Flag(StrEnum):
    """What a reader must be warned of."""

    IN_FORCE_UNLESS_EXTENSION_RECORDED = "IN_FORCE_UNLESS_EXTENSION_RECORDED"
    ENDED_UNLESS_EXTENSION_RECORDED = "ENDED_UNLESS_EXTENSION_RECORDED"
    TURNS_ON_IMPRECISE_DATE = "TURNS_ON_IMPRECISE_DATE"
    POSSIBLY_RELEVANT = "POSSIBLY_RELEVANT"
    LICENSE_SCOPE_UNPUBLISHED = "LICENSE_SCOPE_UNPUBLISHED"
    LICENSE_LEAVES_REASONS = "LICENSE_LEAVES_REASONS"
    REVIEW_TURNS_ON_MISSING_FACT = "REVIEW_TURNS_ON_MISSING_FACT"
    REVIEW_LANE_NEEDS_PRECONDITIONS = "REVIEW_LANE_NEEDS_PRECONDITIONS"
    EXCEPTION_LEAVES_REASONS = "EXCEPTION_LEAVES_REASONS"
    CLASS_PRESUMED = "CLASS_PRESUMED"
    ITEM_FIGURES_CLAIMED = "ITEM_FIGURES_CLAIMED"
    OUTSIDE_COVERAGE = "OUTSIDE_COVERAGE"
    ITEM_NOT_YET_RECORDED = "ITEM_NOT_YET_RECORDED"
    GROUP_LISTS_DIFFER = "GROUP_LISTS_DIFFER"


_ORDER: Final = tuple(Flag)

Warning_ = tuple[Flag, str]


def flags_of(assessment: Assessment, situation: Situation) -> tuple[Warning_, ...]:
    """Every warning an assessment gives rise to, in the order of the list, without repetition."""
    found = [
        *_lapsed(assessment),
        *_variants(assessment, situation),
        *_imprecise(assessment, situation),
        *_possible(assessment),
        *_reviews(assessment),
        *_licenses(assessment),
        *_left(assessment, situation),
        *_classes(assessment, situation),
        *_group_lists(assessment, situation),
    ]
    return tuple(sorted(dict.fromkeys(found), key=lambda warning: _ORDER.index(warning[0])))


def _lapsed(assessment: Assessment) -> Iterable[Warning_]:
    """P10: "Scheduled end passes without a recorded extension => status flips, flagged".

    A provision that only an assumption keeps away flips too: what is assumed weighs more from then.
    """
    held = assessment.held
    lapsed = held.drawn("lapsed", lambda: tuple(filter(_has_lapsed, held.findings)))
    if not lapsed:
        return
    deciding = {finding.id for finding in assessment.reduced.deciding}
    deciding |= {r.lane.brought_by.id for r in assessment.deciding if r.lane is not None}
    for finding in lapsed:
        applies = finding.id in deciding or bool(finding.truth.assumed)
        if applies and finding.standing.lapsed:
            by = ", ".join(finding.standing.lapsed)
            yield (
                Flag.IN_FORCE_UNLESS_EXTENSION_RECORDED,
                (
                    f"{finding.id} applies again: the scheduled end of {by} has passed, and no "
                    "extension is on record."
                ),
            )
        if applies and finding.exempt_lapsed:
            yield (
                Flag.IN_FORCE_UNLESS_EXTENSION_RECORDED,
                (
                    f"{finding.id} applies: the scheduled end of an exemption from it has passed, "
                    "and no extension is on record."
                ),
            )
        if finding.standing.expired and _outranks(finding, assessment):
            yield (
                Flag.ENDED_UNLESS_EXTENSION_RECORDED,
                f"{finding.id} {finding.standing.why}, and no extension is on record.",
            )


def _has_lapsed(finding: Finding) -> bool:
    """Whether a scheduled end has passed: of the provision, an exemption or an act upon it."""
    standing = finding.standing
    return bool(standing.lapsed) or finding.exempt_lapsed or standing.expired


def _variants(assessment: Assessment, situation: Situation) -> Iterable[Warning_]:
    """Amendments whose own dates, or those of a stay of them, make the answer what it is.

    P10: a scheduled end that passes without a recorded extension flips what it held up or back.
    """
    day, held, amendments = situation.question.as_of, assessment.held, situation.register.amendments
    amended = held.drawn("amended", lambda: tuple(f for f in held.findings if amendments.get(f.id)))
    found = [
        (finding, variant)
        for finding in amended
        for variant in Chronicle.of(finding.reading.rule, situation.cut).variants(day)
    ]
    if not found:
        return
    now = outcome_of(assessment.findings, situation, day)
    for finding, variant in found:
        others = [f for f in assessment.findings if f.id != finding.id]
        truth = provision_reaches(variant.reading, situation, day)
        changed = replace(finding, reading=variant.reading, truth=truth)
        then = outcome_of([*others, changed], situation, day)
        if then != now:
            yield _of_variant(finding, variant, was_stricter=_is_stricter(then[0], now[0]))


def _is_stricter(one: Requirement, other: Requirement) -> bool:
    return ORDER.index(one) < ORDER.index(other)


def _of_variant(finding: Finding, variant: Variant, *, was_stricter: bool) -> Warning_:
    if variant.open_day is not None:
        return (
            Flag.TURNS_ON_IMPRECISE_DATE,
            (
                f"{variant.fact} amends {finding.id} {variant.open_day}; the exact day is not on "
                "record, and this answer turns on it."
            ),
        )
    ended, in_force = Flag.ENDED_UNLESS_EXTENSION_RECORDED, Flag.IN_FORCE_UNLESS_EXTENSION_RECORDED
    return (
        ended if was_stricter else in_force,
        (
            f"{finding.id} reads as it does because the scheduled end of {variant.fact} has "
            "passed, and no extension is on record."
        ),
    )


def _outranks(finding: Finding, assessment: Assessment) -> bool:
    requirement = finding.reading.provision.requirement
    if requirement is None or not finding.truth.value:
        return False
    return ORDER.index(requirement) < ORDER.index(assessment.reduced.value)


def _imprecise(assessment: Assessment, situation: Situation) -> Iterable[Warning_]:
    """Imprecise dates are intervals, "and an answer that turns on one says so"."""
    held = assessment.held
    for finding in held.drawn("imprecise", lambda: tuple(filter(_is_imprecise, held.findings))):
        if _turns_on(finding, assessment, situation):
            yield (
                Flag.TURNS_ON_IMPRECISE_DATE,
                (
                    f"{finding.id}: {finding.standing.why or finding.standing.imprecise}; the "
                    "exact day is not on record, and this answer turns on it."
                ),
            )
    yield from _acts_in_the_open(assessment, situation)
    for finding in _perhaps_known(situation):
        if _turns_on(finding, assessment, situation):
            public = finding.reading.rule.fact.dates.public
            yield (
                Flag.TURNS_ON_IMPRECISE_DATE,
                (
                    f"{finding.reading.rule.fact.id} became public {public}; the exact day is not "
                    "on record, and this answer turns on it."
                ),
            )


def _is_imprecise(finding: Finding) -> bool:
    return finding.standing.imprecise is not None


def _acts_in_the_open(assessment: Assessment, situation: Situation) -> Iterable[Warning_]:
    """The same for acts upon what decides, and for what sets the other axes."""
    day, calendar = situation.question.as_of, Calendar(situation.cut)
    for finding in assessment.reduced.deciding:
        for act, when in calendar.perhaps(finding.reading.rule, day):
            yield (
                Flag.TURNS_ON_IMPRECISE_DATE,
                (
                    f"{act.id} acts on {finding.id} {when}; the exact day is not on "
                    "record, and this answer turns on it."
                ),
            )
    for reach in perhaps_on(situation.effects, situation, calendar, day):
        yield (
            Flag.TURNS_ON_IMPRECISE_DATE,
            (
                f"{reach.fact.id} ({reach.effect.value}) begins {reach.fact.dates.starts}; the "
                f"exact day is not on record, and the {reach.effect.axis.replace('_', ' ')} turns "
                "on it."
            ),
        )

    by = (assessment.permission.by, assessment.condition.by, *assessment.measure.by)
    for reach in (reach for reach in by if reach is not None):
        if reach.closes is not None:
            yield (
                Flag.TURNS_ON_IMPRECISE_DATE,
                (
                    f"{reach.fact.id} ({reach.effect.value}) ends {reach.closes}; the exact day is "
                    f"not on record, and the {reach.effect.axis.replace('_', ' ')} turns on it."
                ),
            )


def _perhaps_known(situation: Situation) -> tuple[Finding, ...]:
    """Provisions that the knowledge cut leaves out, but whose publication may lie before it."""
    if not situation.cut.perhaps:
        return ()
    day = situation.question.as_of
    return hold(situation.perhaps.on(day), situation, day).findings


def _turns_on(finding: Finding, assessment: Assessment, situation: Situation) -> bool:
    """Whether requirement or review policy differ with and without a provision in force."""
    others = [f for f in assessment.findings if f.id != finding.id]
    in_force = replace(finding, standing=Standing(State.IN_FORCE))
    day = situation.question.as_of
    with_it = outcome_of([*others, in_force], situation, day)
    return with_it != outcome_of(others, situation, day)


def _possible(assessment: Assessment) -> Iterable[Warning_]:
    """What may be relevant: "outside it, it is listed and named as possibly relevant"."""
    for reach in assessment.effects:
        if reach.is_possible and reach.truth.value is not False and not reach.over:
            about = ", ".join(sorted(reach.truth.lacks)) or f"the scope: {reach.effect.scope}"
            yield (
                Flag.POSSIBLY_RELEVANT,
                f"{reach.fact.id} ({reach.effect.value}) may be relevant; it turns on {about}.",
            )


def _reviews(assessment: Assessment) -> Iterable[Warning_]:
    for reason in assessment.deciding:
        if reason.turns_on:
            lacks = ", ".join(sorted(reason.turns_on))
            yield (
                Flag.REVIEW_TURNS_ON_MISSING_FACT,
                f"The review policy or an exception of {reason.finding.id} turns on {lacks}.",
            )
        if reason.closed_lane is not None:
            lane = reason.closed_lane
            yield (
                Flag.REVIEW_LANE_NEEDS_PRECONDITIONS,
                (
                    f"{lane.brought_by.id} opens a lane ({lane.lane.policy.value}) on "
                    f"{reason.finding.id} once affirmed: {'; '.join(lane.unaffirmed)}."
                ),
            )


def _licenses(assessment: Assessment) -> Iterable[Warning_]:
    by = assessment.permission.by
    if by is not None and by.effect.scope_is_unpublished:
        yield (
            Flag.LICENSE_SCOPE_UNPUBLISHED,
            (
                f"The scope of {by.fact.id} is not published: whether it covers this very shipment "
                "is not on record."
            ),
        )
    if assessment.permission.partial and (
        assessment.axes.authorization is not Authorization.EXCEPTION_AVAILABLE
    ):
        codes = ", ".join(sorted({o.exception.code for o in assessment.permission.partial}))
        yield (
            Flag.EXCEPTION_LEAVES_REASONS,
            f"License exception {codes} reaches only some of the provisions that ask.",
        )


def _left(assessment: Assessment, situation: Situation) -> Iterable[Warning_]:
    """P3: a license cuts "only those reasons they name", by the relation ``grants``."""
    by = assessment.permission.by
    if by is None or assessment.axes.authorization is not Authorization.GRANTED_SCOPED:
        return
    named = {link.id for link in by.fact.relates_to if link.relation is RelationKind.GRANTS}
    rules = situation.register.rules.values()
    cut = {r.provision.id for r in rules if {r.provision.id, r.fact.id} & named}
    cut |= {situation.register.amended(provision_id) for provision_id in cut}
    left = [reason.finding.id for reason in assessment.deciding if reason.finding.id not in cut]
    if cut and left:
        yield (
            Flag.LICENSE_LEAVES_REASONS,
            f"{by.fact.id} names the reasons that it cuts; not among them: {', '.join(left)}.",
        )


def _classes(assessment: Assessment, situation: Situation) -> Iterable[Warning_]:
    for finding in assessment.reduced.deciding:
        presumed = finding.reading.provision.presumes
        if presumed:
            yield (
                Flag.CLASS_PRESUMED,
                f"{finding.id} presumes the class {presumed} unless that is rebutted.",
            )
    item = situation.item
    if item and item.certainty is ItemCertainty.ATTRIBUTED_CLAIM and item_was_tested(assessment):
        yield (
            Flag.ITEM_FIGURES_CLAIMED,
            f"The figures of {item.name} are claims, not its vendor's specification.",
        )


def item_was_tested(assessment: Assessment) -> bool:
    """Whether the requirement rests on a technical test of the item."""
    if not assessment.reduced.deciding:
        return any(
            scope is not None and scope.any_of
            for scope in (f.reading.provision.items for f in assessment.findings)
        )
    return any(
        scope is not None and scope.any_of
        for scope in (f.reading.provision.items for f in assessment.reduced.deciding)
    )


def _group_lists(assessment: Assessment, situation: Situation) -> Iterable[Warning_]:
    """A group may be printed in two lists; where they differ on the day, the answer says so.

    The second list of a group carries the group's name with a suffix, such as ``D:5-state``.
    """
    day = situation.question.as_of
    seats = situation.consignee.seats if situation.consignee else frozenset()
    places = {situation.question.destination, *seats}
    lists = [second for second in situation.register.second_lists() if second[2] in places]
    tested = _tested_groups(assessment) if lists else ()
    for base, group, country in lists:
        if base not in tested:
            continue
        printed = situation.in_group(country, base, day)
        listed = situation.in_group(country, group, day)
        if printed is not listed:
            yield (
                Flag.GROUP_LISTS_DIFFER,
                (
                    f"{country} is {'in' if printed else 'not in'} {base} as printed and "
                    f"{'in' if listed else 'not in'} the list {group} on this day."
                ),
            )


def _tested_groups(assessment: Assessment) -> Collection[str]:
    """The groups that provisions test destinations and headquarters for."""
    return {
        group
        for finding in assessment.findings
        for scope in (
            finding.reading.provision.destinations,
            finding.reading.provision.headquarters,
        )
        if scope is not None
        for group in scope.any_group
    }
