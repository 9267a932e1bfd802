"""How fast an audit is, against bare signature verification in the same run.

Run as ``python -m tests.bench.audit [entries]``. It signs and stores a ledger of so many orders,
audits its database on all cores, and verifies bare signatures with `cryptography` before and after.
The figure that matters is entries a second over (cores x bare verifications a second). On a machine
that does other work as well, the second ratio is the better one: of processor time, not of time.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.audit.auditing import Options, audit
from ledger.audit.database import DatabaseSource
from ledger.audit.lanes import cores
from ledger.audit.report import Report
from ledger.store.committing import Committer
from ledger.store.inspection import inspecting
from tests.unit.audit.ledgers import PIN
from tests.unit.store.builders import LedgerFolder, order, receipts_of

TARGET: Final = 0.5
BATCH: Final = 500
MESSAGE: Final = bytes(400)
BARE: Final = 3_000
_WHO: Final = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


@dataclass(frozen=True, slots=True)
class Cost:
    """What something took: seconds by the clock, and of processors."""

    elapsed_s: float
    processor_s: float


class Measured:
    """A context that measures what is done in it, in child processes too once they have ended."""

    def __enter__(self) -> Self:
        self._began = _now()
        return self

    def __exit__(self, *_: object) -> None:
        ended = _now()
        self.cost = Cost(
            ended.elapsed_s - self._began.elapsed_s, ended.processor_s - self._began.processor_s
        )


def _now() -> Cost:
    used = [resource.getrusage(who) for who in _WHO]
    return Cost(time.perf_counter(), sum(one.ru_utime + one.ru_stime for one in used))


def bare() -> Cost:
    """The cost of one verification by `cryptography`, in one process on one core."""
    key = Ed25519PrivateKey.generate()
    signature, public = key.sign(MESSAGE), key.public_key()
    with Measured() as measured:
        for _ in range(BARE):
            public.verify(signature, MESSAGE)
    return Cost(measured.cost.elapsed_s / BARE, measured.cost.processor_s / BARE)


def fill(folder: Path, entries: int) -> None:
    """Found a ledger, and append orders to it until it has so many entries."""
    ledger = LedgerFolder(folder)
    committer = Committer(ledger.found())
    size = 2
    while size < entries:
        count = min(BATCH, entries - size)
        receipts_of(committer.commit([[order(size + place) for place in range(count)]])[0])
        size += count
    ledger.close()


def audited(folder: Path, processes: int) -> tuple[Report, Cost]:
    """The report on a folder's database, and what it cost."""
    with inspecting(folder / "ledger.sqlite3") as inspection, Measured() as measured:
        source = DatabaseSource(inspection, folder / "head")
        report = audit(source, PIN, Options(processes=processes))
    return report, measured.cost


def main(arguments: Sequence[str]) -> int:
    """Measure and print; fails if the audit found something, not if it was slow."""
    entries = int(arguments[0]) if arguments else 100_000
    with tempfile.TemporaryDirectory() as name:
        fill(Path(name), entries)
        before = bare()
        report, cost = audited(Path(name), 0)
        after = bare()
    alone = Cost(
        (before.elapsed_s + after.elapsed_s) / 2, (before.processor_s + after.processor_s) / 2
    )
    by_clock = entries / cost.elapsed_s * alone.elapsed_s / cores()
    by_processor = entries / cost.processor_s * alone.processor_s
    own, child = (resource.getrusage(who).ru_maxrss // 1024 for who in _WHO)
    load = os.getloadavg()[0]
    print(  # noqa: T201 - a script
        f"{entries:,} entries, {report.processes} processes on {cores()} cores, load {load:.1f}\n"
        f"audit            {entries / cost.elapsed_s:10,.0f} entries/s by the clock, "
        f"{1e6 * cost.processor_s / entries:.0f} us of processors an entry\n"
        f"bare verify      {1 / alone.elapsed_s:10,.0f} a second and core by the clock, "
        f"{1e6 * alone.processor_s:.0f} us of processor\n"
        f"ratio            {by_clock:10.2f} by the clock, {by_processor:.2f} by processor time "
        f"(target {TARGET})\n"
        f"peak memory      {own:10,} MiB in the process, {child:,} MiB in its largest child"
    )
    return 0 if report.holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
