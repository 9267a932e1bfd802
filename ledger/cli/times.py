"""When an entry was signed, and what is odd about its times, in words and in JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from ledger.cli.memo import counted
from ledger.cli.proofs import instant
from ledger.client.timing import Timing
from ledger.domain.timing import TimeFlag

_DAY_MS: Final = 24 * 3_600_000


def timing_json(timing: Timing) -> dict[str, Any]:
    """An entry's times, each instant in UTC; ``signed`` is the author's word alone."""
    return {
        "signed": instant(timing.signed_at_ms),
        "signed_not_before": (
            None if timing.not_before_ms is None else instant(timing.not_before_ms)
        ),
        "time_flags": [flag.value for flag in timing.flags],
    }


def timing_rows(timing: Timing) -> Iterator[tuple[str, str]]:
    """The same as lines with their labels; what is odd stands out."""
    yield "signed", f"{instant(timing.signed_at_ms)}, by its author's clock"
    if timing.not_before_ms is not None:
        yield "not before", f"{instant(timing.not_before_ms)}, by its anchor"
    for flag in timing.flags:
        yield "BACK-DATED" if flag is TimeFlag.SIGNED_BEFORE_ANCHOR else "note", _said(flag, timing)


def _said(flag: TimeFlag, timing: Timing) -> str:
    match flag:
        case TimeFlag.SIGNED_BEFORE_ANCHOR:
            return "it is said to be signed before its anchor existed, which cannot be"
        case TimeFlag.SIGNED_LONG_BEFORE:
            days = (timing.recorded_ms - timing.signed_at_ms) // _DAY_MS
            return f"it is said to be signed {counted(days, 'day')} before it was recorded"
        case TimeFlag.SIGNED_AFTER:
            return "it is said to be signed after it was recorded: its author's clock is ahead"
        case TimeFlag.DATED_LONG_BEFORE:
            return "it was recorded more than 30 days after anybody was first told"
