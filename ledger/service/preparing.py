"""Statements are parsed and verified before the writer gets to them, in either process.

Those that come in quantity, by who takes the calls. One thread does so, in the order in which they
came: what came later may build on what came before. What it hands on is what ``store.preparing``
makes of an envelope, ahead of the lock as ever. While the writer has too little to do they go over
as they came, so that both processes are busy.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Final, final

from ledger.domain.keyring import Keyring
from ledger.errors import LedgerError
from ledger.store.committing import prepare
from ledger.store.intake import Submission

PREPARED_FROM: Final = 16
"""So many statements that go over together are prepared by who takes the calls, if at all; fewer,
those of single calls, by the writer's process: they keep the other one busy as it is."""

TOGETHER_MAX: Final = 100
"""So many statements are handed on at once, unless one submission has more: the writer is to have
something to do meanwhile."""

Ready = tuple[Submission, LedgerError | None]
"""A submission that was prepared, or what is wrong with it."""


@final
class Preparer:
    """One thread, and what waits for it.

    Args:
        keyring: The keys as they are known by now. They may be behind: what is signed with one
            that is not among them is verified by the writer.
        waits: Whether the writer waits for something to do, if so many statements were handed on by
            now.
        ready: Given what was prepared, in this thread.
    """

    def __init__(
        self,
        keyring: Callable[[], Keyring],
        waits: Callable[[int], bool],
        ready: Callable[[Sequence[Ready]], object],
    ) -> None:
        self._keyring = keyring
        self._waits = waits
        self._ready = ready
        self._waiting: deque[Submission] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="ledger-preparer", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def put(self, submissions: Sequence[Submission]) -> None:
        """Have submissions prepared; never waits."""
        with self._changed:
            self._waiting += submissions
            self._changed.notify()

    def close(self) -> None:
        """Finish what is being prepared, and end the thread; what waits is left."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join()

    def _work(self) -> None:
        handed = 0
        while some := self._take():
            if self._waits(handed):
                ready = list(unprepared(some))
            else:
                ready = list(prepared(some, self._keyring()))
            handed += sum(len(submission.statements) for submission in some)
            self._ready(ready)

    def _take(self) -> Sequence[Submission]:
        """Wait for submissions, and take the first ones; none at the end."""
        with self._changed:
            while not self._waiting and not self._closing:
                self._changed.wait()
            some: list[Submission] = []
            statements = 0
            while self._waiting and not self._closing:
                statements += len(self._waiting[0].statements)
                if some and statements > TOGETHER_MAX:
                    break
                some.append(self._waiting.popleft())
            return some


def unprepared(submissions: Sequence[Submission]) -> Iterator[Ready]:
    """Submissions as they came: the writer prepares them itself."""
    return ((submission, None) for submission in submissions)


def prepared(submissions: Sequence[Submission], keyring: Keyring) -> Iterator[Ready]:
    """Submissions with their statements parsed, and verified as far as their keys are known."""
    given = {place: submission.statements for place, submission in enumerate(submissions)}
    try:
        sound, refused = prepare(given, keyring)
    except Exception:  # noqa: BLE001 - the writer fails on it as well, and knows how to say so
        sound, refused = {}, {}
    for place, submission in enumerate(submissions):
        statements = tuple(sound.get(place, submission.statements))
        yield Submission(statements, submission.done), refused.get(place)
