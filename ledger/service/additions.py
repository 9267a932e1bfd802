"""What the writer's rounds added, for the read models of a process that takes calls.

It is left where the reading side looks first, so that nobody reads from the database, and reads
strictly once more, what the writer had in its hands.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, final

from ledger.errors import StoreError
from ledger.service.handover import Added, News
from ledger.store.reader import Reader

RECEIPTS_S: Final = 0.001
"""How long what a round added is left alone, so that its receipts leave first."""

WAKE_S: Final = 0.005
"""How long those who follow the log are left alone after they were woken: under load rounds follow
each other fast, and each time a thread wakes the loop waits for its turn again."""


@final
class Additions:
    """Takes news in, and wakes those who follow the log. Used on the loop.

    Args:
        reader: The ledger's reading side.
        wake: Called when there may be new entries.
        fail: Told what is wrong with news that cannot be opened.
    """

    def __init__(
        self,
        reader: Reader,
        wake: Sequence[Callable[[], None]],
        fail: Callable[[StoreError], None],
    ) -> None:
        self._reader = reader
        self._wake = wake
        self._fail = fail
        self._news: list[News] = []
        self._waking: asyncio.TimerHandle | None = None
        self._woken_s = 0.0

    def hear(self, *news: News) -> None:
        """Take news in, and wake those who follow, once they have been left alone for long enough.

        Without news there may be something in the database that nobody told of.
        """
        self._news += news
        if self._waking is None:
            loop = asyncio.get_running_loop()
            wait_s = max(RECEIPTS_S, self._woken_s + WAKE_S - loop.time())
            self._waking = loop.call_later(wait_s, self._open)

    def stop(self) -> None:
        """Wake nobody any more."""
        if self._waking is not None:
            self._waking.cancel()

    def _open(self) -> None:
        self._waking = None
        self._woken_s = asyncio.get_running_loop().time()
        news, self._news = self._news, []
        try:
            for each in news:
                self._leave(each.opened())
        except StoreError as error:
            self._fail(error)
        for wake in self._wake:
            wake()

    def _leave(self, added: Added) -> None:
        if added.recorded:
            first = added.recorded[0].index
            self._reader.tree.extend(first, added.leaf_hashes, wait=False)
            self._reader.recent.put(added.recorded)
