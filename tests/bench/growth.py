"""``python -m tests.bench.growth``: the same questions to a log of 1,000, 10,000, ... entries.

At each size a server is started over a ledger that was filled while nobody served it, and once more
after an orderly end. What it answers is compared with a ledger that stays at the first size, asked
in turns with it: what else the machine does falls on both.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Final, Self

import grpc

from tests.bench import servers
from tests.bench.appends import APPEND
from tests.bench.load import Load, Sample, client_process, drive
from tests.bench.picture import Curve, drawn
from tests.bench.reads import STATUS, fresh_questions
from tests.bench.seed import Filler
from tests.bench.servers import Ours, Running
from tests.bench.statements import Envelopes

FIRST: Final = 1_000
_APPENDS: Final = 100
_QUESTIONS: Final = 100
_ROUNDS: Final = 7
_READY_S: Final = 1_800.0
_CALL_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class Point:
    """What was seen at one size.

    Attributes:
        entries: The tree size.
        fill_s: Filling the ledger up to here, signatures included.
        rebuild_s: From starting the process to the first answer, when all that was filled has to
            be read into the read models.
        start_s: The same after an orderly end.
        append_p50_ms: Of appends, one in flight.
        append_ratio: That, to the same with the ledger of the first size.
        status_p50_ms: Of questions never asked before, one in flight.
        status_ratio: That, to the same with the ledger of the first size.
        receipt_bytes: The reply to the last append, which is its receipt.
        resident_mb: Memory of the server, after all that.
        rebuild_peak_mb: The most that it held while it read everything.
        disk_mb: The database.
    """

    entries: int
    fill_s: float
    rebuild_s: float
    start_s: float
    append_p50_ms: float
    append_ratio: float
    status_p50_ms: float
    status_ratio: float
    receipt_bytes: int
    resident_mb: float
    rebuild_peak_mb: float
    disk_mb: float


@dataclass(frozen=True, slots=True)
class Asked:
    """A served ledger that is asked from the client's process."""

    running: Running
    envelopes: Envelopes
    questions: Iterator[bytes]
    client: ProcessPoolExecutor

    @classmethod
    def over(cls, ledger: Ours, running: Running, client: ProcessPoolExecutor) -> Self:
        """A ledger that nobody has asked anything before."""
        return cls(running, Envelopes(ledger), fresh_questions(), client)

    def append(self) -> Sample:
        """A round of appends, one in flight."""
        return self._drive(APPEND, self.envelopes.appends(_APPENDS))

    def status(self) -> Sample:
        """A round of questions never asked before, one in flight."""
        return self._drive(STATUS, [next(self.questions) for _ in range(_QUESTIONS)])

    def _drive(self, method: str, requests: list[bytes]) -> Sample:
        return self.client.submit(drive, Load(self.running.target, method, requests, 1)).result()


def sizes(last: int) -> Iterator[int]:
    """1,000, and ten times as many each time, up to the last."""
    size = FIRST
    while size < last:
        yield size
        size *= 10
    yield last


def measure(
    ledger: Ours, small: Ours, folder: Path, entries: int, client: ProcessPoolExecutor
) -> Point:
    """Fill the ledger, serve it twice, and ask it and the small one, both new to the questions."""
    began = time.perf_counter()
    Filler(ledger).fill(entries)
    fill_s = time.perf_counter() - began
    with _ready(ledger, folder) as (running, rebuild_s):
        peak_mb = running.peak_mb()
    with _ready(ledger, folder) as (running, start_s), _ready(small, small.directory) as (other, _):
        asked, first = Asked.over(ledger, running, client), Asked.over(small, other, client)
        append, append_ratio = _in_turns(asked.append, first.append)
        status, status_ratio = _in_turns(asked.status, first.status)
        return Point(
            entries=entries,
            fill_s=fill_s,
            rebuild_s=rebuild_s,
            start_s=start_s,
            append_p50_ms=append.p50_ms,
            append_ratio=append_ratio,
            status_p50_ms=status.p50_ms,
            status_ratio=status_ratio,
            receipt_bytes=len(append.last),
            resident_mb=running.resident_mb(),
            rebuild_peak_mb=peak_mb,
            disk_mb=ledger.disk_mb(),
        )


@contextmanager
def _ready(ledger: Ours, folder: Path) -> Iterator[tuple[Running, float]]:
    """A server, and how long it took from its start to its first answer, in seconds."""
    began = time.perf_counter()
    with servers.ours(ledger, folder) as running, grpc.insecure_channel(running.target) as channel:
        ask: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(STATUS)
        question = next(fresh_questions())
        while True:
            try:
                ask(question, timeout=_CALL_S)
            except grpc.RpcError:
                if time.perf_counter() - began > _READY_S:
                    raise
            else:
                break
        yield running, time.perf_counter() - began


def _in_turns(large: Callable[[], Sample], small: Callable[[], Sample]) -> tuple[Sample, float]:
    """The middle round of the large ledger, and the median ratio of its p50 to the small one's."""
    rounds = [(large(), small()) for _ in range(_ROUNDS)]
    middle = sorted((sample for sample, _ in rounds), key=lambda sample: sample.p50_ms)
    ratio = median(ours.p50_ms / theirs.p50_ms for ours, theirs in rounds)
    return middle[len(middle) // 2], ratio


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
        ledger, small = servers.found(folder), servers.found(folder / "small")
        Filler(small).fill(FIRST)
        for entries in sizes(chosen.last):
            points.append(measure(ledger, small, folder, entries, client))
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
