from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ledger.client.web import WebClient
from ledger.errors import SettingError, UnavailableError
from tests.staticlog import file_server

OK = b"HTTP/1.1 200 OK\r\nContent-Type: x/y\r\nContent-Length: 2\r\n\r\nhi"


@contextmanager
def playing(*connections: tuple[bytes, ...]) -> Iterator[str]:
    """A server that answers each request of each connection as written, and then hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            for replies in connections:
                peer, _ = listener.accept()
                with peer:
                    for reply in replies:
                        peer.recv(65_536)
                        peer.sendall(reply)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/log/"
        thread.join()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ledger.example",
        "ftp://ledger.example/",
        "http://",
        "http://ledger.example:port/",
        "http://ledger.example:70000/",
        "http://ledger.example:0/",
        "http://ledger.example/?a=b",
        "http://ledger.example/#a",
        "http://user@ledger.example/",
        "http://ledger.example/a b",
        "http://ledger.example/\r\n",
        "http://l\u00e9dger.example/",
        "http://[::1/",
    ],
)
def test_a_url_that_cannot_be_asked_is_refused(url: str) -> None:
    with pytest.raises(SettingError) as caught:
        WebClient(url)

    assert caught.value.rule == "url"


def test_what_is_asked_for_lies_below_the_prefix(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "checkpoint").write_bytes(b"note")

    with file_server(tmp_path) as url, WebClient(f"{url}/log/") as web:
        assert web.get("checkpoint", bytes_max=4).body == b"note"
        assert web.get("other", bytes_max=1_000).status == 404


def test_a_reply_that_is_too_long_is_not_taken() -> None:
    with playing((OK,)) as url, WebClient(url) as web, pytest.raises(UnavailableError) as caught:
        web.get("x", bytes_max=1)

    assert "longer than 1 bytes" in caught.value.message


def test_a_connection_that_was_closed_meanwhile_is_made_anew() -> None:
    with playing((OK,), (OK,)) as url, WebClient(url) as web:
        first, second = web.post("x", b"body", bytes_max=2), web.post("x", b"body", bytes_max=2)

    assert first == second
    assert (first.status, first.content_type, first.body) == (200, "x/y", b"hi")


@pytest.mark.parametrize(
    "connections",
    [((b"what?\r\n\r\n",),), ((OK, b"what?\r\n\r\n"), (b"what?\r\n\r\n",)), ((OK[:-1],),)],
    ids=["at once", "on the second connection", "in the middle of a reply"],
)
def test_a_server_that_speaks_no_http_is_not_available(
    connections: tuple[tuple[bytes, ...], ...],
) -> None:
    with playing(*connections) as url, WebClient(url) as web:
        for _ in connections[1:]:
            web.get("x", bytes_max=2)
        with pytest.raises(UnavailableError):
            web.get("x", bytes_max=2)


def test_a_server_that_does_not_listen_is_not_available() -> None:
    with WebClient("http://127.0.0.1:1/") as web, pytest.raises(UnavailableError) as caught:
        web.get("x", bytes_max=1)

    assert caught.value.rule == "web-server"
