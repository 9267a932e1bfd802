"""How fast the whole log is read by somebody who starts from nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ledger.v1 import log_pb2
from tests.bench import limits, peers, servers
from tests.bench.bench import Bench
from tests.bench.reads import STATUS, fresh_questions
from tests.bench.rows import Row, in_turns, only_rate
from tests.bench.seed import Filler
from tests.bench.streams import read_all

READ: Final = "/ledger.v1.StreamService/ReadEntries"

ENTRIES: Final = 200_000
_BATCH: Final = 1_000


def rows(bench: Bench) -> Iterator[Row]:
    """ReadEntries against UmaDB's read, and against the raw recorder's pages."""
    folder = bench.folder / "replay"
    folder.mkdir()
    ledger = servers.found(folder)
    Filler(ledger).fill(ENTRIES)
    envelopes = bench.envelopes.take(100)
    with servers.ours(ledger, folder) as ours, servers.umadb(folder) as umadb:
        # Until the read models stand on all entries, they take half of the machine.
        bench.drive(ours, STATUS, [next(fresh_questions())] * 2, 1)
        requests = peers.appends(ENTRIES // _BATCH, envelopes, per_request=_BATCH)
        bench.drive(umadb, peers.APPEND, requests, 4)

        def read(target: str, method: str, request: bytes) -> float:
            seconds, received = bench.client.submit(read_all, target, method, request).result()
            if received < ENTRIES * len(envelopes[0]):
                message = f"{method} gave {received} bytes"
                raise RuntimeError(message)
            return ENTRIES / seconds

        request = log_pb2.ReadEntriesRequest(end_index=ENTRIES).SerializeToString()
        taken = in_turns(
            bench.rounds,
            {
                "ours": lambda: only_rate(read(ours.target, READ, request)),
                "UmaDB": lambda: only_rate(read(umadb.target, peers.READ, peers.read_request(500))),
                "pages": lambda: only_rate(limits.pages(ledger, ENTRIES)),
            },
        )
    for against, asked in (("UmaDB", 0.5), ("pages", 0.7)):
        yield Row(
            what=f"ReadEntries of {ENTRIES:,}, entries",
            ours=taken["ours"].rate,
            against="UmaDB's read" if against == "UmaDB" else "the raw recorder's pages",
            theirs=taken[against].rate,
            asked=asked,
        )
