"""Several real workers under a supervisor in this process, on a SQLite ledger."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.error import HTTPError

import grpc
import pytest

from ledger.cli.serve import _WORKER
from ledger.errors import SettingError, UnavailableError
from ledger.log.checkpoint import open_checkpoint
from ledger.service.server import Addresses
from ledger.service.supervisor import Supervisor
from ledger.settings import Settings
from ledger.v1 import log_pb2, queries_pb2, services_pb2, services_pb2_grpc
from tests import builders
from tests.simulator import CALL_S, LOCAL, Simulator, on_loop

WORKERS: Final = 2
CHANNELS: Final = 6
ONE: Final = {"LEDGER_WORKERS": "1"}


class Several:
    """A supervised ledger, and calls to it on connections of their own."""

    def __init__(self, founded: Simulator) -> None:
        self.founded = founded
        settings = Settings.of({**LOCAL, "LEDGER_DIRECTORY": str(founded.directory)})
        update = {"workers": WORKERS, "core": 0}
        self.supervisor = Supervisor(_WORKER, settings.model_copy(update=update))
        self.addresses: Addresses = on_loop(self.supervisor.start())

    @contextmanager
    def channel(self) -> Iterator[grpc.Channel]:
        """A connection that is nobody else's: the kernel picks its worker."""
        options = [("grpc.use_local_subchannel_pool", 1)]
        with grpc.insecure_channel(str(self.addresses.grpc), options) as channel:
            yield channel

    def append(self, name: str) -> log_pb2.Receipt:
        """Append an order through some worker."""
        envelope = self.founded.envelope(builders.order(name))
        with self.channel() as channel:
            stub = services_pb2_grpc.LedgerServiceStub(channel)
            request = services_pb2.AppendRequest(envelope=envelope)
            return stub.Append(request, timeout=CALL_S, wait_for_ready=True).receipt

    def get(self, path: str) -> tuple[int, str]:
        """Status and text of a path over HTTP."""
        url = f"http://{self.addresses.http}{path}"
        try:
            with urllib.request.urlopen(url, timeout=CALL_S) as reply:
                return reply.status, reply.read().decode()
        except HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def pids(self) -> list[int]:
        """The workers' processes."""
        return [worker._process.pid for worker in self.supervisor._workers if worker._process]


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Several]:
    with Simulator(tmp_path_factory.mktemp("several")) as founded:
        pass
    running = Several(founded)
    yield running
    on_loop(running.supervisor.stop())


def test_each_worker_keeps_to_the_next_core(several: Several) -> None:
    cores = sorted(os.sched_getaffinity(0))
    kept = [os.sched_getaffinity(pid) for pid in several.pids()]

    assert kept == [{cores[number % len(cores)]} for number in range(WORKERS)]


