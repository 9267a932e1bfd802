"""``export``: a bundle, or rows; never over another file, and never of what does not hold."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from ledger.audit import tables
from ledger.errors import SettingError
from tests.unit.cli.conftest import Command


def test_a_bundle_of_a_folder_and_of_its_server_have_the_same_entries(
    regledger: Command, h20: Path, served_h20: tuple[str, ...], tmp_path: Path
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    result = regledger("export", one, "--ledger", h20)
    assert (result.code, result.out) == (0, "")
    assert "270 entries" in result.err
    assert regledger("export", two, *served_h20).code == 0
    assert one.read_bytes() == two.read_bytes()
    assert regledger("audit", two).code == 0


def test_a_policy_in_the_folder_goes_along(regledger: Command, empty: Path, tmp_path: Path) -> None:
    (empty / "policy").write_bytes(b"quorum none\n")
    assert regledger("export", tmp_path / "bundle").code == 0
    with zipfile.ZipFile(tmp_path / "bundle") as archive:
        assert archive.read("policy") == b"quorum none\n"
    (empty / "policy").chmod(0)
    (empty / "policy").unlink()
    (empty / "policy").mkdir()
    assert regledger("export", tmp_path / "without").code == 0


def test_an_earlier_size_must_be_one_that_was_signed(
    regledger: Command, h20: Path, served_h20: tuple[str, ...], tmp_path: Path
) -> None:
    assert regledger("export", tmp_path / "two", "--tree-size", 2, "--ledger", h20).code == 0
    assert regledger("export", tmp_path / "same", "--tree-size", 2, *served_h20).code == 0
    assert (tmp_path / "two").read_bytes() == (tmp_path / "same").read_bytes()
    for where in (("--ledger", h20), served_h20):
        result = regledger("export", tmp_path / "none", "--tree-size", 77, *where)
        assert (result.code, "checkpoint of 77 entries" in result.err) == (1, True)


def test_a_file_that_is_there_is_left_alone(regledger: Command, h20: Path, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"mine")
    assert regledger("export", path, "--ledger", h20).code == 1
    assert path.read_bytes() == b"mine"


def test_rows_as_json_lines_and_as_parquet(regledger: Command, h20: Path, tmp_path: Path) -> None:
    jsonl, parquet = tmp_path / "h20.jsonl", tmp_path / "h20.parquet"
    assert regledger("export", jsonl, "--jsonl", "--ledger", h20).code == 0
    rows = [json.loads(line) for line in jsonl.read_text(encoding="utf-8").splitlines()]
    assert [row["index"] for row in rows] == list(range(270))
    assert rows[222]["fact"]["id"] == "us-2025-04-09-nvda-h20-letter"
    result = regledger("export", parquet, "--parquet", "--tree-size", 2, "--ledger", h20)
    assert result.code == 0
    assert parquet.read_bytes().startswith(b"PAR1")
    assert regledger("export", tmp_path / "x", "--jsonl", "--parquet", "--ledger", h20).code == 2


def test_without_pyarrow_nothing_is_written(
    regledger: Command, h20: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise SettingError("Parquet needs pyarrow.", rule="extra-missing")

    monkeypatch.setattr(tables, "_pyarrow", refuse)
    assert regledger("export", tmp_path / "x", "--parquet", "--ledger", h20).code == 2
    assert not (tmp_path / "x").exists()
