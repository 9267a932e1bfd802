"""``submissions --outcomes``: what each asked, of whom, and what was then done."""

from __future__ import annotations

import json

from tests.unit.cli.conftest import Command

Where = tuple[str, ...]

LETTER = "ad-2025-07-28-letter-20"
GRANT = "us-2025-08-08-h20-licenses"


def _block(out: str, fact_id: str) -> str:
    return next(block for block in out.split("\n\n") if block.splitlines()[0].endswith(fact_id))


def test_silence_is_told_and_later_acts_stand_apart(regledger: Command, served_h20: Where) -> None:
    result = regledger("submissions", "--outcomes", *served_h20)
    assert (result.code, result.err) == (0, "")
    block = _block(result.out, LETTER)
    assert "  of          Howard Lutnick, Secretary of Commerce" in block
    assert "  asked       keep: keep the H20 controlled" in block
    assert "20 signatories" in block
    assert "  answered    nothing on record" in block
    assert f"  afterwards  2025-08-08 [250] {GRANT} grants" in block
    assert "came later says nothing about why." in result.out


def test_a_day_known_by_its_month_is_not_made_exact(regledger: Command, served_h20: Where) -> None:
    out = regledger("submissions", "--outcomes", *served_h20).out
    assert "in 2025-07  [231]  ad-2025-07-meeks-krishnamoorthi" in out


def test_what_was_not_yet_known_is_not_told(regledger: Command, served_h20: Where) -> None:
    cut = ("--outcomes", "--known-at", "2025-07-30", *served_h20, "-o", "json")
    outcomes = regledger("submissions", *cut).json()["outcomes"]
    told = {outcome["submission"]["fact_id"]: outcome["afterwards"] for outcome in outcomes}
    assert told[LETTER] == []
    assert [act["how"] for act in told["ad-2025-01-nvda-diffusion"]] == [
        "not_enforced us-2025-01-13-ai-diffusion#worldwide"
    ]


def test_only_what_names_an_item_is_listed(regledger: Command, served_h20: Where) -> None:
    command = ("submissions", "--outcomes", "--item", "h20", *served_h20)
    lines = regledger(*command, "-o", "jsonl").out.splitlines()
    names = [json.loads(line)["submission"]["fact_id"] for line in lines]
    assert LETTER in names
    assert "ad-2025-01-nvda-diffusion" not in names


def test_money_and_nobody_named_are_told(regledger: Command, served_h20: Where) -> None:
    block = _block(regledger("submissions", "--outcomes", *served_h20).out, "nvda-lobby")
    assert "  of          nobody named" in block
    assert "  spent       USD about 1,900,000" in block


def test_a_cut_off_without_outcomes_is_a_usage_error(regledger: Command, served_h20: Where) -> None:
    result = regledger("submissions", "--known-at", "2025-07-30", *served_h20)
    assert result.code == 2
