"""The connection to the process that writes: made again whenever it is lost."""

from __future__ import annotations

import asyncio
import logging
import socket
from pathlib import Path
from typing import Final, Protocol, cast, final

from ledger.errors import LedgerError, StoreError, UnavailableError
from ledger.service.handover import Frames, Message, Opened, frame, receive_one

_LOG: Final = logging.getLogger(__name__)

AGAIN_S: Final = 0.05
"""How long to wait before connecting again."""

_OPENING_S: Final = 60.0


def connect(path: Path) -> tuple[socket.socket, Opened]:
    """Connect to the writer, and wait for its first word.

    Raises:
        UnavailableError: Nobody listens there, or it says something else.
    """
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(_OPENING_S)
        connection.connect(str(path))
        opened = receive_one(connection)
    except (OSError, StoreError) as error:
        connection.close()
        raise away() from error
    if not isinstance(opened, Opened):
        connection.close()
        raise away()
    return connection, opened


def away() -> UnavailableError:
    """What is told of whatever was not sent to the writer, since it is not there."""
    return UnavailableError(
        "The process that writes is away; it is started again. Nothing of this was recorded.",
        rule="writer-away",
    )


class Receiving(Protocol):
    """Whoever is told over the link; on the loop."""

    def take(self, message: Message) -> None:
        """Take in one message.

        Raises:
            LedgerError: It is none that may come: the link is ended.
        """
        ...

    def lost(self) -> None:
        """Know that the connection is lost, and with it every answer that was to come."""
        ...

    def found(self) -> None:
        """Know that there is a connection again."""
        ...


@final
class Link(asyncio.Protocol):
    """One connection after the other.

    Args:
        path: The socket's.
        connection: The first one, as ``connect`` gave it.
        receiving: Who is told.
    """

    def __init__(self, path: Path, connection: socket.socket, receiving: Receiving) -> None:
        self._path = path
        self._connection: socket.socket | None = connection
        self._receiving = receiving
        self._transport: asyncio.Transport | None = None
        self._frames = Frames()
        self._again: asyncio.Task[None] | None = None
        self._closing = False

    @property
    def is_up(self) -> bool:
        """Whether something can be sent."""
        return self._transport is not None

    async def start(self) -> None:
        """Begin to send and receive, on the running loop."""
        loop = asyncio.get_running_loop()
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.settimeout(0)
            await loop.create_unix_connection(lambda: self, sock=connection)

    def stop(self) -> None:
        """End the connection for good."""
        self._closing = True
        if self._again is not None:
            self._again.cancel()
        if self._transport is not None:
            self._transport.close()

    def send(self, message: Message) -> None:
        """Send a message; never waits.

        Raises:
            UnavailableError: There is no connection.
        """
        if self._transport is None:
            raise away()
        self._transport.write(frame(message))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection up."""
        self._transport = cast("asyncio.Transport", transport)
        self._frames = Frames()

    def data_received(self, data: bytes) -> None:
        """Hand on what the writer tells."""
        try:
            for message in self._frames.take(data):
                self._receiving.take(message)
        except LedgerError as error:
            _LOG.error("The writer is not listened to any more: %s", error)
            if self._transport is not None:
                self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - a protocol's
        """Tell of it, and connect again."""
        self._transport = None
        self._receiving.lost()
        if not self._closing:
            _LOG.error("The writer is away.")
            self._again = asyncio.get_running_loop().create_task(self._connect_again())

    async def _connect_again(self) -> None:
        loop = asyncio.get_running_loop()
        while self._connection is None:
            await asyncio.sleep(AGAIN_S)
            try:
                self._connection, _ = await loop.run_in_executor(None, connect, self._path)
            except UnavailableError:
                continue
        await self.start()
        _LOG.info("The writer is back.")
        self._receiving.found()
