"""The released head outlives crashes and torn writes, and keeps an older copy from being served."""

from __future__ import annotations

import shutil
import threading
from typing import TYPE_CHECKING

import pytest

from ledger.errors import ForkError, StoreError
from ledger.store.committing import Committer
from ledger.store.head import NOTHING_RELEASED, Head, HeadFile
from tests.unit.store.builders import FOUNDED_SIZE, LedgerFolder, order, receipts_of

if TYPE_CHECKING:
    from pathlib import Path

    from ledger.store.committing import Ledger

SLOT = 4096


def head(size: int) -> Head:
    return Head(size, bytes([size % 256]) * 32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "head"


@pytest.fixture
def file(path: Path) -> HeadFile:
    made = HeadFile(path)
    made.create()
    return made


def overwrite(path: Path, at: int, content: bytes) -> None:
    data = bytearray(path.read_bytes())
    data[at : at + len(content)] = content
    path.write_bytes(data)


class TestFile:
    def test_a_new_file_says_that_nothing_was_released(self, path: Path) -> None:
        file = HeadFile(path)

        assert not file.exists()
        file.create()

        assert file.exists()
        assert file.read() == NOTHING_RELEASED

    def test_a_file_can_begin_with_a_head_that_somebody_vouches_for(self, path: Path) -> None:
        HeadFile(path).create(head(5))

        assert HeadFile(path).read() == head(5)

    def test_the_last_head_is_kept(self, file: HeadFile, path: Path) -> None:
        for size in (1, 2, 10, 999, 2**40):
            file.advance(head(size))
            assert HeadFile(path).read() == head(size)

    def test_an_earlier_head_does_not_replace_a_later_one(self, file: HeadFile) -> None:
        """Two processes release in another order than they committed."""
        for size in (5, 3, 4):
            file.advance(head(size))

        assert file.read() == head(5)

    def test_the_same_head_is_kept_once(self, file: HeadFile, path: Path) -> None:
        file.advance(head(5))
        before = path.read_bytes()
        file.advance(head(5))

        assert path.read_bytes() == before

    def test_two_trees_of_one_size_are_a_fork(self, file: HeadFile) -> None:
        file.advance(head(5))

        with pytest.raises(ForkError):
            file.advance(Head(5, bytes(32)))
        assert file.read() == head(5)

    def test_a_person_can_read_it(self, file: HeadFile, path: Path) -> None:
        file.advance(head(5))

        assert f"5 {'05' * 32} ".encode() in path.read_bytes()

    def test_many_threads_leave_the_largest(self, path: Path, file: HeadFile) -> None:
        threads = [
            threading.Thread(target=HeadFile(path).advance, args=(head(size),))
            for size in range(1, 40)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert file.read() == head(39)


class TestDamage:
    @pytest.mark.parametrize("count", range(1, 5))
    def test_a_torn_write_leaves_the_head_before(
        self, file: HeadFile, path: Path, count: int
    ) -> None:
        for size in range(1, count + 1):
            file.advance(head(size))
            file.sync()
        newest = path.read_bytes().index(f"{count} ".encode())

        overwrite(path, newest + 20, b"torn")

        assert file.read() == (head(count - 1) if count > 1 else NOTHING_RELEASED)
        file.advance(head(count))
        assert file.read() == head(count)

    def test_what_is_not_synced_yet_never_touches_what_is(self, file: HeadFile, path: Path) -> None:
        """A power failure may tear whatever was written since."""
        file.advance(head(1))
        file.sync()
        for size in (2, 3, 4):
            file.advance(head(size))
        newest = path.read_bytes().index(b"4 ")

        overwrite(path, newest + 20, b"torn")

        assert HeadFile(path).read() == head(1)

    def test_two_processes_do_not_touch_what_is_synced_either(
        self, file: HeadFile, path: Path
    ) -> None:
        file.advance(head(1))
        HeadFile(path).advance(head(2))

        file.advance(head(3))

        data = path.read_bytes()
        assert b"2 " in data
        assert b"3 " in data

    def test_syncing_twice_is_syncing_once(self, file: HeadFile) -> None:
        file.advance(head(1))
        file.sync()
        file.sync()

        assert file.read() == head(1)

    @pytest.mark.parametrize(
        "content", [b"", b"\x00" * 2 * SLOT, b"5 " + b"00" * 32 + b"\n", b"\xff" * 100]
    )
    def test_a_damaged_file_is_refused(self, path: Path, content: bytes) -> None:
        path.write_bytes(content)

        for use in (HeadFile(path).read, lambda: HeadFile(path).advance(head(1))):
            with pytest.raises(StoreError) as refusal:
                use()
            assert refusal.value.rule == "head-damaged"

    def test_a_missing_file_is_refused(self, path: Path) -> None:
        with pytest.raises(StoreError) as refusal:
            HeadFile(path).read()

        assert refusal.value.rule == "head-missing"
        assert str(path) in refusal.value.message

    def test_a_file_that_is_there_is_not_created_over(self, file: HeadFile) -> None:
        with pytest.raises(StoreError) as refusal:
            file.create()

        assert refusal.value.rule == "head-file"

    def test_a_folder_in_its_place_is_refused(self, path: Path) -> None:
        path.mkdir()

        with pytest.raises(StoreError) as refusal:
            HeadFile(path).read()

        assert refusal.value.rule == "head-file"


class TestCheck:
    def check(self, folder: LedgerFolder) -> None:
        ledger = folder.open()
        ledger.recorder.create_table()
        ledger.head.check(ledger.reader)

    def append(self, ledger: Ledger, number: int) -> None:
        receipts_of(Committer(ledger).commit([[order(number)]])[0])

    def copy(self, folder: LedgerFolder, name: str, *, back: bool = False) -> None:
        """Copy the database, with the log beside it, or put the copy back."""
        for database in ("ledger.sqlite3", "ledger.sqlite3-wal", "ledger.sqlite3-shm"):
            here, there = folder.path / database, folder.path / f"{name}-{database}"
            source, target = (there, here) if back else (here, there)
            target.unlink(missing_ok=True)
            if source.exists():
                shutil.copyfile(source, target)

    def test_a_ledger_up_to_its_head_is_sound(self, ledger: Ledger, folder: LedgerFolder) -> None:
        self.append(ledger, 1)

        self.check(folder)

    def test_a_database_ahead_of_the_file_is_sound(
        self, ledger: Ledger, folder: LedgerFolder
    ) -> None:
        """A crash came between COMMIT and the file."""
        before = (folder.path / "head").read_bytes()
        self.append(ledger, 1)
        (folder.path / "head").write_bytes(before)

        self.check(folder)

    def test_an_empty_ledger_is_sound(self, folder: LedgerFolder) -> None:
        folder.head.create()

        self.check(folder)

    def test_an_older_copy_of_the_database_is_refused(
        self, ledger: Ledger, folder: LedgerFolder
    ) -> None:
        self.copy(folder, "old")
        self.append(ledger, 1)
        ledger.recorder.close()
        self.copy(folder, "old", back=True)

        with pytest.raises(StoreError) as refusal:
            self.check(folder)

        assert refusal.value.rule == "database-behind-head"
        assert f"holds {FOUNDED_SIZE} entries" in refusal.value.message
        assert f"at least {FOUNDED_SIZE + 1}" in refusal.value.message

    def test_a_database_that_is_gone_is_refused(self, ledger: Ledger, folder: LedgerFolder) -> None:
        ledger.recorder.close()
        (folder.path / "ledger.sqlite3").unlink()

        with pytest.raises(StoreError) as refusal:
            self.check(folder)

        assert refusal.value.rule == "database-behind-head"

    def test_an_older_copy_that_was_written_to_is_refused(
        self, ledger: Ledger, folder: LedgerFolder
    ) -> None:
        """It is as long as what was released, and another history."""
        self.copy(folder, "old")
        self.append(ledger, 1)
        ledger.recorder.close()
        released = (folder.path / "head").read_bytes()
        self.copy(folder, "old", back=True)
        (folder.path / "head").unlink()
        folder.head.create()
        other = folder.open()
        self.append(other, 2)
        self.append(other, 3)
        other.recorder.close()
        (folder.path / "head").write_bytes(released)

        with pytest.raises(StoreError) as refusal:
            self.check(folder)

        assert refusal.value.rule == "head-mismatch"
