"""Group commit: one thread writes, and whatever came while it wrote goes into the next round.

A round costs one transaction, one signature and one sync to disk, whether it holds one statement
or a thousand. So nothing is delayed to make rounds larger: under load they grow by themselves.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Self

from ledger.errors import LedgerError, StoreError
from ledger.store.ahead import Ahead
from ledger.store.committing import Committer, Ledger, Outcome
from ledger.store.founding import require_sound
from ledger.store.intake import Done, Intake, Submission

if TYPE_CHECKING:
    from ledger.domain.keyring import Keyring
    from ledger.log.receipts import Receipt
    from ledger.store.preparing import Given

Deliver = Callable[[Sequence[tuple[Done, Outcome]]], None]
"""How the outcomes of a round reach those who wait, all at once: an event loop needs one wake-up
for a whole round."""

SYNC_S: Final = 0.1
"""How long a busy writer puts off syncing the released head."""

IDLE_S: Final = 0.02
"""How long nothing has to come until a writer calls itself idle, and syncs the released head."""

_LOG = logging.getLogger(__name__)


def deliver_here(outcomes: Sequence[tuple[Done, Outcome]]) -> None:
    """Tell each submission its outcome, in the thread that calls; one that fails stops no other."""
    for done, outcome in outcomes:
        with _outlived("Somebody failed to take the outcome of a submission."):
            done(outcome)


@contextmanager
def _outlived(message: str) -> Iterator[None]:
    """Log what goes wrong in somebody else's code, and go on: the writer serves others too."""
    try:
        yield
    except Exception:  # noqa: BLE001 - logged with its traceback
        _LOG.exception(message)


class Appender:
    """The one way into a ledger, once it is founded.

    Args:
        ledger: The parts to work on.
        wake: Called after each round that may have added entries, in the writer's thread.
        deliver: Hands the outcomes of a round to those who wait.

    A context manager: started on entry, closed on exit.
    """

    def __init__(
        self,
        ledger: Ledger,
        *,
        wake: Callable[[], None] = lambda: None,
        deliver: Deliver = deliver_here,
    ) -> None:
        self._ledger = ledger
        self._intake = Intake()
        self._committer = Committer(ledger, Ahead(self._intake.peek))
        self._wake = wake
        self._deliver = deliver
        self._thread = threading.Thread(target=self._run, name="ledger-appender", daemon=True)

    def start(self) -> None:
        """Check the ledger, read what there is, and start to write.

        Raises:
            StoreError: The database is not this ledger's, is older than what was released, or
                does not agree with itself: says what was found and what to do.
            SettingError: The log's key is that of another log.
        """
        require_sound(self._ledger)
        self._committer.catch_up()
        self._thread.start()

    def close(self) -> None:
        """Let nothing more in, finish what is queued, and stop."""
        self._intake.close()
        if self._thread.is_alive():
            self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def submit(self, statements: Sequence[Given], done: Done) -> None:
        """Queue statements to be appended together or not at all; never waits.

        Args:
            statements: 1 to 1,000 envelopes, at most 4 MiB together, or what was made of them.
            done: Told the outcome once: a receipt for each envelope, or one error for all.

        Raises:
            InputError: There are none, or too many.
            UnavailableError: Too much is waiting already, or the ledger is shutting down.
        """
        self._intake.put(Submission(tuple(statements), done))

    @property
    def keyring(self) -> Keyring:
        """The keys as the writer knows them by now, from any thread."""
        return self._committer.keyring

    def append(self, envelope: bytes) -> Receipt:
        """Append one statement and wait for its receipt.

        Raises:
            LedgerError: It was refused, or could not be stored.
        """
        return self.append_batch([envelope])[0]

    def append_batch(self, envelopes: Sequence[bytes]) -> tuple[Receipt, ...]:
        """Append statements together or not at all, and wait for their receipts.

        Raises:
            LedgerError: One of them was refused, or they could not be stored.
        """
        told: Future[Outcome] = Future()
        self.submit(envelopes, told.set_result)
        outcome = told.result()
        if isinstance(outcome, LedgerError):
            raise outcome
        return outcome

    def _run(self) -> None:
        synced_at = time.monotonic()
        while group := self._intake.take():
            outcomes = self._commit(group)
            done = [submission.done for submission in group]
            with _outlived("The outcomes of a round could not be delivered."):
                self._deliver(list(zip(done, outcomes, strict=True)))
            # Whoever waits for a receipt goes first: the interpreter runs one thread at a time.
            with _outlived("The followers could not be woken."):
                self._wake()
            if time.monotonic() - synced_at >= SYNC_S or not self._intake.wait(IDLE_S):
                self._sync()
                synced_at = time.monotonic()
        self._sync()

    def _sync(self) -> None:
        with _outlived("The released head could not be synced to disk; this is tried again."):
            self._ledger.head.sync()

    def _commit(self, group: Sequence[Submission]) -> list[Outcome]:
        try:
            return self._committer.commit([submission.statements for submission in group])
        except Exception:  # noqa: BLE001 - logged, and told to all who wait
            # The writer must outlive a mistake in it; what was not released can be sent again.
            _LOG.exception("A round failed for a reason that nobody foresaw.")
            error = StoreError(
                "The ledger failed, and may have recorded this all the same. Send the same bytes "
                "again: nothing is recorded twice.",
                rule="internal",
            )
            return [error for _ in group]
