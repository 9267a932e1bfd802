"""A process that appends until it is killed: ``python -m tests.faults.crashing FOLDER POINT``.

POINT names where it kills itself in the round after the first, or is ``none``: then it appends
from several threads until somebody else kills it. Each acknowledged receipt is written as a line,
the order's number and the receipt's digest.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledger.store.appender import Appender
from ledger.store.asking import NOTHING
from ledger.store.head import Head, HeadFile
from ledger.store.sqlite import SQLiteLedgerRecorder
from tests.faults.receipts import line_of
from tests.unit.store.builders import LedgerFolder, order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.store.asking import Known, Mentioned
    from ledger.store.rows import Batch

POINTS = ("locked", "inserted", "committed", "head kept")
"""In the order of a round; the last two leave an entry that was not acknowledged."""

THREADS = 6


class Fuse:
    """Kills the process at a point, in the second round that comes by."""

    def __init__(self, point: str) -> None:
        self._point = point
        self._rounds = 0

    def at(self, point: str) -> None:
        """Come by a point."""
        if point == self._point:
            self._rounds += 1
            if self._rounds > 1:
                os.kill(os.getpid(), signal.SIGKILL)


class CrashingRecorder(SQLiteLedgerRecorder):
    """A database that a process may die on, before COMMIT and right after it."""

    def __init__(self, path: Path, fuse: Fuse) -> None:
        super().__init__(path)
        self._fuse = fuse

    @contextmanager
    def ordering_lock(self, mentioned: Mentioned = NOTHING, **more: Any) -> Iterator[Known]:
        """Hold the lock."""
        with super().ordering_lock(mentioned, **more) as known:
            self._fuse.at("locked")
            yield known
        self._fuse.at("committed")

    def insert_batch(self, batch: Batch) -> None:
        """Insert."""
        super().insert_batch(batch)
        self._fuse.at("inserted")


class CrashingHead(HeadFile):
    """A head's file that a process may die on, right after it was written."""

    def __init__(self, path: Path, fuse: Fuse) -> None:
        super().__init__(path)
        self._fuse = fuse

    def advance(self, head: Head) -> None:
        """Keep the head."""
        super().advance(head)
        self._fuse.at("head kept")


def main(path: str, point: str) -> None:
    """Append until the end."""
    folder = LedgerFolder(Path(path))
    fuse = Fuse(point)
    parts = folder.open(CrashingRecorder(folder.path / "ledger.sqlite3", fuse))
    numbers = count(1)
    taking = threading.Lock()
    with Appender(replace(parts, head=CrashingHead(folder.path / "head", fuse))) as appender:

        def work() -> None:
            while True:
                with taking:
                    number = next(numbers)
                receipt = appender.append(order(number))
                # One write a line, so that a kill never leaves half of one behind.
                os.write(1, line_of(number, receipt))

        threads = [
            threading.Thread(target=work, daemon=True)
            for _ in range(THREADS if point == "none" else 1)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
