"""Standing: whether a rule is in force on a day, and what keeps it from being so.

P4: "A requirement ends only by amendment, withdrawal, expiry or court order. Assurance,
announcement, press report, advocacy and non-enforcement never end it."
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum, auto
from typing import Final

from ledger.domain.dates import OutsideDate
from ledger.domain.determination.cut import Cut, begin
from ledger.domain.determination.register import Link, Rule
from ledger.domain.facts import ReportedFact
from ledger.domain.provision import Provision
from ledger.domain.vocabulary import Certainty, Family, Precision, RelationKind

ONE_DAY: Final = timedelta(days=1)
RANK: Final = {certainty: rank for rank, certainty in enumerate(reversed(Certainty))}
"""How strong a source is; higher is stronger."""

WORDS_ONLY: Final = frozenset({"assurance", "announcement", "press_release", "statement"})
"""Subtypes that announce and do not enact: P4 lets none of them end or stay a requirement.

Non-enforcement is itself no more than a word, and P4 says what that word sets."""

CLOSING: Final = frozenset({RelationKind.ENDS, RelationKind.SUPERSEDES})
STAYING: Final = frozenset({RelationKind.STAYS})
SUSPENDING: Final = frozenset({RelationKind.STAYS, RelationKind.NOT_ENFORCED})
_EXTENDING: Final = frozenset({RelationKind.EXTENDS})
ENACTING: Final = CLOSING | SUSPENDING | _EXTENDING


class State(Enum):
    """Where a rule stands on a day."""

    # The members are what they are by identity; this hash is the cheaper one.
    __hash__ = object.__hash__

    IN_FORCE = auto()
    DEFERRED = auto()
    NOT_ENFORCED = auto()
    STAYED = auto()
    UNCERTAIN = auto()
    NOT_YET_EFFECTIVE = auto()
    ENDED = auto()
    SUPERSEDED = auto()


Overruled = Mapping[tuple[str, str], str]
"""Relations that a weaker source tried to enact, as fact and target, and why they have no effect.
"""

DEAD: Final = frozenset({State.NOT_YET_EFFECTIVE, State.ENDED, State.SUPERSEDED})


@dataclass(frozen=True, slots=True)
class Standing:
    """A rule's state on a day.

    Attributes:
        state: Where it stands.
        by: The facts that brought it there, other than the rule's own.
        why: One clause for the explanation.
        imprecise: The rule's own date, where the day lies in what that date leaves open.
        lapsed: Facts whose scheduled end has passed, so that the rule applies again (P10).
        expired: True where the rule's own scheduled end has passed.
    """

    state: State
    by: tuple[str, ...] = ()
    why: str = ""
    imprecise: OutsideDate | None = None
    lapsed: tuple[str, ...] = ()
    expired: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A provision as amended by a day, and the rules that amended it, oldest first.

    Its key names provision and amendments: equal keys are equal texts.
    """

    rule: Rule
    provision: Provision
    amended_by: tuple[Rule, ...] = ()
    key: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        names = (rule.provision.id for rule in (self.rule, *self.amended_by))
        object.__setattr__(self, "key", tuple(names))


