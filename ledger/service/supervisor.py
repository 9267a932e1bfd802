"""Several processes on one port: a supervisor that starts them, and starts them again.

The kernel deals connections out among the processes that listen on a port with SO_REUSEPORT. They
share nothing but the ledger's folder and its database: that has one ordering lock, the file of the
released head is locked while it is written, and every process asks the database for the newest
checkpoint, so that none answers with less than another has released.

The supervisor holds the port without listening, serves no calls, and opens no ledger.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final, final

from ledger.errors import SettingError, UnavailableError
from ledger.service.http import HTTPServer
from ledger.service.server import Addresses
from ledger.service.worker import Worker
from ledger.service.workersite import WorkerSite
from ledger.settings import Address, Settings, variable_of

_log = logging.getLogger("ledger.supervisor")

BACKOFF_MIN_S: Final = 0.1
BACKOFF_MAX_S: Final = 10.0
_STEADY_S: Final = 30.0
"""Who has lived so long is started again without delay."""

_BEYOND_GRACE_S: Final = 15.0
"""What a worker is given after its calls have ended, to finish its rounds and close the ledger."""


@final
class Supervisor:
    """Runs so many workers as the settings say.

    Args:
        command: What a worker is started by; everything else is in its environment.
        settings: Addresses and limits.

    Raises:
        SettingError: A Unix socket cannot be shared.
    """

    def __init__(self, command: Sequence[str], settings: Settings) -> None:
        if settings.listen.is_unix:
            raise SettingError(
                "Several workers share a TCP port; a Unix socket has one listener.",
                field="LEDGER_WORKERS",
                rule="workers-share-a-port",
            )
        self._command = command
        self._settings = settings
        self._resources = ExitStack()
        folder = Path(self._resources.enter_context(tempfile.TemporaryDirectory()))
        self._workers = [Worker(str(number), folder) for number in range(settings.workers)]
        self._site = WorkerSite(self._workers)
        self._http = HTTPServer(self._site.respond)
        self._environment: dict[str, str] = {}
        self._keeping: list[asyncio.Task[None]] = []

    async def start(self) -> Addresses:
        """Start the workers, the first one alone: what keeps it from starting is told once.

        Raises:
            SettingError: An address cannot be listened on.
            UnavailableError: A worker did not start; it has said why on standard error.
        """
        listen = self._reserved(self._settings.listen)
        http = self._settings.http_listen
        try:
            addresses = Addresses(listen, await self._http.start(http) if http else None)
        except OSError as error:
            raise SettingError(
                f"{http} cannot be listened on.", field="LEDGER_HTTP_LISTEN", rule="listen"
            ) from error
        self._environment = self._settings.environment(listen=listen, worker=True, workers=1)
        first, *others = self._workers
        for group in ([first], others):
            for worker in group:
                await self._launch(worker)
            if not all(await asyncio.gather(*(worker.listens() for worker in group))):
                raise UnavailableError("A worker did not start.", rule="worker-start")
        self._keeping = [asyncio.create_task(self._keep(worker)) for worker in self._workers]
        _log.info("supervising", extra={"grpc": str(listen), "workers": len(self._workers)})
        return addresses

    async def stop(self) -> None:
        """End all workers, each after its calls, and let go of the port."""
        self._site.stopping = True
        for task in self._keeping:
            task.cancel()
        await asyncio.gather(*self._keeping, return_exceptions=True)
        for worker in self._workers:
            worker.end()
        ends = [asyncio.create_task(worker.ended()) for worker in self._workers]
        grace_s = self._settings.shutdown_grace_ms / 1_000 + _BEYOND_GRACE_S
        _, late = await asyncio.wait(ends, timeout=grace_s)
        if late:
            _log.error("workers did not stop", extra={"workers": len(late)})
            for worker in self._workers:
                worker.end(signal.SIGKILL)
            await asyncio.wait(ends)
        await self._http.stop()
        self._resources.close()

    async def _keep(self, worker: Worker) -> None:
        """Start a worker again whenever it ends."""
        loop, backoff_s = asyncio.get_running_loop(), BACKOFF_MIN_S
        while True:
            started_s = loop.time()
            code = await worker.ended()
            _log.error("a worker ended", extra={"worker": worker.name, "exit_code": code})
            if loop.time() - started_s >= _STEADY_S:
                backoff_s = BACKOFF_MIN_S
            await asyncio.sleep(backoff_s)
            backoff_s = min(2 * backoff_s, BACKOFF_MAX_S)
            await self._launch(worker)

    async def _launch(self, worker: Worker) -> None:
        """Start a worker, on the core that it keeps to if they do."""
        environment = self._environment
        if self._settings.core is not None:
            core = self._settings.core + self._workers.index(worker)
            environment = environment | {variable_of("core"): str(core)}
        await worker.launch(self._command, environment)

    def _reserved(self, address: Address) -> Address:
        """Hold the port for the workers; gives the address with the port that was free.

        Raises:
            SettingError: Somebody else has it.
        """
        try:
            family, kind, protocol, _, place = socket.getaddrinfo(
                address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            # Whoever listens on the port already is a stranger: sharing it would go unnoticed.
            with socket.socket(family, kind, protocol) as alone:
                alone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                alone.bind(place)
                place = alone.getsockname()
            held = self._resources.enter_context(socket.socket(family, kind, protocol))
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            held.bind(place)
        except OSError as error:
            raise SettingError(
                f"{address} cannot be listened on.", field="LEDGER_LISTEN", rule="listen"
            ) from error
        return Address(address.host, held.getsockname()[1])
