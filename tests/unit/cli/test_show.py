"""``show``: one fact, stream, item or party, with its provenance."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ledger import casefile
from ledger.client.receiptfiles import read_receipt
from tests.unit.cli.conftest import Command

LETTER = "us-2025-04-09-nvda-h20-letter"


@pytest.mark.parametrize(
    ("name", "fact_id"),
    [
        (LETTER, LETTER),
        (f"instruments/{LETTER}", LETTER),
        ("H2O", "item-h20"),
        ("items/h20", "item-h20"),
        ("ledger-founded", "ledger-founded"),
    ],
)
def test_a_fact_is_found_by_id_stream_or_name(
    regledger: Command, h20: Path, name: str, fact_id: str
) -> None:
    shown = regledger("show", name, "--ledger", h20, "-o", "json").json()["facts"]
    assert fact_id.removeprefix("item-") in json.dumps(shown[0]["fact"]).lower()
    assert shown[0]["provenance"]["stream"]


def test_a_fact_is_shown_as_the_row_it_came_from(regledger: Command, h20: Path) -> None:
    rows = casefile.path(casefile.RECORD).read_text(encoding="utf-8").splitlines()
    row = next(parsed for line in rows if (parsed := json.loads(line))["id"] == LETTER)
    shown = regledger("show", LETTER, "--ledger", h20, "-o", "json").json()["facts"][0]
    assert shown["fact"] == row
    provenance = shown["provenance"]
    assert provenance["attribution"] == "TRANSCRIBED_BY registrar"
    assert provenance["receipt"]["checkpoint"].splitlines()[1] == "270"
    assert provenance["recorded"].endswith("Z")


def test_a_party_is_found_by_its_alias(regledger: Command, h20: Path, tmp_path: Path) -> None:
    party = {
        "id": "party-nvidia",
        "family": "party",
        "subtype": "described",
        "stream": "parties/nvidia",
        "name": "NVIDIA",
        "aliases": ["NVIDIA Corporation"],
        "headquarters": "US",
        "grade": "checked",
    }
    (tmp_path / "party.jsonl").write_text(json.dumps(party), encoding="utf-8")
    assert regledger("import", tmp_path / "party.jsonl", "--ledger", h20).code == 0
    out = regledger("show", "nvidia corporation", "--ledger", h20).out
    assert "party-nvidia: the party NVIDIA, headquartered in US" in out


def test_a_stream_is_shown_fact_by_fact(regledger: Command, h20: Path) -> None:
    out = regledger("show", "orders/co-2025-07-28-nvda-tsmc-300k", "--ledger", h20).out
    assert out.count("statement digest") == 4


def test_receipts_are_saved_where_asked(regledger: Command, h20: Path, tmp_path: Path) -> None:
    result = regledger("show", LETTER, "--ledger", h20, "--receipts", tmp_path / "r")
    path = tmp_path / "r" / f"{LETTER}.tlog-proof"
    assert str(path) in result.err
    assert read_receipt(path).index == 222


@pytest.mark.parametrize("name", ["nothing", "orders/nothing", "authors/registrar", "x/y"])
def test_what_is_not_on_record_is_not_found(regledger: Command, h20: Path, name: str) -> None:
    result = regledger("show", name, "--ledger", h20)
    assert (result.code, result.out) == (1, "")


def test_an_entry_s_times_are_shown_with_what_is_odd_about_them(
    regledger: Command, h20: Path
) -> None:
    shown = regledger("show", LETTER, "--ledger", h20)
    assert "by its author's clock" in shown.out
    assert "by its anchor" in shown.out
    assert "recorded more than 30 days after anybody was first told" in shown.out
    (fact,) = regledger("show", LETTER, "--ledger", h20, "-o", "json").json()["facts"]
    assert fact["provenance"]["time_flags"] == ["dated-long-before"]
    assert fact["provenance"]["signed_not_before"] <= fact["provenance"]["recorded"]
    founding = regledger("show", "ledger-founded", "--ledger", h20, "-o", "json").json()
    assert founding["facts"][0]["provenance"]["signed_not_before"] is None
