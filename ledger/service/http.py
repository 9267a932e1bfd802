"""Health and metrics over HTTP/1.1, for probes and scrapers that speak no gRPC.

It answers GET and HEAD on three paths, one request a connection, and reads nothing but the head of
a request: 8 KiB of it, and for five seconds. Whatever else comes is refused.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final, NamedTuple, final

from ledger.settings import Address

_HEAD_BYTES_MAX: Final = 8 * 2**10
_HEAD_SECONDS_MAX: Final = 5.0
_CONNECTIONS_MAX: Final = 64
_REQUEST_LINE: Final = re.compile(rb"([A-Z]{1,10}) (/[!-~]{0,500}) HTTP/1\.[01]\r\n")
_TEXT: Final = "text/plain; charset=utf-8"


class Reply(NamedTuple):
    """What a path answers."""

    status: HTTPStatus
    body: str
    content_type: str = _TEXT


Routes = Mapping[str, Callable[[], Reply]]


@final
class HTTPServer:
    """A listener for a few read-only paths.

    Args:
        routes: What each path answers.
    """

    def __init__(self, routes: Routes) -> None:
        self._routes = routes
        self._server: asyncio.Server | None = None
        self._connections = 0

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
        """Stop listening; a reply under way has had its time to leave."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        try:
            if self._connections > _CONNECTIONS_MAX:
                return
            async with asyncio.timeout(_HEAD_SECONDS_MAX):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(self._reply_to(head))
                await writer.drain()
        except (TimeoutError, ConnectionError, asyncio.IncompleteReadError):
            return
        except asyncio.LimitOverrunError:
            writer.write(_bytes_of(_plain(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)))
        finally:
            self._connections -= 1
            writer.close()

    def _reply_to(self, head: bytes) -> bytes:
        match = _REQUEST_LINE.match(head)
        if match is None:
            return _bytes_of(_plain(HTTPStatus.BAD_REQUEST))
        method, path = match[1].decode(), match[2].decode()
        if method not in {"GET", "HEAD"}:
            return _bytes_of(_plain(HTTPStatus.METHOD_NOT_ALLOWED), allow="GET, HEAD")
        route = self._routes.get(path)
        reply = route() if route else _plain(HTTPStatus.NOT_FOUND)
        return _bytes_of(reply, with_body=method == "GET")


def _plain(status: HTTPStatus) -> Reply:
    return Reply(status, f"{status.phrase}\n")


def _bytes_of(reply: Reply, *, with_body: bool = True, allow: str = "") -> bytes:
    body = reply.body.encode()
    head = [
        f"HTTP/1.1 {reply.status.value} {reply.status.phrase}",
        f"Content-Type: {reply.content_type}",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        "Connection: close",
    ]
    if allow:
        head.append(f"Allow: {allow}")
    return "\r\n".join([*head, "", ""]).encode() + (body if with_body else b"")
