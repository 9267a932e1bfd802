"""How the event loop meets the threads behind it: whole batches over, whole batches back.

An executor takes a hop each way for every call. Here whatever has come in while a thread was busy
goes over as one batch, and results come back many at a time by one ``call_soon_threadsafe``. The
threads are the appender's own, whose rounds are delivered here, and those that read.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar, final

from ledger.domain.steps import Steps
from ledger.errors import LedgerError, UnavailableError
from ledger.log.receipts import Receipt
from ledger.service.turns import CLOSING, REST_S, SHORT_S, Ended, Long, LongJobs, Short
from ledger.store.appender import deliver_here
from ledger.store.committing import Outcome
from ledger.store.intake import Done

_T = TypeVar("_T")

WAITING_MAX: Final = 4_096
"""How many jobs may wait for a thread; further ones would be answered too late."""

_HOLD_S: Final = 0.01
"""How long a finished answer is held for those after it, so that they leave together.

Each that leaves alone costs the loop a turn, and the connection a write."""


@final
class Door:
    """The way from other threads to the loop, open while there is one."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._turning = threading.Lock()

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let calls through to this loop from now on."""
        with self._turning:
            self._loop = loop

    def close(self) -> None:
        """Let nothing through any more; the loop may be closed afterwards."""
        with self._turning:
            self._loop = None

    def call(self, callback: Callable[..., object], *args: object) -> bool:
        """Have the loop call something, from any thread; False if there is no loop."""
        with self._turning:
            if self._loop is None:
                return False
            self._loop.call_soon_threadsafe(callback, *args)
            return True


@final
class Deliveries:
    """Takes the appender's outcomes to the loop, a whole round by one wake-up.

    Without a loop, as in a command that appends locally, they are told in the appender's thread.

    Args:
        door: The way to the loop.
    """

    def __init__(self, door: Door) -> None:
        self._door = door

    def __call__(self, outcomes: Sequence[tuple[Done, Outcome]]) -> None:
        """Deliver the outcomes of one round."""
        if not self._door.call(deliver_here, outcomes):
            deliver_here(outcomes)


class Submitting(Protocol):
    """The way in, as ``store.appender.Appender`` has it."""

    def submit(self, envelopes: Sequence[bytes], done: Done) -> None:
        """Queue envelopes to be appended together or not at all; never waits."""
        ...

    def append(self, envelope: bytes) -> Receipt:
        """Append one statement and wait for its receipt."""
        ...


def submitted(
    appender: Submitting, envelopes: Sequence[bytes]
) -> asyncio.Future[tuple[Receipt, ...]]:
    """Queue envelopes to be appended together; the future tells their receipts on this loop.

    Whoever gives the future up gives up the answer, not the append.

    Raises:
        InputError: There are none, or too many.
        UnavailableError: Too much is waiting already, or the ledger is shutting down.
    """
    future: asyncio.Future[tuple[Receipt, ...]] = asyncio.get_running_loop().create_future()

    def done(outcome: Outcome) -> None:
        if future.done():
            return
        if isinstance(outcome, LedgerError):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)

    appender.submit(envelopes, done)
    return future


async def receipts(appender: Submitting, envelopes: Sequence[bytes]) -> tuple[Receipt, ...]:
    """Append envelopes together, and wait on the loop for their receipts.

    Raises:
        LedgerError: They were refused, or could not be stored.
    """
    return await submitted(appender, envelopes)


@final
class ReaderThread:
    """One thread that answers, job by job, what would take too long on the loop.

    Args:
        door: The way back to the loop.
        name: The thread's name.
    """

    def __init__(self, door: Door, *, name: str) -> None:
        self._door = door
        self._waiting: deque[Short] = deque()
        self._long = LongJobs()
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    async def run(self, job: Callable[[], _T]) -> _T:
        """Run a job in the thread, and wait on the loop for its result.

        Raises:
            UnavailableError: Too many jobs wait, or the thread is closing.
            Exception: Whatever the job raises.
        """
        future: asyncio.Future[_T] = asyncio.get_running_loop().create_future()
        with self._changed:
            self._require_room()
            self._waiting.append(Short(job, future))
            self._changed.notify()
        return await future

    async def run_in_steps(self, steps: Steps[_T]) -> _T:
        """Run a long job in the thread, and let short ones in between its steps.

        It stops after a step where nobody waits for it any more.

        Raises:
            UnavailableError: Too many jobs wait, or the thread is closing, or it closed meanwhile.
            Exception: Whatever a step raises.
        """
        future: asyncio.Future[_T] = asyncio.get_running_loop().create_future()
        with self._changed:
            self._require_room()
            self._long.add(Long(steps, future))
            self._changed.notify()
        return await future

    def close(self) -> None:
        """Let nothing more in, finish the short jobs that wait, refuse long ones, and end."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join()

    def _require_room(self) -> None:
        if self._closing:
            raise UnavailableError(CLOSING, rule="shutting-down")
        if len(self._waiting) + len(self._long) >= WAITING_MAX:
            raise UnavailableError("Too many questions are waiting.", rule="queue-full")

    def _work(self) -> None:
        taken: deque[Short] = deque()
        while self._take(taken):
            self._answer(taken)
            if self._long:
                time.sleep(REST_S)
                self._tell(self._long.go_on())
        self._tell(list(self._long.refuse()))

    def _take(self, taken: deque[Short]) -> bool:
        """Wait for jobs, and take all short ones that there are; False when closing with none."""
        with self._changed:
            while not (taken or self._waiting or self._long or self._closing):
                self._changed.wait()
            taken.extend(self._waiting)
            self._waiting.clear()
            return bool(taken) or not self._closing

    def _answer(self, taken: deque[Short]) -> None:
        """Run short jobs, all of them unless a long one has waited its time."""
        finished: list[Ended] = []
        began = held_since = time.monotonic()
        while taken:
            one = taken.popleft()
            if one.future.cancelled():
                continue
            finished.append(one.run())
            now = time.monotonic()
            if now - held_since >= _HOLD_S:
                self._tell(finished)
                finished, held_since = [], now
            if self._long and now - began >= SHORT_S:
                break
        self._tell(finished)

    def _tell(self, finished: Sequence[Ended]) -> None:
        if finished:
            self._door.call(_tell, finished)


def _tell(finished: Sequence[Ended]) -> None:
    for future, result, error in finished:
        if future.done():
            continue
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)
