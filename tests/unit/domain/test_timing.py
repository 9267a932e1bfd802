from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ledger.domain.dates import Dates, OutsideDate
from ledger.domain.facts import Fact
from ledger.domain.timing import SIGNING_MS, SKEW_MS, TELLING, TimeFlag, time_flags
from ledger.domain.vocabulary import Precision
from tests.builders import coverage, day, item, order, party

RECORDED = datetime(2025, 10, 9, 8, tzinfo=UTC)
RECORDED_MS = int(RECORDED.timestamp() * 1_000)
FRESH = order("order-1", dates=Dates(public=day("2025-10-08")))


def flags(fact: Fact = FRESH, **times: Any) -> tuple[TimeFlag, ...]:
    """The flags of a fact that was signed and recorded at once, unless told otherwise."""
    defaults = {"signed_at_ms": RECORDED_MS, "recorded_ms": RECORDED_MS, "anchored_ms": None}
    return time_flags(fact, **(defaults | times))


def test_what_is_signed_and_recorded_at_once_is_unremarkable() -> None:
    assert flags() == ()
    assert flags(anchored_ms=RECORDED_MS) == ()


@pytest.mark.parametrize(
    ("times", "flag"),
    [
        ({"anchored_ms": RECORDED_MS + SKEW_MS}, TimeFlag.SIGNED_BEFORE_ANCHOR),
        ({"signed_at_ms": RECORDED_MS - SIGNING_MS}, TimeFlag.SIGNED_LONG_BEFORE),
        ({"signed_at_ms": RECORDED_MS + SKEW_MS}, TimeFlag.SIGNED_AFTER),
    ],
)
def test_a_tolerance_ends_with_its_last_millisecond(times: dict[str, int], flag: TimeFlag) -> None:
    ((name, value),) = times.items()
    further = -1 if name == "signed_at_ms" and value < RECORDED_MS else 1

    assert flags(FRESH, **times) == ()
    assert flags(FRESH, **{name: value + further}) == (flag,)


def test_several_things_may_be_odd_at_once() -> None:
    odd = flags(order("order-1"), signed_at_ms=0, anchored_ms=RECORDED_MS)

    assert odd == (
        TimeFlag.SIGNED_BEFORE_ANCHOR,
        TimeFlag.SIGNED_LONG_BEFORE,
        TimeFlag.DATED_LONG_BEFORE,
    )


def told_on(value: str, precision: Precision = Precision.DAY) -> Dates:
    return Dates(public=OutsideDate(value=value, precision=precision))


def test_a_fact_is_recorded_late_once_the_days_are_over() -> None:
    last = RECORDED.date() - TELLING
    late = last - timedelta(days=1)

    assert flags(order("order-1", dates=told_on(str(last)))) == ()
    assert flags(order("order-1", dates=told_on(str(late)))) == (TimeFlag.DATED_LONG_BEFORE,)
    assert flags(party(dates=told_on(str(late)))) == (TimeFlag.DATED_LONG_BEFORE,)


def test_an_inexact_date_is_given_its_last_day() -> None:
    assert flags(order("order-1", dates=told_on("2025-09", Precision.MONTH))) == ()


def test_whoever_was_told_first_counts() -> None:
    dates = Dates(notified=day("2025-08-01"), public=day("2025-10-01"))

    assert flags(order("order-1", dates=dates)) == (TimeFlag.DATED_LONG_BEFORE,)


@pytest.mark.parametrize("fact", [coverage(), item(), party()], ids=lambda fact: fact.id)
def test_what_tells_of_no_event_is_never_late(fact: Fact) -> None:
    assert flags(fact) == ()
