from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc  # type: ignore[import-untyped]  # no stubs
from grpc_reflection.v1alpha import (  # type: ignore[import-untyped]  # no stubs exist
    reflection_pb2,
    reflection_pb2_grpc,
)

from ledger.errors import SettingError
from ledger.readmodels.catalog import Catalog
from ledger.service.bridges import Door
from ledger.service.server import SERVICES, Server
from ledger.settings import Settings
from ledger.v1 import log_pb2, queries_pb2, services_pb2
from tests import builders
from tests.e2e.refusals import refusal_of
from tests.simulator import CALL_S, FOUNDED_SIZE, LOCAL, Simulator, on_loop

OPENING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"
"""HTTP/2's connection preface, and SETTINGS that change nothing (RFC 9113 section 3.4)."""


def headers_frame(path: bytes) -> bytes:
    """HTTP/2 HEADERS of a gRPC call, literal and without compression (RFC 9113, RFC 7541)."""

    def literal(name: bytes, value: bytes) -> bytes:
        return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value

    block = b"".join(
        (
            literal(b":method", b"POST"),
            literal(b":scheme", b"http"),
            literal(b":path", path),
            literal(b":authority", b"localhost"),
            literal(b"te", b"trailers"),
            literal(b"content-type", b"application/grpc"),
        )
    )
    end_headers = b"\x04"
    return len(block).to_bytes(3) + b"\x01" + end_headers + (1).to_bytes(4) + block


def data_frame(message: bytes) -> bytes:
    """HTTP/2 DATA with one gRPC message, after which the client has no more to say."""
    framed = b"\x00" + len(message).to_bytes(4) + message
    end_stream = b"\x01"
    return len(framed).to_bytes(3) + b"\x00" + end_stream + (1).to_bytes(4) + framed


def fetch(service: Simulator, path: str) -> tuple[int, str]:
    """What the HTTP port answers: status and body."""
    try:
        with urlopen(f"http://{service.addresses.http}{path}", timeout=CALL_S) as reply:
            return reply.status, reply.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def health(service: Simulator, name: str = "") -> Any:
    stub = health_pb2_grpc.HealthStub(service.channel)
    return stub.Check(health_pb2.HealthCheckRequest(service=name), timeout=CALL_S).status


@pytest.mark.parametrize("name", ["", *SERVICES])
def test_health_says_that_each_service_is_serving(service: Simulator, name: str) -> None:
    assert health(service, name) == health_pb2.HealthCheckResponse.SERVING


def test_health_can_be_watched_until_the_server_stops(service: Simulator) -> None:
    stub = health_pb2_grpc.HealthStub(service.channel)
    watch = stub.Watch(health_pb2.HealthCheckRequest(), timeout=CALL_S)
    first = next(watch).status

    stopping = threading.Thread(target=lambda: on_loop(service.server.stop()))
    stopping.start()
    second = next(watch).status
    watch.cancel()
    stopping.join()

    assert first == health_pb2.HealthCheckResponse.SERVING
    assert second == health_pb2.HealthCheckResponse.NOT_SERVING


def test_the_health_of_an_unknown_service_is_not_found(service: Simulator) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        health(service, "ledger.v1.Unknown")

    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


def reflected(service: Simulator, **request: Any) -> Any:
    stub = reflection_pb2_grpc.ServerReflectionStub(service.channel)
    requests = iter([reflection_pb2.ServerReflectionRequest(**request)])
    return next(stub.ServerReflectionInfo(requests, timeout=CALL_S))


def test_reflection_lists_the_services(service: Simulator) -> None:
    reply = reflected(service, list_services="")

    names = {each.name for each in reply.list_services_response.service}
    assert names == {
        *SERVICES,
        "grpc.health.v1.Health",
        "grpc.reflection.v1alpha.ServerReflection",
    }


def test_reflection_describes_a_method(service: Simulator) -> None:
    reply = reflected(service, file_containing_symbol="ledger.v1.LedgerService")

    assert reply.file_descriptor_response.file_descriptor_proto


def test_the_http_port_says_that_the_server_runs_and_takes_calls(service: Simulator) -> None:
    assert fetch(service, "/healthz") == (200, "The server is running.\n")
    service.caught_up()
    assert fetch(service, "/readyz") == (200, "The server takes calls.\n")
    assert fetch(service, "/other")[0] == 404


