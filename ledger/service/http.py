"""A small HTTP/1.1 server: for probes, scrapers, tile clients, and callers of a witness.

It reads requests and writes replies; what a path answers is a ``Responder``'s matter. Connections
are kept as long as requests come, and nobody holds one: a request has five seconds to arrive, a
reply a minute to leave. Whatever is not plainly one request is refused, and the connection closed.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Final, NamedTuple, final

from ledger.settings import Address

_log: Final = logging.getLogger("ledger.http")

TEXT: Final = "text/plain; charset=utf-8"
BINARY: Final = "application/octet-stream"

NO_STORE: Final = "no-store"
IMMUTABLE: Final = "public, max-age=31536000, immutable"
"""For what never changes: a year, the longest that caches heed."""

_HEAD_BYTES_MAX: Final = 8 * 2**10
_HEAD_SECONDS_MAX: Final = 5.0
_BODY_SECONDS_MAX: Final = 10.0
_SEND_SECONDS_MAX: Final = 60.0
_STOP_SECONDS_MAX: Final = 2.0
_CONNECTIONS_MAX: Final = 64
_REQUEST_LINE: Final = re.compile(rb"([A-Z]{1,10}) (/[!-~]{0,500}) HTTP/1\.([01])")
_FIELD: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)")
_LENGTH: Final = re.compile(r"0|[1-9][0-9]{0,8}")


class Request(NamedTuple):
    """What was asked: method, path as it was sent, and the body."""

    method: str
    path: str
    body: bytes = b""


class Reply(NamedTuple):
    """What a path answers.

    Attributes:
        status: The status.
        body: The bytes; HEAD is answered without them.
        content_type: What they are.
        cache: The Cache-Control header.
        allow: The methods that the path knows, where this one is refused.
    """

    status: HTTPStatus
    body: bytes
    content_type: str = TEXT
    cache: str = NO_STORE
    allow: str = ""


Responder = Callable[[Request], Awaitable[Reply]]
"""Answers a request. HEAD comes in as it is, and is answered as GET would be."""


def plain(status: HTTPStatus, text: str = "") -> Reply:
    """A reply of one line: the text, or what the status is called."""
    return Reply(status, f"{text or status.phrase}\n".encode())


def not_allowed(allow: str) -> Reply:
    """The refusal of a method, with those that are known."""
    return plain(HTTPStatus.METHOD_NOT_ALLOWED)._replace(allow=allow)


class _RefusedError(Exception):
    """A request that is not answered by anybody; the connection ends with this status."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


class _Head(NamedTuple):
    """What the head of a request says: how much follows it, and whether more requests may."""

    method: str
    path: str
    length: int
    keep: bool


