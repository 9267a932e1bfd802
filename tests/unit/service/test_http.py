from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from pathlib import Path

import pytest

from ledger.service import http
from ledger.service.http import HTTPServer, Reply, Request, not_allowed, plain
from ledger.settings import Address
from tests.unit.service.served import play

LOOPBACK = Address("127.0.0.1", 0)


async def respond(request: Request) -> Reply:
    if request.path == "/echo":
        return Reply(HTTPStatus.OK, request.body)
    if request.method not in {"GET", "HEAD"}:
        return not_allowed("GET, HEAD")
    match request.path:
        case "/healthz":
            return plain(HTTPStatus.OK, "fine")
        case "/readyz":
            return plain(HTTPStatus.SERVICE_UNAVAILABLE, "not yet")
        case "/broken":
            raise RuntimeError
        case "/large":
            return Reply(HTTPStatus.OK, b"x" * 2**24)
        case _:
            return plain(HTTPStatus.NOT_FOUND)


@asynccontextmanager
async def listening(address: Address = LOOPBACK) -> AsyncIterator[Address]:
    server = HTTPServer(respond, body_bytes_max=16)
    bound = await server.start(address)
    try:
        yield bound
    finally:
        await server.stop()


async def open_to(address: Address) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if address.is_unix:
        return await asyncio.open_unix_connection(address.path)
    return await asyncio.open_connection(address.host, address.port)


async def sent(address: Address, request: bytes) -> bytes:
    reader, writer = await open_to(address)
    writer.write(request)
    writer.write_eof()
    reply = await reader.read()
    writer.close()
    return reply


async def hang_up(writer: asyncio.StreamWriter) -> None:
    """Leave without reading what is still to come."""
    writer.transport.abort()
    with suppress(ConnectionError):
        await writer.wait_closed()


def reply_to(request: bytes) -> tuple[str, dict[str, str], str]:
    """The status line, the headers and the body that a request gets."""

    async def scene() -> bytes:
        async with listening() as address:
            return await sent(address, request)

    head, _, body = play(scene()).decode().partition("\r\n\r\n")
    status, *lines = head.split("\r\n")
    return status, dict(line.split(": ", 1) for line in lines), body


def test_a_path_is_answered_and_the_connection_closed_on_request() -> None:
    status, headers, body = reply_to(
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: x, Close\r\n\r\n"
    )

    assert status == "HTTP/1.1 200 OK"
    assert body == "fine\n"
    assert headers["Content-Length"] == "5"
    assert headers["Connection"] == "close"


def test_a_connection_is_kept_for_one_request_after_another() -> None:
    async def scene() -> bytes:
        async with listening() as address:
            return await sent(
                address,
                b"GET /healthz HTTP/1.1\r\n\r\n"
                b"POST /echo HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"
                b"GET /other HTTP/1.0\r\n\r\n"
                b"GET /healthz HTTP/1.1\r\n\r\n",
            )

    replies = play(scene()).decode()
    assert replies.count("HTTP/1.1 200 OK") == 2
    assert replies.count("Connection: keep-alive") == 2
    assert "\r\n\r\nhello" in replies
    # HTTP/1.0 asks for one reply, and what came after it is nobody's.
    assert replies.endswith("Connection: close\r\n\r\nNot Found\n")


def test_an_idle_connection_does_not_keep_a_server_from_stopping() -> None:
    async def scene() -> bytes:
        async with listening() as address:
            reader, writer = await open_to(address)
            writer.write(b"GET /healthz HTTP/1.1\r\n\r\n")
            assert await reader.readuntil(b"fine\n")
        rest = await reader.read()
        await hang_up(writer)
        return rest

    assert play(scene()) == b""


def test_a_client_that_does_not_read_does_not_keep_a_server_from_stopping(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http, "_STOP_SECONDS_MAX", 0.02)

    async def scene() -> bytes:
        async with listening() as address:
            reader, writer = await open_to(address)
            writer.write(b"GET /large HTTP/1.1\r\n\r\n")
            begun = await reader.readexactly(1)
        await hang_up(writer)
        return begun

    assert play(scene()) == b"H"


def test_a_client_that_reads_too_slowly_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_SEND_SECONDS_MAX", 0.02)

    async def scene() -> bytes:
        async with listening() as address:
            reader, writer = await open_to(address)
            writer.write(b"GET /large HTTP/1.1\r\n\r\n")
            received = b""
            with suppress(ConnectionError):
                await asyncio.sleep(0.1)
                received = await reader.read()
            await hang_up(writer)
            return received

    assert len(play(scene())) < 2**24


def test_a_mistake_in_the_program_is_told_by_a_status_alone() -> None:
    status, _, body = reply_to(b"GET /broken HTTP/1.1\r\n\r\n")

    assert (status, body) == ("HTTP/1.1 500 Internal Server Error", "Internal Server Error\n")


def test_a_route_says_its_own_status() -> None:
    status, _, body = reply_to(b"GET /readyz HTTP/1.0\r\n\r\n")

    assert status == "HTTP/1.1 503 Service Unavailable"
    assert body == "not yet\n"


