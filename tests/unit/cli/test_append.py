"""``append``: what was signed elsewhere goes in, and its receipt is verified here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ledger.client.receiptfiles import read_receipt
from tests.unit.cli.conftest import Command
from tests.unit.client.served import row


@pytest.fixture
def envelope(regledger: Command, tmp_path: Path, empty: Path) -> Path:
    """An envelope of the registrar's, for the ledger of the context."""
    return _sign(regledger, tmp_path, "co-1", empty)


def _sign(regledger: Command, tmp_path: Path, fact_id: str, ledger: Path, **more: str) -> Path:
    source = tmp_path / f"{fact_id}.jsonl"
    source.write_text(json.dumps(row(fact_id, **more)), encoding="utf-8")
    out = tmp_path / f"{fact_id}.envelope"
    assert regledger("sign", source, "--out", out, "--ledger", ledger).code == 0
    return out


def test_an_envelope_goes_in_and_its_receipt_is_told(regledger: Command, envelope: Path) -> None:
    result = regledger("append", envelope)
    assert result.code == 0
    assert "[2]  co-1  version 1 of orders/co-1" in result.out
    assert "1 entry appended, each receipt verified here." in result.out


def test_the_same_envelope_again_gets_the_same_receipt(regledger: Command, envelope: Path) -> None:
    first = regledger("append", envelope, "-o", "json").json()
    again = regledger("append", envelope, "-o", "json").json()
    assert first == again
    assert first["appended"][0]["index"] == 2


def test_receipts_are_saved_where_asked(regledger: Command, envelope: Path, tmp_path: Path) -> None:
    result = regledger("append", envelope, "--receipts", tmp_path / "receipts")
    path = tmp_path / "receipts" / "co-1.tlog-proof"
    assert f"receipt {path}" in result.err
    assert read_receipt(path).index == 2


def test_one_that_is_refused_is_told_and_the_others_go_in(
    regledger: Command, envelope: Path, tmp_path: Path, empty: Path
) -> None:
    bad = _sign(regledger, tmp_path, "co-2", empty, stream="claims/co-2")
    good = _sign(regledger, tmp_path, "co-3", empty)
    (tmp_path / "junk").write_bytes(b"junk")
    result = regledger("append", envelope, bad, tmp_path / "junk", good, "-o", "jsonl")
    assert result.code == 1
    lines = [json.loads(line) for line in result.out.splitlines()]
    assert [line["fact_id"] for line in lines] == ["co-1", "co-3"]
    assert f"{bad}: " in result.err
    assert "family-fits-collection" in result.err
    assert f"{tmp_path / 'junk'}: " in result.err


def test_an_envelope_for_another_ledger_is_refused(
    regledger: Command, envelope: Path, tmp_path: Path
) -> None:
    regledger("init", tmp_path / "other", "--no-passphrase")
    result = regledger("append", envelope, "--ledger", tmp_path / "other")
    assert result.code == 1
    assert "0 entries appended" in result.out


def test_there_must_be_something_to_append(regledger: Command, tmp_path: Path) -> None:
    assert regledger("append").code == 2
    assert regledger("append", tmp_path / "nothing").code == 2


def test_receipts_that_cannot_be_saved_are_an_error(
    regledger: Command, envelope: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").mkdir()
    (tmp_path / "file" / "co-1.tlog-proof").mkdir()
    result = regledger("append", envelope, "--receipts", tmp_path / "file")
    assert result.code == 1
    assert "cannot be written" in result.err
