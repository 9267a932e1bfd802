"""What this machine can do at most, without a server: verify, commit, read pages, prove."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.bootstrap import DATABASE_FILE
from ledger.log.hashtree import HashTree
from ledger.log.proofs import inclusion_proof
from ledger.store.sqlite import SQLiteLedgerRecorder
from tests.bench.servers import Ours

SECONDS: Final = 1.0
"""How long each of them is done over and over."""

PAGE: Final = 500
MESSAGE_BYTES: Final = 340
"""About a statement's length."""


def rate_of(work: Callable[[], object]) -> float:
    """How often a second something can be done, by doing it for a second."""
    work()
    done, started = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - started) < SECONDS:
        work()
        done += 1
    return done / elapsed


def verifications() -> float:
    """Ed25519 signatures verified a second by ``cryptography`` on one core."""
    key = Ed25519PrivateKey.generate()
    message = bytes(MESSAGE_BYTES)
    signature, public = key.sign(message), key.public_key()
    return rate_of(lambda: public.verify(signature, message))


def commits(folder: Path) -> float:
    """Transactions a second of one small row each, as durable as ours (WAL, FULL)."""
    import sqlite3  # noqa: PLC0415 - only here

    connection = sqlite3.connect(folder / "commits.sqlite3", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS one (data BLOB)")
    try:
        return rate_of(lambda: connection.execute("INSERT INTO one VALUES (?)", (bytes(400),)))
    finally:
        connection.close()


def pages(ledger: Ours, entries: int) -> float:
    """Entries a second that the raw recorder reads, in pages."""
    recorder = SQLiteLedgerRecorder(ledger.directory / DATABASE_FILE)
    try:
        started = time.perf_counter()
        for start in range(0, entries, PAGE):
            recorder.entries(start, min(start + PAGE, entries))
        return entries / (time.perf_counter() - started)
    finally:
        recorder.close()


def proofs(size: int) -> float:
    """Inclusion proofs a second, made in process from a tree of this size."""
    tree = HashTree(index.to_bytes(32, "big") for index in range(size))
    random = Random(size)  # noqa: S311 - which entries are proved is no secret
    return rate_of(lambda: inclusion_proof(random.randrange(size), size, tree))
