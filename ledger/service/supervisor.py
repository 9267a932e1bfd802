"""Several processes on one port: a supervisor that starts them, and starts them again.

The kernel deals connections out among the workers, which listen on a port with SO_REUSEPORT. What
is to be appended they hand to one further process, the writer, which orders, signs and stores for
all of them: statements that came by different workers share a round, and the log's key is in one
process alone. Everything else they read for themselves; each asks the database for the newest
checkpoint, so that none answers with less than another has released. Workers of a replica have no
writer.

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
from ledger.service.worker import Started, Worker, WriterProcess
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
        self._writer = None if settings.read_only else WriterProcess("writer", folder)
        self._site = WorkerSite(self._workers, self._writer)
        self._http = HTTPServer(self._site.respond)
        self._environment: dict[str, str] = {}
        self._keeping: list[asyncio.Task[None]] = []

    async def start(self) -> Addresses:
        """Start the writer, a worker, then the others: what keeps one from it is told once.

        Raises:
            SettingError: An address cannot be listened on.
            UnavailableError: A process did not start; it has said why on standard error.
        """
        listen = self._reserved(self._settings.listen)
        http = self._settings.http_listen
        try:
            addresses = Addresses(listen, await self._http.start(http) if http else None)
        except OSError as error:
            raise SettingError(
                f"{http} cannot be listened on.", field="LEDGER_HTTP_LISTEN", rule="listen"
            ) from error
        writer = self._writer.socket if self._writer else None
        self._environment = self._settings.environment(listen=listen, writer=writer, workers=0)
        first, *others = self._workers
        writers: list[Started] = [self._writer] if self._writer else []
        for group in (writers, [first], others):
            for process in group:
                await self._launch(process)
            if not all(await asyncio.gather(*(process.listens() for process in group))):
                raise UnavailableError("A worker did not start.", rule="worker-start")
        self._keeping = [asyncio.create_task(self._keep(process)) for process in self._all()]
        _log.info("supervising", extra={"grpc": str(listen), "workers": len(self._workers)})
        return addresses

    async def stop(self) -> None:
        """End all workers, each after its calls, then the writer, and let go of the port."""
        self._site.stopping = True
        for task in self._keeping:
            task.cancel()
        await asyncio.gather(*self._keeping, return_exceptions=True)
        await self._end(self._workers)
        if self._writer is not None:
            await self._end([self._writer])
        await self._http.stop()
        self._resources.close()

    async def _end(self, processes: Sequence[Started]) -> None:
        """End processes, and kill those that take too long."""
        for process in processes:
            process.end()
        ends = [asyncio.create_task(process.ended()) for process in processes]
        grace_s = self._settings.shutdown_grace_ms / 1_000 + _BEYOND_GRACE_S
        _, late = await asyncio.wait(ends, timeout=grace_s)
        if late:
            _log.error("processes did not stop", extra={"processes": len(late)})
            for process in processes:
                process.end(signal.SIGKILL)
            await asyncio.wait(ends)

    def _all(self) -> list[Started]:
        """All processes; the writer is the last."""
        return [*self._workers, *([self._writer] if self._writer else [])]

    async def _keep(self, worker: Started) -> None:
        """Start a process again whenever it ends."""
        loop, backoff_s = asyncio.get_running_loop(), BACKOFF_MIN_S
        while True:
            started_s = loop.time()
            code = await worker.ended()
            _log.error("a process ended", extra={"worker": worker.name, "exit_code": code})
            if loop.time() - started_s >= _STEADY_S:
                backoff_s = BACKOFF_MIN_S
            await asyncio.sleep(backoff_s)
            backoff_s = min(2 * backoff_s, BACKOFF_MAX_S)
            await self._launch(worker)

    async def _launch(self, process: Started) -> None:
        """Start a process, on the core that it keeps to if they do."""
        environment = self._environment
        if self._settings.core is not None:
            core = self._settings.core + self._all().index(process)
            environment = environment | {variable_of("core"): str(core)}
        await process.launch(self._command, environment)

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
