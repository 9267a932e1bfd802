"""A killed process loses nothing it acknowledged, and leaves nothing half done."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ledger.log.merkle import leaf_hash, root_of
from ledger.store.appender import Appender
from tests.faults.crashing import POINTS
from tests.faults.receipts import line_of
from tests.unit.store.builders import FOUNDED_SIZE, LedgerFolder, order, proved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.store.committing import Ledger

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[LedgerFolder]:
    made = LedgerFolder(tmp_path)
    made.found()
    made.close()
    yield made
    made.close()


def crashing(folder: LedgerFolder, point: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.crashing", str(folder.path), point],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )


def whole(ledger: Ledger) -> int:
    """See that every entry is proved to a note over exactly the entries that are there."""
    size = ledger.reader.tree_size()
    receipts = [ledger.reader.receipt(index) for index in range(size)]
    hashes = [leaf_hash(receipt.entry) for receipt in receipts]
    for receipt in receipts:
        proved(receipt)
    assert proved(receipts[-1]).root == root_of(hashes)
    assert len(ledger.reader.entries(0, size + 100)) == size
    return size


@pytest.mark.parametrize("kill_after", [1, 25, 80])
def test_a_kill_under_load_loses_no_receipt(folder: LedgerFolder, kill_after: int) -> None:
    with crashing(folder, "none") as process:
        assert process.stdout is not None
        acknowledged = [process.stdout.readline() for _ in range(kill_after)]
        process.send_signal(signal.SIGKILL)
        acknowledged += process.stdout.readlines()

    ledger = folder.open()
    with Appender(ledger) as appender:
        size = whole(ledger)
        assert size - FOUNDED_SIZE >= len(acknowledged) >= kill_after
        for line in acknowledged:
            number = int(line.split()[0])
            assert line_of(number, appender.append(order(number))) == line
        assert ledger.reader.tree_size() == size


@pytest.mark.parametrize("point", POINTS)
def test_a_crash_at_any_point_of_a_round_is_survived(folder: LedgerFolder, point: str) -> None:
    process = crashing(folder, point)
    acknowledged, _ = process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert len(acknowledged.splitlines()) == 1

    ledger = folder.open()
    with Appender(ledger) as appender:
        was_committed = point in {"committed", "head kept"}
        assert whole(ledger) == FOUNDED_SIZE + 1 + was_committed
        first, second = appender.append(order(1)), appender.append(order(2))

    assert line_of(1, first) == acknowledged
    assert (first.index, second.index) == (FOUNDED_SIZE, FOUNDED_SIZE + 1)
    assert whole(ledger) == FOUNDED_SIZE + 2
