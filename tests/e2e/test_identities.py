from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc  # type: ignore[import-untyped]  # no stubs

from ledger.errors import SettingError
from ledger.service.server import Server
from ledger.settings import Settings
from ledger.v1 import log_pb2, services_pb2
from tests import builders
from tests.e2e.certificates import Authority
from tests.e2e.refusals import refusal_of
from tests.simulator import CALL_S, LOCAL, Simulator

AUTHORITY = Authority()
TOKENS = {name: f"the {name}'s token" for name in ("reader", "submitter")}
CLIENT_URI = "spiffe://ledger.example/importer"
IDENTITIES = "\n".join(
    [
        *(f"{name} {name}-1 token:{sha256(t.encode()).hexdigest()}" for name, t in TOKENS.items()),
        f"submitter importer certificate:{CLIENT_URI}",
        "reader auditor certificate:auditor",
    ]
)


def bearing(name: str) -> dict[str, Any]:
    return {"metadata": (("authorization", f"Bearer {TOKENS.get(name, name)}"),)}


@contextmanager
def guarded(folder: Path, *, tls: bool = False, client_ca: bool = False) -> Iterator[Simulator]:
    """A service with identities; nobody is enrolled, and the simulator itself has no token."""
    identities = folder / "identities"
    identities.write_text(IDENTITIES)
    variables = {"LEDGER_TOKENS_FILE": str(identities)}
    if tls:
        certificate, key = AUTHORITY.issue("server").write(folder, "server")
        variables |= {"LEDGER_TLS_CERT": certificate, "LEDGER_TLS_KEY": key}
    if client_ca:
        (folder / "ca.crt").write_bytes(AUTHORITY.certificate)
        variables["LEDGER_TLS_CLIENT_CA"] = str(folder / "ca.crt")
    with Simulator(folder, enrolled=False, **variables) as service:
        yield service


def with_client(service: Simulator, common_name: str, *names: str) -> None:
    """Connect with a client certificate."""
    pair = AUTHORITY.issue(common_name, *names)
    service.channel.close()
    service.connect(grpc.ssl_channel_credentials(AUTHORITY.certificate, pair.key, pair.certificate))


def code_of(call: Callable[..., Any], request: Any, **more: Any) -> str:
    try:
        call(request, timeout=CALL_S, **more)
    except grpc.RpcError as error:
        return str(error.code().name)
    return "OK"


def test_a_token_opens_what_its_line_says(tmp_path: Path) -> None:
    with guarded(tmp_path) as service:
        checkpoint = log_pb2.GetCheckpointRequest()
        envelope = service.envelope(service.enrollment("clerk"), "ada")
        append = services_pb2.AppendRequest(envelope=envelope)

        assert code_of(service.log.GetCheckpoint, checkpoint, **bearing("reader")) == "OK"
        refusal = refusal_of(service.ledger.Append, append, **bearing("reader"))
        assert (refusal.code, refusal.reason) == ("PERMISSION_DENIED", "ACCESS_DENIED")
        assert service.tree_size() == 1
        assert code_of(service.ledger.Append, append, **bearing("submitter")) == "OK"
        assert service.tree_size() == 2


@pytest.mark.parametrize("more", [{}, bearing("a stranger's token")])
def test_whoever_shows_nothing_or_something_unknown_is_unauthenticated(
    tmp_path: Path, more: dict[str, Any]
) -> None:
    with guarded(tmp_path) as service:
        refusal = refusal_of(service.log.GetCheckpoint, log_pb2.GetCheckpointRequest(), **more)

    assert (refusal.code, refusal.reason) == ("UNAUTHENTICATED", "ACCESS_DENIED")


def test_who_may_not_append_learns_nothing_of_what_it_sent(tmp_path: Path) -> None:
    with guarded(tmp_path) as service:
        request = services_pb2.AppendRequest(envelope=b"nonsense")

        refusal = refusal_of(service.ledger.Append, request, **bearing("reader"))

    assert refusal.code == "PERMISSION_DENIED"


def test_health_asks_for_no_identity(tmp_path: Path) -> None:
    with guarded(tmp_path) as service:
        stub = health_pb2_grpc.HealthStub(service.channel)
        reply = stub.Check(health_pb2.HealthCheckRequest(), timeout=CALL_S)

    assert reply.status == health_pb2.HealthCheckResponse.SERVING


def test_tls_and_a_token_go_together(tmp_path: Path) -> None:
    with guarded(tmp_path, tls=True) as service:
        request = log_pb2.GetCheckpointRequest()
        plain = code_of(service.log.GetCheckpoint, request, **bearing("reader"))
        service.channel.close()
        service.connect(grpc.ssl_channel_credentials(AUTHORITY.certificate))
        encrypted = code_of(service.log.GetCheckpoint, request, **bearing("reader"))
        unknown = code_of(service.log.GetCheckpoint, request)

    assert (plain, encrypted, unknown) == ("UNAVAILABLE", "OK", "UNAUTHENTICATED")


def test_a_client_certificate_identifies_by_a_name_in_it(tmp_path: Path) -> None:
    with guarded(tmp_path, tls=True, client_ca=True) as service:
        append = services_pb2.AppendRequest(
            envelope=service.envelope(service.enrollment("clerk"), "ada")
        )
        with_client(service, "auditor")
        by_auditor = code_of(service.ledger.Append, append)
        with_client(service, "whoever", CLIENT_URI)
        by_importer = code_of(service.ledger.Append, append)
        with_client(service, "stranger")
        by_stranger = code_of(service.log.GetCheckpoint, log_pb2.GetCheckpointRequest())

    assert (by_auditor, by_importer, by_stranger) == (
        "PERMISSION_DENIED",
        "OK",
        "UNAUTHENTICATED",
    )


def test_a_client_without_a_certificate_does_not_get_through_the_handshake(tmp_path: Path) -> None:
    with guarded(tmp_path, tls=True, client_ca=True) as service:
        service.channel.close()
        service.connect(grpc.ssl_channel_credentials(AUTHORITY.certificate))

        code = code_of(
            service.log.GetCheckpoint, log_pb2.GetCheckpointRequest(), **bearing("reader")
        )

    assert code == "UNAVAILABLE"


def test_a_certificate_of_another_authority_does_not_get_through(tmp_path: Path) -> None:
    stranger = Authority("strangers").issue("auditor")
    with guarded(tmp_path, tls=True, client_ca=True) as service:
        service.channel.close()
        service.connect(
            grpc.ssl_channel_credentials(AUTHORITY.certificate, stranger.key, stranger.certificate)
        )

        code = code_of(service.log.GetCheckpoint, log_pb2.GetCheckpointRequest())

    assert code == "UNAVAILABLE"


@pytest.mark.parametrize(
    ("variable", "rule"),
    [("LEDGER_TLS_CERT", "tls-files"), ("LEDGER_TOKENS_FILE", "identities")],
)
def test_a_server_does_not_start_without_the_files_it_is_told_of(
    service: Simulator, tmp_path: Path, variable: str, rule: str
) -> None:
    missing = str(tmp_path / "missing")
    variables = {"LEDGER_TLS_CERT": missing, "LEDGER_TLS_KEY": missing}
    if variable == "LEDGER_TOKENS_FILE":
        variables = {variable: missing}

    with pytest.raises(SettingError) as caught:
        Server(service.opened.parts, Settings.of({**LOCAL, **variables}))

    assert (caught.value.field, caught.value.rule) == (variable, rule)


def test_on_loopback_without_identities_everybody_submits(service: Simulator) -> None:
    receipt = service.append(builders.order("order-1"))

    assert service.verify(receipt).size == service.tree_size()
