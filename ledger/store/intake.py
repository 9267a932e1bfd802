"""The queue in front of the writer: bounded, and taken from in groups."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from ledger.errors import InputError, UnavailableError
from ledger.store.committing import Outcome
from ledger.store.preparing import Given, envelope_of

STATEMENTS_MAX: Final = 1000
"""Most statements in one submission, and in one group unless a single one is larger."""

BYTES_MAX: Final = 4 * 1024 * 1024
"""Most bytes of envelopes in one submission, and in one group."""

WAITING_STATEMENTS_MAX: Final = 20_000
"""Most statements waiting: more than a few seconds' work would only be answered too late."""

WAITING_BYTES_MAX: Final = 64 * 1024 * 1024
"""Most bytes of envelopes waiting."""

Done = Callable[[Outcome], None]
"""What is told the outcome of a submission, once."""


@dataclass(frozen=True, slots=True)
class Submission:
    """Statements that are appended together or not at all, and who waits for the outcome."""

    statements: tuple[Given, ...]
    done: Done

    @property
    def size(self) -> int:
        """Bytes of all envelopes."""
        return _size_of(self.statements)


def require_batch_size(statements: Sequence[Given]) -> None:
    """Refuse a submission that is empty or too large for one round.

    Raises:
        InputError: It is.
    """
    if not 1 <= len(statements) <= STATEMENTS_MAX or _size_of(statements) > BYTES_MAX:
        raise InputError(
            f"A batch has 1 to {STATEMENTS_MAX} statements in at most {BYTES_MAX} bytes.",
            field="envelopes",
            rule="batch-size",
        )


def _size_of(statements: Sequence[Given]) -> int:
    """Bytes of all envelopes."""
    return sum(len(envelope_of(given)) for given in statements)


class Intake:
    """Submissions on their way to the writer."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[Submission] = deque()
        self._statements = 0
        self._bytes = 0
        self._closed = False

    def put(self, submission: Submission) -> None:
        """Queue a submission; never waits.

        Raises:
            InputError: It has no statements, or too many, or too many bytes.
            UnavailableError: Too much is waiting already, or the ledger is shutting down.
        """
        require_batch_size(submission.statements)
        count, size = len(submission.statements), submission.size
        with self._changed:
            if self._closed:
                raise UnavailableError("The ledger is shutting down.", rule="shutting-down")
            if (
                self._statements + count > WAITING_STATEMENTS_MAX
                or self._bytes + size > WAITING_BYTES_MAX
            ):
                raise UnavailableError(
                    "Too many statements are waiting to be recorded.", rule="queue-full"
                )
            self._waiting.append(submission)
            self._statements += count
            self._bytes += size
            self._changed.notify()

    def take(self) -> list[Submission]:
        """Take what is waiting, up to a group's size; waits for the first.

        Returns:
            At least one submission, in the order of their coming; none after ``close``, once all
            that was queued before has been taken.
        """
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            group: list[Submission] = []
            statements = taken = 0
            while self._waiting:
                submission = self._waiting[0]
                statements += len(submission.statements)
                taken += submission.size
                if group and (statements > STATEMENTS_MAX or taken > BYTES_MAX):
                    break
                group.append(self._waiting.popleft())
                self._statements -= len(submission.statements)
                self._bytes -= submission.size
            return group

    def peek(self, place: int) -> Sequence[Given] | None:
        """The statements of the submission at a place, from 0; None beyond the end."""
        with self._changed:
            return self._waiting[place].statements if place < len(self._waiting) else None

    def wait(self, timeout_s: float) -> bool:
        """Wait for something to take, or for the end; False if neither came in time."""
        with self._changed:
            return self._changed.wait_for(lambda: bool(self._waiting) or self._closed, timeout_s)

    def close(self) -> None:
        """Let nothing more in; what is queued can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
