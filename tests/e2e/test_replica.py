"""A replica on a streaming standby: it reads, says so when it is behind, and can take over."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest

from ledger.bootstrap import open_ledger, open_replica
from ledger.client.pins import PIN_FILE
from ledger.errors import SettingError, UnavailableError
from ledger.log.checkpoint import open_checkpoint
from ledger.service.server import Server
from ledger.settings import Settings
from ledger.store.postgres import PostgresLedgerRecorder
from ledger.v1 import log_pb2, queries_pb2, services_pb2, services_pb2_grpc
from tests import builders
from tests.e2e.refusals import refusal_of
from tests.postgres import READER, PostgresServer
from tests.simulator import CALL_S, LOCAL, Simulator, on_loop

DATABASE = "ledger"


@dataclass(frozen=True)
class Replicated:
    """A ledger that is written to, a standby of its database, and a server that reads there."""

    primary: PostgresServer
    standby: PostgresServer
    service: Simulator
    channel: grpc.Channel

    @property
    def log(self) -> services_pb2_grpc.LogServiceStub:
        return services_pb2_grpc.LogServiceStub(self.channel)

    def standby_says(self, statement: str) -> None:
        self.standby.execute(statement, database=DATABASE)


def wait_for_replay(standby: PostgresServer, size: int) -> None:
    """Wait until a standby holds so many entries."""
    recorder = PostgresLedgerRecorder(standby.url(DATABASE, READER))
    while recorder.checkpoint_covering(size) is None:
        time.sleep(0.02)
    recorder.close()


@pytest.fixture(scope="module")
def replicated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replicated]:
    folder = tmp_path_factory.mktemp("replicated")
    with ExitStack() as running:
        primary = PostgresServer()
        running.callback(primary.stop)
        primary.start()
        primary.create_template()
        url = primary.create_database(DATABASE)
        service = running.enter_context(Simulator(folder, database=url))
        standby = primary.standby()
        running.callback(standby.stop)
        standby.start()
        pin_alone = folder / "replica"
        pin_alone.mkdir()
        shutil.copy(service.directory / PIN_FILE, pin_alone)
        opened = running.enter_context(
            open_replica(pin_alone, database=standby.url(DATABASE, READER), clock=service.clock)
        )
        server = Server(opened.parts, Settings.of(LOCAL))
        running.callback(lambda: on_loop(server.stop()))
        target = str(on_loop(server.start()).grpc)
        channel = running.enter_context(grpc.insecure_channel(target))
        yield Replicated(primary, standby, service, channel)


def test_what_is_recorded_at_the_primary_is_read_and_proved_at_the_replica(
    replicated: Replicated,
) -> None:
    receipt = replicated.service.append(builders.order("order-read"))
    size = receipt.index + 1

    wait_for_replay(replicated.standby, size)

    query = services_pb2_grpc.QueryServiceStub(replicated.channel)
    shown = query.GetOrder(
        queries_pb2.GetOrderRequest(name="order-read", tree_size=size), timeout=CALL_S
    )
    ledger = services_pb2_grpc.LedgerServiceStub(replicated.channel)
    again = ledger.GetReceipt(services_pb2.GetReceiptRequest(index=receipt.index), timeout=CALL_S)
    assert shown.tree_size == size
    assert (again.receipt.entry, again.receipt.checkpoint) == (receipt.entry, receipt.checkpoint)


@pytest.mark.parametrize(
    ("method", "request_of"),
    [
        ("Append", lambda envelope: services_pb2.AppendRequest(envelope=envelope)),
        (
            "Append",
            lambda envelope: services_pb2.AppendRequest(envelope=envelope, validate_only=True),
        ),
        ("AppendBatch", lambda envelope: services_pb2.AppendBatchRequest(envelopes=[envelope])),
    ],
)
def test_a_replica_appends_nothing(replicated: Replicated, method: str, request_of: Any) -> None:
    ledger = services_pb2_grpc.LedgerServiceStub(replicated.channel)
    envelope = replicated.service.envelope(builders.order("order-refused"))

    refused = refusal_of(getattr(ledger, method), request_of(envelope))

    assert (refused.code, refused.rule) == ("FAILED_PRECONDITION", "read-only")


def test_a_replica_that_is_behind_says_so_and_catches_up(replicated: Replicated) -> None:
    replicated.standby_says("SELECT pg_wal_replay_pause()")
    size = replicated.service.append(builders.order("order-ahead")).index + 1
    request = log_pb2.GetCheckpointRequest(consistent_with=size)

    refused = refusal_of(replicated.log.GetCheckpoint, request)
    assert (refused.code, refused.rule) == ("UNAVAILABLE", "replica-behind")

    replicated.standby_says("SELECT pg_wal_replay_resume()")
    wait_for_replay(replicated.standby, size)
    note = replicated.log.GetCheckpoint(request, timeout=CALL_S).checkpoint
    pin = replicated.service.pin
    assert open_checkpoint(note, origin=pin.origin, verifiers=pin.log_keys).size >= size


def test_a_server_that_writes_is_told_that_it_stands_on_a_standby(
    replicated: Replicated,
) -> None:
    recorder = PostgresLedgerRecorder(replicated.standby.url(DATABASE))
    with pytest.raises(UnavailableError) as refused, recorder.ordering_lock():
        pass
    assert recorder.is_standby()
    recorder.close()

    assert refused.value.rule == "store-read-only"


def test_another_ledgers_standby_is_not_read(replicated: Replicated, tmp_path: Path) -> None:
    with Simulator(tmp_path) as other:
        pass
    with pytest.raises(SettingError) as refused:
        open_replica(other.directory, database=replicated.standby.url(DATABASE, READER))

    assert refused.value.rule == "one-ledger"


def test_a_synchronous_standby_takes_over_with_everything_that_was_acknowledged(
    replicated: Replicated,
) -> None:
    """The last test of this module: it ends the primary."""
    replicated.primary.execute(
        "ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()"
    )
    service = replicated.service
    receipts = {
        name: service.append(builders.order(name)) for name in (f"order-{n}" for n in range(10))
    }
    replicated.primary.kill()
    replicated.standby_says("SELECT pg_promote()")
    hosts = f"{replicated.primary.socket},{replicated.standby.socket}"
    url = f"postgresql://writer@/{DATABASE}?host={hosts}&target_session_attrs=read-write"
    service.opened.close()

    with open_ledger(service.directory, database=url, clock=service.clock) as taken_over:
        reader = taken_over.parts.reader
        for receipt in receipts.values():
            assert reader.receipt(receipt.index) == receipt
        next_one = taken_over.parts.appender.append(service.envelope(builders.order("order-next")))
        assert next_one.index == max(receipt.index for receipt in receipts.values()) + 1
