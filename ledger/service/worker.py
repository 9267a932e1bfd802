"""A server's processes as their supervisor sees them.

A worker is this same server in a process of its own. It shares the port of gRPC with its siblings,
and its health, metrics and tiles are on a Unix socket for the supervisor alone. The writer takes no
calls: on its socket it is given statements by the workers. Each ends with its standard input, so
that none outlives a supervisor that was killed.
"""

from __future__ import annotations

import asyncio
import signal
from abc import ABC, abstractmethod
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Final, final

from ledger.service.http import NO_STORE, TEXT, Reply
from ledger.settings import UNIX, Part, variable_of

_LOOK_EVERY_S: Final = 0.05
_ANSWER_SECONDS_MAX: Final = 60.0


class Started(ABC):
    """One of several processes, each started again when it ends.

    Args:
        name: What tells it from the others, in metrics and log lines.
        folder: Where its sockets lie.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.starts = 0
        self._folder = folder
        self._process: Process | None = None

    @property
    def runs(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.returncode is None

    @property
    @abstractmethod
    def variables(self) -> Mapping[str, str]:
        """What its environment has beside the others'."""

    async def launch(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start the process."""
        self.starts += 1
        self._process = await asyncio.create_subprocess_exec(
            *command, env={**environment, **self.variables}, stdin=PIPE
        )

    async def listens(self) -> bool:
        """Wait until it does; False if it ended before."""
        while self.runs:
            if await self.answers():
                return True
            await asyncio.sleep(_LOOK_EVERY_S)
        return False

    @abstractmethod
    async def answers(self) -> bool:
        """Whether it listens on its socket."""

    async def ended(self) -> int:
        """Wait for its end; gives the exit code, negative for a signal."""
        return 0 if self._process is None else await self._process.wait()

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Send it a signal, if it is still there."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)


@final
class WriterProcess(Started):
    """The process that orders, signs and stores for all workers."""

    @property
    def socket(self) -> str:
        """The path of its socket, the same after every start: the workers come back to it."""
        return str(self._folder / self.name)

    @property
    def variables(self) -> Mapping[str, str]:
        """What its environment has beside the others'."""
        return {variable_of("part"): Part.WRITER.value}

    async def answers(self) -> bool:
        """Whether it listens on its socket."""
        try:
            _, connection = await asyncio.open_unix_connection(self.socket)
        except OSError:
            return False
        connection.close()
        return True


@final
class Worker(Started):
    """One of the processes that take calls."""

    @property
    def socket(self) -> str:
        """The path of its socket; each process has one of its own."""
        return str(self._folder / f"{self.name}-{self.starts}")

    @property
    def variables(self) -> Mapping[str, str]:
        """What its environment has beside the others'."""
        return {
            variable_of("part"): Part.WORKER.value,
            variable_of("http_listen"): f"{UNIX}{self.socket}",
            # Who signs nothing need not be able to.
            variable_of("log_key_passphrase"): "",
        }

    async def answers(self) -> bool:
        """Whether it listens on its socket."""
        return await self.ask("/healthz") is not None

    async def ask(self, path: str) -> Reply | None:
        """What it answers to GET; None if it does not listen."""
        try:
            async with asyncio.timeout(_ANSWER_SECONDS_MAX):
                reader, writer = await asyncio.open_unix_connection(self.socket)
                try:
                    request = f"GET {path} HTTP/1.1\r\nHost: worker\r\nConnection: close\r\n\r\n"
                    writer.write(request.encode())
                    return _reply(await reader.read(-1))
                finally:
                    writer.close()
        except (OSError, TimeoutError, ValueError):
            return None


def _reply(data: bytes) -> Reply:
    """Read what ``service.http`` wrote.

    Raises:
        ValueError: It was cut off.
    """
    head, found, body = data.partition(b"\r\n\r\n")
    line, *fields = head.decode("latin-1").split("\r\n")
    named = {name.lower(): value for name, _, value in (field.partition(": ") for field in fields)}
    if not found or len(body) != int(named.get("content-length", "-1")):
        raise ValueError(line)
    return Reply(
        HTTPStatus(int(line.split(" ")[1])),
        body,
        named.get("content-type", TEXT),
        named.get("cache-control", NO_STORE),
    )