def test_all_workers_append_to_one_sequence_and_show_it_at_once(several: Several) -> None:
    receipts: dict[int, int] = {}
    seen: list[tuple[int, int]] = []
    pin = several.founded.pin

    def work(number: int) -> None:
        for turn in range(4):
            receipt = several.append(f"order-{number}-{turn}")
            size = open_checkpoint(
                receipt.checkpoint, origin=pin.origin, verifiers=pin.log_keys
            ).size
            receipts[receipt.index] = size
            with several.channel() as other:
                log = services_pb2_grpc.LogServiceStub(other)
                request = log_pb2.GetCheckpointRequest(consistent_with=size)
                note = log.GetCheckpoint(request, timeout=CALL_S).checkpoint
            shown = open_checkpoint(note, origin=pin.origin, verifiers=pin.log_keys).size
            seen.append((size, shown))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(CHANNELS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(receipts) == list(range(min(receipts), min(receipts) + 4 * CHANNELS))
    assert len(seen) == 4 * CHANNELS
    assert all(shown >= released for released, shown in seen)


def test_what_one_worker_recorded_another_answers_from(several: Several) -> None:
    receipt = several.append("order-read")
    for _ in range(CHANNELS):
        with several.channel() as channel:
            query = services_pb2_grpc.QueryServiceStub(channel)
            request = queries_pb2.GetOrderRequest(name="order-read", tree_size=receipt.index + 1)
            assert query.GetOrder(request, timeout=CALL_S).tree_size == receipt.index + 1


def test_health_and_metrics_are_those_of_all(several: Several) -> None:
    several.append("order-counted")

    assert several.get("/healthz") == (200, "2 of 2 workers run.\n")
    status, metrics = several.get("/metrics")
    assert status == 200
    assert "ledger_workers 2\n" in metrics
    for name in ("0", "1"):
        assert f'ledger_tree_size{{worker="{name}"}}' in metrics
    assert metrics.count("# TYPE ledger_tree_size gauge") == 1
    assert 'grpc_method="ledger.v1.LedgerService/Append"' in metrics


def test_the_logs_paths_are_passed_on(several: Several) -> None:
    status, note = several.get("/checkpoint")
    assert status == 200
    assert note.startswith(several.founded.pin.origin)
    assert several.get("/nothing") == (404, "Not Found\n")
    request = urllib.request.Request(
        f"http://{several.addresses.http}/healthz", data=b"", method="POST"
    )
    with pytest.raises(HTTPError) as refused:
        urllib.request.urlopen(request, timeout=CALL_S)  # noqa: S310 - our own
    refused.value.close()
    assert refused.value.code in {405, 413}


def test_a_worker_that_dies_is_started_again_while_the_others_serve(several: Several) -> None:
    killed, *_ = several.pids()
    os.kill(killed, signal.SIGKILL)

    for number in range(CHANNELS):
        several.append(f"order-meanwhile-{number}")
    give_up = time.monotonic() + 60
    while several.get("/readyz") != (200, "2 of 2 workers take calls.\n"):
        assert time.monotonic() < give_up
        time.sleep(0.1)

    assert killed not in several.pids()
    assert 'ledger_worker_starts_total{worker="0"} 2' in several.get("/metrics")[1]


def test_a_stranger_gets_no_share_of_the_port(several: Several) -> None:
    settings = Settings.of({**ONE, "LEDGER_LISTEN": str(several.addresses.grpc)})
    stranger = Supervisor(_WORKER, settings)
    with pytest.raises(SettingError) as refusal:
        on_loop(stranger.start())
    on_loop(stranger.stop())

    assert (refusal.value.field, refusal.value.rule) == ("LEDGER_LISTEN", "listen")


def test_an_http_port_that_is_taken_is_told_and_nothing_is_left_running(
    several: Several,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        variables = {**LOCAL, **ONE, "LEDGER_HTTP_LISTEN": f"127.0.0.1:{port}"}
        settings = Settings.of({**variables, "LEDGER_DIRECTORY": str(several.founded.directory)})
        supervisor = Supervisor(_WORKER, settings)
        with pytest.raises(SettingError) as refusal:
            on_loop(supervisor.start())
        on_loop(supervisor.stop())

    assert refusal.value.field == "LEDGER_HTTP_LISTEN"
    assert not any(worker.runs for worker in supervisor._workers)


def test_a_worker_that_cannot_start_ends_the_attempt() -> None:
    supervisor = Supervisor(
        (sys.executable, "-c", "raise SystemExit(4)"), Settings.of({**LOCAL, **ONE})
    )
    with pytest.raises(UnavailableError) as refusal:
        on_loop(supervisor.start())
    on_loop(supervisor.stop())

    assert refusal.value.rule == "worker-start"


def test_a_worker_that_does_not_stop_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.service.supervisor._BEYOND_GRACE_S", 0.05)
    deaf = tmp_path / "deaf"
    stubborn = (
        "import pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        f"pathlib.Path({str(deaf)!r}).touch(); time.sleep(60)"
    )
    settings = Settings.of({**LOCAL, **ONE, "LEDGER_SHUTDOWN_GRACE_MS": "0"})
    supervisor = Supervisor(_WORKER, settings)
    (worker,) = supervisor._workers
    on_loop(worker.launch((sys.executable, "-c", stubborn), {}))
    while not deaf.exists():
        assert worker.runs

    on_loop(supervisor.stop())

    assert on_loop(worker.ended()) == -signal.SIGKILL
    assert not worker.runs


def test_a_unix_socket_is_not_shared(tmp_path: Path) -> None:
    settings = Settings.of({**ONE, "LEDGER_LISTEN": f"unix:{tmp_path}/ledger"})
    with pytest.raises(SettingError) as refusal:
        Supervisor(_WORKER, settings)

    assert refusal.value.rule == "workers-share-a-port"
