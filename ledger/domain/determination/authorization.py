"""The third axis: what permission is on record.

P3: "Authorizations cut requirements only inside their scope, and only those reasons they name."
Reduction: "the latest license event outranks an assurance".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ledger.domain.determination.effects import Reach
from ledger.domain.determination.review import Offer, Reason
from ledger.domain.determination.standing import RANK
from ledger.domain.vocabulary import Authorization

_GRANTS: Final = frozenset({Authorization.GRANTED_SCOPED})


@dataclass(frozen=True, slots=True)
class Permission:
    """The third axis, and what decided it.

    Attributes:
        value: The authorization on record.
        by: The license event or assurance that decided it, if one did.
        offers: The exceptions that are available for every reason that asks for a license.
        partial: Exceptions that leave at least one reason uncut (P3).
        outranked: Events that an earlier, better attested one stands against (P8).
    """

    value: Authorization
    by: Reach | None
    offers: tuple[Offer, ...]
    partial: tuple[Offer, ...]
    outranked: tuple[tuple[Reach, Reach], ...]


def permission(reached: Sequence[Reach], deciding: Sequence[Reason]) -> Permission:
    """The latest license event; else an exception that cuts every reason; else an assurance."""
    offers, partial = _offers(deciding)
    open_events = [reach for reach in reached if reach.decides and _counts(reach)]
    events = [r for r in open_events if r.effect.value != Authorization.ASSURED_NOT_ISSUED]
    assurances = [r for r in open_events if r.effect.value == Authorization.ASSURED_NOT_ISSUED]
    latest, outranked = _latest(events)
    value = _value_of(latest)
    if latest is not None and (value in _GRANTS or not offers):
        return Permission(value, latest, offers, partial, outranked)
    if offers:
        return Permission(Authorization.EXCEPTION_AVAILABLE, latest, offers, partial, outranked)
    assured, also_outranked = _latest(assurances)
    value = Authorization.ASSURED_NOT_ISSUED if assured else Authorization.NONE_ON_RECORD
    return Permission(value, assured, offers, partial, outranked + also_outranked)


def _counts(event: Reach) -> bool:
    """Whether an event still has a say.

    What another act took the place of has none. A grant that was ended, is over or is stayed is an
    event of its own; a suspension, denial or application that was has left things as they were.
    """
    if event.effect.value in _GRANTS:
        return event.ended or not event.closed_by
    return not (event.closed_by or event.over or event.stayed_by)


def _offers(deciding: Sequence[Reason]) -> tuple[tuple[Offer, ...], tuple[Offer, ...]]:
    """P3: an exception authorizes only where every deciding reason offers one."""
    offers = tuple(offer for reason in deciding for offer in reason.offers)
    if deciding and all(reason.offers for reason in deciding):
        return offers, ()
    return (), offers


def _latest(events: Iterable[Reach]) -> tuple[Reach | None, tuple[tuple[Reach, Reach], ...]]:
    """The latest event; a later one on weaker evidence does not displace it (P8)."""
    latest: Reach | None = None
    outranked = []
    for event in events:
        weaker = (
            latest is not None
            and event.effect.value != latest.effect.value
            and RANK[event.fact.certainty] < RANK[latest.fact.certainty]
        )
        if weaker and latest is not None:
            outranked.append((event, latest))
        else:
            latest = event
    return latest, tuple(outranked)


def _value_of(event: Reach | None) -> Authorization:
    """A license that an act ended is revoked, one past its end expired, one stayed suspended."""
    if event is None:
        return Authorization.NONE_ON_RECORD
    value = Authorization(event.effect.value)
    if value in _GRANTS and event.ended:
        return Authorization.REVOKED
    if value in _GRANTS and event.over:
        return Authorization.EXPIRED
    if value in _GRANTS and event.stayed_by:
        return Authorization.SUSPENDED
    return value