@final
class HTTPServer:
    """A listener.

    Args:
        respond: Answers the requests.
        body_bytes_max: Longest body of a request that is read.
    """

    def __init__(self, respond: Responder, *, body_bytes_max: int = 0) -> None:
        self._respond = respond
        self._body_bytes_max = body_bytes_max
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._idle: set[asyncio.StreamWriter] = set()
        self._stopping = False

    async def start(self, address: Address) -> Address:
        """Listen; gives the address with the port that was free.

        Raises:
            OSError: The address cannot be listened on.
        """
        if address.is_unix:
            self._server = await asyncio.start_unix_server(
                self._serve, address.path, limit=_HEAD_BYTES_MAX
            )
            return address
        self._server = await asyncio.start_server(
            self._serve, address.host, address.port, limit=_HEAD_BYTES_MAX
        )
        return Address(address.host, self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop listening, let replies under way leave if they do so soon, and hang up."""
        if self._server is None:
            return
        self._stopping = True
        self._server.close()
        for writer in self._idle:
            writer.close()
        if self._connections:
            _, slow = await asyncio.wait(self._connections, timeout=_STOP_SECONDS_MAX)
            for connection in slow:
                connection.cancel()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or self._stopping or len(self._connections) >= _CONNECTIONS_MAX:
            writer.close()
            return
        self._connections.add(task)
        try:
            while await self._exchange(reader, writer) and not self._stopping:
                pass
            writer.close()
        except (TimeoutError, ConnectionError, asyncio.IncompleteReadError):
            return
        except asyncio.CancelledError:
            if not self._stopping:
                raise
        finally:
            self._connections.discard(task)
            if not writer.is_closing():
                # Whoever does not read does not get what is still queued for it.
                writer.transport.abort()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its reply; gives whether another may follow."""
        keep, with_body = False, True
        try:
            head = await self._read_head(reader, writer)
            with_body = head.method != "HEAD"
            async with asyncio.timeout(_BODY_SECONDS_MAX):
                body = await reader.readexactly(head.length)
            reply = await self._answer(Request(head.method, head.path, body))
            keep = head.keep and not self._stopping
        except _RefusedError as refused:
            reply = plain(refused.status)
        async with asyncio.timeout(_SEND_SECONDS_MAX):
            writer.write(_head_of(reply, keep=keep))
            if with_body:
                writer.write(reply.body)
            await writer.drain()
        return keep

    async def _answer(self, request: Request) -> Reply:
        try:
            return await self._respond(request)
        except Exception:  # noqa: BLE001 - whatever it is, the client gets a reply
            # A mistake in this program, of which the client is told nothing.
            _log.exception("failed", extra={"path": request.path})
            return plain(HTTPStatus.INTERNAL_SERVER_ERROR)

    async def _read_head(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> _Head:
        self._idle.add(writer)
        try:
            async with asyncio.timeout(_HEAD_SECONDS_MAX):
                return _parse(await reader.readuntil(b"\r\n\r\n"), self._body_bytes_max)
        except asyncio.LimitOverrunError as error:
            raise _RefusedError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE) from error
        finally:
            self._idle.discard(writer)


def _parse(data: bytes, body_bytes_max: int) -> _Head:
    """Read a request's head (RFC 9112); two ways to tell how long it is are one too many."""
    line, *rest = data.removesuffix(b"\r\n\r\n").split(b"\r\n")
    match = _REQUEST_LINE.fullmatch(line)
    if match is None:
        raise _RefusedError(HTTPStatus.BAD_REQUEST)
    fields: dict[str, str] = {}
    for field in rest:
        parts = _FIELD.fullmatch(field)
        if parts is None:
            raise _RefusedError(HTTPStatus.BAD_REQUEST)
        name, value = parts[1].decode().lower(), parts[2].decode("latin-1").strip(" \t")
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    closes = match[3] == b"0" or _names(fields, "connection", "close")
    return _Head(match[1].decode(), match[2].decode(), _length(fields, body_bytes_max), not closes)


def _length(fields: Mapping[str, str], body_bytes_max: int) -> int:
    if "transfer-encoding" in fields:
        raise _RefusedError(HTTPStatus.NOT_IMPLEMENTED)
    length = fields.get("content-length", "0")
    if _LENGTH.fullmatch(length) is None:
        raise _RefusedError(HTTPStatus.BAD_REQUEST)
    if int(length) > body_bytes_max:
        raise _RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if "expect" in fields:
        raise _RefusedError(HTTPStatus.EXPECTATION_FAILED)
    return int(length)


def _names(fields: Mapping[str, str], name: str, word: str) -> bool:
    return word in {part.strip().lower() for part in fields.get(name, "").split(",")}


def _head_of(reply: Reply, *, keep: bool) -> bytes:
    lines = [
        f"HTTP/1.1 {reply.status.value} {reply.status.phrase}",
        f"Content-Type: {reply.content_type}",
        f"Content-Length: {len(reply.body)}",
        f"Cache-Control: {reply.cache}",
        "X-Content-Type-Options: nosniff",
        f"Connection: {'keep-alive' if keep else 'close'}",
    ]
    if reply.allow:
        lines.append(f"Allow: {reply.allow}")
    return "\r\n".join([*lines, "", ""]).encode()
