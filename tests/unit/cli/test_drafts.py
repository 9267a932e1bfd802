from __future__ import annotations

from pathlib import Path

import pytest

from ledger.cli.drafts import read_draft
from ledger.errors import InputError, RecordFormatError


def test_a_file_that_is_too_long_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "long.json"
    path.write_bytes(b" " * (2**20 + 1))
    with pytest.raises(InputError, match="too long"):
        read_draft(path)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_draft(tmp_path)


def test_two_rows_are_not_a_draft(tmp_path: Path) -> None:
    path = tmp_path / "two.json"
    path.write_text("{}\n{}\n", encoding="utf-8")
    with pytest.raises(RecordFormatError):
        read_draft(path)
