"""The server: services, stages and limits on two ports, and an orderly end.

Everything that grpcio would otherwise choose by itself is set here, from settings or as a constant
with its reason.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Final, NamedTuple, cast, final

import grpc
from grpc_health.v1 import (  # type: ignore[import-untyped]  # no stubs exist
    health,
    health_pb2,
    health_pb2_grpc,
)
from grpc_reflection.v1alpha import (  # type: ignore[import-untyped]  # no stubs exist
    reflection,
    reflection_pb2_grpc,
)

from ledger.errors import SettingError
from ledger.service.access import ACCESS
from ledger.service.answers import Answers
from ledger.service.attachments import Attachments
from ledger.service.calls import ByName, Pipeline
from ledger.service.comparisons import Comparisons
from ledger.service.http import TEXT, HTTPServer, Reply, plain
from ledger.service.identity import Identities
from ledger.service.interceptors import stages
from ledger.service.ledger_service import LedgerService
from ledger.service.log_service import LogService
from ledger.service.metrics import Metrics
from ledger.service.pagination import Paginator
from ledger.service.parts import Parts
from ledger.service.query_service import QueryService
from ledger.service.reading import Reading
from ledger.service.records import Records
from ledger.service.running import run_until_signal
from ledger.service.site import Site
from ledger.service.statuses import Statuses
from ledger.service.stream_service import StreamService
from ledger.settings import Address, Settings
from ledger.v1 import services_pb2, services_pb2_grpc

_log: Final = logging.getLogger("ledger.server")

SERVICES: Final = tuple(
    service.full_name for service in services_pb2.DESCRIPTOR.services_by_name.values()
)
"""The full names of the ledger's own services."""

# A bundle of 256 entries of 65,535 bytes is a little over 16 MiB.
_REPLY_BYTES_MAX: Final = 17 * 2**20
_IDLE_MS_MAX: Final = 5 * 60_000
_KEEPALIVE_MS: Final = 60_000
_KEEPALIVE_TIMEOUT_MS: Final = 20_000
# A client that pings more often, three times over, is sent away.
_PING_MS_MIN: Final = 30_000
_PING_STRIKES_MAX: Final = 2


class Addresses(NamedTuple):
    """Where a server listens, with the ports that were free."""

    grpc: Address
    http: Address | None


@final
class Server:
    """One process's server over the parts of an open ledger.

    Args:
        parts: The ledger; whoever opened it closes it after the server has stopped.
        settings: Addresses, identities and limits.

    Raises:
        SettingError: A file that the settings name cannot be used.
    """

    def __init__(self, parts: Parts, settings: Settings) -> None:
        self._parts = parts
        self._settings = settings
        self._metrics = Metrics()
        self._reading = Reading(parts)
        self._health = health.aio.HealthServicer()
        self._identities = Identities.read(settings.tokens_file) if settings.tokens_file else None
        self._credentials = _credentials(settings)
        pages = {
            "/healthz": self._healthz,
            "/readyz": self._readyz,
            "/metrics": self._metrics_text,
        }
        site = Site(self._reading, pages, publishes=settings.publishes)
        self._http = HTTPServer(site.respond)
        self._grpc: grpc.aio.Server | None = None
        self._stopping = False

    async def start(self) -> Addresses:
        """Listen and serve, on the running loop.

        Raises:
            SettingError: An address cannot be listened on.
        """
        server = self._grpc = self._build()
        self._parts.door.open(asyncio.get_running_loop())
        if self._parts.writer is not None:
            await self._parts.writer.start()
        self._reading.start()
        http_listen = self._settings.http_listen
        try:
            port = self._listen(server)
            http = await self._http.start(http_listen) if http_listen else None
        except OSError as error:
            raise _cannot_listen(http_listen, "LEDGER_HTTP_LISTEN") from error
        await server.start()
        for name in ("", *SERVICES):
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)
        addresses = Addresses(Address(self._settings.listen.host, port), http)
        _log.info("listening", extra={"grpc": str(addresses.grpc), "http": str(addresses.http)})
        return addresses

    async def stop(self) -> None:
        """Take no more calls, let those under way end within the grace, and let go of the ports."""
        self._stopping = True
        await self._health.enter_graceful_shutdown()
        if self._grpc is not None:
            await self._grpc.stop(self._settings.shutdown_grace_ms / 1_000)
        await self._http.stop()
        if self._parts.writer is not None:
            await self._parts.writer.stop()
        self._parts.door.close()
        self._reading.close()
        _log.info("stopped")

    def _build(self) -> grpc.aio.Server:
        surroundings = stages(
            self._settings, identities=self._identities, access=ACCESS, metrics=self._metrics
        )
        server = grpc.aio.server(
            interceptors=[Pipeline(surroundings)], options=_options(self._settings)
        )
        named = cast("grpc.aio.Server", ByName(server))
        reading = self._reading
        pages = Paginator(self._parts.page_key)
        services_pb2_grpc.add_LedgerServiceServicer_to_server(
            LedgerService(reading, Attachments(self._parts, pages)), named
        )
        answers = Answers(self._parts)
        query = QueryService(
            reading,
            answers,
            Statuses(self._parts, pages, answers),
            Comparisons(self._parts, pages),
            Records(self._parts.models, pages),
        )
        services_pb2_grpc.add_QueryServiceServicer_to_server(query, named)
        stream = StreamService(reading, answers, tick_ms=self._settings.tick_ms)
        services_pb2_grpc.add_StreamServiceServicer_to_server(stream, named)
        services_pb2_grpc.add_LogServiceServicer_to_server(LogService(reading, pages), named)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, named)
        names = (*SERVICES, health.SERVICE_NAME, reflection.SERVICE_NAME)
        reflected = reflection.aio.ReflectionServicer(names)
        reflection_pb2_grpc.add_ServerReflectionServicer_to_server(reflected, named)
        return server

    def _listen(self, server: grpc.aio.Server) -> int:
        address = str(self._settings.listen)
        try:
            if self._credentials is None:
                return server.add_insecure_port(address)
            return server.add_secure_port(address, self._credentials)
        except RuntimeError as error:
            raise _cannot_listen(self._settings.listen, "LEDGER_LISTEN") from error

    def _healthz(self) -> Reply:
        return plain(HTTPStatus.OK, "The server is running.")

    def _readyz(self) -> Reply:
        trouble = "The server is stopping." if self._stopping else self._parts.trouble()
        if trouble:
            return plain(HTTPStatus.SERVICE_UNAVAILABLE, trouble)
        return plain(HTTPStatus.OK, "The server takes calls.")

    def _metrics_text(self) -> Reply:
        applied = self._parts.models.tree_size
        # What this process has committed, without asking the database from the loop.
        committed = self._parts.reader.tree.hashes.size
        gauges = {"ledger_tree_size": applied, "ledger_lag_entries": max(0, committed - applied)}
        text = self._metrics.text(gauges)
        return Reply(HTTPStatus.OK, text.encode(), TEXT.replace("; ", "; version=0.0.4; ", 1))


