"""Effects of facts on the axes other than the requirement: which of them reach the question.

Reduction: "A measure or license with a scope decides only for a question inside that scope; outside
it, it is listed and named as possibly relevant."
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

from ledger.domain.dates import OutsideDate
from ledger.domain.determination.cut import Cut
from ledger.domain.determination.matching import addressed, place_in, shipped_from_in
from ledger.domain.determination.question import CONSIGNEE
from ledger.domain.determination.register import Effected, applicant
from ledger.domain.determination.situation import Situation
from ledger.domain.determination.standing import (
    CLOSING,
    ONE_DAY,
    STAYING,
    Calendar,
    Overruled,
    closes_on,
    open_on,
)
from ledger.domain.determination.truth import HOLDS, Truth, all_of, any_of, fails, lacking
from ledger.domain.effects import Effect
from ledger.domain.facts import ReportedFact
from ledger.domain.statement import Recorded
from ledger.domain.vocabulary import (
    Authorization,
    Axis,
    CommercialCondition,
    Family,
    RelationKind,
)

_SETTERS: Final = {
    Axis.AUTHORIZATION: frozenset({Family.REGULATORY_ACTION}),
    Axis.DESTINATION_MEASURE: frozenset({Family.REGULATORY_ACTION}),
    Axis.COMMERCIAL_CONDITION: frozenset({Family.REGULATORY_ACTION, Family.CLAIM}),
}
"""P11: "Claims may set `commercial_condition` and no other axis."""

_EXTENDING: Final = frozenset({RelationKind.EXTENDS})
_WITHOUT_SCOPE_TEST: Final = frozenset({Authorization.ASSURED_NOT_ISSUED, *CommercialCondition})
"""Only measures and licenses are cut by their scope; an assurance is words about one."""


@dataclass(frozen=True, slots=True)
class Reach:
    """One effect against the question on a day.

    Attributes:
        effect: The effect.
        fact: The fact that has it.
        recorded: The fact's entry.
        start: The first day on which it holds for certain.
        truth: Whether it reaches the question.
        outside_scope: True where everything holds but a scope that the question is not known to
            be inside of.
        over: True where its scheduled end has passed.
        closes: Its scheduled end, where that leaves open whether the day lies behind it.
        closed_by: What ended or superseded it.
        ended: True where that ended it and did not take its place.
        stayed_by: What suspends it.
        extended_by: What keeps it from being over.
    """

    effect: Effect
    fact: ReportedFact
    recorded: Recorded
    start: date
    truth: Truth
    outside_scope: bool = False
    over: bool = False
    closes: OutsideDate | None = None
    closed_by: str = ""
    ended: bool = False
    stayed_by: str = ""
    extended_by: tuple[str, ...] = ()

    @property
    def acts(self) -> tuple[str, ...]:
        """What other facts make of it, by id."""
        return (*filter(None, (self.closed_by, self.stayed_by)), *self.extended_by)

    @property
    def is_possible(self) -> bool:
        """Whether it may be relevant although it does not decide."""
        return self.truth.value is None or self.outside_scope

    @property
    def decides(self) -> bool:
        """Whether it may set its axis."""
        return self.truth.value is True and not self.outside_scope

    @property
    def order(self) -> tuple[date, int, str]:
        """Chronological, on one day as their stream has them.

        The same however independent entries were appended.
        """
        return self.start, self.recorded.version, self.fact.id


def effects_on(
    axis: Axis,
    effects: Iterable[Effected],
    situation: Situation,
    calendar: Calendar,
    day: date,
) -> tuple[Reach, ...]:
    """Those of the known effects on an axis that have begun by a day, oldest first."""
    reached = [
        _reach(effected, situation, calendar, day)
        for effected in effects
        if effected.effect.axis is axis and effected.begins <= day and may_set(effected)
    ]
    return tuple(sorted(reached, key=lambda reach: reach.order))


def perhaps_on(
    effects: Iterable[Effected], situation: Situation, calendar: Calendar, day: date
) -> Iterator[Reach]:
    """Those effects of which it is open whether they have begun, and that would then decide."""
    for effected in effects:
        if open_on(effected.fact.dates.starts, day) and may_set(effected):
            reach = _reach(effected, situation, calendar, day)
            if reach.decides:
                yield reach


def may_set(effected: Effected) -> bool:
    """P11: whether a fact of this family may set the axis at all."""
    return effected.fact.family in _SETTERS[effected.effect.axis]


def _reach(effected: Effected, situation: Situation, calendar: Calendar, day: date) -> Reach:
    """An effect against the question on a day: whether it reaches it, and in what course it is."""
    register = situation.register
    # The record holds the effects for as long as it keeps findings.
    reach = register.findings(
        (id(effected), situation.placing(day)), partial(_alone, effected, situation, day)
    )
    if reach.truth.value is False:
        return reach
    course = register.findings(
        (id(effected), calendar.cut, register.days.first_like(day)),
        partial(_course, effected, calendar.cut, day),
    )
    calendar.overruled.update(course.overruled)
    return Reach(
        effect=reach.effect,
        fact=reach.fact,
        recorded=reach.recorded,
        start=reach.start,
        truth=reach.truth,
        outside_scope=reach.outside_scope,
        over=course.over,
        closes=course.closes,
        closed_by=course.closed_by,
        ended=course.ended,
        stayed_by=course.stayed_by,
        extended_by=course.extended_by,
    )


