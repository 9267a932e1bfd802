"""A receipt travels as one file that proves it all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ledger.client.receiptfiles import read_receipt, receipt_to_file, verify_offline
from ledger.errors import NoteError, VerificationError
from ledger.log.tlogproof import TlogProof
from tests.unit.client.served import Served, row, served


def _saved(ledger: Served, path: Path) -> Path:
    ledger.import_rows(row("co-1"), row("co-2"))
    path.write_bytes(receipt_to_file(ledger.client.proved("co-1").receipt))
    return path


def test_a_receipt_comes_back_from_its_file_as_it_was(ledger: Served, tmp_path: Path) -> None:
    path = _saved(ledger, tmp_path / "co-1.tlog-proof")
    assert read_receipt(path) == ledger.client.proved("co-1").receipt


def test_a_receipt_is_verified_by_the_pin_alone(ledger: Served, tmp_path: Path) -> None:
    receipt = read_receipt(_saved(ledger, tmp_path / "r"))
    proved = verify_offline(receipt, ledger.founded.pin)
    assert (proved.entry.statement.fact_id, proved.head.size) == ("co-1", 4)


def test_a_receipt_of_another_ledger_does_not_hold(ledger: Served, tmp_path: Path) -> None:
    receipt = read_receipt(_saved(ledger, tmp_path / "r"))
    with served(tmp_path / "other") as other, pytest.raises(VerificationError):
        verify_offline(receipt, other.founded.pin)


def test_a_changed_receipt_does_not_hold(ledger: Served, tmp_path: Path) -> None:
    receipt = read_receipt(_saved(ledger, tmp_path / "r"))
    with pytest.raises(VerificationError):
        verify_offline(replace(receipt, entry=receipt.entry + b"x"), ledger.founded.pin)


def test_a_proof_without_its_entry_is_no_receipt(ledger: Served, tmp_path: Path) -> None:
    receipt = read_receipt(_saved(ledger, tmp_path / "r"))
    bare = TlogProof(receipt.index, receipt.inclusion_proof, receipt.checkpoint)
    (tmp_path / "bare").write_bytes(bare.to_bytes())
    with pytest.raises(NoteError) as refused:
        read_receipt(tmp_path / "bare")
    assert refused.value.rule == "receipt-entry"


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoteError) as refused:
        read_receipt(tmp_path / "nothing")
    assert refused.value.rule == "file"


def test_a_file_that_is_no_proof_is_refused(tmp_path: Path) -> None:
    (tmp_path / "r").write_bytes(b"hello")
    with pytest.raises(NoteError):
        read_receipt(tmp_path / "r")
