"""StreamService: the entries themselves, for whoever replays them, and statuses as they change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from datetime import date
from functools import partial
from typing import Final, final

from ledger.errors import InputError, NotFoundError
from ledger.service.answers import Answers
from ledger.service.calls import Context, ready
from ledger.service.reading import Reading
from ledger.service.tail import Page, Tail, entries_in
from ledger.service.watching import Look, Watch
from ledger.service.wire import log_entries
from ledger.store.reader import Reader
from ledger.v1 import log_pb2 as pb
from ledger.v1 import queries_pb2, services_pb2_grpc

HEARTBEAT_S: Final = 30.0
"""How long a watch is silent at most: its client can tell a quiet record from a dead peer."""

ENTRIES_MAX: Final = 2_000
"""Most entries in a message of a replay, which is one reader's alone and is waited for: the fewer
messages, the faster. Their bytes are bounded as those of a watch are."""

_DAY_MS: Final = 86_400_000
_EPOCH: Final = date(1970, 1, 1).toordinal()


@final
class StreamService(services_pb2_grpc.StreamServiceServicer):
    """Reads the log in its order."""

    def __init__(self, reading: Reading, answers: Answers, *, tick_ms: int) -> None:
        self._reading = reading
        self._parts = reading.parts
        self._reader = reading.parts.reader
        self._answers = answers
        self._tick_s = tick_ms / 1_000
        self._tail = Tail(reading, tick_s=self._tick_s, heartbeat_s=HEARTBEAT_S)

    async def ReadEntries(
        self, request: pb.ReadEntriesRequest, context: Context
    ) -> AsyncIterator[pb.ReadEntriesResponse]:
        start, end = await self._reading.look_up(partial(_range, self._reader, request))
        if start == end:
            yield pb.ReadEntriesResponse(tree_size=end)
        count = ENTRIES_MAX
        ahead: asyncio.Task[Page] | None = None
        try:
            while start < end:
                chunk = await (ahead or self._chunk(start, end, count))
                # After large entries less is read ahead, since most of it would be read again.
                count = min(2 * (chunk.next_index - start), ENTRIES_MAX)
                start = chunk.next_index
                # The next chunk is read while this one is sent.
                ahead = asyncio.create_task(self._chunk(start, end, count)) if start < end else None
                yield ready(pb.ReadEntriesResponse, chunk.message)
        finally:
            if ahead is not None:
                ahead.cancel()

    async def _chunk(self, start: int, end: int, count: int) -> Page:
        return await self._reading.look_up(partial(_chunk, self._reader, start, end, count))

    async def WatchEntries(
        self, request: pb.WatchEntriesRequest, context: Context
    ) -> AsyncIterator[pb.WatchEntriesResponse]:
        wanted = pb.ReadEntriesRequest(start_index=request.start_index)
        start, _ = await self._reading.look_up(partial(_range, self._reader, wanted))
        async with aclosing(self._tail.watch(start)) as messages:
            async for message in messages:
                yield ready(pb.WatchEntriesResponse, message)

    async def WatchLicenseStatus(
        self, request: queries_pb2.WatchLicenseStatusRequest, context: Context
    ) -> AsyncIterator[queries_pb2.WatchLicenseStatusResponse]:
        watch = Watch(self._parts, self._answers, request)
        look = await self._reading.answer_in_steps(watch.first_look())
        while True:
            for event in look.events:
                yield event
            await self._moved(look)
            look = await self._reading.answer_in_steps(watch.look_again(look))

    async def _moved(self, look: Look) -> None:
        """Wait for a further entry or the next day, but not longer than a heartbeat."""
        days = look.today.toordinal() + 1 - _EPOCH
        left_s = max(0, days * _DAY_MS - self._parts.clock()) / 1_000
        with suppress(TimeoutError):
            async with asyncio.timeout(min(left_s, HEARTBEAT_S)):
                await self._parts.progress.reached(look.tree_size + 1)
        # What comes within one tick is looked at together.
        await asyncio.sleep(self._tick_s)


def _range(reader: Reader, request: pb.ReadEntriesRequest) -> tuple[int, int]:
    """The first index wanted and the first one not wanted.

    Raises:
        NotFoundError: The log does not reach so far.
        InputError: The range ends before it starts.
    """
    tree_size = reader.latest_checkpoint().tree_size
    start, end = request.start_index, request.end_index or tree_size
    if max(start, end) > tree_size:
        field = "start_index" if start > tree_size else "end_index"
        message = f"This log has {tree_size} entries, not {max(start, end)}."
        raise NotFoundError(message, field=field, rule="tree-size")
    if start > end:
        message = f"There is no range from {start} to before {end}."
        raise InputError(message, field="end_index", rule="index-range")
    return start, end


def _chunk(reader: Reader, start: int, end: int, count: int) -> Page:
    """Some entries from an index on, in a message that is written here and not on the loop."""
    entries = entries_in(reader, start, end, count)
    message = log_entries(pb.ReadEntriesResponse.ENTRIES_FIELD_NUMBER, entries)
    message += pb.ReadEntriesResponse(tree_size=end).SerializeToString()
    return Page(message, start + len(entries))
