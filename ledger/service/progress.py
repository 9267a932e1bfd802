"""How far the read models are, for those on the loop who wait for an entry of theirs."""

from __future__ import annotations

import asyncio
from typing import final

from ledger.service.bridges import Door


@final
class Progress:
    """Wakes whoever waits for a tree size, once the read models have reached it.

    Args:
        door: The way to the loop on which they wait.
    """

    def __init__(self, door: Door) -> None:
        self._door = door
        self._tree_size = 0
        self._waiting: dict[asyncio.Future[None], int] = {}

    @property
    def tree_size(self) -> int:
        """How many entries the read models have applied."""
        return self._tree_size

    def reach(self, tree_size: int) -> None:
        """Note that the read models have applied so many entries; from any thread."""
        self._tree_size = tree_size
        if self._waiting:
            self._door.call(self._wake)

    async def reached(self, tree_size: int) -> None:
        """Wait until the read models have applied so many entries.

        It may be long, or for ever: whoever waits is cancelled at the deadline of its call.
        """
        if self._tree_size >= tree_size:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[future] = tree_size
        try:
            # Asked once more: what was reached before anybody waited has woken nobody.
            if self._tree_size < tree_size:
                await future
        finally:
            del self._waiting[future]

    def _wake(self) -> None:
        for future, tree_size in self._waiting.items():
            if tree_size <= self._tree_size and not future.done():
                future.set_result(None)
