"""A copy is changed in one place, and the original stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.cli.tampering import copy_and_change
from ledger.errors import NotFoundError

ENTRY = b"head one and quite a long middle one tail"


def _folder(tmp_path: Path, content: bytes) -> Path:
    (tmp_path / "from").mkdir()
    (tmp_path / "from" / "a").write_bytes(b"nothing")
    (tmp_path / "from" / "b").write_bytes(content)
    return tmp_path / "from"


def test_the_bytes_are_changed_in_the_copy_alone(tmp_path: Path) -> None:
    folder = _folder(tmp_path, b"..." + ENTRY + b"...")
    changed = copy_and_change(folder, tmp_path / "to", ENTRY, b"one", b"two")
    assert changed == tmp_path / "to" / "b"
    assert changed.read_bytes() == b"...head two and quite a long middle one tail..."
    assert (folder / "b").read_bytes() == b"..." + ENTRY + b"..."


def test_a_place_that_is_cut_in_two_is_passed_over(tmp_path: Path) -> None:
    folder = _folder(tmp_path, b"head o|ne and quite a long middle one tail")
    changed = copy_and_change(folder, tmp_path / "to", ENTRY, b"one", b"two")
    assert changed.read_bytes() == b"head o|ne and quite a long middle two tail"


def test_bytes_that_are_in_no_file_cannot_be_changed(tmp_path: Path) -> None:
    folder = _folder(tmp_path, b"else")
    with pytest.raises(NotFoundError):
        copy_and_change(folder, tmp_path / "to", ENTRY, b"one", b"two")
