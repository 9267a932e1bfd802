"""Amendment: a provision as it reads on a day.

FORMAT §2: "`amends`: this provision replaces, from its own `effective`, only the fields it carries
of the one named." P5: "a correction amends from its own effective date".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Final

from ledger.domain.dates import OutsideDate
from ledger.domain.determination.cut import Cut
from ledger.domain.determination.register import Rule
from ledger.domain.determination.standing import (
    RANK,
    STAYING,
    Calendar,
    Reading,
    is_same_issuer,
    open_on,
)
from ledger.domain.facts import ReportedFact
from ledger.domain.provision import Provision

_OWN: Final = frozenset({"id", "amends", "restates", "declares_from", "effective", "grade", "note"})
_REPLACEABLE: Final = tuple(name for name in Provision.model_fields if name not in _OWN)


def read(rule: Rule, calendar: Calendar, day: date) -> Reading:
    """The rule as it reads on a day, with every known amendment that is in force by then."""
    return _reading(
        rule, [a for a in _amendments(rule, calendar.cut) if _in_force(a, rule, calendar, day)]
    )


@dataclass(frozen=True, slots=True)
class Variant:
    """How a rule would read but for a date.

    Attributes:
        reading: The other reading.
        fact: The act whose date it is, by id.
        open_day: The day that the record leaves open; None where a scheduled end has passed (P10).
    """

    reading: Reading
    fact: str
    open_day: OutsideDate | None = None


def variants(rule: Rule, calendar: Calendar, day: date) -> Iterator[Variant]:
    """The rule as it would read had a scheduled end not passed, or an open day come."""
    amendments = _amendments(rule, calendar.cut)
    now = [a for a in amendments if _in_force(a, rule, calendar, day)]
    for amendment in amendments:
        if amendment in now:
            others = _reading(rule, [a for a in now if a is not amendment])
            for stay in calendar.lapsed(amendment, day, STAYING):
                yield Variant(others, stay)
            continue
        start, ends = _start(amendment), amendment.fact.dates.ends
        then = start.certain if start and open_on(start, day) else day
        over = ends is not None and day > ends.certain
        if over and ends is not None:
            then = ends.certain
        if then != day and _in_force(amendment, rule, calendar, then):
            reading = _reading(rule, [a for a in amendments if a in now or a is amendment])
            yield Variant(reading, amendment.fact.id, None if over else start)


def _reading(rule: Rule, amendments: Sequence[Rule]) -> Reading:
    provision = rule.provision
    for amendment in amendments:
        provision = provision.model_copy(update=_carried(amendment))
    return Reading(rule, provision, tuple(amendments))


def _carried(amendment: Rule) -> dict[str, object]:
    """The fields that an amendment replaces."""
    return {
        name: value
        for name in _REPLACEABLE
        if (value := getattr(amendment.provision, name)) not in (None, (), False)
    }


def disputes(reading: Reading) -> Iterator[tuple[Rule, Rule, str]]:
    """Amendments by two acts that say different things of one field from the same day.

    P5: "Later beats earlier": here neither is later. P8: "Equal rank, contradictory => CONFLICT,
    list both." The one whose name comes last is what is read.
    """
    for one, other in combinations(reading.amended_by, 2):
        apart = one.fact.id != other.fact.id and other.provision.amends != one.provision.id
        if not apart or _begins(one) != _begins(other):
            continue
        said, replied = _carried(one), _carried(other)
        fields = [name for name in said if name in replied and said[name] != replied[name]]
        if fields:
            yield one, other, ", ".join(fields)


def _amendments(rule: Rule, cut: Cut) -> list[Rule]:
    """Known amendments of a rule and of its amendments, by their own date and name."""
    found: dict[str, Rule] = {}
    pending = [rule.provision.id]
    while pending:
        for amendment in cut.amendments(pending.pop()):
            name = amendment.provision.id
            if name not in found:
                found[name] = amendment
                pending.append(name)
    return sorted(found.values(), key=lambda a: (_begins(a), a.provision.id))


def _in_force(amendment: Rule, rule: Rule, calendar: Calendar, day: date) -> bool:
    if day < _begins(amendment) or calendar.halting(amendment, day) is not None:
        return False
    # An end of the act is the end of what it does; one that the provision carries is the rule's.
    ends = amendment.fact.dates.ends
    if ends is not None and not calendar.within(ends, amendment.fact, day):
        return False
    if RANK[amendment.fact.certainty] < RANK[rule.fact.certainty]:
        calendar.overruled[amendment.fact.id, rule.provision.id] = "its source is the weaker one"
        return False
    return is_same_issuer(amendment.fact, rule.fact)


def _start(rule: Rule) -> OutsideDate | None:
    return rule.provision.effective or rule.fact.dates.starts


def _begins(rule: Rule) -> date:
    start = _start(rule)
    return start.certain if start else date.max


def provisions(rule: Rule, cut: Cut) -> Iterator[Provision]:
    """What the known amendments of a rule carry, whether in force or not."""
    return (amendment.provision for amendment in _amendments(rule, cut))


def turning(rule: Rule, calendar: Calendar, day: date) -> list[ReportedFact]:
    """The facts by which the rule's text may change on a day."""
    amendments = _amendments(rule, calendar.cut)
    return [fact for amendment in amendments for fact in calendar.turning(amendment, day)]


def boundaries(rule: Rule, calendar: Calendar) -> set[date]:
    """The days on which the rule's text may change: amendments begin, end, are stayed."""
    amendments = _amendments(rule, calendar.cut)
    return {day for amendment in amendments for day in calendar.boundaries(amendment)}