def _alone(effected: Effected, situation: Situation, day: date) -> Reach:
    """An effect against the question, as if it had no end and nothing acted upon it."""
    truth = _truth(effected.effect, effected.fact, situation, day)
    return Reach(
        effect=effected.effect,
        fact=effected.fact,
        recorded=effected.recorded,
        start=effected.begins,
        truth=truth,
        outside_scope=truth.value is not False and not _inside_scope(effected.effect, situation),
    )


@dataclass(frozen=True, slots=True)
class Course:
    """What an effect's end and the acts upon it make of it by a day, whatever it reaches.

    All but ``overruled`` is as a ``Reach`` has it, and that as ``Calendar.overruled``.
    """

    over: bool
    closes: OutsideDate | None
    closed_by: str
    ended: bool
    stayed_by: str
    extended_by: tuple[str, ...]
    overruled: Overruled


def _course(effected: Effected, cut: Cut, day: date) -> Course:
    fact, calendar = effected.fact, Calendar(cut)
    ends = effected.effect.ends or fact.dates.ends
    closing = calendar.closing_fact(fact, day, CLOSING)
    staying = calendar.closing_fact(fact, day, STAYING)
    return Course(
        over=ends is not None and not calendar.within(ends, fact, day),
        closes=_open_end(ends, fact, calendar, day) if closing is None else None,
        closed_by=closing.fact.id if closing else "",
        ended=closing is not None and closing.kind is RelationKind.ENDS,
        stayed_by=staying.fact.id if staying else "",
        extended_by=calendar.extending(fact, day, ends) if ends else (),
        overruled=calendar.overruled,
    )


def _open_end(
    ends: OutsideDate | None, fact: ReportedFact, calendar: Calendar, day: date
) -> OutsideDate | None:
    """The end, where it leaves open whether the day lies behind it, and no act puts it off."""
    if ends is None or not closes_on(ends, day):
        return None
    return None if calendar.closing_fact(fact, day, _EXTENDING) else ends


def could_reach(effected: Effected, situation: Situation) -> bool:
    """Whether an effect may reach the question on some day: all tests but the dated one hold."""
    places = effected.effect.destinations
    if places is not None and not places.any_group and not places.unpublished:
        here = situation.question.destination
        if not places.any and here not in places.codes:
            return False
    return _item(effected.effect, situation).value is not False


def _truth(effect: Effect, fact: ReportedFact, situation: Situation, day: date) -> Truth:
    return all_of(_tests(effect, fact, situation, day))


def _tests(effect: Effect, fact: ReportedFact, situation: Situation, day: date) -> Iterator[Truth]:
    question = situation.question
    yield _item(effect, situation)
    yield place_in(effect.destinations, question.destination, situation, day, fact.id)
    yield shipped_from_in(effect.shipped_from, question.shipped_from)
    yield _binds(effect, fact, situation)


def _item(effect: Effect, situation: Situation) -> Truth:
    if not effect.items or any(n.casefold() in situation.item_names for n in effect.items):
        return HOLDS
    return fails(f"it speaks of {', '.join(effect.items)}")


def _binds(effect: Effect, fact: ReportedFact, situation: Situation) -> Truth:
    """P7, for authorizations and conditions: they are told to somebody, as exporter or consignee.

    A destination state's measure binds whoever is there, whomever it was told to. Where its scope
    names whom it was told to, as consignees are named, it turns on a consignee that is left out.
    """
    if effect.axis is Axis.DESTINATION_MEASURE:
        return HOLDS
    bound = (*fact.addressees, *_applicants(effect, fact))
    names = situation.consignee.names if situation.consignee else frozenset()
    if any(name.casefold() in names for name in bound):
        return HOLDS
    told = addressed(bound, situation)
    scope = effect.scope or ""
    if situation.question.consignee is None and any(
        _is_named_in(scope, name.casefold()) for name in bound
    ):
        return any_of((told, lacking(CONSIGNEE)), otherwise=told.why)
    return told


def _applicants(effect: Effect, fact: ReportedFact) -> tuple[str, ...]:
    """Who applied: the actor, as an application is no act of the agency that it goes to.

    An agency that itself tells of applications, and names nobody, speaks of all.
    """
    if effect.value != Authorization.APPLIED or (fact.issuer_country and not fact.addressees):
        return ()
    return (applicant(fact),)


def _inside_scope(effect: Effect, situation: Situation) -> bool:
    """Whether the question lies inside an effect's scope, as far as words can show it.

    A scope is text. The question is inside where there is none, where its text is unpublished and
    the act names the parties, where the asker affirms it, or where it names the consignee.
    """
    if effect.scope is None or effect.scope_is_unpublished or effect.value in _WITHOUT_SCOPE_TEST:
        return True
    if situation.question.affirms(effect.scope):
        return True
    names = situation.consignee.names if situation.consignee else frozenset()
    return any(_is_named_in(effect.scope, name) for name in names)


def _is_named_in(text: str, name: str) -> bool:
    """Whether a text names a party: whole words, written as a name is, not as a common word."""
    folded = text.casefold()
    start = folded.find(name)
    while start >= 0 and len(folded) == len(text):
        end = start + len(name)
        bounded = not text[start - 1 : start].isalnum() and not text[end : end + 1].isalnum()
        if bounded and not text[start].islower():
            return True
        start = folded.find(name, start + 1)
    return False


def boundaries(effected: Effected) -> set[date]:
    """The days on which an effect begins or is over."""
    dates = effected.fact.dates
    days = {dates.starts.certain} if dates.starts else set()
    for ends in (dates.ends, effected.effect.ends):
        days |= {ends.certain + ONE_DAY} if ends else set()
    return days
