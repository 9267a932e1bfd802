"""``whatif``: a draft over the record, its differences, the orders it touches, nothing stored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.conftest import Command

Where = tuple[str, ...]

DAY = ("--as-of", "2025-09-20", "--known-at", "2025-09-20", "--consignee-hq", "CN")
LETTER = "us-2025-04-09-nvda-h20-letter"
DRAFT = "us-2025-09-15-draft"


def draft(**more: Any) -> dict[str, Any]:
    on = {"value": "2025-09-15", "precision": "day"}
    provision = {
        "id": f"{DRAFT}#place",
        "effective": on,
        "items": {"names": ["H20"]},
        "destinations": {"codes": ["CN", "HK"]},
        "requirement": "LICENSE_REQUIRED",
        "review_policy": "PRESUMPTION_OF_DENIAL",
    }
    return {
        "id": DRAFT,
        "family": "regulatory_action",
        "subtype": "rule",
        "stream": f"instruments/{DRAFT}",
        "actor": "BIS",
        "issuer_country": "US",
        "dates": {"effective": on, "public": on},
        "certainty": "official",
        "grade": "memory",
        "provisions": [provision],
        **more,
    }


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A draft as a person writes it, over several lines."""
    path = tmp_path / "draft.json"
    path.write_text(json.dumps(draft(), indent=2), encoding="utf-8")
    return path


def test_a_draft_shows_the_statuses_and_orders_that_it_would_touch(
    regledger: Command, served_h20: Where, file: Path
) -> None:
    result = regledger("whatif", file, *DAY, "--exporter", "AMD", *served_h20)
    assert (result.code, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[0] == f"Draft {DRAFT}: BIS, rule"
    assert lines[1] == "2 of 2,914 statuses would change."
    assert lines[2].endswith("nothing was appended")
    assert "  requirement           NO_LICENSE_REQUIRED -> LICENSE_REQUIRED" in lines
    assert f"  through               {DRAFT}" in lines
    assert "H20: 8 orders that this touches, as for CN" in lines
    assert any("900,000 to 1,000,000 chips" in line for line in lines)


def test_nothing_is_appended(regledger: Command, served_h20: Where, file: Path) -> None:
    assert regledger("whatif", file, *DAY, *served_h20).code == 0
    assert regledger("show", DRAFT, *served_h20).code == 1


def test_a_draft_that_changes_nothing_says_so(
    regledger: Command, served_h20: Where, file: Path
) -> None:
    some = ("--items", "A100", "--destinations", "CN")
    out = regledger("whatif", file, *DAY, *some, *served_h20).out
    assert "Nothing would change: 1 status compared, none differs." in out
    assert "nothing was appended" in out


def test_a_withdrawal_is_evaluated_like_a_draft(regledger: Command, served_h20: Where) -> None:
    day = ("--as-of", "2025-09-20", "--exporter", "NVIDIA")
    command = ("whatif", "--withdraw", f"{LETTER}#place", *day)
    some = ("--items", "H20", "--destinations", "KP", *served_h20)
    out = regledger(*command, *some).out
    assert out.startswith(f"Withdrawal of {LETTER}#place\n")
    assert f"draft-withdrawal-{LETTER}" in out
    answer = regledger(*command, *some, "-o", "json").json()
    assert answer["compared"] == 1
    assert [d["after"]["destination"] for d in answer["differences"]] == ["KP"]


def test_what_is_not_on_record_cannot_be_withdrawn(regledger: Command, served_h20: Where) -> None:
    result = regledger("whatif", "--withdraw", "us-2030-01-01-none", *DAY, *served_h20)
    assert (result.code, result.out) == (1, "")
    assert "us-2030-01-01-none is not on record" in result.err


def test_either_a_draft_or_a_withdrawal_is_given(
    regledger: Command, served_h20: Where, file: Path
) -> None:
    assert regledger("whatif", *served_h20).code == 2
    assert regledger("whatif", file, "--withdraw", LETTER, *served_h20).code == 2


def test_a_row_that_does_not_follow_the_format_is_refused(
    regledger: Command, served_h20: Where, tmp_path: Path
) -> None:
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(draft(family="rumor")), encoding="utf-8")
    result = regledger("whatif", path, *served_h20)
    assert (result.code, result.out) == (1, "")
    assert "field: family" in result.err


def test_a_name_that_is_taken_is_refused(
    regledger: Command, served_h20: Where, tmp_path: Path
) -> None:
    path = tmp_path / "taken.json"
    path.write_text(json.dumps(draft(id=LETTER, provisions=[])), encoding="utf-8")
    result = regledger("whatif", path, *DAY, *served_h20)
    assert result.code == 1
    assert "a draft needs a name of its own" in result.err
