"""Whose turn it is in a thread that answers: short jobs as they come, long ones by slices.

A short job runs to its end. A long one, of seconds, runs for a slice and then lets in whatever has
come meanwhile; where there are several, they go on in turns. Where short jobs never cease, the long
ones have a part of the time all the same.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple, final

from ledger.domain.steps import Steps
from ledger.errors import UnavailableError

SLICE_S: Final = 0.005
"""How long long jobs go on before short ones are looked for."""

SHORT_S: Final = 0.02
"""How long short jobs go on while a long one waits: then it has its slice."""

REST_S: Final = 0.0002
"""How long the thread rests before a slice. The loop, which takes results away and brings further
jobs, comes by the interpreter's lock then; from a thread that computes it waits 5 ms for it."""

UNDER_WAY_MAX: Final = 16
"""How many long jobs go on in turns; further ones have not begun, and hold nothing yet."""


class Ended(NamedTuple):
    """What a job came to. Any: each job has a result of its own type."""

    future: asyncio.Future[Any]
    result: Any
    error: Exception | None


class Short(NamedTuple):
    """A job that runs to its end, and whoever waits for it."""

    job: Callable[[], Any]
    future: asyncio.Future[Any]

    def run(self) -> Ended:
        """Run it."""
        try:
            return Ended(self.future, self.job(), None)
        except Exception as error:  # noqa: BLE001 - it is raised again where the result is awaited
            return Ended(self.future, None, error)


class Long(NamedTuple):
    """A job that goes on step by step, and whoever waits for it."""

    steps: Steps[Any]
    future: asyncio.Future[Any]

    def go_on(self, until: float) -> Ended | None:
        """Go on for at least a step, and until a time of the monotonic clock.

        Returns:
            What it came to; None while there is more to do.
        """
        try:
            while not self.future.cancelled():
                next(self.steps)
                if time.monotonic() >= until:
                    return None
            self.steps.close()
        except StopIteration as end:
            return Ended(self.future, end.value, None)
        except Exception as error:  # noqa: BLE001 - it is raised again where the result is awaited
            return Ended(self.future, None, error)
        return Ended(self.future, None, None)

    def refuse(self) -> Ended:
        """Give it up, as the server ends."""
        self.steps.close()
        return Ended(self.future, None, UnavailableError(CLOSING, rule="shutting-down"))


CLOSING: Final = "The server is shutting down."


@final
class LongJobs:
    """The long jobs of one thread, which alone goes on with them."""

    def __init__(self) -> None:
        self._lined_up: deque[Long] = deque()
        self._under_way: deque[Long] = deque()

    def __len__(self) -> int:
        return len(self._lined_up) + len(self._under_way)

    def add(self, job: Long) -> None:
        """Line a job up; from any thread."""
        self._lined_up.append(job)

    def go_on(self) -> list[Ended]:
        """Go on for a slice, and tell of those that came to their end in it."""
        until = time.monotonic() + SLICE_S
        ended: list[Ended] = []
        while (job := self._next()) is not None:
            done = job.go_on(until)
            if done is None:
                self._under_way.append(job)
                break
            ended.append(done)
            if time.monotonic() >= until:
                break
        return ended

    def refuse(self) -> Iterator[Ended]:
        """Give all of them up, as the server ends."""
        for jobs in (self._under_way, self._lined_up):
            while jobs:
                yield jobs.popleft().refuse()

    def _next(self) -> Long | None:
        while self._lined_up and len(self._under_way) < UNDER_WAY_MAX:
            self._under_way.append(self._lined_up.popleft())
        return self._under_way.popleft() if self._under_way else None
