"""``status``: the answer first, then why, then what would change it; or one JSON object."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ledger.v1 import queries_pb2
from tests.unit.cli.conftest import Command

JULY = (
    "--as-of", "2025-07-20", "--known-at", "2025-07-29", "--basis", "public", "--exporter", "NVIDIA"
)  # fmt: skip


def _ask(regledger: Command, ledger: Path, *more: str, item: str = "H20", place: str = "CN") -> Any:
    result = regledger("status", item, place, *more, "--ledger", ledger, "-o", "json")
    assert (result.code, result.err) == (0, "")
    return result.json()


def test_the_answer_is_one_object_with_proto_field_names(regledger: Command, h20: Path) -> None:
    answer = _ask(regledger, h20, *JULY)
    assert answer["requirement"] == "LICENSE_REQUIRED"
    assert answer["authorization"] == "ASSURED_NOT_ISSUED"
    fields = {field.name for field in queries_pb2.GetLicenseStatusResponse.DESCRIPTOR.fields}
    assert fields - set(answer) <= {"next_change"}
    cited = {entry["fact_id"] for entry in answer["considered"]}
    assert "us-2025-04-09-nvda-h20-letter" in cited


def test_an_alias_and_a_small_code_are_understood(regledger: Command, h20: Path) -> None:
    answer = _ask(regledger, h20, *JULY, item="h2o", place="cn")
    assert answer["item_version"]["name"] == "H20"
    assert answer["question"]["destination"] == "CN"


def test_jsonl_is_the_same_on_one_line(regledger: Command, h20: Path) -> None:
    result = regledger("status", "H20", "CN", *JULY, "--ledger", h20, "-o", "jsonl")
    assert result.out.count("\n") == 1
    assert json.loads(result.out) == _ask(regledger, h20, *JULY)


def test_every_option_reaches_the_question(regledger: Command, h20: Path) -> None:
    answer = _ask(
        regledger,
        h20,
        *JULY,
        *("--consignee", "Tencent", "--consignee-hq", "cn", "--end-use", "ai-training"),
        *("--shipped-from", "us", "--transaction", "in-country"),
        *("--affirm", "one", "--affirm", "two"),
    )
    assert answer["question"] == {
        "item": "H20",
        "destination": "CN",
        "exporter": "NVIDIA",
        "consignee": "Tencent",
        "consignee_headquarters": "CN",
        "end_use": "END_USE_AI_TRAINING",
        "shipped_from": "US",
        "transaction": "TRANSACTION_IN_COUNTRY",
        "affirmed": ["one", "two"],
        "as_of": "2025-07-20",
        "known_at": "2025-07-29",
        "basis": "PUBLIC",
    }


@pytest.mark.parametrize("basis", ["PUBLIC", "addressee", "Ledger"])
def test_the_basis_is_written_in_any_case(regledger: Command, h20: Path, basis: str) -> None:
    answer = _ask(regledger, h20, "--as-of", "2025-04-12", "--basis", basis)
    assert answer["question"]["basis"] == basis.upper()


def test_an_older_tree_answers_as_it_stood(regledger: Command, h20: Path) -> None:
    older = _ask(regledger, h20, *JULY, "--tree-size", "202")
    assert (older["tree_size"], older["requirement"]) == ("202", "NO_LICENSE_REQUIRED")
    newest = _ask(regledger, h20, *JULY, "--tree-size", "270")
    assert (newest["tree_size"], newest["requirement"]) == ("270", "LICENSE_REQUIRED")
    inside = regledger("status", "H20", "CN", "--tree-size", "203", "--ledger", h20)
    assert inside.code == 1
    assert "tree-size-has-checkpoint" in inside.err


def test_later_knowledge_is_listed_only_where_asked(regledger: Command, h20: Path) -> None:
    early = ("--as-of", "2025-04-20", "--known-at", "2025-04-10", "--exporter", "NVIDIA")
    silent = _ask(regledger, h20, *early)["considered"]
    assert "NOT_YET_KNOWN" not in {entry["disposition"] for entry in silent}
    told = _ask(regledger, h20, *early, "--not-yet-known")["considered"]
    assert "NOT_YET_KNOWN" in {entry["disposition"] for entry in told}


def test_proofs_are_in_the_answer(regledger: Command, h20: Path) -> None:
    applied = [
        entry
        for entry in _ask(regledger, h20, *JULY)["considered"]
        if entry["disposition"] == "APPLIED"
    ]
    assert applied
    assert all(entry["inclusion_proof"] for entry in applied)


def test_the_memo_says_what_and_why_and_what_would_change_it(regledger: Command, h20: Path) -> None:
    memo = regledger("status", "H2O", "CN", *JULY, "--ledger", h20).out
    lines = memo.splitlines()
    assert lines[0] == 'H20 (asked as "H2O") to CN: a license is required.'
    assert lines[1] == ("exporter NVIDIA, as of 2025-07-20, as anyone could know it on 2025-07-29")
    assert [line.split()[0] for line in lines[3:8]] == [
        "requirement", "review", "authorization", "destination", "evidence"
    ]  # fmt: skip
    why, change = lines.index("Why"), lines.index("What would change it")
    assert 8 < why < change
    assert any("us-2025-04-09-nvda-h20-letter" in line for line in lines[why:change])
    assert "transcribed by registrar" in memo
    assert "no part-744 end use" in memo
    assert "Not legal advice." in memo


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_the_memo_keeps_to_its_width(
    regledger: Command, h20: Path, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    memo = regledger("status", "H20", "CN", *JULY, "--ledger", h20, "--all").out
    assert max(map(len, memo.splitlines())) <= columns


def test_every_entry_considered_is_listed_where_asked(regledger: Command, h20: Path) -> None:
    memo = regledger("status", "H20", "CN", *JULY, "--ledger", h20, "--all").out
    assert "Considered, out of scope" in memo
    assert "--all lists them" not in memo


def test_proved_entries_are_said_to_be(regledger: Command, h20: Path) -> None:
    ask = ("status", "H20", "CN", *JULY, "--ledger", h20)
    assert "the deciding entries are proved to be in it" in " ".join(regledger(*ask).out.split())
    memo = " ".join(regledger(*ask, "--no-prove").out.split())
    assert "the entries are not proved (--no-prove)" in memo


def test_what_is_missing_is_named(regledger: Command, h20: Path) -> None:
    day = ("--as-of", "2025-07-20", "--known-at", "2025-07-29")
    memo = regledger("status", "H20", "CN", *day, "--ledger", h20).out
    assert "whether a license is required turns on missing facts" in memo
    assert "missing facts  exporter" in memo


def test_a_day_outside_the_record_has_no_answer_and_says_so(regledger: Command, h20: Path) -> None:
    memo = regledger("status", "H20", "CN", "--as-of", "2019-01-01", "--ledger", h20).out
    assert "the record says nothing" in memo
    assert "No entry on record decides this." in memo


def test_scheduled_changes_offers_and_commercial_terms_are_told(
    regledger: Command, h20: Path
) -> None:
    day = ("--as-of", "2025-08-15", "--known-at", "2025-08-15", "--exporter", "NVIDIA")
    assert "commercial condition" in regledger("status", "H20", "CN", *day, "--ledger", h20).out
    coming = ("--as-of", "2023-10-20", "--known-at", "2023-10-24", "--exporter", "NVIDIA")
    memo = regledger("status", "A800", "CN", *coming, "--ledger", h20).out
    assert "next change" in memo


def test_an_unknown_item_is_not_found_and_the_nearest_are_named(
    regledger: Command, h20: Path
) -> None:
    result = regledger("status", "H200X", "CN", "--ledger", h20)
    assert (result.code, result.out) == (1, "")
    assert "h200" in result.err


def test_an_unknown_destination_is_refused(regledger: Command, h20: Path) -> None:
    result = regledger("status", "H20", "ZZ", "--ledger", h20)
    assert result.code == 1
    assert "question.destination" in result.err


@pytest.mark.parametrize(
    "wrong",
    [
        ("--as-of", "yesterday"),
        ("--as-of", "2025-02-30"),
        ("--basis", "rumor"),
        ("--end-use", "gaming"),
        ("--tree-size", "0"),
        ("--transaction", "gift"),
    ],
)
def test_an_option_that_makes_no_sense_is_a_matter_of_usage(
    regledger: Command, h20: Path, wrong: tuple[str, str]
) -> None:
    result = regledger("status", "H20", "CN", *wrong, "--ledger", h20)
    assert (result.code, result.out) == (2, "")
