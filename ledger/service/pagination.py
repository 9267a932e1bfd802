"""Page tokens: where a list goes on, bound to its request and to the tree size it stands on.

A token is ``base64url(MAC || tree size || offset || day)``. The MAC covers the request too, less
what may change from page to page, so that a token wanders neither to another list nor to another
question, and all pages stand on one tree size and one day, however the log grows meanwhile.
"""

from __future__ import annotations

import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BinasciiError
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple, TypeVar, final

from google.protobuf.message import Message

from ledger.domain.steps import Steps, finished
from ledger.errors import InputError

PAGE_SIZE_DEFAULT: Final = 50
PAGE_SIZE_MAX: Final = 500
PAGE_BYTES_MAX: Final = 2 * 2**20
"""A page ends early beyond this, so that a reply fits what clients receive by default (4 MiB)."""

_MAC_BYTES: Final = 16
_BODY: Final = struct.Struct(">QQQ")
_FREE: Final = ("page_token", "page_size", "min_tree_size")

_RowT = TypeVar("_RowT", bound=Message)


class PageStart(NamedTuple):
    """Where a page begins, and what all pages of its list have in common.

    Attributes:
        tree_size: The tree size that the list stands on, 0 for the newest.
        offset: How many rows lie before the page; of a timeline the page's first row itself.
        day: What the list takes for today, as a proleptic ordinal; 0 where it begins.
    """

    tree_size: int
    offset: int
    day: int = 0


@final
class Paginator:
    """Makes and reads page tokens.

    Args:
        key: A secret of the server's; all processes that serve one ledger have the same.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def start(self, request: Message) -> PageStart:
        """Where the page that a request asks for begins.

        Raises:
            InputError: The token is not one that was given for this very request.
        """
        token: str = getattr(request, "page_token")  # noqa: B009 - every list request has one
        if not token:
            return PageStart(getattr(request, "tree_size", 0), 0)
        try:
            sealed = urlsafe_b64decode(token.encode("ascii"))
        except (BinasciiError, UnicodeEncodeError) as error:
            raise _refused() from error
        mac, body = sealed[:_MAC_BYTES], sealed[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(request, body)):
            raise _refused()
        return PageStart(*_BODY.unpack(body))

    def token(self, request: Message, start: PageStart) -> str:
        """The token of the page that begins there."""
        body = _BODY.pack(*start)
        return urlsafe_b64encode(self._mac(request, body) + body).decode()

    def _mac(self, request: Message, body: bytes) -> bytes:
        bound = type(request)()
        bound.CopyFrom(request)
        for field in _FREE:
            if field in bound.DESCRIPTOR.fields_by_name:
                bound.ClearField(field)
        question = bound.SerializeToString(deterministic=True)
        kind = request.DESCRIPTOR.full_name.encode()
        parts = b"".join(len(part).to_bytes(8) + part for part in (kind, question, body))
        return hmac.digest(self._key, parts, "sha256")[:_MAC_BYTES]


def page_size_of(request: Message) -> int:
    """How many rows a request wants: 50 unless stated, and never over 500.

    Raises:
        InputError: The size is negative.
    """
    wanted: int = getattr(request, "page_size")  # noqa: B009 - every list request has one
    if wanted < 0:
        raise InputError("A page has no negative size.", field="page_size", rule="page-size")
    return min(wanted or PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX)


def fill(rows: Iterable[Callable[[], _RowT] | None], page_size: int) -> list[_RowT]:
    """Build rows until a page is full, by their number or by their bytes; one always fits."""
    return finished(filled(rows, page_size))


def filled(rows: Iterable[Callable[[], _RowT] | None], page_size: int) -> Steps[list[_RowT]]:
    """The same in steps, of which each builds a row, or looks for one where there is None."""
    page: list[_RowT] = []
    size = 0
    for build in rows:
        if build is not None:
            row = build()
            size += row.ByteSize()
            if page and size > PAGE_BYTES_MAX:
                break
            page.append(row)
            if len(page) == page_size:
                break
        yield
    return page


def _refused() -> InputError:
    return InputError(
        "The page token is not one that was given for this request.",
        field="page_token",
        rule="page-token",
    )
