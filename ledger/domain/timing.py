"""What an entry's times say of each other: a back-dated statement is shown as such, never refused.

Three clocks meet in an entry. ``signed_at_ms`` is the author's word; ``recorded_ms`` is the log's,
and never goes back; the anchor is a checkpoint that the author had verified, which did not exist
before the last entry under it was recorded. So that entry's time bounds the signing from below,
whoever's clock is wrong, and the entry's own bounds it from above.

A flag is no verdict. A letter may be signed offline and carried for a week, and a registrar
transcribes what became public years ago: the flags say so, and whoever reads them judges.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final

from ledger.domain.facts import Fact, PartyDescribed, ReportedFact

SKEW_MS: Final = 5 * 60_000
"""How far apart two honest clocks may be: 5 minutes."""

SIGNING_MS: Final = 24 * 3_600_000
"""How long a statement may be on its way before that is shown: a day."""

TELLING: Final = timedelta(days=30)
"""How long what is public may be off the record before that is shown: 30 days."""


class TimeFlag(StrEnum):
    """What is odd about an entry's times.

    SIGNED_BEFORE_ANCHOR: the author claims to have signed before the anchor's checkpoint existed,
    by more than SKEW_MS. The claim is false: it was signed later, whatever it says.

    SIGNED_LONG_BEFORE: the author claims to have signed more than SIGNING_MS before it was
    recorded. Only the author says so; an anchor, where there is one, bounds it.

    SIGNED_AFTER: the author claims to have signed after it was recorded, by more than SKEW_MS.

    DATED_LONG_BEFORE: it was recorded more than TELLING after the first day on which the fact says
    that anybody was told, so that this record is no evidence of who knew it then.
    """

    SIGNED_BEFORE_ANCHOR = "signed-before-anchor"
    SIGNED_LONG_BEFORE = "signed-long-before"
    SIGNED_AFTER = "signed-after"
    DATED_LONG_BEFORE = "dated-long-before"


def time_flags(
    fact: Fact, *, signed_at_ms: int, recorded_ms: int, anchored_ms: int | None
) -> tuple[TimeFlag, ...]:
    """What is odd about the times of one entry, in the order of the flags.

    Args:
        fact: What is stated.
        signed_at_ms: When the author says it was signed, in ms since 1970 (UTC).
        recorded_ms: When the log recorded it.
        anchored_ms: When the log recorded the last entry under the anchor; None without an anchor.
    """
    flags = signing_flags(
        signed_at_ms=signed_at_ms, recorded_ms=recorded_ms, anchored_ms=anchored_ms
    )
    told = _first_told(fact)
    recorded = datetime.fromtimestamp(recorded_ms / 1_000, tz=UTC).date()
    if told is not None and told < recorded - TELLING:
        return (*flags, TimeFlag.DATED_LONG_BEFORE)
    return flags


def signing_flags(
    *, signed_at_ms: int, recorded_ms: int, anchored_ms: int | None
) -> tuple[TimeFlag, ...]:
    """The same of the signing alone, whatever is stated."""
    flags: list[TimeFlag] = []
    if anchored_ms is not None and signed_at_ms < anchored_ms - SKEW_MS:
        flags.append(TimeFlag.SIGNED_BEFORE_ANCHOR)
    if signed_at_ms < recorded_ms - SIGNING_MS:
        flags.append(TimeFlag.SIGNED_LONG_BEFORE)
    if signed_at_ms > recorded_ms + SKEW_MS:
        flags.append(TimeFlag.SIGNED_AFTER)
    return tuple(flags)


def _first_told(fact: Fact) -> date | None:
    """The first day by which somebody had certainly been told, as the fact itself says."""
    if not isinstance(fact, ReportedFact | PartyDescribed) or fact.dates is None:
        return None
    told = [day.certain for day in (fact.dates.notified, fact.dates.public) if day is not None]
    return min(told, default=None)
