"""The streams of a log divided among processes, each with a replay of its own.

Signatures and strict parsing cost nearly all of an audit, and need nothing but an entry, its
stream's state and the keyring. So each lane gets the entries of its streams, and every lane those
of the authors and keys; the entries go over in order, in bundles, and what comes back is small.

Processes are started anew and speak over pipes: an audit opens no socket, and inherits no threads.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Final, final
from zlib import crc32

from ledger.audit.findings import Finding
from ledger.audit.lane import Elsewhere, Here, Lane
from ledger.audit.work import Row, Tally, Task, Work, concerns_keys
from ledger.domain.keyring import KeyRecord
from ledger.domain.logkeys import LogKey

POOL_FROM: Final = 3_000
"""Entries from which on starting processes pays: it costs about a second."""

_BUNDLE: Final = 250
"""Entries that go to a lane at once."""


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@final
class Lanes:
    """Divides entries among lanes; a context manager.

    Args:
        count: How many processes; 1 works in this one.
        ledger_id: The pinned ledger.
    """

    def __init__(self, count: int, ledger_id: bytes) -> None:
        self._lanes: list[Lane] = (
            [Here(ledger_id)] if count == 1 else [Elsewhere(ledger_id) for _ in range(count)]
        )
        self._waiting: list[list[Work]] = [[] for _ in self._lanes]

    def __enter__(self) -> Lanes:
        return self

    def __exit__(self, *_: object) -> None:
        for lane in self._lanes:
            lane.close()

    def put(self, task: Task, index: int, stream: str, data: bytes, row: Row | None) -> None:
        """Have an entry worked on by the lane that its stream belongs to."""
        work = Work(task, index, data, row)
        own = crc32(stream.encode()) % len(self._lanes)
        self._append(own, work)
        if concerns_keys(stream):
            for place in range(len(self._lanes)):
                if place != own:
                    self._append(place, Work(Task.FOLLOW, index, data, None))

    def settle(self) -> tuple[Tally, list[Finding]]:
        """Wait until everything is examined; gives what came of it since the last time."""
        for place in range(len(self._lanes)):
            self._flush(place)
        tally, findings = Tally(), list[Finding]()
        for lane in self._lanes:
            examined, found = lane.settle()
            tally.add(examined)
            findings += found
        return tally, findings

    def records(self, keyids: Iterable[str]) -> list[KeyRecord]:
        """What the entries say of these keys; every lane knows all keys."""
        return self._lanes[0].records(list(keyids))

    def log_keys(self) -> tuple[LogKey, ...]:
        """The log's own keys; every lane knows them."""
        return self._lanes[0].log_keys()

    def _append(self, place: int, work: Work) -> None:
        self._waiting[place].append(work)
        if len(self._waiting[place]) >= _BUNDLE:
            self._flush(place)

    def _flush(self, place: int) -> None:
        if self._waiting[place]:
            self._lanes[place].send(self._waiting[place])
            self._waiting[place] = []
