"""Files are read and written whole, and what fails is told as input."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.cli.files import files_in, read_file, write_file, write_new_file
from ledger.errors import InputError


def test_a_file_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b"
    write_file(path, b"one")
    write_file(path, b"two")
    assert read_file(path) == b"two"


def test_a_new_file_replaces_nothing(tmp_path: Path) -> None:
    write_new_file(tmp_path / "a", b"one")
    with pytest.raises(InputError) as refused:
        write_new_file(tmp_path / "a", b"two")
    assert refused.value.rule == "file"
    assert read_file(tmp_path / "a") == b"one"


def test_the_files_of_a_folder_are_listed_by_the_end_of_their_names(tmp_path: Path) -> None:
    for name in ("b.tsr", "a.tsr", "a.other"):
        write_file(tmp_path / name, b"")
    (tmp_path / "c.tsr").mkdir()
    assert [path.name for path in files_in(tmp_path, ".tsr")] == ["a.tsr", "b.tsr"]
    with pytest.raises(InputError, match="cannot be listed"):
        files_in(tmp_path / "nowhere", ".tsr")


def test_what_cannot_be_read_or_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read_file(tmp_path)
    with pytest.raises(InputError):
        write_file(tmp_path, b"one")
