"""The newest entries as they were read on their way in, for whoever follows close behind.

Reading an entry strictly costs as much as all the rest that the writer does with it. The follower
of the same process would read every one a second time, and from the database at that. So the
writer leaves here what it has just committed; whatever is not here is read from the database.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final, final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.domain.statement import Recorded

KEPT: Final = 4_096
"""How many entries are kept: a follower that is further behind reads them from the database."""


@final
class Recent:
    """A run of entries without a gap, at most so many, that ends with the newest.

    Args:
        kept: How many.
    """

    def __init__(self, *, kept: int = KEPT) -> None:
        self._kept = kept
        self._changing = threading.Lock()
        self._run: list[Recorded] = []
        self._is_expecting = False

    def expect(self) -> None:
        """Say that entries are being committed, and will be put here, or else all be forgotten."""
        with self._changing:
            self._is_expecting = True

    def is_expecting(self, start: int) -> bool:
        """Whether what comes from index ``start`` on is being committed by the writer here.

        The database may show it a moment before it is here.
        """
        with self._changing:
            follows = not self._run or self._run[-1].index + 1 == start
            return self._is_expecting and follows

    def put(self, entries: Sequence[Recorded]) -> None:
        """Add what was committed; what does not follow begins a new run."""
        with self._changing:
            self._is_expecting = False
            if self._run and self._run[-1].index + 1 != entries[0].index:
                self._run.clear()
            self._run += entries
            # Not every time: the oldest go many at once, so that a round copies nothing.
            if len(self._run) > 2 * self._kept:
                del self._run[: -self._kept]

    def take(self, start: int, end: int) -> Sequence[Recorded] | None:
        """The entries from index ``start`` to before ``end``, if all of them are here."""
        with self._changing:
            run = self._run
            beyond = run[-1].index + 1 if run else 0
            if beyond - min(self._kept, len(run)) <= start and end <= beyond:
                place = len(run) - beyond
                return run[start + place : end + place]
        return None

    def after(self, start: int) -> Sequence[Recorded]:
        """All entries from index ``start`` on, to a stored checkpoint; none if one is missing."""
        with self._changing:
            beyond = self._run[-1].index + 1 if self._run else 0
        return self.take(start, beyond) or ()

    def clear(self) -> None:
        """Forget everything."""
        with self._changing:
            self._is_expecting = False
            self._run.clear()
