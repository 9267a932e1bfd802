"""HTTP as a client needs it here: one server, one kept connection, replies no longer than expected.

What comes back is not believed by anybody: tiles are hashed and cosignatures verified. So nothing
is followed, decoded or cached, and no proxy is asked.
"""

from __future__ import annotations

import http.client
from dataclasses import dataclass
from typing import Final, Self, final
from urllib.parse import SplitResult, urlsplit

from ledger.errors import SettingError, UnavailableError

TIMEOUT_S: Final = 10.0
"""How long a server may take to connect, and between two pieces of a reply."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply.

    Attributes:
        status: The HTTP status.
        content_type: The Content-Type header, or "".
        body: The bytes.
    """

    status: int
    content_type: str
    body: bytes


@final
class WebClient:
    """One server and a prefix of its paths, for one thread at a time; a context manager.

    Args:
        url: ``http`` or ``https``, a host, and a path that everything asked for is below.
        timeout_s: How long to wait for the server, in seconds.

    Raises:
        SettingError: It is not such a URL.
    """

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S) -> None:
        parts = parse_url(url)
        kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
        self._connection = kinds[parts.scheme](parts.hostname or "", parts.port, timeout=timeout_s)
        self._prefix = parts.path.rstrip("/")
        self._url = url

    def get(self, path: str, *, bytes_max: int) -> Answer:
        """Get what is at a path below the prefix.

        Raises:
            UnavailableError: The server cannot be reached, or sends more than ``bytes_max``.
        """
        return self._ask("GET", path, None, bytes_max, {})

    def post(
        self, path: str, body: bytes, *, bytes_max: int, content_type: str = "text/plain"
    ) -> Answer:
        """Send a body to a path below the prefix; it may arrive twice.

        Raises:
            UnavailableError: The server cannot be reached, or sends more than ``bytes_max``.
        """
        return self._ask("POST", path, body, bytes_max, {"Content-Type": content_type})

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(
        self, method: str, path: str, body: bytes | None, bytes_max: int, headers: dict[str, str]
    ) -> Answer:
        # A kept connection may have been closed meanwhile: that is found out by asking.
        kept = self._connection.sock is not None
        try:
            return self._once(method, path, body, bytes_max, headers)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if not kept:
                raise self._unavailable(str(error)) from error
        try:
            return self._once(method, path, body, bytes_max, headers)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise self._unavailable(str(error)) from error

    def _once(
        self, method: str, path: str, body: bytes | None, bytes_max: int, headers: dict[str, str]
    ) -> Answer:
        self._connection.request(method, f"{self._prefix}/{path}", body, headers)
        reply = self._connection.getresponse()
        content = reply.read(bytes_max + 1)
        if len(content) > bytes_max:
            self.close()
            raise self._unavailable(f"the reply is longer than {bytes_max} bytes")
        if reply.length:
            message = f"{reply.length} bytes of the reply are missing"
            raise http.client.HTTPException(message)
        return Answer(reply.status, reply.getheader("Content-Type", ""), content)

    def _unavailable(self, why: str) -> UnavailableError:
        return UnavailableError(f"{self._url} does not answer: {why}.", rule="web-server")


def parse_url(url: str) -> SplitResult:
    """Take a URL apart that ``WebClient`` can use.

    Raises:
        SettingError: It is not one.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = None
    plain = url.isascii() and url.isprintable() and " " not in url
    if not usable or not plain or parts.query or parts.fragment or parts.username:
        raise SettingError(
            f"{url!r} is not an http or https URL without query or user.", field="url", rule="url"
        )
    return parts
