"""The outlook: since when the requirement is as it is, and when the answer changes next.

Both ask the same situation about other days, with the same knowledge: nothing that becomes known
later enters, and nothing but what is scheduled already is foretold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from ledger.domain.determination import amendment, effects
from ledger.domain.determination.answer import Axes, NextChange
from ledger.domain.determination.assessment import Assessment, assess, requirement_on
from ledger.domain.determination.matching import (
    addressed,
    consignee_in,
    end_use_in,
    item_in,
    transaction_in,
)
from ledger.domain.determination.register import Effected, Rule
from ledger.domain.determination.situation import Situation
from ledger.domain.determination.standing import ONE_DAY, Calendar
from ledger.domain.determination.truth import Truth
from ledger.domain.facts import GroupMembership
from ledger.domain.provision import Exemption, LicenseException, Provision, ReviewLane
from ledger.domain.statement import Recorded
from ledger.domain.vocabulary import Evidence, Requirement


def relevant_rules(situation: Situation) -> list[Rule]:
    """The known rules that may reach the question on some day: all tests but the dated hold."""
    return [rule for rule in situation.rules if _could_reach(rule, situation)]


def _could_reach(rule: Rule, situation: Situation) -> bool:
    if rule.provision.amends:
        return False
    if situation.register.amendments.get(rule.provision.id):
        return True
    return all(truth.value is not False for truth in _undated(rule, situation))


def _undated(rule: Rule, situation: Situation) -> tuple[Truth, ...]:
    provision, question = rule.provision, situation.question
    return (
        item_in(provision.items, situation, provision.id),
        addressed(provision.addressees, situation),
        transaction_in(provision.transactions, question.transaction),
        end_use_in(provision.end_uses, question.end_use),
        consignee_in(provision.consignees, situation, provision.id),
    )


def relevant_effects(situation: Situation) -> list[Effected]:
    """The known effects that may reach the question on some day."""
    return [
        e for e in situation.effects if effects.may_set(e) and effects.could_reach(e, situation)
    ]


def requirement_since(
    value: Requirement, rules: Sequence[Rule], situation: Situation, *, not_before: date
) -> date:
    """The first day of the unbroken run, up to the day asked about, with this requirement."""
    as_of = situation.question.as_of
    calendar = Calendar(situation)
    days = sorted(
        (day for day in _rule_days(rules, calendar) if not_before < day <= as_of), reverse=True
    )
    since = as_of
    for day in (*days, not_before):
        reduced, _ = requirement_on(rules, calendar, day)
        if reduced.value is not value:
            return since
        since = day
    return since


def next_change(
    now: Assessment,
    rules: Sequence[Rule],
    relevant: Sequence[Effected],
    situation: Situation,
    *,
    evidence: Callable[[Assessment], Evidence | None],
) -> NextChange | None:
    """The first later day on which one of the axes changes by what is on record already.

    ``evidence`` tells the fifth: where another instrument takes over, the answer may rest on a
    stronger text and yet read the same.
    """
    calendar = Calendar(situation)
    days = _rule_days(rules, calendar)
    for effected in relevant:
        days |= effects.boundaries(effected) | set(calendar.fact_boundaries(effected.fact))
    held = evidence(now)
    for day in sorted(day for day in days if day > situation.question.as_of):
        then = assess(rules, relevant, calendar, day)
        changes = describe_change(now.axes, then.axes) or _rests(held, evidence(then))
        if changes:
            return NextChange(
                day=day,
                axes=then.axes,
                description=changes,
                fact_ids=_causes(calendar, rules, relevant, day),
            )
    return None


def describe_change(before: Axes, after: Axes) -> str:
    """What changes, axis by axis, in the record's words."""
    changes = []
    for axis in Axes.__dataclass_fields__:
        old, new = getattr(before, axis), getattr(after, axis)
        if old is not new:
            changes.append(f"{axis} {old.value} -> {new.value}")
    return "; ".join(changes)


def _rests(before: Evidence | None, after: Evidence | None) -> str:
    """The change of evidence alone; none where nothing on record carries one of the answers."""
    if before is None or after is None or before is after:
        return ""
    return f"evidence {before.value} -> {after.value}"


def _rule_days(rules: Sequence[Rule], calendar: Calendar) -> set[date]:
    situation = calendar.situation
    days: set[date] = set()
    for rule in rules:
        days |= calendar.boundaries(rule)
        days |= amendment.boundaries(rule, calendar)
        for provision in (rule.provision, *amendment.provisions(rule, situation)):
            days |= _part_days(provision)
    return days | _membership_days(situation)


def _part_days(provision: Provision) -> set[date]:
    """The days on which exemptions, exceptions and lanes of a provision begin or are over."""
    days: set[date] = set()
    parts: tuple[Exemption | LicenseException | ReviewLane, ...] = (
        *provision.exempt,
        *provision.exceptions,
        *provision.review_lanes,
    )
    for part in parts:
        days |= {part.effective.certain} if part.effective else set()
        days |= {part.ends.certain + ONE_DAY} if part.ends else set()
    return days


def _membership_days(situation: Situation) -> set[date]:
    places = _places(situation)
    return {
        day
        for (_, country), records in situation.register.memberships.items()
        if country in places
        for recorded in records
        if situation.knowledge.has(recorded)
        for day in _period_days(recorded)
    }


def _places(situation: Situation) -> frozenset[str]:
    """The countries whose membership counts: the destination and the consignee's seats."""
    seats = situation.consignee.seats if situation.consignee else frozenset()
    return seats | {situation.question.destination}


def _period_days(recorded: Recorded) -> set[date]:
    fact = recorded.fact
    if not isinstance(fact, GroupMembership):
        return set()
    return {day for day in (fact.from_date, fact.until_date) if day is not None}


def _causes(
    calendar: Calendar, rules: Sequence[Rule], relevant: Sequence[Effected], day: date
) -> tuple[str, ...]:
    """The facts whose dates fall on a day of change."""
    situation = calendar.situation
    causes = {fact.id for rule in rules for fact in calendar.turning(rule, day)}
    causes |= {fact.id for rule in rules for fact in amendment.turning(rule, calendar, day)}
    causes |= {e.fact.id for e in relevant if day in effects.boundaries(e)}
    for effected in relevant:
        causes |= calendar.fact_boundaries(effected.fact).get(day, set())
    for (_, country), records in situation.register.memberships.items():
        if country in _places(situation):
            causes |= {r.fact.id for r in records if day in _period_days(r)}
    return tuple(sorted(causes))
