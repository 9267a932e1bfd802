"""The highest verified checkpoint, kept on disk: whole, shared, never replaced blindly."""

from __future__ import annotations

import subprocess
import sys
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


COUNTING = """
import sys
from pathlib import Path
from ledger.client.heads import HeadFile

file = HeadFile(Path(sys.argv[1]))
done = 0
while done < 60:
    known = file.load()
    done += file.replace(b"%d" % (int(known or b"0") + 1), known=known)
"""


def test_several_processes_lose_no_step_of_each_other(tmp_path: Path) -> None:
    """Compare and replace are one step, also for processes that know nothing of each other."""
    path = tmp_path / "head.note"
    processes = [subprocess.Popen([sys.executable, "-c", COUNTING, str(path)]) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert HeadFile(path).load() == b"180"
