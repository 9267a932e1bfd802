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
from typing import Any, Final, Protocol, TypeVar, final

from ledger.errors import LedgerError, UnavailableError
from ledger.log.receipts import Receipt
from ledger.store.appender import deliver_here
from ledger.store.committing import Outcome
from ledger.store.intake import Done

_T = TypeVar("_T")

# A job and whoever waits for it. Any: each job has a result of its own type.
_Job = tuple[Callable[[], Any], asyncio.Future[Any]]
_Done = tuple[asyncio.Future[Any], Any, Exception | None]

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
        self._waiting: deque[_Job] = deque()
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
            if self._closing:
                raise UnavailableError("The server is shutting down.", rule="shutting-down")
            if len(self._waiting) >= WAITING_MAX:
                raise UnavailableError("Too many questions are waiting.", rule="queue-full")
            self._waiting.append((job, future))
            self._changed.notify()
        return await future

    def close(self) -> None:
        """Let nothing more in, finish what waits, and end the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join()

    def _work(self) -> None:
        while batch := self._take():
            finished: list[_Done] = []
            held_since = time.monotonic()
            for job, future in batch:
                if future.cancelled():
                    continue
                finished.append(_finished(job, future))
                if time.monotonic() - held_since >= _HOLD_S:
                    self._door.call(_tell, finished)
                    finished, held_since = [], time.monotonic()
            self._door.call(_tell, finished)

    def _take(self) -> Sequence[_Job]:
        """Wait for jobs, and take all there are; none only when closing."""
        with self._changed:
            while not self._waiting and not self._closing:
                self._changed.wait()
            batch = list(self._waiting)
            self._waiting.clear()
            return batch


def _finished(job: Callable[[], Any], future: asyncio.Future[Any]) -> _Done:
    try:
        return future, job(), None
    except Exception as error:  # noqa: BLE001 - it is raised again where the result is awaited
        return future, None, error


def _tell(finished: Sequence[_Done]) -> None:
    for future, result, error in finished:
        if future.done():
            continue
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)
