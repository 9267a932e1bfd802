"""The highest verified checkpoint, kept on disk: whole, shared, never replaced blindly."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ledger.client.heads import HeadFile, HeadMemory, HeadsInMemory
from ledger.errors import StoreError


@pytest.fixture(params=["memory", "file"])
def memory(request: pytest.FixtureRequest, tmp_path: Path) -> HeadMemory:
    return HeadsInMemory() if request.param == "memory" else HeadFile(tmp_path / "a" / "b.note")


def test_nothing_is_remembered_before_the_first(memory: HeadMemory) -> None:
    assert memory.load() is None


def test_a_note_is_remembered_verbatim(memory: HeadMemory) -> None:
    assert memory.replace(b"one\n", known=None)
    assert memory.load() == b"one\n"


def test_a_note_that_somebody_else_replaced_meanwhile_stays(memory: HeadMemory) -> None:
    memory.replace(b"one\n", known=None)
    assert not memory.replace(b"two\n", known=None)
    assert not memory.replace(b"two\n", known=b"zero\n")
    assert memory.load() == b"one\n"
    assert memory.replace(b"two\n", known=b"one\n")
    assert memory.load() == b"two\n"


def test_of_many_who_saw_the_same_note_one_replaces_it(tmp_path: Path) -> None:
    path = tmp_path / "head.note"
    HeadFile(path).replace(b"first", known=None)

    def replace(place: int) -> bool:
        return HeadFile(path).replace(b"%d" % place, known=b"first")

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(replace, range(16)))
    assert won.count(True) == 1
    assert HeadFile(path).load() == b"%d" % won.index(True)


def test_no_draft_is_left_behind(tmp_path: Path) -> None:
    HeadFile(tmp_path / "head.note").replace(b"first", known=None)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["head.lock", "head.note"]


def test_a_head_that_cannot_be_read_is_an_error_and_not_a_first_use(tmp_path: Path) -> None:
    (tmp_path / "head.note").mkdir()
    with pytest.raises(StoreError) as failed:
        HeadFile(tmp_path / "head.note").load()
    assert failed.value.rule == "head-file"


def test_a_head_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError):
        HeadFile(tmp_path / "file" / "head.note").replace(b"first", known=None)


def test_a_draft_that_cannot_take_its_place_is_removed(tmp_path: Path) -> None:
    class Blocked(HeadFile):
        def load(self) -> bytes | None:
            return None

    (tmp_path / "head.note").mkdir()
    with pytest.raises(StoreError):
        Blocked(tmp_path / "head.note").replace(b"first", known=None)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["head.lock", "head.note"]
