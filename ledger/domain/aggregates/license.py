"""A license: applied for, granted, returned, denied, suspended, revoked, expired.

The "license life" of the law (model §1) as a state machine over the effects on the authorization
axis. It asks two things of a license: does somebody hold it, and was the last application for it
closed? They are kept apart because a holder may apply again, and be denied, and still hold what
it had. An assurance answers neither: a grant may follow it as it may follow nothing at all
(directly issued), and it reopens nothing that is closed.

One stream often speaks of several licenses (an announcement names three companies, a grant two
consignees), so the answers are kept for each holder, item and destination; what an effect leaves
open stands for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Final

from ledger.domain.aggregates.base import Aggregate, tail
from ledger.domain.aggregates.life import LIFE_RULES, Life, is_correction, lived_on
from ledger.domain.facts import ReportedFact
from ledger.domain.vocabulary import Authorization, Axis, Collection
from ledger.errors import RuleError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ledger.domain.effects import Effect

HELD_AFTER: Final = {
    Authorization.GRANTED_SCOPED: True,
    Authorization.REVOKED: False,
    Authorization.EXPIRED: False,
}
"""Whether the license is held after an effect; the others do not touch that. A suspended license
is still one: it can be reinstated, revoked, or expire meanwhile."""

CLOSED_AFTER: Final = {
    Authorization.APPLIED: False,
    Authorization.GRANTED_SCOPED: False,
    Authorization.RETURNED: True,
    Authorization.DENIED: True,
    Authorization.REVOKED: True,
    Authorization.EXPIRED: True,
}
"""Whether only a new application leads to another grant after an effect."""

NEEDS_GRANT: Final = frozenset(
    {Authorization.SUSPENDED, Authorization.REVOKED, Authorization.EXPIRED}
)
"""What can happen only to a license that somebody holds."""

ANY: Final = ""
"""In a reach: whichever holder, item or destination."""

Reach = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Mark:
    """An answer for the licenses within a reach: holder, item and destination."""

    reach: Reach
    answer: bool

    def covers(self, reach: Reach) -> bool:
        """Whether this speaks of all that lies within the other reach."""
        return all(mine in (ANY, other) for mine, other in zip(self.reach, reach, strict=True))

    def meets(self, reach: Reach) -> bool:
        """Whether the two have anything in common."""
        pairs = zip(self.reach, reach, strict=True)
        return all(mine == other or ANY in (mine, other) for mine, other in pairs)


Marks = tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class LicenseState(Life):
    """A license stream so far.

    Attributes:
        held: Where a license is held, or is no longer.
        closed: Where a grant needs a new application, or no longer needs one.
    """

    held: Marks = ()
    closed: Marks = ()


def follows_license_life(state: LicenseState, fact: ReportedFact) -> None:
    """A grant needs an application unless directly issued; a license's end needs a grant.

    Each effect may follow from what stood before the fact, or from the effects before it in the
    same fact. A correction says what was true all along, so it may set any value. The end of a
    license may name one that was granted in another stream, which is not for this one to judge.
    """
    if is_correction(fact):
        return
    elsewhere = any(link.fact_id != tail(fact.stream) for link in fact.relates_to)
    meanwhile = state
    for place, value, reach in _authorizations(fact):
        if elsewhere and value in NEEDS_GRANT:
            continue
        if not (_may_follow(state, value, reach) or _may_follow(meanwhile, value, reach)):
            raise _refusal(value, field=f"effects[{place}].value")
        meanwhile = _after(meanwhile, value, reach)


def _may_follow(state: LicenseState, value: Authorization, reach: Reach) -> bool:
    if value is Authorization.GRANTED_SCOPED:
        answers = _answers(state.closed, reach)
        return not answers or not all(answers)
    return value not in NEEDS_GRANT or any(_answers(state.held, reach))


def _refusal(value: Authorization, *, field: str) -> RuleError:
    if value in NEEDS_GRANT:
        return RuleError(
            f"Only a granted license can be {value}, and no grant stands on record here.",
            field=field,
            rule="license-needs-grant",
        )
    return RuleError(
        "After a return, denial, revocation or expiry a license is granted only on a new "
        "application (APPLIED).",
        field=field,
        rule="license-needs-application",
    )


def _answers(marks: Marks, reach: Reach) -> list[bool]:
    """The last answer for the whole of a reach, and every one for a part of it."""
    whole = [mark.answer for mark in marks if mark.covers(reach)]
    parts = [mark.answer for mark in marks if mark.meets(reach) and not mark.covers(reach)]
    return [*whole[-1:], *parts]


def _marked(
    marks: Marks, reach: Reach, answers: Mapping[Authorization, bool], value: Authorization
) -> Marks:
    """The marks after an effect; an answer replaces all that was known within its reach."""
    if value not in answers:
        return marks
    new = Mark(reach, answers[value])
    return (*(mark for mark in marks if not new.covers(mark.reach)), new)


def _after(state: LicenseState, value: Authorization, reach: Reach) -> LicenseState:
    return replace(
        state,
        held=_marked(state.held, reach, HELD_AFTER, value),
        closed=_marked(state.closed, reach, CLOSED_AFTER, value),
    )


def _authorizations(fact: ReportedFact) -> Iterator[tuple[int, Authorization, Reach]]:
    """Each authorization effect, by its place in the fact, taken apart into single reaches."""
    for place, effect in enumerate(fact.effects):
        if effect.axis is Axis.AUTHORIZATION:
            value = Authorization(effect.value)
            items = [name.casefold() for name in effect.items] or [ANY]
            for reach in product(_holders(fact, value), items, _destinations(effect)):
                yield place, value, reach


def _holders(fact: ReportedFact, value: Authorization) -> list[str]:
    """Whose license it is: the addressees; an application may name its applicant as actor."""
    names = fact.addressees
    if value is Authorization.APPLIED:
        names = (fact.actor, *names)
    return [name.casefold() for name in names] or [ANY]


def _destinations(effect: Effect) -> tuple[str, ...]:
    """The codes that an effect names; a group is not resolved here, and stands for any."""
    place = effect.destinations
    if place is None or place.any or place.any_group or place.unpublished:
        return (ANY,)
    return place.codes


def _licensed(state: LicenseState, fact: ReportedFact, digest: bytes) -> LicenseState:
    after = lived_on(state, fact, digest)
    for _, value, reach in _authorizations(fact):
        after = _after(after, value, reach)
    return after


LICENSES: Final = Aggregate(
    collection=Collection.LICENSES,
    kinds=(ReportedFact,),
    nothing=LicenseState(),
    rules=(*LIFE_RULES, follows_license_life),
    fold=_licensed,
)
"""The streams ``licenses/<id>``."""
