"""A link to PostgreSQL that breaks at a COMMIT: before the server hears it, or before it is heard.

It stands on a Unix socket of its own in front of a server's. What breaks, breaks once.
"""

from __future__ import annotations

import re
import socket
import threading
from contextlib import suppress
from typing import Final, Literal

from tests.postgres import PostgresServer, folder

_NAME: Final = ".s.PGSQL.5432"
_BYTES: Final = 65_536

_PREPARED: Final = re.compile(rb"(ledger_[0-9]+)\x00COMMIT\x00")
"""In a Parse message: the statement's name, and what it says. A Bind names it after the portal."""


class LosingLink:
    """The link, which passes everything on until it is told to lose something.

    Args:
        server: Where it leads.
    """

    def __init__(self, server: PostgresServer) -> None:
        self._server = server.socket / _NAME
        self._folder = folder()
        self._loses: Literal["", "request", "reply"] = ""
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self._folder / _NAME))
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def through(self, url: str) -> str:
        """A URL of the server's as it is reached by this link."""
        return url.replace(str(self._server.parent), str(self._folder))

    def lose(self, what: Literal["request", "reply"]) -> None:
        """Break at the next COMMIT."""
        self._loses = what

    def _accept(self) -> None:
        with self._listener:
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server, suppress(OSError):
            server.connect(str(self._server))
            answers = threading.Thread(target=_copy, args=(server, client))
            answers.start()
            commit = b""
            while asked := client.recv(_BYTES):
                if prepared := _PREPARED.search(asked):
                    commit = prepared[1]
                if self._loses and commit and b"\x00%b\x00" % commit in asked:
                    break
                server.sendall(asked)
            client.shutdown(socket.SHUT_RDWR)
            if asked and self._loses == "reply":
                server.sendall(asked)
            self._loses = "" if asked else self._loses
            server.shutdown(socket.SHUT_WR)
            answers.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while said := source.recv(_BYTES):
            target.sendall(said)
        target.shutdown(socket.SHUT_RDWR)
