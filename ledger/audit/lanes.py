"""The streams of a log divided among processes, each with a replay of its own.

Signatures and strict parsing cost nearly all of an audit, and need nothing but an entry, its
stream's state and the keyring. So each lane gets the entries of its streams, and every lane those
of the authors and keys; the entries go over in order, in bundles, and what comes back is small.

Processes are spawned and speak over pipes: an audit opens no socket, and inherits no threads.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Final, Protocol, TypeVar, final
from zlib import crc32

from ledger.audit.findings import Finding
from ledger.audit.replay import Replay, Tally, Task, Work
from ledger.audit.source import Row
from ledger.domain.keyring import KeyRecord
from ledger.domain.logkeys import LogKey
from ledger.domain.vocabulary import Collection
from ledger.errors import StoreError

_T = TypeVar("_T")

POOL_FROM: Final = 3_000
"""Entries from which on starting processes pays: it costs about a second."""

_BUNDLE: Final = 250
"""Entries that go to a lane at once."""

_AHEAD: Final = 8
"""Bundles that a lane may lie behind, which bounds the memory."""

_AUTHORS: Final = f"{Collection.AUTHORS.value}/"


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Lane(Protocol):
    """Something that works on entries in their order."""

    def send(self, works: Sequence[Work]) -> None:
        """Hand over the next entries."""
        ...

    def settle(self) -> tuple[Tally, list[Finding]]:
        """Wait until all of them are examined; gives what came of those since the last time."""
        ...

    def records(self, keyids: Sequence[str]) -> list[KeyRecord]:
        """What the entries say of these keys."""
        ...

    def log_keys(self) -> tuple[LogKey, ...]:
        """The log's own keys, as the entries announce and retire them."""
        ...

    def close(self) -> None:
        """Stop."""
        ...


@final
class Lanes:
    """Divides entries among lanes; a context manager.

    Args:
        count: How many processes; 1 works in this one.
        ledger_id: The pinned ledger.
    """

    def __init__(self, count: int, ledger_id: bytes) -> None:
        self._lanes: list[Lane] = (
            [_Here(ledger_id)] if count == 1 else [_Elsewhere(ledger_id) for _ in range(count)]
        )
        self._waiting: list[list[Work]] = [[] for _ in self._lanes]

    def __enter__(self) -> Lanes:
        return self

    def __exit__(self, *_: object) -> None:
        for lane in self._lanes:
            lane.close()

    @staticmethod
    def concerns_keys(stream: str) -> bool:
        """Whether every lane has to know what is said in a stream."""
        return stream.startswith(_AUTHORS)

    def put(self, task: Task, index: int, stream: str, data: bytes, row: Row | None) -> None:
        """Have an entry worked on by the lane that its stream belongs to."""
        work = Work(task, index, data, row)
        own = crc32(stream.encode()) % len(self._lanes)
        self._append(own, work)
        if self.concerns_keys(stream):
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


@final
class _Here:
    """A lane in this process."""

    def __init__(self, ledger_id: bytes) -> None:
        self._replay = Replay(ledger_id)

    def send(self, works: Sequence[Work]) -> None:
        self._replay.work(works)

    def settle(self) -> tuple[Tally, list[Finding]]:
        return self._replay.take()

    def records(self, keyids: Sequence[str]) -> list[KeyRecord]:
        return self._replay.records(keyids)

    def log_keys(self) -> tuple[LogKey, ...]:
        return self._replay.log_keys

    def close(self) -> None:
        self._replay.close()


@final
class _Elsewhere:
    """A lane in a process of its own."""

    def __init__(self, ledger_id: bytes) -> None:
        self._pool = ProcessPoolExecutor(
            max_workers=1,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(ledger_id,),
        )
        self._sent: deque[Future[None]] = deque()

    def send(self, works: Sequence[Work]) -> None:
        while len(self._sent) >= _AHEAD:
            self._await(self._sent.popleft())
        self._sent.append(self._pool.submit(_work, works))

    def settle(self) -> tuple[Tally, list[Finding]]:
        while self._sent:
            self._await(self._sent.popleft())
        return self._await(self._pool.submit(_take))

    def records(self, keyids: Sequence[str]) -> list[KeyRecord]:
        return self._await(self._pool.submit(_records, keyids))

    def log_keys(self) -> tuple[LogKey, ...]:
        return self._await(self._pool.submit(_log_keys))

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def _await(self, future: Future[_T]) -> _T:
        try:
            return future.result()
        except BrokenProcessPool as error:
            raise StoreError("A process of the audit has died.", rule="audit-process") from error


_OWN: list[Replay] = []
"""The one replay of a process that is a lane."""


def _begin(ledger_id: bytes) -> None:
    _OWN.append(Replay(ledger_id))


def _work(works: Sequence[Work]) -> None:
    _OWN[0].work(works)


def _take() -> tuple[Tally, list[Finding]]:
    return _OWN[0].take()


def _records(keyids: Sequence[str]) -> list[KeyRecord]:
    return _OWN[0].records(keyids)


def _log_keys() -> tuple[LogKey, ...]:
    return _OWN[0].log_keys
