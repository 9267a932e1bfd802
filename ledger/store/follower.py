"""Entries in the log's order into a read model: from the first, and on as they come.

The library's projection runner is not used. It hands over one event at a time, its ``wait``
sleeps, and over SQLite it has nothing to subscribe to. Here a page of entries goes over at once,
and always ends where a checkpoint does, so that whatever a read model shows can be proved. The
appender of the same process wakes the follower; polling finds what other processes append, and
whatever a wake-up failed to tell.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Final, Protocol, Self

from ledger.errors import StoreError, UnavailableError
from ledger.store.reader import PAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ledger.domain.statement import Recorded
    from ledger.store.reader import Reader

POLL_S: Final = 0.2
"""How often it looks for entries that nobody told of."""

BACKOFF_MIN_S: Final = 0.05
BACKOFF_MAX_S: Final = 5.0

_LOG = logging.getLogger(__name__)


class ReadModel(Protocol):
    """What entries are followed into."""

    @property
    def tree_size(self) -> int:
        """How many entries have been applied: where to go on, also after an error."""
        ...

    def apply(self, page: Sequence[Recorded]) -> None:
        """Take in the next entries, up to a stored checkpoint: all of them or none."""
        ...


class Follower:
    """One thread that keeps a read model up to date.

    Args:
        reader: The ledger's reading side.
        model: What is filled; only this thread applies to it.
        reached: Told each tree size that has been applied, in this thread.
        poll_s: Seconds between looks at the database when nobody wakes it.

    A context manager: started on entry, closed on exit.
    """

    def __init__(
        self,
        reader: Reader,
        model: ReadModel,
        *,
        reached: Callable[[int], None] = lambda _: None,
        poll_s: float = POLL_S,
    ) -> None:
        self._reader = reader
        self._model = model
        self._reached = reached
        self._poll_s = poll_s
        self._woken = threading.Event()
        self._moved = threading.Condition()
        self._tree_size = model.tree_size
        self._failure: Exception | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ledger-follower", daemon=True)

    @property
    def tree_size(self) -> int:
        """How many entries the read model stands on: always the size of a stored checkpoint."""
        return self._tree_size

    @property
    def failure(self) -> Exception | None:
        """What keeps it from going on, and is being tried again; None while all is well."""
        return self._failure

    def start(self) -> None:
        """Start to follow."""
        self._thread.start()

    def wake(self) -> None:
        """Say that there may be new entries; from any thread, never waits."""
        self._woken.set()

    def close(self) -> None:
        """Stop, between two pages."""
        self._closing.set()
        self._woken.set()
        if self._thread.ident is not None:
            self._thread.join()
        with self._moved:
            self._moved.notify_all()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def wait_for(self, size: int, timeout_s: float) -> None:
        """Wait until the read model stands on at least so many entries: read-your-writes.

        Raises:
            UnavailableError: It does not yet.
        """
        with self._moved:
            self._moved.wait_for(
                lambda: self._closing.is_set() or self._tree_size >= size, timeout_s
            )
        if self._tree_size < size:
            raise UnavailableError(
                f"The read models stand on {self._tree_size} entries, not yet on {size}.",
                rule="not-yet-applied",
            )

    def _run(self) -> None:
        backoff_s = BACKOFF_MIN_S
        while not self._closing.is_set():
            # Cleared before looking: what is appended while it looks wakes it again.
            self._woken.clear()
            try:
                moved = self._follow()
            except Exception as error:  # noqa: BLE001 - logged, shown as failure, tried again
                _LOG.exception("A read model cannot go on from %d.", self._model.tree_size)
                self._failure = error
                self._closing.wait(backoff_s)
                backoff_s = min(2 * backoff_s, BACKOFF_MAX_S)
                continue
            self._failure = None
            backoff_s = BACKOFF_MIN_S
            if not moved:
                self._woken.wait(self._poll_s)

    def _follow(self) -> bool:
        """Apply the next page, if there is one; whether there may be another one at once."""
        start = self._model.tree_size
        entries = self._reader.recent.after(start)
        if entries:
            # This process wrote them, and whatever it writes next wakes anew.
            self._apply(entries)
            return False
        if self._reader.recent.is_expecting(start):
            # The writer commits right now. It wakes anew, and then nothing has to be read again.
            return False
        checkpoint = self._reader.checkpoint_after(start, page=PAGE)
        if checkpoint is None:
            return False
        entries = self._reader.recorded(start, checkpoint.tree_size)
        if [entry.index for entry in entries] != list(range(start, checkpoint.tree_size)):
            raise StoreError(
                f"The database lacks entries between {start} and {checkpoint.tree_size}.",
                rule="index-gap",
            )
        self._apply(entries)
        # A short page ends with the newest. Who looked again at once would go on to find in the
        # database what the writer is about to tell, a few entries each time.
        return len(entries) >= PAGE

    def _apply(self, entries: Sequence[Recorded]) -> None:
        self._model.apply(entries)
        size = entries[-1].index + 1
        with self._moved:
            self._tree_size = size
            self._moved.notify_all()
        self._reached(size)
