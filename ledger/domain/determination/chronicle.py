"""The chronicle of a rule: how it reads and stands, day by day.

Nothing in it depends on item, place or parties, and of what is known only on the acts that touch
the rule. So it is written once for all questions that know the same of these acts, and a day is
looked up by the period of days that none of their dates tells from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from ledger.domain.determination import amendment
from ledger.domain.determination.amendment import Variant, read, variants
from ledger.domain.determination.cut import Cut
from ledger.domain.determination.days import Days, days_in
from ledger.domain.determination.register import Register, Rule
from ledger.domain.determination.standing import (
    ENACTING,
    ONE_DAY,
    Calendar,
    Overruled,
    Reading,
    Standing,
)
from ledger.domain.facts import ReportedFact
from ledger.domain.provision import Exemption, LicenseException, Provision, ReviewLane
from ledger.domain.statement import Recorded


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """One rule on one day; there is one of it for each chronicle and period of like days.

    Attributes:
        reading: The provision as amended.
        standing: Whether it is in force.
        overruled: What a weaker source tried to make of it, as ``Calendar.overruled`` has it.
        restates: The known provision that this one only says again, or "".
    """

    reading: Reading
    standing: Standing
    overruled: Overruled
    restates: str


@dataclass(slots=True, eq=False)
class Chronicle:
    """How a rule reads and stands by what one cut knows of the acts upon it."""

    rule: Rule
    cut: Cut
    restates: str
    _days: Days
    _settled: dict[int, Settled] = field(default_factory=dict)
    _variants: dict[int, Sequence[Variant]] = field(default_factory=dict)
    _boundaries: frozenset[date] | None = None

    @classmethod
    def of(cls, rule: Rule, cut: Cut) -> Chronicle:
        """Open a rule's chronicle, or give the one that was opened by a cut that knows the like."""
        return cut.chronicles(rule.provision.id, partial(cls._shared, rule, cut))

    @classmethod
    def _shared(cls, rule: Rule, cut: Cut) -> Chronicle:
        register, name = cut.register, rule.provision.id
        touching = register.chronicles(("touching", name), partial(_touching, rule, register))
        known, restates = tuple(map(cut.knowledge.has, touching)), _known_restated(rule, cut)
        return register.chronicles(
            ("chronicle", name, known, restates),
            lambda: cls(rule, cut, restates, _days(rule, touching)),
        )

    def on(self, day: date) -> Settled:
        """The rule on a day."""
        like = self._days.first_like(day)
        found = self._settled.get(like)
        if found is None:
            calendar = Calendar(self.cut)
            reading = read(self.rule, calendar, day)
            standing = calendar.standing(self.rule, reading.provision, day)
            found = Settled(reading, standing, calendar.overruled, self.restates)
            self._settled[like] = found
        return found

    def variants(self, day: date) -> Sequence[Variant]:
        """How the rule would read on a day but for a date."""
        like = self._days.first_like(day)
        found = self._variants.get(like)
        if found is None:
            found = tuple(variants(self.rule, Calendar(self.cut), day))
            self._variants[like] = found
        return found

    def boundaries(self) -> frozenset[date]:
        """The days on which the rule's standing or text, or a part of it, may change."""
        if self._boundaries is None:
            calendar = Calendar(self.cut)
            days = calendar.boundaries(self.rule) | amendment.boundaries(self.rule, calendar)
            for provision in (self.rule.provision, *amendment.provisions(self.rule, self.cut)):
                days |= _part_days(provision)
            self._boundaries = frozenset(days)
        return self._boundaries


def _known_restated(rule: Rule, cut: Cut) -> str:
    """The provision that a rule says again, where that one is known; else the rule stands alone."""
    restates = rule.provision.restates
    name = cut.register.amended(restates) if restates else None
    restated = cut.register.rules.get(name) if name else None
    known = restated is not None and cut.knowledge.has(restated.recorded)
    return name if name and known else ""


def _touching(rule: Rule, register: Register) -> Sequence[Recorded]:
    """The entries of all acts and amendments upon a rule, and of whatever acts on these."""
    found: dict[int, Recorded] = {}
    pending = [rule.provision.id, rule.fact.id]
    seen: set[str] = set()
    while pending:
        target = pending.pop()
        if target in seen:
            continue
        seen.add(target)
        for link in register.links.get(target, ()):
            if link.kind in ENACTING:
                found[link.recorded.index] = link.recorded
                pending.append(link.fact.id)
        for amending in register.amendments.get(target, ()):
            found[amending.recorded.index] = amending.recorded
            pending += (amending.provision.id, amending.fact.id)
    return tuple(found.values())


def _days(rule: Rule, touching: Sequence[Recorded]) -> Days:
    """The days by which a rule, and what touches it, may stand otherwise."""
    days = Days()
    for fact in (rule.fact, *(recorded.fact for recorded in touching)):
        if isinstance(fact, ReportedFact):
            days.add(days_in((fact.dates, fact.provisions)))
    return days


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