@dataclass(slots=True)
class Calendar:
    """Reads the relations of the record, as far as they are known.

    ``overruled`` collects relations that a weaker source tried to enact: P8, "Weaker evidence never
    overrides stronger; it opens CONFLICT."
    """

    cut: Cut
    overruled: dict[tuple[str, str], str] = field(default_factory=dict)

    def standing(self, rule: Rule, provision: Provision, day: date) -> Standing:
        """Where a rule stands on a day; ``provision`` is the rule as amended by then."""
        start = provision.effective or rule.fact.dates.starts
        if start is None or day < start.earliest:
            return Standing(
                State.NOT_YET_EFFECTIVE, why=f"effective {start}", imprecise=open_on(start, day)
            )
        targets = (rule.provision.id, rule.fact.id)
        closed = self.closing(rule, day)
        if closed is not None:
            state = State.SUPERSEDED if closed.kind is RelationKind.SUPERSEDES else State.ENDED
            by = (closed.fact.id, *self.extending(closed.fact, day))
            return Standing(state, by, f"{_VERB[closed.kind]} {closed.fact.id}")
        ends = provision.ends or (rule.fact.dates.ends if rule.provision.ends is None else None)
        if ends is not None and not self._reaches_end(ends, targets, rule.fact, day):
            return Standing(State.ENDED, why=f"ended after {ends}", expired=True)
        if ends is not None and closes_on(ends, day):
            return Standing(State.UNCERTAIN, why=f"ends {ends}", imprecise=ends)
        suspended = self._suspension(rule, targets, day)
        if suspended is not None:
            return suspended
        lapsed = tuple(self.lapsed(rule, day))
        compliance = provision.compliance or (
            rule.fact.dates.compliance if rule.provision.amends is None else None
        )
        if compliance is not None and day < compliance.certain:
            return Standing(State.DEFERRED, why=f"compliance from {compliance}", lapsed=lapsed)
        if day < start.certain:
            return Standing(
                State.UNCERTAIN, why=f"effective {start}", imprecise=start, lapsed=lapsed
            )
        longer = self.extending(rule.fact, day, ends, rule.provision.id) if ends else ()
        why = f"extended by {', '.join(longer)}" if longer else ""
        return Standing(State.IN_FORCE, longer, why, imprecise=open_on(start, day), lapsed=lapsed)

    def closing(self, rule: Rule, day: date) -> Link | None:
        """What has ended or superseded a rule, or the fact that brought it, by a day."""
        targets = (rule.provision.id, rule.fact.id)
        return next(self._active(targets, CLOSING, rule.fact, day), None)

    def halting(self, rule: Rule, day: date) -> Link | None:
        """What has ended, superseded or stayed a rule, or the fact that brought it, by a day."""
        targets = (rule.provision.id, rule.fact.id)
        return next(self._active(targets, CLOSING | STAYING, rule.fact, day), None)

    def closing_fact(
        self, fact: ReportedFact, day: date, kinds: frozenset[RelationKind]
    ) -> Link | None:
        """What acts in one of these ways on a fact as a whole by a day."""
        return next(self._active((fact.id,), kinds, fact, day), None)

    def within(self, ends: OutsideDate, fact: ReportedFact, day: date) -> bool:
        """Whether a day lies within a fact's scheduled end, as extended by then."""
        return self._reaches_end(ends, (fact.id,), fact, day)

    def _suspension(self, rule: Rule, targets: tuple[str, ...], day: date) -> Standing | None:
        """A stay outweighs non-enforcement: it is a legal act, the other a forbearance."""
        active = list(self._active(targets, SUSPENDING, rule.fact, day))
        for kind, state in (
            (RelationKind.STAYS, State.STAYED),
            (RelationKind.NOT_ENFORCED, State.NOT_ENFORCED),
        ):
            acts = [link.fact for link in active if link.kind is kind]
            if acts:
                names = tuple(act.id for act in acts)
                longer = (name for act in acts for name in self.extending(act, day))
                why = f"{_VERB[kind]} {', '.join(names)}"
                return Standing(state, tuple(dict.fromkeys((*names, *longer))), why)
        return None

    def extending(
        self, fact: ReportedFact, day: date, ends: OutsideDate | None = None, *targets: str
    ) -> tuple[str, ...]:
        """The acts without which a fact, or a part of it, would be over by a day."""
        ends = ends or fact.dates.ends
        if ends is None or day <= ends.certain:
            return ()
        found: dict[str, None] = {}
        pending = [(fact, (*targets, fact.id))]
        while pending:
            extended, names = pending.pop()
            for link in self._active(names, _EXTENDING, extended, day):
                if link.fact.id not in found:
                    found[link.fact.id] = None
                    pending.append((link.fact, (link.fact.id,)))
        return tuple(found)

    def is_active(self, fact: ReportedFact, day: date, seen: frozenset[str] = frozenset()) -> bool:
        """Whether what a fact does holds on a day: begun, not over, not itself ended or stayed."""
        start = fact.dates.starts
        if start is None or day < start.certain or fact.id in seen:
            return False
        seen |= {fact.id}
        if any(self._active((fact.id,), CLOSING | STAYING, fact, day, seen)):
            return False
        return fact.dates.ends is None or self._reaches_end(
            fact.dates.ends, (fact.id,), fact, day, seen
        )

    def _reaches_end(
        self,
        ends: OutsideDate,
        targets: tuple[str, ...],
        fact: ReportedFact,
        day: date,
        seen: frozenset[str] = frozenset(),
    ) -> bool:
        """Whether the day lies within a scheduled end, as extended by then."""
        if day <= ends.certain:
            return True
        return any(True for _ in self._active(targets, _EXTENDING, fact, day, seen))

    def _active(
        self,
        targets: tuple[str, ...],
        kinds: frozenset[RelationKind],
        target: ReportedFact,
        day: date,
        seen: frozenset[str] = frozenset(),
    ) -> Iterator[Link]:
        for link in self.cut.links(targets, kinds):
            if self._works(link, day, seen) and self.may_act(link, target):
                yield link

    def _works(self, link: Link, day: date, seen: frozenset[str]) -> bool:
        """Whether a relation holds on a day.

        What was superseded stays so, whatever other acts do to the one that took its place: that
        this one is ended or superseded in turn brings nothing back that no act restores (P4).
        """
        fact = link.fact
        if link.kind is not RelationKind.SUPERSEDES:
            return self.is_active(fact, day, seen)
        ends = fact.dates.ends
        begun = day >= begin(fact)
        return begun and (ends is None or self._reaches_end(ends, (fact.id,), fact, day, seen))

    def may_act(self, link: Link, target: ReportedFact) -> bool:
        """P4, P5, P8: who may end, stay or supersede a rule.

        Only a regulatory action of the same issuer that enacts something, and whose source is at
        least as strong: P5, "Later beats earlier only for the same provision and equal or higher
        rank". What falls short of it on the evidence alone opens a conflict.
        """
        fact = link.fact
        is_words = fact.subtype in WORDS_ONLY and link.kind is not RelationKind.NOT_ENFORCED
        if fact.family is not Family.REGULATORY_ACTION or is_words:
            self.overruled[fact.id, link.target] = "words end no requirement"
            return False
        if not is_same_issuer(fact, target):
            return False
        if RANK[fact.certainty] < RANK[target.certainty]:
            self.overruled[fact.id, link.target] = "its source is the weaker one"
            return False
        return True

    def lapsed(
        self, rule: Rule, day: date, kinds: frozenset[RelationKind] = SUSPENDING
    ) -> Iterator[str]:
        """P10: suspensions whose scheduled end has passed without a recorded extension."""
        for link in self.cut.links((rule.provision.id, rule.fact.id), kinds):
            ends = link.fact.dates.ends
            if ends is not None and day > ends.certain and self.may_act(link, rule.fact):
                yield link.fact.id

    def perhaps(self, rule: Rule, day: date) -> Iterator[tuple[ReportedFact, str]]:
        """Acts on a rule of which it is open whether they have begun, or are over, by a day."""
        for link in self.cut.links((rule.provision.id, rule.fact.id), ENACTING):
            starts, ends = link.fact.dates.starts, link.fact.dates.ends
            if not self.may_act(link, rule.fact):
                continue
            if open_on(starts, day):
                yield link.fact, f"{starts}"
            elif ends is not None and closes_on(ends, day) and self.is_active(link.fact, day):
                yield link.fact, f"until some day {ends}"

    def boundaries(self, rule: Rule) -> set[date]:
        """The days on which the rule's standing may change."""
        days = _provision_days(rule)
        for fact in self._enacting(rule.provision.id, rule.fact.id):
            days |= _edges(fact.dates.starts, fact.dates.ends)
        return days

    def fact_boundaries(self, fact: ReportedFact) -> dict[date, set[str]]:
        """The days on which what a fact does may change, with the acts upon it that begin or end.

        The fact's own days are not among them.
        """
        days: dict[date, set[str]] = {}
        for act in self._enacting(fact.id):
            for day in _edges(act.dates.starts, act.dates.ends):
                days.setdefault(day, set()).add(act.id)
        return days

    def turning(self, rule: Rule, day: date) -> list[ReportedFact]:
        """The facts, the rule's own or what acts on it, with a date on this day."""
        acting = self._enacting(rule.provision.id, rule.fact.id)
        facts = [f for f in acting if day in _edges(f.dates.starts, f.dates.ends)]
        return [*facts, rule.fact] if day in _provision_days(rule) else facts

    def _enacting(self, *targets: str) -> Iterator[ReportedFact]:
        """The known facts that act on a fact or provision, or on what acts on it."""
        pending = list(targets)
        seen: set[str] = set()
        while pending:
            target = pending.pop()
            if target in seen:
                continue
            seen.add(target)
            for link in self.cut.links((target,), ENACTING):
                yield link.fact
                pending.append(link.fact.id)


