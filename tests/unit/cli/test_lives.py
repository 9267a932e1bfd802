"""``orders`` and ``submissions``: lives in a collection, each fact proved."""

from __future__ import annotations

from pathlib import Path

from tests.unit.cli.conftest import Command


def test_an_older_tree_lists_what_it_held(regledger: Command, h20: Path) -> None:
    older = ("--tree-size", "202", "--ledger", h20, "-o", "json")
    assert regledger("orders", *older).json()["orders"] == []
    assert len(regledger("timeline", *older).json()["facts"]) < 202


def test_orders_stand_with_what_became_of_them(regledger: Command, h20: Path) -> None:
    found = regledger("orders", "--ledger", h20, "-o", "json").json()["orders"]
    assert len(found) == 8
    assert sum(len(order["facts"]) for order in found) == 13
    out = regledger("orders", "--item", "h20", "--ledger", h20).out
    assert "orders/co-2025-07-28-nvda-tsmc-300k" in out
    assert "300,000 chips" in out
    assert "orders/co-2025-12-31-h200-demand" not in out


def test_submissions_say_who_asked_whom_for_what(regledger: Command, h20: Path) -> None:
    out = regledger("submissions", "--ledger", h20).out
    assert "submissions/ad-2025-07-28-letter-20" in out
    assert "asks to keep" in out
    assert "7 submissions of 7 facts" in out
