"""Where signatures are best verified: by which library, in this thread, in others, in processes.

Run as ``python -m tests.bench.verifying``. The statements of a batch are parsed, and their
signatures verified: here, one after the other; by threads, which both libraries let run beside the
interpreter; or by processes, to which messages and signatures are pickled. All take turns.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from statistics import median
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from nacl.bindings import crypto_sign_open

from ledger.store.preparing import parse
from tests.bench.servers import found
from tests.bench.statements import Envelopes

BATCH: Final = 100
ROUNDS: Final = 9
TURNS: Final = 10
HELPERS: Final = 2

Signed = tuple[bytes, bytes]
"""A signature and the message under it."""


def by_cryptography(key: bytes, signed: Sequence[Signed]) -> None:
    """Verify by OpenSSL."""
    public = Ed25519PublicKey.from_public_bytes(key)
    for signature, message in signed:
        public.verify(signature, message)


def by_libsodium(key: bytes, signed: Sequence[Signed]) -> None:
    """Verify by libsodium, as ``signing.publickeys`` does."""
    for signature, message in signed:
        crypto_sign_open(signature + message, key)


def shared(executor: Executor, key: bytes, signed: Sequence[Signed]) -> None:
    """Verify by libsodium in parts, one for each helper."""
    part = -(-len(signed) // HELPERS)
    parts = [signed[start : start + part] for start in range(0, len(signed), part)]
    for told in [executor.submit(by_libsodium, key, part) for part in parts]:
        told.result()


def main() -> int:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = found(Path(folder))
        envelopes = Envelopes(ledger).take(BATCH)
        key = ledger.registrar.signer.public.raw

    def batch(verify: Callable[[bytes, Sequence[Signed]], None] | None) -> None:
        prepared = [parse(envelope) for envelope in envelopes]
        if verify is not None:
            verify(key, [(one.signatures[0].sig, one.message) for one in prepared])

    spawning = multiprocessing.get_context("spawn")
    with (
        ThreadPoolExecutor(HELPERS) as threads,
        ProcessPoolExecutor(HELPERS, mp_context=spawning) as processes,
    ):
        ways = {
            "parsed only": None,
            "cryptography, here": by_cryptography,
            "libsodium, here": by_libsodium,
            f"libsodium, {HELPERS} threads": partial(shared, threads),
            f"libsodium, {HELPERS} processes": partial(shared, processes),
        }
        taken: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(ROUNDS + 1):
            for name, verify in ways.items():
                started = time.perf_counter()
                for _ in range(TURNS):
                    batch(verify)
                taken[name].append((time.perf_counter() - started) / TURNS / BATCH)
    sys.stdout.write(f"load {os.getloadavg()[0]:.1f}\n")
    for name, seconds in taken.items():
        each = 1e6 * median(seconds[1:])
        sys.stdout.write(f"{name:24} {each:6.0f} us a statement, {1e6 / each:8,.0f} a second\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
