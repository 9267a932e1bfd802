"""How rpcs travel: on the calling thread, or on an event loop. Whoever verifies does not see which.

The verification is written once, as coroutines that wait for nothing but a ``Transport``. On an
event loop they are awaited. A blocking transport has its reply before it returns, so that there a
coroutine runs to its end in one step: ``finished`` takes that step, without a loop or a thread.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Coroutine, Generator
from typing import Any, Final, Protocol, TypeVar, final

from ledger.client.connection import Connection
from ledger.client.failures import translated

T = TypeVar("T")

DEADLINE_S: Final = 30.0
"""How long a call with one reply may take."""


class Transport(Protocol):
    """One channel to a server; identity, deadlines and errors of our own included."""

    # Any: the stubs' methods and their messages have no type in common.
    @property
    def channel(self) -> Any:
        """The grpcio channel, which stubs are made of."""
        ...

    async def ask(self, method: Any, request: Any) -> Any:
        """Call a stub's method that has one reply.

        Raises:
            LedgerError: As ``failures.translated`` says.
        """
        ...

    def follow(
        self, method: Any, request: Any, *, timeout_s: float | None
    ) -> AsyncGenerator[Any, None]:
        """Call a stub's method that has many replies; closing the generator ends the call.

        Raises:
            LedgerError: As ``failures.translated`` says.
        """
        ...

    async def close(self) -> None:
        """Hang up."""
        ...


@final
class BlockingTransport:
    """Calls that block the thread: everything here is done by the time it is awaited."""

    def __init__(self, connection: Connection) -> None:
        self.channel: Any = connection.open()
        self._metadata = connection.metadata

    async def ask(self, method: Any, request: Any) -> Any:
        """Call a stub's method that has one reply."""
        with translated():
            return method(request, timeout=DEADLINE_S, metadata=self._metadata)

    async def follow(
        self, method: Any, request: Any, *, timeout_s: float | None
    ) -> AsyncGenerator[Any, None]:
        """Call a stub's method that has many replies."""
        with translated():
            replies = method(request, timeout=timeout_s, metadata=self._metadata)
            try:
                for reply in replies:
                    yield reply
            finally:
                replies.cancel()

    async def close(self) -> None:
        """Hang up."""
        self.channel.close()


@final
class LoopTransport:
    """Calls on the running event loop; it must be made and used there."""

    def __init__(self, connection: Connection) -> None:
        self.channel: Any = connection.open_on_loop()
        self._metadata = connection.metadata

    async def ask(self, method: Any, request: Any) -> Any:
        """Call a stub's method that has one reply."""
        with translated():
            return await method(request, timeout=DEADLINE_S, metadata=self._metadata)

    async def follow(
        self, method: Any, request: Any, *, timeout_s: float | None
    ) -> AsyncGenerator[Any, None]:
        """Call a stub's method that has many replies."""
        with translated():
            replies = method(request, timeout=timeout_s, metadata=self._metadata)
            try:
                async for reply in replies:
                    yield reply
            finally:
                replies.cancel()

    async def close(self) -> None:
        """Hang up."""
        await self.channel.close()


def finished(steps: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine whose transport blocks, in the one step that it takes.

    Raises:
        RuntimeError: It waits for something else: a mistake in this program.
    """
    try:
        steps.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    steps.close()
    message = "A coroutine over a blocking transport has to wait for something."
    raise RuntimeError(message)


def each(steps: AsyncGenerator[T, None]) -> Generator[T, None, None]:
    """Iterate over what an asynchronous generator gives whose transport blocks."""
    try:
        while True:
            try:
                item = finished(steps.__anext__())
            except StopAsyncIteration:
                return
            yield item
    finally:
        finished(steps.aclose())