def test_head_is_answered_without_a_body() -> None:
    status, headers, body = reply_to(b"HEAD /healthz HTTP/1.1\r\n\r\n")

    assert status == "HTTP/1.1 200 OK"
    assert headers["Content-Length"] == "5"
    assert body == ""


@pytest.mark.parametrize(
    ("request_head", "status"),
    [
        (b"GET /other HTTP/1.1\r\n\r\n", "404 Not Found"),
        (b"GET /healthz?x=1 HTTP/1.1\r\n\r\n", "404 Not Found"),
        (b"POST /healthz HTTP/1.1\r\n\r\n", "405 Method Not Allowed"),
        (b"GET healthz HTTP/1.1\r\n\r\n", "400 Bad Request"),
        (b"GET /healthz HTTP/2\r\n\r\n", "400 Bad Request"),
        (b"get /healthz HTTP/1.1\r\n\r\n", "400 Bad Request"),
        (b"GET  /healthz HTTP/1.1\r\n\r\n", "400 Bad Request"),
        (b"\x16\x03\x01\r\n\r\n", "400 Bad Request"),
        (b"GET /healthz HTTP/1.1\r\nno field\r\n\r\n", "400 Bad Request"),
        (b"GET /healthz HTTP/1.1\r\nx : y\r\n\r\n", "400 Bad Request"),
        (b"GET /healthz HTTP/1.1\r\nx: y\r\n folded\r\n\r\n", "400 Bad Request"),
        (b"GET /healthz HTTP/1.1\r\nx: a\x00b\r\n\r\n", "400 Bad Request"),
        (b"POST /echo HTTP/1.1\r\nContent-Length: +1\r\n\r\nx", "400 Bad Request"),
        (b"POST /echo HTTP/1.1\r\nContent-Length: 01\r\n\r\nx", "400 Bad Request"),
        (
            b"POST /echo HTTP/1.1\r\nContent-Length: 1\r\ncontent-length: 1\r\n\r\nx",
            "400 Bad Request",
        ),
        (
            b"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "501 Not Implemented",
        ),
        (
            b"POST /echo HTTP/1.1\r\nContent-Length: 17\r\n\r\n",
            # The phrase is Python's own, and became RFC 9110's with 3.13.
            f"413 {HTTPStatus.REQUEST_ENTITY_TOO_LARGE.phrase}",
        ),
        (
            b"POST /echo HTTP/1.1\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n",
            "417 Expectation Failed",
        ),
        (b"GET /" + b"x" * 600 + b" HTTP/1.1\r\n\r\n", "400 Bad Request"),
        (
            b"GET /healthz HTTP/1.1\r\nx: " + b"x" * 9_000 + b"\r\n\r\n",
            "431 Request Header Fields Too Large",
        ),
    ],
)
def test_whatever_else_comes_is_refused(request_head: bytes, status: str) -> None:
    assert reply_to(request_head)[0] == f"HTTP/1.1 {status}"


def test_a_refused_method_is_told_which_are_allowed() -> None:
    assert reply_to(b"DELETE /healthz HTTP/1.1\r\n\r\n")[1]["Allow"] == "GET, HEAD"


def test_a_client_that_sends_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_HEAD_SECONDS_MAX", 0.02)

    async def scene() -> bytes:
        async with listening() as address:
            reader, writer = await open_to(address)
            writer.write(b"GET /healthz HTTP/1.1\r\n")
            received = b""
            with suppress(ConnectionError):
                received = await reader.read()
            await hang_up(writer)
            return received

    assert play(scene()) == b""


def test_a_client_that_leaves_early_harms_nobody() -> None:
    async def scene() -> bytes:
        async with listening() as address:
            _, writer = await open_to(address)
            writer.write(b"GET /hea")
            writer.close()
            return await sent(address, b"GET /healthz HTTP/1.1\r\n\r\n")

    assert play(scene()).endswith(b"fine\n")


def test_too_many_connections_are_closed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_CONNECTIONS_MAX", 1)

    async def scene() -> Sequence[bytes]:
        async with listening() as address:
            held, writer = await open_to(address)
            writer.write(b"GET /healthz HTTP/1.1\r\nConnection: close\r\n")
            turned_away = await sent(address, b"")
            writer.write(b"\r\n")
            answered = await held.read()
            writer.close()
            return turned_away, answered

    turned_away, held = play(scene())
    assert turned_away == b""
    assert held.endswith(b"fine\n")


def test_a_unix_socket_is_listened_on(tmp_path: Path) -> None:
    address = Address(f"unix:{tmp_path}/http.sock", 0)

    async def scene() -> bytes:
        async with listening(address) as bound:
            assert bound == address
            return await sent(bound, b"GET /healthz HTTP/1.1\r\n\r\n")

    assert play(scene()).endswith(b"fine\n")


def test_a_server_that_never_started_can_be_stopped() -> None:
    play(HTTPServer(respond).stop())
