"""The register's read model: the record arranged for determinations, at any tree size."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final, final

from ledger.domain.determination.directory import is_only_found
from ledger.domain.determination.likeness import Likeness, likeness_at_hand
from ledger.domain.determination.question import Question
from ledger.domain.determination.register import Register
from ledger.domain.statement import Recorded
from ledger.errors import QuestionError, StoreError
from ledger.readmodels.columns import Below, Columns
from ledger.readmodels.records import Records

_OLDER_KEPT: Final = 8
"""How many registers of older tree sizes are kept; one is built from what the models hold."""


@final
class RecordDirectory:
    """A register's directory over records and columns, which the catalog fills before it.

    Args:
        records: The entries.
        columns: Where the entries stand that name an item.

    Attributes:
        tree_size: What lies at or past it is not there.
    """

    def __init__(self, records: Records, columns: Columns) -> None:
        self._records = records
        self._columns = columns
        self.tree_size = 0
        self.facts: Mapping[str, Recorded] = _Facts(records, self)

    def add(self, recorded: Recorded) -> None:
        """Take in the next entry."""
        self.tree_size = recorded.index + 1

    def as_it_is(self) -> RecordDirectory:
        """A directory that finds the same, whatever is added to this one."""
        directory = RecordDirectory(self._records, self._columns)
        directory.tree_size = self.tree_size
        return directory

    def naming(self, name: str) -> Iterable[Recorded]:
        """The reported facts that name an item, read as they are taken, unless they are kept."""
        return (self._records[index] for index in self._naming(name))

    def named_at(self, name: str) -> int:
        """The tree size after the last of them."""
        rows = self._columns.naming.get(name)
        count = bisect_left(rows, self.tree_size) if rows else 0
        return rows[count - 1] + 1 if rows and count else 0

    def length(self, stream: str) -> int:
        """How many events a stream has."""
        return len(self._records.stream(stream, self.tree_size))

    def _naming(self, name: str) -> Iterable[int]:
        rows = self._columns.naming.get(name)
        return Below(rows, self.tree_size) if rows else ()


@final
class _Facts(Mapping[str, Recorded]):
    """Every entry by the id of its fact, none of them read before it must."""

    def __init__(self, records: Records, directory: RecordDirectory) -> None:
        self._records = records
        self._directory = directory

    def __getitem__(self, fact_id: str) -> Recorded:
        recorded = self._records.fact(fact_id, self._directory.tree_size)
        if recorded is None:
            raise KeyError(fact_id)
        return recorded

    def __contains__(self, fact_id: object) -> bool:
        if not isinstance(fact_id, str):
            return False
        return self._records.find(fact_id, self._directory.tree_size) is not None

    def __iter__(self) -> Iterator[str]:
        return (self._records[index].fact.id for index in range(len(self)))

    def __len__(self) -> int:
        return self._directory.tree_size


class RegisterModel:
    """Follows the log and lends out registers.

    The current register grows in place, so it is lent under a lock: while somebody reads, nothing
    is applied, and every answer stands on exactly one tree size. Whoever reads for long is lent a
    snapshot, which has what it was made of for itself as soon as that would change.

    Args:
        records: The entries; the catalog adds each before it is applied here.
        columns: What the catalog writes down of them; where they are not empty, the register
            begins with what they hold, which the records must have.
    """

    def __init__(self, records: Records, columns: Columns) -> None:
        self._lock = threading.RLock()
        self._records = records
        self._columns = columns
        self._directory = RecordDirectory(records, columns)
        self._current = self._built(columns.tree_size, self._directory)
        self._older: OrderedDict[int, Register] = OrderedDict()
        self._sharing: list[Register] = []

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
            if self._sharing and not is_only_found(recorded.fact):
                self._current = self._current.copy(self._directory)
                self._sharing = []
            self._current.add(recorded)

    def revision_of(self, names: Iterable[str]) -> int:
        """The tree size from which answers about the item of these folded names are unchanged.

        It takes no lock: an entry that is just being applied is taken into account or not, and
        those below ``tree_size`` are.
        """
        return self._current.revision_of(names)

    def likeness_of(self, question: Question) -> Likeness | None:
        """What a question has in common with those that the record cannot tell from it.

        None if its item is not on record, or entries would have to be read for it. It takes no lock
        either: an entry that is just being applied can only tell more apart.
        """
        return likeness_at_hand(question, self._current)

    @contextmanager
    def reading(self, tree_size: int = 0) -> Iterator[Register]:
        """Lend the register of a tree size; 0 means the current one.

        Raises:
            QuestionError: The log is not that large.
        """
        with self._lock:
            yield self._at(tree_size)

    @contextmanager
    def snapshot(self, tree_size: int = 0) -> Iterator[Register]:
        """Lend a register of a tree size that stays as it is, while entries are applied.

        Raises:
            QuestionError: The log is not that large.
        """
        with self._lock:
            register = self._at(tree_size)
            if register is self._current:
                register = register.snapshot(self._directory.as_it_is())
                self._sharing.append(register)
        try:
            yield register
        finally:
            with self._lock:
                self._sharing = [one for one in self._sharing if one is not register]

    def _at(self, tree_size: int) -> Register:
        size = self.tree_size
        if tree_size in {0, size}:
            return self._current
        if not 0 < tree_size < size:
            message = f"tree size {tree_size} is not one of this log's, which has {size} entries"
            raise QuestionError(message, field="tree_size", rule="tree-size-on-record")
        older = self._older.get(tree_size)
        if older is None:
            directory = RecordDirectory(self._records, self._columns)
            older = self._older[tree_size] = self._built(tree_size, directory)
            while len(self._older) > _OLDER_KEPT:
                self._older.popitem(last=False)
        return older

    def _built(self, tree_size: int, directory: RecordDirectory) -> Register:
        """A register of a tree size, from what is held: the rest is found where it stands."""
        register = Register(directory=directory)
        for index in Below(self._columns.held, tree_size):
            register.add(self._records[index])
        if register.tree_size < tree_size:
            directory.tree_size = tree_size
            register.pass_over(tree_size, self._records[tree_size - 1].recorded_ms)
        return register