def is_same_issuer(one: ReportedFact, other: ReportedFact) -> bool:
    """Whether two acts may be of one state: FORMAT lets a row leave out who issued it."""
    countries = {one.issuer_country, other.issuer_country} - {None}
    return len(countries) <= 1


def _provision_days(rule: Rule) -> set[date]:
    provision, dates = rule.provision, rule.fact.dates
    days = _edges(provision.effective or dates.starts, provision.ends or dates.ends)
    return days | _edges(provision.compliance, None) | _edges(dates.compliance, None)


_VERB: Final = {
    RelationKind.ENDS: "ended by",
    RelationKind.SUPERSEDES: "superseded by",
    RelationKind.STAYS: "stayed by",
    RelationKind.NOT_ENFORCED: "not enforced by",
}


def _edges(start: OutsideDate | None, ends: OutsideDate | None) -> set[date]:
    days = {start.earliest, start.certain} if start else set()
    return days | ({ends.first + ONE_DAY, ends.certain + ONE_DAY} if ends else set())


def closes_on(ends: OutsideDate, day: date) -> bool:
    """Whether the day lies in the month or week in which the end falls, on which day is unknown."""
    return ends.precision in {Precision.MONTH, Precision.WEEK_OF} and ends.first < day <= ends.last


def open_on(start: OutsideDate | None, day: date) -> OutsideDate | None:
    """A date that something starts on, where it leaves open on which side of it the day lies."""
    if start is None or start.is_exact:
        return None
    if start.precision is Precision.ON_OR_BEFORE:
        return start if day < start.certain else None
    if start.precision is Precision.ON_OR_AFTER:
        return start if day >= start.certain else None
    return start if start.first <= day < start.certain else None
