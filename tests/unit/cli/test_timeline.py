"""``timeline``: what happened, in the order of days, each entry proved."""

from __future__ import annotations

import json
from pathlib import Path

from tests.unit.cli.conftest import Command

LETTER = "us-2025-04-09-nvda-h20-letter"


def test_the_timeline_is_in_the_order_of_days(regledger: Command, h20: Path) -> None:
    out = regledger("timeline", "--item", "H2O", "--ledger", h20).out
    days = [line.split()[0] for line in out.splitlines() if line.startswith("  20")]
    assert days == sorted(days)
    assert LETTER in out
    assert "each proved to be in the log." in out


def test_the_timeline_is_cut_by_days_places_and_number(regledger: Command, h20: Path) -> None:
    cut = ("--from", "2025-04-01", "--to", "2025-04-30", "--destination", "cn")
    facts = regledger("timeline", *cut, "--ledger", h20, "-o", "json").json()["facts"]
    assert LETTER not in {fact["fact"]["id"] for fact in facts}
    assert facts
    assert all("2025-04" in json.dumps(fact["fact"]["dates"]) for fact in facts)
    two = regledger("timeline", "--limit", "2", "--ledger", h20, "-o", "jsonl").out
    assert two.count("\n") == 2


def test_a_timeline_with_nothing_in_it_says_so(regledger: Command, h20: Path) -> None:
    out = regledger("timeline", "--to", "1990-01-01", "--ledger", h20).out
    assert out.strip() == "0 facts, each proved to be in the log."
