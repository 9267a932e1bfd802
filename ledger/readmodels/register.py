"""The register's read model: the record arranged for determinations, at any tree size."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from ledger.domain.determination.register import Register
from ledger.domain.statement import Recorded
from ledger.errors import QuestionError, StoreError
from ledger.readmodels.records import FactsByIndex, Records

_OLDER_KEPT: Final = 8
"""How many registers of older tree sizes are kept; building one reads every entry before it."""


class RegisterModel:
    """Follows the log and lends out registers.

    The current register grows in place, so it is lent under a lock: while somebody reads, nothing
    is applied, and every answer stands on exactly one tree size.

    Args:
        records: The entries; the catalog adds each before it is applied here.
    """

    def __init__(self, records: Records) -> None:
        self._lock = threading.RLock()
        self._records = records
        self._current = Register(facts=FactsByIndex(records))
        self._older: OrderedDict[int, Register] = OrderedDict()

    @property
    def tree_size(self) -> int:
        """How many entries have been applied."""
        return self._current.tree_size

    def apply(self, recorded: Recorded) -> None:
        """Take in the next entry.

        Raises:
            StoreError: The entry is not the next one.
        """
        with self._lock:
            if recorded.index != self.tree_size:
                message = f"entry {recorded.index} was handed over at size {self.tree_size}"
                raise StoreError(message)
            self._current.add(recorded)

    def revision_of(self, names: Iterable[str]) -> int:
        """The tree size from which answers about the item of these folded names are unchanged.

        It takes no lock: an entry that is just being applied is taken into account or not, and
        those below ``tree_size`` are.
        """
        return self._current.revision_of(names)

    @contextmanager
    def reading(self, tree_size: int = 0) -> Iterator[Register]:
        """Lend the register of a tree size; 0 means the current one.

        Raises:
            QuestionError: The log is not that large.
        """
        with self._lock:
            yield self._at(tree_size)

    def _at(self, tree_size: int) -> Register:
        size = self.tree_size
        if tree_size in {0, size}:
            return self._current
        if not 0 < tree_size < size:
            message = f"tree size {tree_size} is not one of this log's, which has {size} entries"
            raise QuestionError(message, field="tree_size", rule="tree-size-on-record")
        older = self._older.get(tree_size)
        if older is None:
            older = self._older[tree_size] = self._built(tree_size)
            while len(self._older) > _OLDER_KEPT:
                self._older.popitem(last=False)
        return older

    def _built(self, tree_size: int) -> Register:
        register = Register(facts=FactsByIndex(self._records))
        for index in range(tree_size):
            register.add(self._records[index])
        return register
