"""How fast statements become receipts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ledger.client.calls import batched
from ledger.v1 import services_pb2
from tests.bench import limits, peers
from tests.bench.bench import Bench
from tests.bench.load import Sample
from tests.bench.rows import Row, in_turns, lower, only_rate
from tests.bench.streams import exchange

APPEND: Final = "/ledger.v1.LedgerService/Append"
APPEND_STREAM: Final = "/ledger.v1.LedgerService/AppendStream"
APPEND_BATCH: Final = "/ledger.v1.LedgerService/AppendBatch"

_COUNTS: Final = {1: 400, 16: 1_500, 64: 3_000}
"""Requests a round, by how many are in flight."""

_BATCH: Final = 100
_BATCHES: Final = 30
_STREAM_WINDOW: Final = 64
"""Messages of a stream that go ahead of the replies."""


def rows(bench: Bench) -> Iterator[Row]:
    """All rows about appending."""
    yield one_by_one(bench, asked=0.7, aside=_on_sqlite(bench))
    yield from (many(bench, in_flight) for in_flight in (16, 64))
    yield batches(bench, asked=1.0)
    yield _stream(bench)


def one_by_one(bench: Bench, *, asked: float, store: str = "", aside: str = "") -> Row:
    """A writer who waits for each receipt, against UmaDB's."""
    taken = _append_rounds(bench, 1)
    ours = taken["ours"]
    return Row(
        what=f"Append{store}, 1 in flight",
        ours=ours.rate,
        against="UmaDB",
        theirs=taken["UmaDB"].rate,
        asked=asked,
        detail=f"{latencies(ours)}; UmaDB {latencies(taken['UmaDB'])}{aside}",
    )


def _on_sqlite(bench: Bench) -> str:
    """What SQLite does by itself, in words."""
    commits = limits.commits(bench.folder)
    plain = peers.eventsourcing_rate(_COUNTS[1], peers.sqlite_environment(bench.folder))
    return f"; bare commit {commits:,.0f}/s; plain eventsourcing on SQLite {plain:,.0f}/s"


def many(bench: Bench, in_flight: int, *, store: str = "") -> Row:
    """Many writers at once, against the lower of an echo and UmaDB."""
    taken = _append_rounds(bench, in_flight)
    ours = taken["ours"]
    bars = {"echo": (taken["echo"].rate, 0.6), "UmaDB": (taken["UmaDB"].rate, 0.4)}
    return lower(f"Append{store}, {in_flight} in flight", ours.rate, bars, latencies(ours))


def _append_rounds(bench: Bench, in_flight: int) -> dict[str, Sample]:
    count = _COUNTS[in_flight]
    envelopes = bench.envelopes.take(100)
    reply = bench.drive(bench.ours, APPEND, bench.envelopes.appends(20), in_flight).last
    size = len(services_pb2.AppendResponse.FromString(reply).SerializeToString())
    request = services_pb2.AppendRequest(envelope=envelopes[0]).SerializeToString()
    return in_turns(
        bench.rounds,
        {
            "ours": lambda: bench.drive(
                bench.ours, APPEND, bench.envelopes.appends(count), in_flight
            ),
            "echo": lambda: bench.drive_echo(request, size, count, in_flight),
            "UmaDB": lambda: bench.drive(
                bench.umadb, peers.APPEND, peers.appends(count, envelopes), in_flight
            ),
        },
    )


def batches(bench: Bench, *, asked: float, store: str = "") -> Row:
    """Batches of a hundred, against verifying their signatures and nothing else."""
    taken = in_turns(
        bench.rounds,
        {
            "ours": lambda: bench.drive(
                bench.ours, APPEND_BATCH, bench.envelopes.batches(_BATCHES, _BATCH), 4
            ),
            "verify": lambda: only_rate(limits.verifications()),
        },
    )
    ours = taken["ours"]
    return Row(
        what=f"AppendBatch{store} of 100, statements",
        ours=ours.rate * _BATCH,
        against="Ed25519 verifications by cryptography",
        theirs=taken["verify"].rate,
        asked=asked,
        detail=latencies(ours),
    )


def _stream(bench: Bench) -> Row:
    """One connection, a receipt each, against sixty-four of UmaDB's writers."""
    count = _COUNTS[64]
    contents = bench.envelopes.take(100)

    def ours() -> Sample:
        requests = [
            services_pb2.AppendStreamRequest(envelopes=some).SerializeToString()
            for some in batched(bench.envelopes.take(count))
        ]
        seconds, replies = bench.client.submit(
            exchange, bench.ours.target, APPEND_STREAM, requests, _STREAM_WINDOW
        ).result()
        results = [
            result.WhichOneof("result")
            for reply in replies
            for result in services_pb2.AppendStreamResponse.FromString(reply).results
        ]
        if results != ["receipt"] * count:
            message = "not every statement of the stream got its receipt"
            raise RuntimeError(message)
        return only_rate(count / seconds)

    taken = in_turns(
        bench.rounds,
        {
            "ours": ours,
            "UmaDB": lambda: bench.drive(
                bench.umadb, peers.APPEND, peers.appends(count, contents), 64
            ),
        },
    )
    return Row(
        what="AppendStream, one connection, a receipt each",
        ours=taken["ours"].rate,
        against="UmaDB's 64 writers",
        theirs=taken["UmaDB"].rate,
        asked=0.8,
    )


def latencies(sample: Sample) -> str:
    """A sample's latencies in words."""
    return f"p50 {sample.p50_ms:.2f} ms, p99 {sample.p99_ms:.2f} ms"
