"""Appending by stream: every envelope on its own, many under way, answered for in their order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from typing import Final, final

from ledger.errors import LedgerError
from ledger.log.receipts import Receipt
from ledger.service.bridges import Submitting, submitted
from ledger.service.receipts import receipt_to_proto
from ledger.service.status import status_of
from ledger.v1 import services_pb2 as pb

UNDER_WAY_MAX: Final = 2_000
"""Most envelopes of one stream that wait for their receipts: further ones are not read yet."""

_RESULTS_MAX: Final = 500
"""Most results in a message, so that it stays well below what clients receive by default."""

_Pending = asyncio.Future[tuple[Receipt, ...]]


@final
class AppendingStream:
    """One client's stream of envelopes, and what becomes of each.

    Args:
        appender: The one way in.
        requests: What the client sends.
    """

    def __init__(
        self, appender: Submitting, requests: AsyncIterator[pb.AppendStreamRequest]
    ) -> None:
        self._appender = appender
        self._requests = requests
        self._pending: deque[_Pending] = deque()
        self._more = asyncio.Event()
        self._room = asyncio.Event()
        self._ended = False

    async def results(self) -> AsyncGenerator[pb.AppendStreamResponse, None]:
        """The results in the order of the envelopes, a message for all that are known by then.

        Raises:
            Exception: What reading the requests raises, after the results of those before it.
        """
        reading = asyncio.create_task(self._read())
        try:
            while await self._any_pending():
                yield await self._known_results()
            await reading
        finally:
            reading.cancel()
            for pending in self._pending:
                pending.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await reading

    async def _read(self) -> None:
        """Submit what comes, as long as there is room."""
        try:
            async for request in self._requests:
                for envelope in request.envelopes:
                    while len(self._pending) >= UNDER_WAY_MAX:
                        self._room.clear()
                        await self._room.wait()
                    self._pending.append(self._submitted(envelope))
                    self._more.set()
        finally:
            self._ended = True
            self._more.set()

    def _submitted(self, envelope: bytes) -> _Pending:
        try:
            return submitted(self._appender, [envelope])
        except LedgerError as error:
            refused: _Pending = asyncio.get_running_loop().create_future()
            refused.set_exception(error)
            return refused

    async def _any_pending(self) -> bool:
        """Wait for something under way; False once nothing more comes."""
        while not self._pending and not self._ended:
            self._more.clear()
            await self._more.wait()
        return bool(self._pending)

    async def _known_results(self) -> pb.AppendStreamResponse:
        """The result of the first under way, and of those after it that are known then."""
        await asyncio.wait([self._pending[0]])
        response = pb.AppendStreamResponse()
        while self._pending and self._pending[0].done() and len(response.results) < _RESULTS_MAX:
            _add_result(response, self._pending.popleft())
        self._room.set()
        return response


def _add_result(response: pb.AppendStreamResponse, known: _Pending) -> None:
    """Write a receipt, or the status of a refusal.

    Raises:
        Exception: It was no refusal: the stream ends with it.
    """
    error = known.exception()
    if error is None:
        response.results.add(receipt=receipt_to_proto(known.result()[0]))
    elif isinstance(error, LedgerError):
        response.results.add(refusal=status_of(error).SerializeToString())
    else:
        raise error
