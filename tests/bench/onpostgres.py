"""How fast statements become receipts when PostgreSQL keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from tests.bench import appends, peers, servers
from tests.bench.bench import Bench
from tests.bench.rows import Row, in_turns, only_rate
from tests.bench.statements import Envelopes
from tests.postgres import OWNER, PostgresServer

_STORE: Final = " on PostgreSQL"
_DURABLE: Final = (
    *("fsync=on", "full_page_writes=on", "synchronous_commit=on"),
    *("shared_buffers=128MB", "autovacuum=on"),
)
"""Against the settings of the tests, which care for speed alone."""

_PLAIN: Final = 1_000


def rows(bench: Bench) -> Iterator[Row]:
    """The rows of ``appends`` over another store, and a plain application on the same server."""
    with _server() as postgres:
        folder = bench.folder / "postgres"
        folder.mkdir()
        ledger = servers.found(folder, database=postgres.create_database("bench"))
        postgres.execute(f"CREATE DATABASE plain OWNER {OWNER}")
        plain = peers.postgres_environment(postgres.socket, "plain", OWNER)
        with servers.ours(ledger, folder) as ours:
            there = replace(bench, ledger=ledger, ours=ours, envelopes=Envelopes(ledger))
            yield appends.one_by_one(there, asked=0.45, store=_STORE)
            for in_flight in (16, 64):
                row = appends.many(there, in_flight, store=_STORE)
                yield row
                yield _against_plain(bench, row, plain, in_flight)
            yield appends.batches(there, asked=0.7, store=_STORE)


def _against_plain(bench: Bench, row: Row, plain: dict[str, str], writers: int) -> Row:
    taken = in_turns(
        bench.rounds,
        {"plain": lambda: only_rate(peers.eventsourcing_rate(_PLAIN, plain, writers=writers))},
    )
    return replace(
        row, against="plain eventsourcing on PostgreSQL", theirs=taken["plain"].rate, asked=3.0
    )


@contextmanager
def _server() -> Iterator[PostgresServer]:
    """A server as durable as it comes."""
    postgres = PostgresServer(None, *_DURABLE)
    postgres.start()
    try:
        postgres.create_template()
        yield postgres
    finally:
        postgres.stop()
