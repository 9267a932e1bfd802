"""Load on a server process that is killed under it, and what must hold afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import grpc

from ledger.client.pins import Pin
from ledger.client.signer import sign
from ledger.log.checkpoint import open_checkpoint
from ledger.log.merkle import leaf_hash, root_of
from ledger.log.receipts import verify_receipt
from ledger.v1 import log_pb2, services_pb2, services_pb2_grpc
from tests import builders
from tests.simulator import CALL_S, FOUNDED_SIZE, REGISTRAR, key_of, receipt_of

THREADS: Final = 4
SERVE: Final = (
    sys.executable,
    "-c",
    "from ledger.cli.main import main; main()",
    "serve",
    "--listen=127.0.0.1:0",
    "--http-listen=off",
)
"""``regledger serve`` on a free port."""


@contextmanager
def serving(directory: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server process on a free port, and its address; killed at the end if it still runs."""
    process = subprocess.Popen(
        [*SERVE, str(directory), *options],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "LEDGER_LOG_FORMAT": "json"},
    )
    with process, ExitStack() as ending:
        ending.callback(process.kill)
        assert process.stderr is not None
        address = _address_in(process.stderr, "supervising" if options else "listening")
        # Nobody reads the log lines of the calls, and a full pipe would hold the server up.
        drain = threading.Thread(target=process.stderr.read)
        drain.start()
        ending.callback(drain.join)
        ending.callback(process.kill)
        yield process, address


def _address_in(lines: Iterator[str], told: str) -> str:
    """The address that the log names in its first line with a message."""
    said = []
    for line in lines:
        said.append(line)
        if line.startswith("{") and json.loads(line)["message"] == told:
            return str(json.loads(line)["grpc"])
    raise AssertionError("".join(said))


@dataclass(slots=True)
class Load:
    """Appends from several threads, what was acknowledged, and what was only sent.

    Attributes:
        ledger_id: Of the ledger they are for.
        receipts: Each acknowledged envelope's receipt, serialized.
        unsure: Envelopes whose call ended without an answer.
    """

    ledger_id: bytes
    receipts: dict[bytes, bytes] = field(default_factory=dict)
    unsure: set[bytes] = field(default_factory=set)
    enough: threading.Event = field(default_factory=threading.Event)

    def run(self, address: str, name: str, wanted: int) -> None:
        """Append orders until the server is gone; tells when so many are acknowledged in all."""
        with grpc.insecure_channel(address) as channel:
            stub = services_pb2_grpc.LedgerServiceStub(channel)
            for number in range(10**6):
                envelope = self._envelope(f"{name}-{number}")
                try:
                    self.receipts[envelope] = append(stub, envelope)
                except grpc.RpcError:
                    self.unsure.add(envelope)
                    return
                if len(self.receipts) >= wanted:
                    self.enough.set()

    def _envelope(self, name: str) -> bytes:
        statement = builders.statement(
            builders.order(f"order-{name}"), REGISTRAR, ledger_id=self.ledger_id
        )
        return sign(statement, [key_of(REGISTRAR)])


def append(stub: services_pb2_grpc.LedgerServiceStub, envelope: bytes) -> bytes:
    """The receipt's bytes."""
    response = stub.Append(services_pb2.AppendRequest(envelope=envelope), timeout=CALL_S)
    return response.receipt.SerializeToString(deterministic=True)


def kill_under_load(
    address: str, load: Load, turn: int, *, acknowledged: int, kill: Callable[[], None]
) -> None:
    """Kill something while several threads append, once so much more has been acknowledged."""
    load.enough.clear()
    wanted = len(load.receipts) + acknowledged
    threads = [
        threading.Thread(target=load.run, args=(address, f"{turn}-{number}", wanted))
        for number in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    assert load.enough.wait(60)
    kill()
    for thread in threads:
        thread.join()


def entries_of(channel: grpc.Channel) -> Sequence[bytes]:
    """Every entry of the log, in order and without a gap."""
    stub = services_pb2_grpc.StreamServiceStub(channel)
    chunks = stub.ReadEntries(log_pb2.ReadEntriesRequest(), timeout=CALL_S)
    entries = [entry for chunk in chunks for entry in chunk.entries]
    assert [entry.index for entry in entries] == list(range(len(entries)))
    return [entry.entry for entry in entries]


def check_everything(address: str, load: Load, pin: Pin) -> None:
    """Every receipt is there byte for byte, and the log is whole and holds nothing else."""
    with grpc.insecure_channel(address) as channel:
        stub = services_pb2_grpc.LedgerServiceStub(channel)
        for envelope, receipt in load.receipts.items():
            assert append(stub, envelope) == receipt
            verified = receipt_of(log_pb2.Receipt.FromString(receipt))
            verify_receipt(verified, origin=pin.origin, verifiers=pin.log_keys)
        entries = entries_of(channel)
        log = services_pb2_grpc.LogServiceStub(channel)
        note = log.GetCheckpoint(log_pb2.GetCheckpointRequest(), timeout=CALL_S).checkpoint
    checkpoint = open_checkpoint(note, origin=pin.origin, verifiers=pin.log_keys)
    assert checkpoint.size == len(entries) == FOUNDED_SIZE + len(load.receipts)
    assert checkpoint.root == root_of(map(leaf_hash, entries))


def settle_what_was_unsure(address: str, load: Load) -> None:
    """Send again what got no answer: recorded or not, it has a receipt afterwards."""
    with grpc.insecure_channel(address) as channel:
        stub = services_pb2_grpc.LedgerServiceStub(channel)
        for envelope in load.unsure:
            load.receipts[envelope] = append(stub, envelope)
    load.unsure.clear()


def append_when_possible(address: str, envelope: bytes) -> bytes:
    """Send an envelope until somebody takes it; gives its receipt's bytes."""
    give_up = time.monotonic() + CALL_S
    with grpc.insecure_channel(address) as channel:
        stub = services_pb2_grpc.LedgerServiceStub(channel)
        while True:
            try:
                return append(stub, envelope)
            except grpc.RpcError:
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.05)
