"""The outlook: since when the requirement is as it is, and when the answer changes next.

Both ask the same situation about other days, with the same knowledge: nothing that becomes known
later enters, and nothing but what is scheduled already is foretold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial

from ledger.domain.determination import amendment, effects
from ledger.domain.determination.answer import Axes, NextChange
from ledger.domain.determination.assessment import Assessment, assess, requirement_on
from ledger.domain.determination.cut import period_days
from ledger.domain.determination.matching import (
    addressed,
    consignee_in,
    end_use_in,
    item_in,
    transaction_in,
)
from ledger.domain.determination.register import Effected, Rule
from ledger.domain.determination.rulebook import Rulebook
from ledger.domain.determination.situation import Situation
from ledger.domain.determination.standing import Calendar
from ledger.domain.determination.truth import Truth
from ledger.domain.vocabulary import Evidence, Requirement


def relevant_rules(situation: Situation) -> Rulebook:
    """The known rules that may reach the question on some day: all tests but the dated hold."""
    return situation.register.findings(
        ("relevant", situation.cut, situation.steady), partial(_relevant_rules, situation)
    )


def _relevant_rules(situation: Situation) -> Rulebook:
    reachable = (
        rule
        for rule in situation.rules
        if not rule.provision.amends
        and situation.reachable(rule.provision.id, partial(_could_reach, rule, situation))
    )
    return Rulebook.of(reachable, situation.cut)


def _could_reach(rule: Rule, situation: Situation) -> bool:
    if situation.register.amendments.get(rule.provision.id):
        return True
    return all(truth.value is not False for truth in _undated(rule, situation))


def _undated(rule: Rule, situation: Situation) -> Iterator[Truth]:
    provision, question = rule.provision, situation.question
    yield item_in(provision.items, situation, provision.id)
    yield addressed(provision.addressees, situation)
    yield transaction_in(provision.transactions, question.transaction)
    yield end_use_in(provision.end_uses, question.end_use)
    yield consignee_in(provision.consignees, situation, provision.id)


def relevant_effects(situation: Situation) -> list[Effected]:
    """The known effects that may reach the question on some day."""
    return [
        e for e in situation.effects if effects.may_set(e) and effects.could_reach(e, situation)
    ]


def requirement_since(
    value: Requirement, rules: Rulebook, situation: Situation, *, not_before: date
) -> date:
    """The first day of the unbroken run, up to the day asked about, with this requirement."""
    as_of = situation.question.as_of
    days = sorted(
        (day for day in _rule_days(rules, situation) if not_before < day <= as_of), reverse=True
    )
    since = as_of
    for day in (*days, not_before):
        reduced, _ = requirement_on(rules, situation, day)
        if reduced.value is not value:
            return since
        since = day
    return since


def next_change(
    now: Assessment,
    rules: Rulebook,
    relevant: Sequence[Effected],
    situation: Situation,
    *,
    held: Evidence | None,
    evidence: Callable[[Assessment], Evidence | None],
) -> NextChange | None:
    """The first later day on which one of the axes changes by what is on record already.

    ``held`` is the fifth of them now, and ``evidence`` tells it for another day: where another
    instrument takes over, the answer may rest on a stronger text and yet read the same.
    """
    calendar = Calendar(situation.cut)
    days = _rule_days(rules, situation)
    for effected in relevant:
        days |= effects.boundaries(effected) | set(calendar.fact_boundaries(effected.fact))
    for day in sorted(day for day in days if day > situation.question.as_of):
        then = assess(rules, relevant, situation, day)
        changes = describe_change(now.axes, then.axes) or _rests(held, evidence(then))
        if changes:
            return NextChange(
                day=day,
                axes=then.axes,
                description=changes,
                fact_ids=_causes(rules, relevant, situation, day),
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


def _rule_days(rules: Rulebook, situation: Situation) -> set[date]:
    return _membership_days(situation) | rules.boundaries()


def _membership_days(situation: Situation) -> set[date]:
    return {day for country in _places(situation) for day in situation.cut.joinings(country)}


def _places(situation: Situation) -> frozenset[str]:
    """The countries whose membership counts: the destination and the consignee's seats."""
    seats = situation.consignee.seats if situation.consignee else frozenset()
    return seats | {situation.question.destination}


def _causes(
    rules: Rulebook, relevant: Sequence[Effected], situation: Situation, day: date
) -> tuple[str, ...]:
    """The facts whose dates fall on a day of change."""
    calendar, own = Calendar(situation.cut), [chronicle.rule for chronicle in rules.chronicles]
    causes = {fact.id for rule in own for fact in calendar.turning(rule, day)}
    causes |= {fact.id for rule in own for fact in amendment.turning(rule, calendar, day)}
    causes |= {e.fact.id for e in relevant if day in effects.boundaries(e)}
    for effected in relevant:
        causes |= calendar.fact_boundaries(effected.fact).get(day, set())
    for country in _places(situation):
        joining = situation.register.memberships_of(country)
        causes |= {r.fact.id for r in joining if day in period_days(r)}
    return tuple(sorted(causes))
