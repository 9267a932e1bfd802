"""``python -m tests.bench.growth``: the same questions to a log of 1,000, 10,000, ... entries.

A server is started anew at each size, over a ledger that was filled while nobody served it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from tests.bench import servers
from tests.bench.appends import APPEND
from tests.bench.load import Load, Sample, client_process, drive
from tests.bench.picture import Curve, drawn
from tests.bench.reads import STATUS, fresh_questions
from tests.bench.seed import Filler
from tests.bench.servers import Ours, Running
from tests.bench.statements import Envelopes

FIRST: Final = 1_000
_APPENDS: Final = 300
_QUESTIONS: Final = 100
_ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class Point:
    """What was seen at one size.

    Attributes:
        entries: The tree size.
        start_s: From starting the process to the first answer at this size.
        append_p50_ms: Of appends, one in flight.
        status_p50_ms: Of questions never asked before, one in flight.
        receipt_bytes: The reply to the last append, which is its receipt.
        resident_mb: Memory of the server, after all that.
        disk_mb: The database.
    """

    entries: int
    start_s: float
    append_p50_ms: float
    status_p50_ms: float
    receipt_bytes: int
    resident_mb: float
    disk_mb: float


def sizes(last: int) -> Iterator[int]:
    """1,000, and ten times as many each time, up to the last."""
    size = FIRST
    while size < last:
        yield size
        size *= 10
    yield last


def measure(ledger: Ours, folder: Path, entries: int, client: ProcessPoolExecutor) -> Point:
    """Fill the ledger, serve it, and ask."""
    Filler(ledger).fill(entries)
    started = time.perf_counter()
    with servers.ours(ledger, folder) as running:
        questions = fresh_questions()

        def asked(count: int) -> Sample:
            some = [next(questions) for _ in range(count)]
            return client.submit(drive, Load(running.target, STATUS, some, 1)).result()

        asked(2)
        start_s = time.perf_counter() - started
        appended = _appended(running, ledger, client)
        return Point(
            entries=entries,
            start_s=start_s,
            append_p50_ms=appended.p50_ms,
            status_p50_ms=min(asked(_QUESTIONS).p50_ms for _ in range(_ROUNDS)),
            receipt_bytes=len(appended.last),
            resident_mb=running.resident_mb(),
            disk_mb=ledger.disk_mb(),
        )


def _appended(running: Running, ledger: Ours, client: ProcessPoolExecutor) -> Sample:
    """The quickest of several rounds: what else the machine does only ever adds."""
    envelopes = Envelopes(ledger)
    rounds = [
        client.submit(drive, Load(running.target, APPEND, envelopes.appends(_APPENDS), 1)).result()
        for _ in range(_ROUNDS)
    ]
    return min(rounds, key=lambda sample: sample.p50_ms)


def main() -> int:
    """Measure at each size, print, write JSON and the picture."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.growth", description=__doc__)
    parser.add_argument("--last", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path, help="where the figures go")
    parser.add_argument("--picture", type=Path, help="where the curves go, an SVG")
    chosen = parser.parse_args()
    points: list[Point] = []
    with tempfile.TemporaryDirectory() as name, client_process() as client:
        folder = Path(name)
        ledger = servers.found(folder)
        for entries in sizes(chosen.last):
            points.append(measure(ledger, folder, entries, client))
            sys.stdout.write(f"{points[-1]}\n")
            sys.stdout.flush()
    figures = [asdict(point) for point in points]
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    if chosen.picture:
        curves = [
            Curve(name, [(point["entries"], point[name]) for point in figures])
            for name in figures[0]
            if name != "entries"
        ]
        chosen.picture.write_text(drawn(curves), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
