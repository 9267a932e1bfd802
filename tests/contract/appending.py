"""A process that appends to a ledger: ``python -m tests.contract.appending STORE FOLDER NAME N``.

It says ``ready``, waits for a line on standard input, appends so many orders one by one, and
writes each acknowledged index as a line.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ledger.store.appender import Appender
from tests.contract.stores import STORES
from tests.unit.store.builders import LedgerFolder, order


def main(store: str, path: str, name: str, count: str) -> None:
    """Append, and say what was acknowledged."""
    folder = LedgerFolder(Path(path), STORES[store])
    envelopes = [order(number, name) for number in range(int(count))]
    with Appender(folder.open()) as appender:
        print("ready", flush=True)  # noqa: T201 - this is how it speaks
        sys.stdin.readline()
        for envelope in envelopes:
            print(appender.append(envelope).index, flush=True)  # noqa: T201 - likewise
    folder.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
