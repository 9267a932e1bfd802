"""Real ledgers behind real servers, and a server between that lies."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc

from ledger.cli.embedded import serving
from ledger.cli.founding import Founded, enroll_registrar, found_with_keys
from ledger.client.client import LedgerClient
from ledger.client.connection import Connection
from ledger.client.heads import HeadMemory, HeadsInMemory
from ledger.client.importer import Importer, ImportReport
from ledger.client.rows import read_rows
from ledger.domain.authorship import Policy

CLOCK_MS = 1_760_000_000_000
COVERAGE = {
    "id": "coverage-1",
    "family": "coverage",
    "subtype": "declared",
    "stream": "coverage/us-advanced-computing",
    "actor": "registrar",
    "regime": "US export controls",
    "from": "2022-08-26",
    "to": "2025-12-31",
    "grade": "checked",
}
LETTER = {
    "id": "us-letter",
    "family": "regulatory_action",
    "subtype": "is_informed_letter",
    "stream": "instruments/us-letter",
    "actor": "BIS",
    "addressee": "NVIDIA",
    "dates": {
        "effective": {"value": "2025-04-09", "precision": "day"},
        "public": {"value": "2025-04-15", "precision": "day"},
    },
    "provisions": [
        {
            "id": "us-letter#place",
            "items": {"names": ["H20"]},
            "destinations": {"codes": ["CN"]},
            "addressee": "NVIDIA",
            "requirement": "LICENSE_REQUIRED",
        }
    ],
    "certainty": "company_filing",
    "grade": "checked",
}


def clock_ms() -> int:
    """A clock that stands still: what is signed does not depend on the day."""
    return CLOCK_MS


@dataclass(frozen=True, slots=True)
class Served:
    """A ledger that is being served, with a registrar enrolled.

    Attributes:
        folder: Where it lies.
        address: Where it is served.
        founded: Its pin and its authors.
        client: A client of it.
    """

    folder: Path
    address: str
    founded: Founded
    client: LedgerClient

    def connect(self, address: str = "", memory: HeadMemory | None = None) -> LedgerClient:
        """A further client, perhaps by way of a server between."""
        connection = Connection(target=address or self.address)
        return LedgerClient.connect(connection, self.founded.pin, memory or HeadsInMemory())

    def importer(self, **more: Any) -> Importer:
        """An import by the registrar."""
        return Importer(self.client, self.founded.registrar, clock_ms=clock_ms, **more)

    def import_rows(self, *rows: dict[str, Any], **how: Any) -> ImportReport:
        """Import rows that are written out here."""
        file = MemoryFile("rows.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
        return self.importer().run(read_rows(file), **how)


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """Found and serve a ledger in a folder below the one given."""
    place = folder / "ledger"
    founded = found_with_keys(place, policy=Policy())
    with serving(place) as address:
        connection = Connection(target=address)
        with LedgerClient.connect(connection, founded.pin, HeadsInMemory()) as client:
            enroll_registrar(client, founded)
            yield Served(place, address, founded, client)


@dataclass(frozen=True, slots=True)
class MemoryFile:
    """A record file that is only in memory."""

    name: str
    content: str | bytes

    def read_bytes(self) -> bytes:
        """All of it."""
        return self.content if isinstance(self.content, bytes) else self.content.encode()


def row(fact_id: str, **more: Any) -> dict[str, Any]:
    """A company order in a stream of its own, as a row of the record format."""
    body: dict[str, Any] = {
        "id": fact_id,
        "family": "company_order",
        "subtype": "purchase_order",
        "stream": f"orders/{fact_id}",
        "actor": "NVIDIA",
        "dates": {"public": {"value": "2025-07-28", "precision": "day"}},
        "quantity": {"min": 10, "max": 10, "unit": "chips"},
        "certainty": "company_filing",
        "grade": "checked",
    }
    return body | more


def item_row(name: str = "H20", **more: Any) -> dict[str, Any]:
    """A chip, as a row of the record format."""
    body: dict[str, Any] = {
        "name": name,
        "vendor": "NVIDIA",
        "launch": {"value": "2024-02-01", "precision": "day"},
        "parameters": {"tpp": 2368, "datacenter": True},
        "certainty": "vendor_specification",
    }
    return body | more


Change = Callable[[str, bytes], bytes]
"""Takes a method's name and a reply, gives the reply that is sent instead."""


@dataclass(slots=True)
class RefusalError(Exception):
    """Raised by a ``Change`` to have the call fail."""

    code: grpc.StatusCode
    message: str = ""
    trailers: tuple[tuple[str, bytes], ...] = field(default=())


STREAMS = {"ReadEntries", "WatchLicenseStatus"}


class _Between(grpc.GenericRpcHandler):
    """Passes every call on, as bytes, and lets a function change what comes back."""

    def __init__(self, upstream: Any, change: Change, canned: Mapping[str, bytes]) -> None:
        self._upstream = upstream
        self._change = change
        self._canned = canned

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        method = handler_call_details.method
        name = method.rpartition("/")[2]
        if name in STREAMS:
            return grpc.unary_stream_rpc_method_handler(
                lambda request, context: self._stream(method, name, request, context)
            )
        return grpc.unary_unary_rpc_method_handler(
            lambda request, context: self._unary(method, name, request, context)
        )

    def _unary(self, method: str, name: str, request: bytes, context: Any) -> bytes:
        with _told(context):
            if name in self._canned:
                return self._canned[name]
            return self._change(name, self._upstream.unary_unary(method)(request))
        raise AssertionError

    def _stream(self, method: str, name: str, request: bytes, context: Any) -> Iterator[bytes]:
        with _told(context):
            for reply in self._upstream.unary_stream(method)(request):
                yield self._change(name, reply)


@contextmanager
def _told(context: Any) -> Iterator[None]:
    """Pass on how a call failed upstream, or how the test lets it fail."""
    try:
        yield
    except RefusalError as refusal:
        context.set_trailing_metadata(refusal.trailers)
        context.abort(refusal.code, refusal.message)
    except grpc.RpcError as failure:
        call: Any = failure
        context.set_trailing_metadata(call.trailing_metadata())
        context.abort(call.code(), call.details())


@contextmanager
def lying(address: str, change: Change, canned: Mapping[str, bytes] | None = None) -> Iterator[str]:
    """A server in front of another one, whose replies are changed on the way; gives its address.

    Args:
        address: The other one.
        change: Changes replies.
        canned: Replies of methods that are not even passed on.
    """
    with grpc.insecure_channel(address) as upstream:
        server = grpc.server(ThreadPoolExecutor(max_workers=4))
        server.add_generic_rpc_handlers([_Between(upstream, change, canned or {})])
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            yield f"127.0.0.1:{port}"
        finally:
            server.stop(grace=None).wait()


def changing(name: str, kind: Any, edit: Callable[[Any], None]) -> Change:
    """Change one method's replies as messages."""

    def change(method: str, reply: bytes) -> bytes:
        if method != name:
            return reply
        message = kind.FromString(reply)
        edit(message)
        changed: bytes = message.SerializeToString()
        return changed

    return change


def lied_to(ledger: Served, change: Change, ask: Callable[[LedgerClient], object]) -> None:
    """Ask by way of a server that changes what comes back."""
    with (
        lying(ledger.address, change) as address,
        LedgerClient.connect(
            Connection(target=address), ledger.founded.pin, HeadsInMemory()
        ) as client,
    ):
        ask(client)
