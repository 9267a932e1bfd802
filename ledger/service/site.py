"""What the server answers over HTTP: health, metrics, and the log as static files.

The log's paths are those of C2SP tlog-tiles: ``checkpoint``, ``tile/<L>/<N>[.p/<W>]`` and
``tile/entries/<N>[.p/<W>]``. Everything under ``tile/`` is immutable and says so; the checkpoint
and every 404 may be something else a moment later and are not to be kept.

Where the server has a policy of witnesses, the checkpoint is the newest one that has its quorum,
and there is none before the first: whoever reads files cannot ask twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Final, final

from ledger.errors import InputError, LedgerError, NotFoundError
from ledger.log.tiles import TilePath
from ledger.service.http import BINARY, IMMUTABLE, Reply, Request, not_allowed, plain
from ledger.service.reading import Reading
from ledger.service.tiles import tile_content
from ledger.store.rows import StoredCheckpoint

_TILE: Final = "/tile/"

Page = Callable[[], Reply]
"""A page that is made on the loop, of what is in memory."""


@final
class Site:
    """Everything that is read over HTTP.

    Args:
        reading: The way to the log.
        pages: What is answered beside the log, by path.
        publishes: Whether the log's checkpoint and tiles are for everybody who reaches the port.
    """

    def __init__(self, reading: Reading, pages: Mapping[str, Page], *, publishes: bool) -> None:
        self._reading = reading
        self._pages = pages
        self._publishes = publishes

    async def respond(self, request: Request) -> Reply:
        """Answer GET and HEAD; whatever fails is told by a status alone."""
        if request.method not in {"GET", "HEAD"}:
            return not_allowed("GET, HEAD")
        if page := self._pages.get(request.path):
            return page()
        if not self._publishes:
            return plain(HTTPStatus.NOT_FOUND)
        return await _told(self._of_the_log(request.path))

    async def _of_the_log(self, path: str) -> Reply:
        reader = self._reading.parts.reader
        if path == "/checkpoint":
            stored = await self._reading.look_up(self._checkpoint)
            return Reply(HTTPStatus.OK, stored.note)
        if not path.startswith(_TILE):
            return plain(HTTPStatus.NOT_FOUND)
        tile = TilePath.parse(path.removeprefix("/"))
        content = await self._reading.look_up(partial(tile_content, reader, tile))
        return Reply(HTTPStatus.OK, content, BINARY, IMMUTABLE)

    def _checkpoint(self) -> StoredCheckpoint:
        """The newest checkpoint; where there is a policy, the newest that has its quorum."""
        parts = self._reading.parts
        if parts.witnessing.gathers:
            return parts.witnessing.newest()
        return parts.witnessing.cosigned(parts.reader.latest_checkpoint())


async def _told(answer: Awaitable[Reply]) -> Reply:
    try:
        return await answer
    except (InputError, NotFoundError):
        return plain(HTTPStatus.NOT_FOUND)
    except LedgerError:
        return plain(HTTPStatus.SERVICE_UNAVAILABLE)
