from __future__ import annotations

from dataclasses import replace

import pytest

from ledger.cli.times import timing_json, timing_rows
from ledger.client.timing import Timing
from ledger.domain.timing import TimeFlag

DAY_MS = 24 * 3_600_000
TIMING = Timing(
    signed_at_ms=20_000 * DAY_MS, recorded_ms=20_003 * DAY_MS, not_before_ms=None, flags=()
)


@pytest.mark.parametrize(
    ("flag", "row"),
    [
        (
            TimeFlag.SIGNED_BEFORE_ANCHOR,
            ("BACK-DATED", "it is said to be signed before its anchor existed, which cannot be"),
        ),
        (
            TimeFlag.SIGNED_LONG_BEFORE,
            ("note", "it is said to be signed 3 days before it was recorded"),
        ),
        (
            TimeFlag.SIGNED_AFTER,
            (
                "note",
                "it is said to be signed after it was recorded: its author's clock is ahead",
            ),
        ),
        (
            TimeFlag.DATED_LONG_BEFORE,
            ("note", "it was recorded more than 30 days after anybody was first told"),
        ),
    ],
)
def test_every_flag_is_told_in_words(flag: TimeFlag, row: tuple[str, str]) -> None:
    signed, told = timing_rows(replace(TIMING, flags=(flag,)))

    assert signed == ("signed", "2024-10-04T00:00:00.000Z, by its author's clock")
    assert told == row


def test_json_names_the_flags() -> None:
    timing = replace(TIMING, not_before_ms=20_001 * DAY_MS, flags=tuple(TimeFlag))

    assert timing_json(timing) == {
        "signed": "2024-10-04T00:00:00.000Z",
        "signed_not_before": "2024-10-05T00:00:00.000Z",
        "time_flags": [flag.value for flag in TimeFlag],
    }
