"""How fast questions are answered, entries replayed and proofs handed out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from random import Random
from typing import Final

from ledger.v1 import log_pb2, queries_pb2
from tests.bench import limits
from tests.bench.appends import latencies
from tests.bench.bench import Bench
from tests.bench.rows import Row, in_turns

STATUS: Final = "/ledger.v1.QueryService/GetLicenseStatus"
PROOF: Final = "/ledger.v1.LogService/GetInclusionProof"

_IN_FLIGHT: Final = 64
_REPEATED: Final = 3_000
_FRESH: Final = 600
_PROOFS: Final = 3_000
_TREE: Final = 1_000_000

_ITEMS: Final = ("H20", "H100", "A100", "H800", "A800", "L40S")
_DESTINATIONS: Final = ("CN", "MO", "SG", "AE", "DE", "JP", "IN", "BR")
_FIRST_DAY: Final = date(2022, 10, 7)


def status_rows(bench: Bench) -> Iterator[Row]:
    """Repeated questions, and questions never asked before."""
    fresh = fresh_questions()
    repeated = [_question("H20", "CN", "2025-08-15")] * _REPEATED
    for what, asked, number in (("repeated", 0.85, _REPEATED), ("fresh", 0.5, _FRESH)):

        def some(what: str = what, number: int = number) -> list[bytes]:
            return repeated if what == "repeated" else [next(fresh) for _ in range(number)]

        sample = bench.drive(bench.ours, STATUS, some()[:20], 4)
        size = len(sample.last)
        taken = in_turns(
            bench.rounds,
            {
                "ours": lambda: bench.drive(bench.ours, STATUS, some(), _IN_FLIGHT),
                "echo": lambda: bench.drive_echo(repeated[0], size, _REPEATED, _IN_FLIGHT),  # noqa: B023
            },
        )
        yield Row(
            what=f"GetLicenseStatus, {what}, 64 in flight",
            ours=taken["ours"].rate,
            against="echo",
            theirs=taken["echo"].rate,
            asked=asked,
            detail=f"{latencies(taken['ours'])}; {size:,} bytes",
        )


def _question(item: str, destination: str, day: str, exporter: str = "") -> bytes:
    question = queries_pb2.Question(
        item=item, destination=destination, as_of=day, known_at=day, exporter=exporter
    )
    return queries_pb2.GetLicenseStatusRequest(question=question).SerializeToString()


def fresh_questions() -> Iterator[bytes]:
    """Questions of which no two are equal, in no order."""
    random = Random(20)  # noqa: S311 - a mixture, not a secret
    for number in count():
        day = _FIRST_DAY + timedelta(days=random.randrange(1_100))
        item, destination = random.choice(_ITEMS), random.choice(_DESTINATIONS)
        yield _question(item, destination, day.isoformat(), f"Exporter {number}")


def proof_rows(bench: Bench) -> Iterator[Row]:
    """Inclusion proofs in process, and through gRPC."""
    rate = limits.proofs(_TREE)
    yield Row(
        what="inclusion proofs in process, tree of 1,000,000",
        ours=rate,
        against="a fixed figure",
        theirs=10_000,
        asked=1.0,
    )
    requests = [
        log_pb2.GetInclusionProofRequest(index=place % 200).SerializeToString()
        for place in range(_PROOFS)
    ]
    size = len(bench.drive(bench.ours, PROOF, requests[:20], 4).last)
    taken = in_turns(
        bench.rounds,
        {
            "ours": lambda: bench.drive(bench.ours, PROOF, requests, _IN_FLIGHT),
            "echo": lambda: bench.drive_echo(requests[0], size, _PROOFS, _IN_FLIGHT),
        },
    )
    yield Row(
        what="GetInclusionProof, 64 in flight",
        ours=taken["ours"].rate,
        against="echo",
        theirs=taken["echo"].rate,
        asked=0.7,
        detail=f"{latencies(taken['ours'])}; {size:,} bytes",
    )
