"""Odd times are told of, and are no findings."""

from __future__ import annotations

import pytest

from ledger.audit import times as times_module
from ledger.audit.page import page
from ledger.audit.times import Times
from ledger.codec.skimming import Skimmed
from ledger.domain.timing import SIGNING_MS, TimeFlag
from tests.unit.audit.ledgers import SignedLog, audited
from tests.unit.store.builders import START_MS, order

DAY_MS = 24 * 3_600_000


def skimmed(signed_at_ms: int, recorded_ms: int = START_MS, anchored: int = 0) -> Skimmed:
    anchor = (anchored, bytes(32)) if anchored else None
    return Skimmed(
        recorded_ms,
        "orders/order-1",
        "order-1",
        "registrar",
        bytes(16),
        anchor,
        False,
        signed_at_ms,
    )


def odd(*entries: Skimmed) -> list[tuple[int, tuple[TimeFlag, ...]]]:
    times = Times()
    for index, entry in enumerate(entries):
        times.add(index, entry)
    assert times.count == len(times.odd)
    return [(one.index, one.flags) for one in times.odd]


def test_what_is_signed_when_it_is_recorded_is_not_odd() -> None:
    assert odd(skimmed(START_MS), skimmed(START_MS, anchored=1)) == []


def test_a_statement_from_before_its_anchor_is_back_dated() -> None:
    late = START_MS + SIGNING_MS
    entries = skimmed(START_MS), skimmed(late, late), skimmed(START_MS, late, anchored=2)

    assert odd(*entries) == [(2, (TimeFlag.SIGNED_BEFORE_ANCHOR,))]


def test_the_last_entry_below_a_size_is_the_last_that_reads() -> None:
    times, late = Times(), START_MS + 1
    times.add(1, skimmed(START_MS))
    times.add(4, skimmed(late, late))

    assert [times.last_under(size) for size in (1, 2, 4, 5, 9)] == [
        None,
        (1, START_MS),
        (1, START_MS),
        (4, late),
        (4, late),
    ]


@pytest.mark.parametrize("anchored", [3, 2**63])
def test_an_anchor_from_the_future_says_nothing_here(anchored: int) -> None:
    assert odd(skimmed(START_MS), skimmed(START_MS, anchored=anchored)) == []


def test_entries_that_were_left_out_do_not_shift_the_others() -> None:
    times, late = Times(), START_MS + DAY_MS
    times.add(0, skimmed(START_MS))
    times.add(5, skimmed(late, late))
    times.add(6, skimmed(START_MS, late, anchored=6))

    assert [one.index for one in times.odd] == [6]


@pytest.mark.parametrize(
    ("signed", "recorded"), [(-1, START_MS), (2**62, START_MS), (0, 2**64 - 1)]
)
def test_a_time_that_no_calendar_holds_is_left_to_others(signed: int, recorded: int) -> None:
    assert odd(skimmed(signed, recorded)) == []


def test_more_than_are_told_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(times_module, "ODD_KEPT", 1)
    times = Times()
    for index in range(3):
        times.add(index, skimmed(0))

    assert (times.count, len(times.odd)) == (3, 1)
    report = audited(SignedLog.of(order(1, signed_at_ms=0), order(2, signed_at_ms=0)))
    assert "1 more are not told here" in page(report)


def test_an_audit_tells_of_them_and_holds() -> None:
    report = audited(SignedLog.of(order(1), order(2, signed_at_ms=START_MS - 2 * DAY_MS)))

    assert report.holds
    (told,) = report.to_json()["odd_times"]
    assert (told["index"], told["time_flags"]) == (3, ["signed-long-before"])
    assert "more than a day before it was recorded" in page(report)
    assert "Odd times" not in page(audited(SignedLog.of(order(1))))
