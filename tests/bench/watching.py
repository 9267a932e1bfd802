"""What a crowd of subscribers costs those who append."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from ledger.v1 import log_pb2, services_pb2
from tests.bench.appends import APPEND, latencies
from tests.bench.bench import Bench
from tests.bench.load import Sample, client_process
from tests.bench.rows import Row, in_turns
from tests.bench.streams import subscribe

WATCH: Final = "/ledger.v1.StreamService/WatchEntries"

SUBSCRIBERS: Final = 100
_APPENDS: Final = 2_000
_IN_FLIGHT: Final = 64
_SETTLE_S: Final = 1.0


def rows(bench: Bench) -> Iterator[Row]:
    """Appends with a hundred subscribers against appends with none, in turns."""
    with multiprocessing.get_context("spawn").Manager() as manager:

        @contextmanager
        def crowd() -> Iterator[None]:
            """Subscribers in a process of their own, to what is appended from now on."""
            stop = manager.Event()
            last = bench.drive(bench.ours, APPEND, bench.envelopes.appends(2), 1).last
            size = services_pb2.AppendResponse.FromString(last).tree_size
            request = log_pb2.WatchEntriesRequest(start_index=size).SerializeToString()
            with client_process() as others:
                watching = others.submit(
                    subscribe, bench.ours.target, WATCH, request, SUBSCRIBERS, stop
                )
                time.sleep(_SETTLE_S)
                try:
                    yield
                finally:
                    stop.set()
                    if not all(watching.result()):
                        message = "a subscriber received nothing"
                        raise RuntimeError(message)

        def watched() -> Sample:
            with crowd():
                return append()

        def append() -> Sample:
            requests = bench.envelopes.appends(_APPENDS)
            return bench.drive(bench.ours, APPEND, requests, _IN_FLIGHT)

        taken = in_turns(bench.rounds, {"watched": watched, "alone": append})
    yield Row(
        what=f"Append with {SUBSCRIBERS} subscribers, 64 in flight",
        ours=taken["watched"].rate,
        against="the same without subscribers",
        theirs=taken["alone"].rate,
        asked=0.7,
        detail=latencies(taken["watched"]),
    )
