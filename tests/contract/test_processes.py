"""Several processes append to one ledger at once: the database's lock keeps one sequence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.log.merkle import leaf_hash, root_of
from tests.unit.store.builders import FOUNDED_SIZE, proved

if TYPE_CHECKING:
    from ledger.store.committing import Ledger
    from tests.unit.store.builders import LedgerFolder

ROOT = Path(__file__).resolve().parents[2]
EACH = 40


def started(store: str, folder: LedgerFolder, name: str) -> subprocess.Popen[str]:
    """A process that will append, and is ready to."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.contract.appending",
            store,
            str(folder.path),
            name,
            str(EACH),
        ],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_two_processes_append_to_one_sequence(
    store: str, folder: LedgerFolder, ledger: Ledger
) -> None:
    names = ("left", "right")
    processes = [started(store, folder, name) for name in names]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    acknowledged = {
        name: [int(line) for line in process.communicate()[0].split()]
        for name, process in zip(names, processes, strict=True)
    }

    assert [process.returncode for process in processes] == [0, 0]
    size = FOUNDED_SIZE + 2 * EACH
    assert sorted(acknowledged["left"] + acknowledged["right"]) == list(range(2, size))
    assert ledger.reader.tree_size() == size
    receipts = [ledger.reader.receipt(index) for index in range(size)]
    hashes = [leaf_hash(receipt.entry) for receipt in receipts]
    for receipt in receipts:
        checkpoint = proved(receipt)
        assert checkpoint.root == root_of(hashes[: checkpoint.size])
    for name in names:
        for number, index in enumerate(acknowledged[name]):
            assert ledger.reader.index_of_fact(f"{name}-{number}") == index
