"""The entries themselves: those that are held or were asked for lately, and the rest on demand.

An entry that is read takes kilobytes of memory, ten times what it takes in the database, and most
entries of a large log are never asked about. So the read models keep numbers, and get entries here.
Ids and names are not kept either: the database has an index for each.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final, Protocol, final

from ledger.domain.statement import Recorded
from ledger.errors import StoreError

KEPT: Final = 10_000
"""How many entries are kept; the one that was not asked for longest goes first."""


class Stored(Protocol):
    """Where entries are stored; ``store.reader.Reader`` is one. Asked from any thread."""

    def one_recorded(self, index: int) -> Recorded:
        """Read the entry at an index."""
        ...

    def find_fact(self, fact_id: str) -> int | None:
        """Where the fact with this id stands; None where there is none."""
        ...

    def indexes_of_stream(self, name: str) -> Sequence[int]:
        """Where a stream's events stand, in its order."""
        ...


@final
class Records:
    """Every entry that was applied; one thread adds while others read.

    Args:
        stored: Where to read what is not kept any more; None keeps all, with ids and names.
        kept: How many are kept beside those that are held, if there is a place to read them from.
    """

    def __init__(self, stored: Stored | None = None, *, kept: int = KEPT) -> None:
        self._stored = stored
        self._most = kept
        self._held: dict[int, Recorded] = {}
        self._kept: OrderedDict[int, Recorded] = OrderedDict()
        self._indexes: dict[str, int] = {}
        self._streams: dict[str, list[int]] = {}
        self._changing = threading.Lock()

    def add(self, recorded: Recorded, *, held: bool = False) -> None:
        """Take in an entry; one that somebody holds anyway stays."""
        with self._changing:
            if self._stored is None:
                self._streams.setdefault(recorded.fact.stream, []).append(recorded.index)
            if held or self._stored is None:
                self._held[recorded.index] = recorded
                self._indexes[recorded.fact.id] = recorded.index
            else:
                self._keep(recorded)

    def __getitem__(self, index: int) -> Recorded:
        """The entry at an index that was added.

        Raises:
            LedgerError: It cannot be read.
        """
        held = self._held.get(index)
        if held is not None:
            return held
        with self._changing:
            recorded = self._kept.get(index)
            if recorded is not None:
                self._kept.move_to_end(index)
                return recorded
        if self._stored is None:
            raise IndexError(index)
        recorded = self._stored.one_recorded(index)
        with self._changing:
            self._keep(recorded)
        return recorded

    def find(self, fact_id: str, tree_size: int) -> int | None:
        """Where the fact with this id stands below a tree size; None where it does not."""
        index = self._indexes.get(fact_id)
        if index is None and self._stored is not None:
            index = self._stored.find_fact(fact_id)
        return index if index is not None and index < tree_size else None

    def fact(self, fact_id: str, tree_size: int) -> Recorded | None:
        """The entry of the fact with this id, if it stands below a tree size.

        Raises:
            StoreError: The database names another entry for it.
        """
        index = self.find(fact_id, tree_size)
        if index is None:
            return None
        recorded = self[index]
        if recorded.fact.id != fact_id:
            raise _misplaced(f"the fact {fact_id}", index)
        return recorded

    def stream(self, name: str, tree_size: int) -> Sequence[int]:
        """Where a stream's events stand that lie below a tree size, in its order."""
        if self._stored is None:
            indexes: Sequence[int] = self._streams.get(name, ())
        else:
            indexes = self._stored.indexes_of_stream(name)
        return indexes[: bisect_left(indexes, tree_size)]

    def events(self, name: str, tree_size: int) -> list[Recorded]:
        """A stream's entries that lie below a tree size, in its order.

        Raises:
            StoreError: The database names an entry of another stream.
        """
        events = [self[index] for index in self.stream(name, tree_size)]
        for recorded in events:
            if recorded.fact.stream != name:
                raise _misplaced(f"the stream {name}", recorded.index)
        return events

    def _keep(self, recorded: Recorded) -> None:
        self._kept[recorded.index] = recorded
        self._indexes[recorded.fact.id] = recorded.index
        while len(self._kept) > self._most:
            _, forgotten = self._kept.popitem(last=False)
            self._indexes.pop(forgotten.fact.id, None)


def _misplaced(what: str, index: int) -> StoreError:
    return StoreError(
        f"The database has entry {index} for {what}, which it is not.", rule="entry-misplaced"
    )