def serve(
    parts: Parts, settings: Settings, *, started: Callable[[Addresses], None] = lambda _: None
) -> None:
    """Serve until SIGTERM or SIGINT, on a loop of its own.

    Args:
        parts: The ledger.
        settings: Addresses, identities and limits.
        started: Told where the server listens, once it does.

    Raises:
        SettingError: The settings cannot be served.
    """
    server = Server(parts, settings)
    run_until_signal(server.start, server.stop, started, with_stdin=settings.part is not None)


def _options(settings: Settings) -> Sequence[tuple[str, int]]:
    """The limits, by the names of grpc's core."""
    return (
        # Two servers on one port are a mistake that would go unnoticed, but for a worker's.
        ("grpc.so_reuseport", int(settings.part is not None)),
        ("grpc.max_receive_message_length", settings.message_bytes_max),
        ("grpc.max_send_message_length", _REPLY_BYTES_MAX),
        ("grpc.max_metadata_size", settings.metadata_bytes_max),
        ("grpc.absolute_max_metadata_size", settings.metadata_bytes_max),
        ("grpc.max_concurrent_streams", settings.concurrent_streams_max),
        ("grpc.server_handshake_timeout_ms", settings.handshake_timeout_ms),
        ("grpc.max_connection_age_ms", settings.connection_age_ms_max),
        ("grpc.max_connection_age_grace_ms", settings.deadline_ms_max),
        ("grpc.max_connection_idle_ms", _IDLE_MS_MAX),
        ("grpc.keepalive_time_ms", _KEEPALIVE_MS),
        ("grpc.keepalive_timeout_ms", _KEEPALIVE_TIMEOUT_MS),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", _PING_MS_MIN),
        ("grpc.http2.max_ping_strikes", _PING_STRIKES_MAX),
    )


def _credentials(settings: Settings) -> grpc.ServerCredentials | None:
    """TLS, with client certificates where a CA for them is set; None without TLS."""
    if settings.tls_cert is None or settings.tls_key is None:
        return None
    try:
        chain, key = settings.tls_cert.read_bytes(), settings.tls_key.read_bytes()
        client_ca = settings.tls_client_ca.read_bytes() if settings.tls_client_ca else None
    except OSError as error:
        raise SettingError(
            f"A TLS file cannot be read: {error.filename}: {error.strerror}.",
            field="LEDGER_TLS_CERT",
            rule="tls-files",
        ) from error
    return grpc.ssl_server_credentials(
        [(key, chain)], root_certificates=client_ca, require_client_auth=client_ca is not None
    )


def _cannot_listen(address: Address | None, variable: str) -> SettingError:
    return SettingError(f"{address} cannot be listened on.", field=variable, rule="listen")
