"""A database that is older than what was released, or cut short, is not served."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ledger.errors import StoreError
from ledger.store.appender import Appender
from tests.unit.store.builders import LedgerFolder, order

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]


def killed(folder: LedgerFolder, appends: int) -> None:
    """Append from a process that is killed, so that nobody writes the log back."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.crashing", str(folder.path), "none"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    for _ in range(appends):
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.communicate()


def without_its_log(path: Path) -> None:
    """What a copy of the one file holds, made by somebody who does not know of the other."""
    path.with_name("ledger.sqlite3-wal").unlink()
    path.with_name("ledger.sqlite3-shm").unlink()


def cut(path: Path) -> None:
    without_its_log(path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def emptied(path: Path) -> None:
    without_its_log(path)
    path.write_bytes(b"")


def put_back(path: Path) -> None:
    without_its_log(path)
    shutil.copyfile(path.with_name("backup"), path)


@pytest.mark.parametrize("damage", [without_its_log, cut, emptied, put_back])
def test_a_database_that_lost_entries_is_not_served(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    folder = LedgerFolder(tmp_path)
    folder.found()
    folder.close()
    database = tmp_path / "ledger.sqlite3"
    shutil.copyfile(database, tmp_path / "backup")
    killed(folder, 10)
    damage(database)
    ledger = folder.open()

    with pytest.raises(StoreError) as refusal:
        Appender(ledger).start()

    assert refusal.value.rule in {"database-behind-head", "store-refused"}
    folder.close()


def test_what_was_killed_and_not_damaged_is_served(tmp_path: Path) -> None:
    folder = LedgerFolder(tmp_path)
    folder.found()
    folder.close()
    killed(folder, 10)
    ledger = folder.open()

    with Appender(ledger) as appender:
        index = appender.append(order(100_000)).index

    assert index == ledger.reader.tree_size() - 1
    folder.close()
