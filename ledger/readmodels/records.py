"""The entries themselves, by index: those that were asked for lately, and the rest on demand.

An entry that is read takes kilobytes of memory, ten times what it takes in the database, and most
entries of a large log are never asked about. So the read models keep indexes, and get entries here.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, MutableMapping
from typing import Final, final

from ledger.domain.statement import Recorded

KEPT: Final = 10_000
"""How many entries are kept; the one that was not asked for longest goes first."""

Load = Callable[[int], Recorded]
"""Reads one entry from where it is stored; from any thread."""


@final
class Records:
    """Every entry that was applied; one thread adds while others read.

    Args:
        load: Reads an entry that is not kept any more; None keeps them all.
        kept: How many are kept if there is a way to read the others.
    """

    def __init__(self, load: Load | None = None, *, kept: int = KEPT) -> None:
        self._load = load
        self._most = kept
        self._kept: OrderedDict[int, Recorded] = OrderedDict()
        self._changing = threading.Lock()

    def add(self, recorded: Recorded) -> None:
        """Take in an entry."""
        with self._changing:
            self._keep(recorded)

    def __getitem__(self, index: int) -> Recorded:
        """The entry at an index that was added.

        Raises:
            LedgerError: It cannot be read.
        """
        with self._changing:
            recorded = self._kept.get(index)
            if recorded is not None:
                self._kept.move_to_end(index)
                return recorded
        if self._load is None:
            raise IndexError(index)
        recorded = self._load(index)
        with self._changing:
            self._keep(recorded)
        return recorded

    def _keep(self, recorded: Recorded) -> None:
        self._kept[recorded.index] = recorded
        while self._load is not None and len(self._kept) > self._most:
            self._kept.popitem(last=False)


@final
class FactsByIndex(MutableMapping[str, Recorded]):
    """Entries by the ids of their facts, each known by its index alone.

    Args:
        records: The entries.
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        self._indexes: dict[str, int] = {}

    def __getitem__(self, fact_id: str) -> Recorded:
        """The entry of the fact with this id."""
        return self._records[self._indexes[fact_id]]

    def __setitem__(self, fact_id: str, recorded: Recorded) -> None:
        """Take in the entry of a fact."""
        self._indexes[fact_id] = recorded.index

    def __delitem__(self, fact_id: str) -> None:
        """Forget a fact."""
        del self._indexes[fact_id]

    def __contains__(self, fact_id: object) -> bool:
        """Whether a fact is there, without reading it."""
        return fact_id in self._indexes

    def __iter__(self) -> Iterator[str]:
        """The ids of all facts, in the order in which they came."""
        return iter(self._indexes)

    def __len__(self) -> int:
        """How many facts there are."""
        return len(self._indexes)
