"""The cut: the record as far as it is known.

P1: "Cut by knowledge first (basis PUBLIC/ADDRESSEE/LEDGER), then by effective interval."

Nothing in it depends on what is asked but whose knowledge counts and up to which day, so one cut
serves all questions by the same knowledge, whatever their item, place and day.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from ledger.domain.determination.days import first_like
from ledger.domain.determination.knowledge import Knowledge
from ledger.domain.determination.register import Effected, Link, Register, Rule
from ledger.domain.determination.workedout import WorkedOut
from ledger.domain.facts import Fact, GroupMembership, ReportedFact
from ledger.domain.statement import Recorded
from ledger.domain.vocabulary import Basis, RelationKind

Kinds = frozenset[RelationKind]


@dataclass(slots=True, eq=False)
class Cut:
    """What of a register is known.

    Attributes:
        register: The record up to one tree size.
        knowledge: Whose knowledge counts; one of those that the record cannot tell apart.
        rules: The known provisions.
        effects: The known effects.
        perhaps: Provisions whose publication may lie before the cut, its day being imprecise.
        bearing: The known facts that every question looks at, in the order of their own days.
        members: Equal for cuts by which the same memberships are known, and the same ends of them.
        chronicles: How rules read and stand by this cut, for ``Chronicle.of``.
    """

    register: Register
    knowledge: Knowledge
    rules: tuple[Rule, ...]
    effects: tuple[Effected, ...]
    perhaps: tuple[Rule, ...]
    bearing: tuple[Recorded, ...]
    members: Hashable
    chronicles: WorkedOut = field(default_factory=partial(WorkedOut, most=None))
    _links: dict[tuple[tuple[str, ...], Kinds], Sequence[Link]] = field(default_factory=dict)
    _periods: dict[tuple[str, str], Sequence[GroupMembership]] = field(default_factory=dict)
    _joinings: dict[str, Collection[date]] = field(default_factory=dict)

    @classmethod
    def of(cls, register: Register, knowledge: Knowledge) -> Cut:
        """Cut a register, or give the cut that was made for the like."""
        return register.worked_out(
            ("cut", *_likeness(knowledge, register)), lambda: cls._made(register, knowledge)
        )

    @classmethod
    def _made(cls, register: Register, knowledge: Knowledge) -> Cut:
        rules = register.rules.values()
        return cls(
            register=register,
            knowledge=knowledge,
            rules=tuple(r for r in rules if knowledge.has(r.recorded)),
            effects=tuple(e for e in register.effects if knowledge.has(e.recorded)),
            perhaps=tuple(r for r in rules if knowledge.turns_on_imprecision(r.recorded)),
            bearing=tuple(filter(knowledge.has, _by_day(register))),
            members=_members(knowledge, register),
        )

    def links(self, targets: tuple[str, ...], kinds: Kinds) -> Sequence[Link]:
        """Known relations to the targets, in an order that appending does not change."""
        found = self._links.get((targets, kinds))
        if found is None:
            known = (
                link
                for target in targets
                for link in self.register.links.get(target, ())
                if link.kind in kinds and self.knowledge.has(link.recorded)
            )
            found = sorted(known, key=lambda link: (begin(link.fact), link.fact.id))
            self._links[targets, kinds] = found
        return found

    def amendments(self, provision_id: str) -> Sequence[Rule]:
        """Known amendments that name a provision."""
        amendments = self.register.amendments.get(provision_id, ())
        return [a for a in amendments if self.knowledge.has(a.recorded)]

    def periods(self, group: str, country: str) -> Sequence[GroupMembership]:
        """The known times of a country in a group; of two that begin on one day, the later word."""
        found = self._periods.get((group, country))
        if found is None:
            latest: dict[date | None, GroupMembership] = {}
            for recorded in self.register.memberships.get((group, country), ()):
                if isinstance(recorded.fact, GroupMembership) and self.knowledge.has(recorded):
                    latest[recorded.fact.from_date] = recorded.fact
            found = self._periods[group, country] = tuple(latest.values())
        return found

    def joinings(self, country: str) -> Collection[date]:
        """The known days on which a country joins or leaves a group."""
        found = self._joinings.get(country)
        if found is None:
            known = filter(self.knowledge.has, self.register.memberships_of(country))
            found = frozenset(day for recorded in known for day in period_days(recorded))
            self._joinings[country] = found
        return found


def period_days(recorded: Recorded) -> Iterator[date]:
    """The days on which a membership begins and is over, as far as it says."""
    if isinstance(recorded.fact, GroupMembership):
        days = (recorded.fact.from_date, recorded.fact.until_date)
        yield from (day for day in days if day is not None)


def _likeness(knowledge: Knowledge, register: Register) -> tuple[Hashable, ...]:
    """What a knowledge has in common with all by which the same is known."""
    if knowledge.basis is Basis.LEDGER:
        return knowledge.basis, knowledge.known_at.toordinal()
    day = first_like(knowledge.known_at, (register.days, register.membership_days))
    told = knowledge.exporter_names & register.addressed
    return knowledge.basis, day, told if knowledge.basis is Basis.ADDRESSEE else None


def _members(knowledge: Knowledge, register: Register) -> Hashable:
    if knowledge.basis is Basis.LEDGER:
        return knowledge.basis, knowledge.known_at.toordinal()
    return register.membership_days.first_like(knowledge.known_at)


def _by_day(register: Register) -> Sequence[Recorded]:
    """The facts that every question looks at, in the order of their own days."""
    return register.worked_out(
        "bearing by day", lambda: tuple(sorted(register.bearing, key=by_own_day))
    )


def begin(fact: ReportedFact) -> date:
    """The first day from which what a fact does holds for certain; the last of all for never."""
    start = fact.dates.starts
    return start.certain if start else date.max


def by_own_day(recorded: Recorded) -> tuple[date, str]:
    """The order of the facts in an explanation: by their own days, and by name on one day."""
    return own_day(recorded.fact)


def own_day(fact: Fact) -> tuple[date, str]:
    """The same for a fact alone."""
    if not isinstance(fact, ReportedFact):
        return date.max, fact.id
    seen = fact.dates.starts or fact.dates.notified
    return (seen.certain if seen else date.max), fact.id
