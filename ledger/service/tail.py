"""The log's newest entries for all who watch them: read once, written once, sent to many.

One task reads what was appended, at most once a tick, and writes it as messages. Every subscriber
gets the same bytes. One that takes them more slowly than they come is not waited for, and its
backlog is not kept: it is told so, and reads on from the database by itself until it has caught up.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import partial
from typing import Final, NamedTuple, final

from ledger.service.reading import Reading
from ledger.service.wire import delimited, log_entries
from ledger.store.reader import Reader
from ledger.v1 import log_pb2 as pb

_log: Final = logging.getLogger("ledger.streams")

ENTRIES_MAX: Final = 500
BYTES_MAX: Final = 2**20
"""A page ends beyond so many entries, or bytes: it has to fit what clients receive by default."""

BACKLOG_BYTES_MAX: Final = 4 * 2**20
"""Most bytes that wait for a subscriber. They are the others' too: nothing is kept for it alone."""

SUBSCRIBERS_A_TICK: Final = 20
"""How many subscribers one tick is for: with more the ticks grow longer, since sending a message
takes the loop's time from whoever appends."""


class Page(NamedTuple):
    """A message with entries, and the index that follows them."""

    message: bytes
    next_index: int


@final
class Backlog:
    """What waits for one subscriber."""

    def __init__(self) -> None:
        self._pages: deque[Page] = deque()
        self._bytes = 0
        self._changed = asyncio.Event()
        self._overflowed = False

    def put(self, page: Page) -> None:
        """Add a page, or let go of everything where that would be too much."""
        self._bytes += len(page.message)
        if self._bytes > BACKLOG_BYTES_MAX:
            self.overflow()
        elif not self._overflowed:
            self._pages.append(page)
            self._changed.set()

    def overflow(self) -> None:
        """Let go of everything: the subscriber has to read on by itself."""
        self._overflowed = True
        self._pages.clear()
        self._changed.set()

    async def take(self) -> Page | None:
        """Wait for the next page; None once there was too much."""
        while not self._pages and not self._overflowed:
            self._changed.clear()
            await self._changed.wait()
        if self._overflowed:
            return None
        page = self._pages.popleft()
        self._bytes -= len(page.message)
        return page


@final
class Tail:
    """Follows the log while anybody watches. Used on the loop alone.

    Args:
        reading: Where entries are read.
        tick_s: How long what comes is gathered, in seconds.
        heartbeat_s: How long a subscriber hears nothing at most.
    """

    def __init__(self, reading: Reading, *, tick_s: float, heartbeat_s: float) -> None:
        self._reading = reading
        self._tick_s = tick_s
        self._heartbeat_s = heartbeat_s
        self._backlogs: set[Backlog] = set()
        self._watchers = 0
        self._published = 0
        self._moved = asyncio.Event()
        self._following: asyncio.Task[None] | None = None

    async def watch(self, start: int) -> AsyncGenerator[bytes, None]:
        """Serialized messages from an index on, without an end.

        Args:
            start: The first entry wanted; at most the tree size.

        Raises:
            StoreError: The entries cannot be read.
        """
        self._watchers += 1
        try:
            while True:
                for part in (self._until_caught_up, self._live):
                    async with aclosing(part(start)) as pages:
                        async for page in pages:
                            start = page.next_index
                            yield page.message
                yield _written(fell_behind=pb.WatchEntriesProgress(next_index=start))
        finally:
            self._watchers -= 1
            if not self._watchers and self._following is not None:
                self._following.cancel()
                # It ends later: whoever comes meanwhile needs another one.
                self._following = None

    async def _until_caught_up(self, start: int) -> AsyncGenerator[Page, None]:
        """What was published before, read for this subscriber alone."""
        await self._follow()
        while self._published < start:
            # It was appended a moment ago.
            await self._moved.wait()
            await self._follow()
        while start < self._published:
            page = await self._page(start, self._published)
            start = page.next_index
            yield page

    async def _live(self, start: int) -> AsyncGenerator[Page, None]:
        """What is published from now on; ends where the subscriber falls behind."""
        # Nothing is awaited between the look at what was published and this.
        if self._following is None or self._following.done():
            return
        backlog = Backlog()
        self._backlogs.add(backlog)
        try:
            yield Page(_written(caught_up=pb.WatchEntriesProgress(next_index=start)), start)
            while True:
                try:
                    async with asyncio.timeout(self._heartbeat_s):
                        page = await backlog.take()
                except TimeoutError:
                    progress = pb.WatchEntriesProgress(next_index=start)
                    page = Page(_written(progress=progress), start)
                if page is None:
                    return
                start = page.next_index
                yield page
        finally:
            self._backlogs.discard(backlog)

    async def _follow(self) -> None:
        """Start to follow, unless that is being done."""
        if self._following is None or self._following.done():
            published = await self._reading.look_up(self._reading.parts.reader.tree_size)
            if self._following is None or self._following.done():
                self._published = published
                self._following = asyncio.create_task(self._publish())

    async def _publish(self) -> None:
        """Write each page once; whoever cannot be told of what comes reads on by itself."""
        try:
            while True:
                await self._publish_next()
        except Exception:  # noqa: BLE001 - logged; each subscriber meets it again by itself
            _log.exception("what was appended cannot be read")
            self._tell_moved()
            for backlog in self._backlogs:
                backlog.overflow()

    async def _publish_next(self) -> None:
        reader, progress = self._reading.parts.reader, self._reading.parts.progress
        await progress.reached(self._published + 1)
        await asyncio.sleep(self._tick_s * max(1, len(self._backlogs) / SUBSCRIBERS_A_TICK))
        size = await self._reading.look_up(reader.tree_size)
        while self._published < size:
            page = await self._page(self._published, size)
            self._published = page.next_index
            self._tell_moved()
            for backlog in self._backlogs:
                backlog.put(page)

    def _tell_moved(self) -> None:
        self._moved.set()
        self._moved = asyncio.Event()

    async def _page(self, start: int, end: int) -> Page:
        return await self._reading.look_up(
            partial(_read_page, self._reading.parts.reader, start, end)
        )


def _read_page(reader: Reader, start: int, end: int) -> Page:
    """Entries from an index on, and the note that was signed after the last of them, if any."""
    entries = entries_in(reader, start, end, ENTRIES_MAX)
    next_index = start + len(entries)
    covering = reader.checkpoint_covering(next_index)
    note = covering.note if covering.tree_size == next_index else b""
    page = log_entries(pb.EntryPage.ENTRIES_FIELD_NUMBER, entries)
    page += pb.EntryPage(checkpoint=note).SerializeToString()
    return Page(delimited(pb.WatchEntriesResponse.PAGE_FIELD_NUMBER, page), next_index)


def entries_in(reader: Reader, start: int, end: int, count: int) -> Sequence[tuple[int, bytes]]:
    """Some entries from an index on, the stored bytes as they are; one always fits."""
    entries = reader.stored_bytes(start, min(start + count, end))
    size = 0
    for place, (_, entry) in enumerate(entries):
        size += len(entry)
        if place and size > BYTES_MAX:
            return entries[:place]
    return entries


def _written(
    *,
    progress: pb.WatchEntriesProgress | None = None,
    caught_up: pb.WatchEntriesProgress | None = None,
    fell_behind: pb.WatchEntriesProgress | None = None,
) -> bytes:
    """A message of the stream, serialized once for all."""
    return pb.WatchEntriesResponse(
        progress=progress, caught_up=caught_up, fell_behind=fell_behind
    ).SerializeToString()
