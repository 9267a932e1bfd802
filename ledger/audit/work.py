"""What goes to the processes of an audit, and what comes back: kept apart from all that reads it.

A process that only examines entries imports this, and neither clients nor servers.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, NamedTuple

from ledger.domain.vocabulary import Collection

_AUTHORS: Final = f"{Collection.AUTHORS.value}/"


def concerns_keys(stream: str) -> bool:
    """Whether every replay has to know what is said in a stream."""
    return stream.startswith(_AUTHORS)


class Row(NamedTuple):
    """What a database says beside an entry; an audit derives all of it again.

    ``recorded_ms`` is in ms since 1970 (UTC), ``digest`` the statement digest of 32 bytes.
    """

    stream: object
    version: object
    event_type: object
    fact_id: object
    digest: object
    author: object
    nonce: object
    recorded_ms: object


class Task(IntEnum):
    """What is to be done with an entry.

    ``EXAMINE`` is all of it. ``FOLLOW`` takes in a key's life, which another replay examines.
    ``RETRACE`` takes in what an earlier audit examined;
    what stands beside the entry is compared all the same, for it may have changed since.
    """

    EXAMINE = 0
    FOLLOW = 1
    RETRACE = 2


class Work(NamedTuple):
    """An entry, its index, and what is to be done with it."""

    task: Task
    at: int
    data: bytes
    row: Row | None


@dataclass(slots=True)
class Tally:
    """What was examined.

    Attributes:
        entries: How many entries there are of each event type.
        authors: How many entries each author stated.
        signatures: How many signatures each key made that hold, by keyid.
        rows: How many database rows say what their entries say.
    """

    entries: Counter[str] = field(default_factory=Counter)
    authors: Counter[str] = field(default_factory=Counter)
    signatures: Counter[str] = field(default_factory=Counter)
    rows: int = 0

    def add(self, other: Tally) -> None:
        """Take in what was examined elsewhere."""
        self.entries.update(other.entries)
        self.authors.update(other.authors)
        self.signatures.update(other.signatures)
        self.rows += other.rows
