"""The knowledge cut.

P1: "Cut by knowledge first (basis PUBLIC/ADDRESSEE/LEDGER), then by effective interval."

A cut-off is inclusive: what became known on the day itself is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from ledger.domain.facts import GroupMembership, ItemDescribed, PartyDescribed, ReportedFact
from ledger.domain.statement import Recorded
from ledger.domain.vocabulary import Basis

_EPOCH = date(1970, 1, 1)
_MS_A_DAY = 86_400_000
_ALWAYS = date.min


def recorded_day(recorded: Recorded) -> date:
    """The UTC day on which the service recorded an entry."""
    return _EPOCH + timedelta(days=recorded.recorded_ms // _MS_A_DAY)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Whose knowledge, up to which day.

    Attributes:
        basis: PUBLIC, ADDRESSEE or LEDGER.
        known_at: The last day whose knowledge counts.
        exporter_names: The folded names of the exporter, who alone is told on basis ADDRESSEE.
    """

    basis: Basis
    known_at: date
    exporter_names: frozenset[str] = frozenset()

    def has(self, recorded: Recorded) -> bool:
        """Whether the entry is known at the cut-off."""
        fact = recorded.fact
        if self.basis is Basis.PUBLIC and fact.__class__ is ReportedFact:
            # What is asked most often, told without a call.
            public = fact.dates.public
            return public is not None and public.certain <= self.known_at
        day = self.known_from(recorded)
        return day is not None and day <= self.known_at

    def known_from(self, recorded: Recorded) -> date | None:
        """The day from which the entry is known on this basis; None for never.

        Coverage has no outside date: it is a statement about the record and is known with it. "A
        ledger filled in 2026 knows nothing of 2025 on basis LEDGER."
        """
        if self.basis is Basis.LEDGER:
            return recorded_day(recorded)
        match recorded.fact:
            case ReportedFact() as fact:
                return self._reported_from(fact)
            case ItemDescribed() as item:
                seen = item.launch or item.reported
                return seen.certain if seen else _ALWAYS
            case GroupMembership() as membership:
                return membership.from_date or _ALWAYS
            case PartyDescribed() as party:
                public = party.dates.public if party.dates else None
                return public.certain if public else _ALWAYS
            case _:
                return _ALWAYS

    def _reported_from(self, fact: ReportedFact) -> date | None:
        days = [fact.dates.public.certain] if fact.dates.public else []
        told = self.basis is Basis.ADDRESSEE and any(
            name.casefold() in self.exporter_names for name in fact.addressees
        )
        if told and fact.dates.notified:
            days.append(fact.dates.notified.certain)
        return min(days, default=None)

    def turns_on_imprecision(self, recorded: Recorded) -> bool:
        """Whether the entry may have been public already, its date being imprecise."""
        fact = recorded.fact
        if (
            self.basis is Basis.LEDGER
            or not isinstance(fact, ReportedFact)
            or not fact.dates.public
        ):
            return False
        public = fact.dates.public
        return public.earliest <= self.known_at < public.certain
