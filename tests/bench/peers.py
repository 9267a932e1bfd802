"""The peers: UmaDB by its own protocol, and a plain application of the library we build on."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

APPEND: Final = "/umadb.v1.DCB/Append"
READ: Final = "/umadb.v1.DCB/Read"

_DELIMITED: Final = 2


def appends(number: int, envelopes: Sequence[bytes], *, per_request: int = 1) -> list[bytes]:
    """So many serialized requests of UmaDB's protocol, with as much content as ours.

    Its ``AppendRequest`` has the events in field 1; an event has type, tags, data and UUID in
    fields 1 to 4.
    """
    return [
        b"".join(
            _field(1, _event(envelopes[(place * per_request + each) % len(envelopes)]))
            for each in range(per_request)
        )
        for place in range(number)
    ]


def read_request(batch_size: int) -> bytes:
    """A request to read everything; the batch size stands in field 6, a varint."""
    return bytes([6 << 3]) + _varint(batch_size)


def _event(envelope: bytes) -> bytes:
    name = f"orders/{os.urandom(8).hex()}".encode()
    parts = (b"company-order.v1", name, envelope, str(uuid4()).encode())
    return b"".join(_field(number, part) for number, part in enumerate(parts, start=1))


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | _DELIMITED]) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])


class Order(Aggregate):
    """What somebody would write first."""

    @event("Placed")
    def __init__(self, content: str) -> None:
        self.content = content


class Orders(Application[UUID]):
    """Places orders, one transaction each."""

    def place(self, content: str) -> UUID:
        """Place one; durable when this returns."""
        order = Order(content)
        self.save(order)
        return order.id


def eventsourcing_rate(number: int, environment: dict[str, str], *, writers: int = 1) -> float:
    """Orders a second of a plain application in process, by so many writers at once."""
    application = Orders(env=environment)
    contents = [bytes(170).hex()] * number
    with ThreadPoolExecutor(writers) as threads:
        started = time.perf_counter()
        for _ in threads.map(application.place, contents):
            pass
        seconds = time.perf_counter() - started
    application.close()
    return number / seconds


def sqlite_environment(folder: Path) -> dict[str, str]:
    """A new SQLite file for the library."""
    file = folder / f"plain-{uuid4().hex}.sqlite3"
    return {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(file)}


def postgres_environment(socket: Path, database: str, role: str) -> dict[str, str]:
    """A PostgreSQL database for the library, behind a Unix socket."""
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": database,
        "POSTGRES_HOST": str(socket),
        "POSTGRES_PORT": "5432",
        "POSTGRES_USER": role,
        "POSTGRES_PASSWORD": "not-asked-for",
    }