def test_metrics_count_the_calls_and_show_the_tree_size(service: Simulator) -> None:
    refusal_of(service.ledger.GetReceipt, services_pb2.GetReceiptRequest())
    service.caught_up()

    status, text = fetch(service, "/metrics")

    assert status == 200
    lines = text.splitlines()
    assert f"ledger_tree_size {FOUNDED_SIZE}" in lines
    assert "ledger_lag_entries 0" in lines
    name = 'grpc_method="ledger.v1.LedgerService/GetReceipt",grpc_status="INVALID_ARGUMENT"'
    assert f"grpc_server_call_duration_seconds_count{{{name}}} 1" in lines


def test_metrics_show_how_far_the_read_models_lag_behind(
    service: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.caught_up()
    models, go_on = service.opened.parts.models, threading.Event()
    apply = models.apply
    monkeypatch.setattr(models, "apply", lambda page: go_on.wait(CALL_S) and apply(page))
    service.append(builders.order("order-lagging"))

    behind = fetch(service, "/metrics")[1].splitlines()
    go_on.set()
    service.caught_up()

    assert "ledger_lag_entries 1" in behind
    assert "ledger_lag_entries 0" in fetch(service, "/metrics")[1].splitlines()


def test_a_ledger_whose_read_models_fail_is_not_ready_until_they_go_on(
    service: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = threading.Event()

    def fail(_: object) -> None:
        failed.set()
        message = "a read model is broken"
        raise RuntimeError(message)

    with monkeypatch.context() as broken:
        broken.setattr(service.opened.parts.models.catalog, "apply", fail)
        service.append(builders.order("order-1"))
        assert failed.wait(CALL_S)
        while service.opened.parts.failure() is None:
            failed.wait(0.001)
        during = fetch(service, "/readyz")
    service.caught_up()
    while service.opened.parts.failure() is not None:
        failed.wait(0.001)

    assert during == (503, "The read models cannot go on.\n")
    assert fetch(service, "/readyz")[0] == 200


def test_proofs_are_given_while_the_read_models_are_still_being_built(
    service: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        message = "a read model is broken"
        raise RuntimeError(message)

    service.stop()
    monkeypatch.setattr(Catalog, "apply", fail)
    service.start()

    checkpoint = service.log.GetCheckpoint(log_pb2.GetCheckpointRequest(), timeout=CALL_S)
    with pytest.raises(grpc.RpcError) as caught:
        service.query.ListOrders(queries_pb2.ListOrdersRequest(), timeout=0.1)

    assert checkpoint.checkpoint
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert fetch(service, "/readyz")[0] == 503


def refused(service: Simulator, settings: Settings) -> tuple[str, str]:
    """Why another server on this ledger does not start; it is stopped all the same."""
    parts = replace(service.opened.parts, door=Door())
    other = Server(parts, settings)
    with pytest.raises(SettingError) as caught:
        on_loop(other.start())
    on_loop(other.stop())
    return caught.value.field, caught.value.rule


def test_a_second_server_does_not_share_the_port(service: Simulator) -> None:
    settings = Settings.of({**LOCAL, "LEDGER_LISTEN": str(service.addresses.grpc)})

    assert refused(service, settings) == ("LEDGER_LISTEN", "listen")


def test_a_taken_http_port_is_refused_too(service: Simulator) -> None:
    settings = Settings.of({**LOCAL, "LEDGER_HTTP_LISTEN": str(service.addresses.http)})

    assert refused(service, settings) == ("LEDGER_HTTP_LISTEN", "listen")


def test_http_can_be_off(tmp_path: Path) -> None:
    with Simulator(tmp_path, LEDGER_HTTP_LISTEN="off") as service:
        assert service.addresses.http is None


def test_a_unix_socket_is_served(tmp_path: Path) -> None:
    path = f"unix:{tmp_path}/s"
    with Simulator(tmp_path, LEDGER_LISTEN=path) as service:
        assert str(service.addresses.grpc) == path
        assert service.append(builders.order("order-1")).index == FOUNDED_SIZE


def test_a_method_that_does_not_exist_is_unimplemented(service: Simulator) -> None:
    call: Any = service.channel.unary_unary("/ledger.v1.LedgerService/Delete")

    with pytest.raises(grpc.RpcError) as caught:
        call(b"", timeout=CALL_S)

    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_a_message_over_the_limit_is_refused_by_the_port(tmp_path: Path) -> None:
    with Simulator(tmp_path, LEDGER_MESSAGE_BYTES_MAX=str(2**20)) as service:
        request = services_pb2.AppendRequest(envelope=bytes(2**20 + 1))

        with pytest.raises(grpc.RpcError) as caught:
            service.ledger.Append(request, timeout=CALL_S)

    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_calls_beyond_the_rate_are_turned_away(tmp_path: Path) -> None:
    with Simulator(tmp_path, LEDGER_CALLS_PER_SECOND_MAX="2") as service:
        codes = []
        for _ in range(4):
            try:
                service.log.GetCheckpoint(log_pb2.GetCheckpointRequest(), timeout=CALL_S)
                codes.append("OK")
            except grpc.RpcError as error:
                codes.append(error.code().name)

    assert "RESOURCE_EXHAUSTED" in codes


@contextmanager
def holding(address: tuple[str, int], count: int, opening: bytes) -> Iterator[list[socket.socket]]:
    """So many connections that send an opening and then nothing more."""
    held = []
    try:
        for _ in range(count):
            held.append(socket.create_connection(address, timeout=CALL_S))
            held[-1].sendall(opening)
        yield held
    finally:
        for each in held:
            each.close()


@pytest.mark.parametrize(
    "opening",
    [
        b"",
        OPENING,
        OPENING + headers_frame(b"/ledger.v1.LedgerService/Append"),
    ],
    ids=["nothing", "a preface", "the headers of an append"],
)
def test_a_thousand_clients_that_send_no_more_do_not_hang_the_server(
    service: Simulator, opening: bytes
) -> None:
    address = service.addresses.grpc
    with holding((address.host, address.port), 1_000, opening):
        receipt = service.append(builders.order("order-1"))
        checkpoint = service.log.GetCheckpoint(log_pb2.GetCheckpointRequest(), timeout=CALL_S)

        assert receipt.index == FOUNDED_SIZE
        assert checkpoint.checkpoint == receipt.checkpoint
        assert fetch(service, "/healthz")[0] == 200


def test_a_call_whose_message_comes_late_is_answered_all_the_same(service: Simulator) -> None:
    address = service.addresses.grpc
    path = b"/ledger.v1.LedgerService/GetReceipt"
    message = services_pb2.GetReceiptRequest(index=0).SerializeToString(deterministic=True)
    receipt = service.ledger.GetReceipt(services_pb2.GetReceiptRequest(index=0), timeout=CALL_S)
    with holding((address.host, address.port), 2, OPENING + headers_frame(path)) as (late, _):
        service.append(builders.order("order-1"))
        late.sendall(data_frame(message))
        received = b""
        while receipt.receipt.entry not in received:
            received += late.recv(65_536)


def test_half_requests_do_not_hang_the_http_port(service: Simulator) -> None:
    address = service.addresses.http
    assert address is not None
    with holding((address.host, address.port), 200, b"GET /healthz HTTP/1.1\r\n"):
        service.append(builders.order("order-1"))


def test_stopping_lets_a_call_under_way_end(service: Simulator) -> None:
    request = queries_pb2.GetLicenseStatusRequest(
        question=queries_pb2.Question(item="H20", destination="CN"),
        min_tree_size=FOUNDED_SIZE + 1,
    )
    waiting = service.query.GetLicenseStatus.future(request, timeout=CALL_S)
    watch = health_pb2_grpc.HealthStub(service.channel).Watch(health_pb2.HealthCheckRequest())
    assert next(watch).status == health_pb2.HealthCheckResponse.SERVING
    stopping = threading.Thread(target=lambda: on_loop(service.server.stop()))
    stopping.start()
    assert next(watch).status == health_pb2.HealthCheckResponse.NOT_SERVING
    watch.cancel()

    # Appended past the stopping server, as another process would.
    service.opened.parts.appender.append(service.envelope(builders.item("H20")))
    answer = waiting.result()
    stopping.join()

    assert answer.tree_size == FOUNDED_SIZE + 1


def test_a_stopped_server_takes_no_more_calls(service: Simulator) -> None:
    on_loop(service.server.stop())

    with pytest.raises(grpc.RpcError) as caught:
        service.log.GetCheckpoint(log_pb2.GetCheckpointRequest(), timeout=CALL_S)

    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
