"""``fsck``: whatever a log is stored in, a difference is named by tile and index."""

from __future__ import annotations

import shutil
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ledger.cli import fsck
from ledger.client.pins import PIN_FILE
from tests.staticlog import file_server, write_static_log
from tests.unit.cli.conftest import Command

SIZE = 270


@pytest.fixture(scope="module")
def written(founded_casefile: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The case file's log as static files; to be copied, never changed."""
    return write_static_log(founded_casefile, tmp_path_factory.mktemp("static"))


@pytest.fixture
def static(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "static"))


@pytest.fixture
def pin(founded_casefile: Path) -> Path:
    return founded_casefile / PIN_FILE


def change(folder: Path, statement: str, *values: Any) -> None:
    """Change rows behind the back of the store, which has triggers against that."""
    with closing(sqlite3.connect(folder / "ledger.sqlite3")) as database, database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            database.execute(f"DROP TRIGGER {name}")
        assert database.execute(statement, values).rowcount == 1


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def named(report: Any) -> list[tuple[str, int | None, str]]:
    return [(one["path"], one["index"], one["rule"]) for one in report["findings"]]


def test_a_ledger_s_folder_that_holds_is_told_in_a_sentence(regledger: Command, h20: Path) -> None:
    result = regledger("fsck", "--ledger", h20)

    assert result.code == 0
    assert result.out.startswith(f"The tree holds: {SIZE} entries.")


def test_a_server_is_checked_by_its_tiles(regledger: Command, served_h20: tuple[str, ...]) -> None:
    result = regledger("fsck", *served_h20, "-o", "json")

    assert (result.code, named(result.json())) == (0, [])
    assert f"\n{SIZE}\n" in result.json()["checkpoint"]


def test_static_files_are_checked_where_they_lie(
    regledger: Command, static: Path, pin: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "log.zip", "w") as archive:
        for path in filter(Path.is_file, sorted(static.rglob("*"))):
            archive.write(path, str(path.relative_to(static)))

    with file_server(static) as url:
        for source in (str(static), f"{url}/", str(tmp_path / "log.zip")):
            result = regledger("fsck", source, "--pin", pin)
            assert (result.code, result.out[:15]) == (0, "The tree holds:")


@pytest.mark.parametrize(
    ("statement", "values", "expected"),
    [
        (
            "UPDATE ledger_entries SET leaf_hash = ? WHERE entry_index = 7",
            (b"\0" * 32,),
            [("tile/0/000", 7, "leaf-hash")],
        ),
        (
            "DELETE FROM stored_events WHERE originator_id = ?",
            ("claims/co-2022-08-31-nvda-400m",),
            [("tile/0/000", 196, "leaf-hash"), ("checkpoint", SIZE, "root-hash")],
        ),
        (
            "UPDATE ledger_checkpoints SET note = ? WHERE tree_size = 1",
            (b"no note",),
            [("checkpoint", None, "stored-note")],
        ),
        (
            "UPDATE ledger_checkpoints SET note = ? WHERE tree_size = ?",
            (b"no note", SIZE),
            [("checkpoint", None, "note-form")],
        ),
    ],
)
def test_a_row_that_was_changed_is_named(
    regledger: Command,
    h20: Path,
    statement: str,
    values: tuple[Any, ...],
    expected: list[tuple[str, int | None, str]],
) -> None:
    change(h20, statement, *values)

    result = regledger("fsck", "--ledger", h20, "-o", "json")

    assert (result.code, named(result.json())) == (3, expected)


def test_an_earlier_checkpoint_of_another_tree_is_named_by_its_size(
    regledger: Command, h20: Path
) -> None:
    with closing(sqlite3.connect(h20 / "ledger.sqlite3")) as database:
        (note,) = database.execute(
            "SELECT note FROM ledger_checkpoints WHERE tree_size = 2"
        ).fetchone()
    origin, size, root, rest = note.split(b"\n", 3)
    other = b"A" if root[:1] != b"A" else b"B"
    forged = b"\n".join([origin, size, other + root[1:], rest])
    change(h20, "UPDATE ledger_checkpoints SET note = ? WHERE tree_size = 2", forged)

    result = regledger("fsck", "--ledger", h20, "-o", "json")

    assert (result.code, named(result.json())) == (3, [("checkpoint", 2, "root-hash")])


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (
            ("tile/entries/001.p/14", 40),
            [("tile/0/001.p/14", 256, "leaf-hash"), ("checkpoint", SIZE, "root-hash")],
        ),
        (("tile/entries/001.p/14", 0), [("tile/entries/001.p/14", None, "entry-bundle")]),
        (("tile/1/000.p/1", 0), [("tile/1/000.p/1", 0, "tile-hash")]),
        (("checkpoint", 0), [("checkpoint", None, "note-signature")]),
    ],
)
def test_a_static_file_that_was_changed_is_named(
    regledger: Command,
    static: Path,
    pin: Path,
    place: tuple[str, int],
    expected: list[tuple[str, int | None, str]],
) -> None:
    path, at = place
    flip(static / path, at)

    result = regledger("fsck", static, "--pin", pin, "-o", "json")

    assert (result.code, named(result.json())) == (3, expected)


def test_a_table_of_findings_is_for_people(regledger: Command, static: Path, pin: Path) -> None:
    flip(static / "tile/0/000", 5 * 32)
    (static / "tile/1/000.p/1").unlink()

    result = regledger("fsck", static, "--pin", pin)

    assert result.code == 3
    assert result.out.splitlines()[0] == "2 findings."
    assert "tile/0/000      [5]  Entry 5 does not hash" in result.out
    assert "tile/1/000.p/1       The tile is missing." in result.out


def test_a_log_of_which_nothing_is_right_is_not_told_to_the_end(
    regledger: Command, static: Path, pin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fsck, "FINDINGS_MAX", 3)
    (static / "tile/0/000").write_bytes(b"\0" * 8192)

    result = regledger("fsck", static, "--pin", pin, "-o", "jsonl")

    assert (result.code, len(result.out.splitlines())) == (3, 3)
    assert "the first 3" in result.err


@pytest.mark.parametrize(
    ("source", "code", "rule"),
    [
        ("nowhere", 1, "tile-source"),
        (".", 1, "no-checkpoint"),
        ("ftp://localhost/", 2, "url"),
        ("http://127.0.0.1:1/", 4, "web-server"),
    ],
)
def test_what_cannot_be_read_is_no_finding(
    regledger: Command, pin: Path, source: str, code: int, rule: str
) -> None:
    result = regledger("fsck", source, "--pin", pin)

    assert (result.code, result.out) == (code, "")
    assert f"rule: {rule}" in result.err


def test_static_files_need_a_pin(regledger: Command, static: Path) -> None:
    result = regledger("fsck", static)

    assert (result.code, result.out) == (2, "")
    assert "--pin" in result.err


def test_a_database_that_cannot_be_read_at_all_is_no_finding(regledger: Command, h20: Path) -> None:
    for path in h20.glob("ledger.sqlite3*"):
        path.write_bytes(b"no database" * 1_000)

    result = regledger("fsck", "--ledger", h20)

    assert (result.code, result.out) == (4, "")
