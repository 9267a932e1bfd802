"""``serve --workers`` on PostgreSQL, as an operator runs it."""

from __future__ import annotations

import time
from pathlib import Path

import grpc

from ledger.log.checkpoint import open_checkpoint
from ledger.v1 import log_pb2, services_pb2, services_pb2_grpc
from tests import builders
from tests.e2e.cli_process import Home
from tests.postgres import database_in
from tests.simulator import CALL_S, FOUNDED_SIZE, Simulator

APPENDS = 12


def alone(address: str) -> grpc.Channel:
    """A connection that is nobody else's: the kernel picks its worker."""
    return grpc.insecure_channel(address, [("grpc.use_local_subchannel_pool", 1)])


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_workers_share_a_database_and_stop_together(tmp_path: Path) -> None:
    with Simulator(tmp_path, database=database_in(tmp_path)) as founded:
        pass
    home = Home(tmp_path)
    with home.serving(founded.directory, "--workers", "2") as address:
        for number in range(APPENDS):
            envelope = founded.envelope(builders.order(f"order-{number}"))
            with alone(address) as one, alone(address) as other:
                ledger = services_pb2_grpc.LedgerServiceStub(one)
                request = services_pb2.AppendRequest(envelope=envelope)
                receipt = ledger.Append(request, timeout=CALL_S).receipt
                log = services_pb2_grpc.LogServiceStub(other)
                asked = log_pb2.GetCheckpointRequest(consistent_with=receipt.index + 1)
                note = log.GetCheckpoint(asked, timeout=CALL_S).checkpoint
            pin = founded.pin
            checkpoint = open_checkpoint(note, origin=pin.origin, verifiers=pin.log_keys)
            assert receipt.index == FOUNDED_SIZE + number
            assert checkpoint.size == receipt.index + 1


def test_no_worker_outlives_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    with Simulator(tmp_path) as founded:
        pass
    options = ("--workers", "2", "--listen", "127.0.0.1:0", "--http-listen", "off")
    with Home(tmp_path).start("serve", founded.directory, *options) as process:
        assert process.stderr is not None
        while "Serving gRPC on" not in process.stderr.readline():
            assert process.poll() is None
        workers = children_of(process.pid)
        process.kill()
        # Whoever holds the other end of this pipe still runs.
        process.stderr.read()

    assert len(workers) == 2 + 1  # and the writer
    give_up = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in workers):
        assert time.monotonic() < give_up
        time.sleep(0.05)


def test_a_worker_that_cannot_start_is_told_once(tmp_path: Path) -> None:
    refused = Home(tmp_path).run("serve", tmp_path, "--workers", "2", "--listen", "127.0.0.1:0")

    assert refused.returncode == 4
    assert refused.stderr.count("There is no ledger in") == 1
    assert "A worker did not start." in refused.stderr
