"""A worker as its supervisor sees it: a process, and a socket on which it answers HTTP.

A worker is this same server in a process of its own. It shares the port of gRPC with its siblings,
and its health, metrics and tiles are on a Unix socket for the supervisor alone. It ends with its
standard input, so that none outlives a supervisor that was killed.
"""

from __future__ import annotations

import asyncio
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Final, final

from ledger.service.http import NO_STORE, TEXT, Reply
from ledger.settings import UNIX

_LOOK_EVERY_S: Final = 0.05
_ANSWER_SECONDS_MAX: Final = 60.0


@final
class Worker:
    """One of several processes.

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
    def socket(self) -> str:
        """The path of its socket; each process has one of its own."""
        return str(self._folder / f"{self.name}-{self.starts}")

    @property
    def runs(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.returncode is None

    async def launch(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start the process; ``LEDGER_HTTP_LISTEN`` is added to its environment."""
        self.starts += 1
        self._process = await asyncio.create_subprocess_exec(
            *command,
            env={**environment, "LEDGER_HTTP_LISTEN": f"{UNIX}{self.socket}"},
            stdin=PIPE,
        )

    async def listens(self) -> bool:
        """Wait until it answers; False if it ended before it did."""
        while self.runs:
            if await self.ask("/healthz") is not None:
                return True
            await asyncio.sleep(_LOOK_EVERY_S)
        return False

    async def ended(self) -> int:
        """Wait for its end; gives the exit code, negative for a signal."""
        return 0 if self._process is None else await self._process.wait()

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Send it a signal, if it is still there."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

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
