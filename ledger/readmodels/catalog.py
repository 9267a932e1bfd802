"""The catalog: every fact by its id, stream and author, as the log stood at any tree size.

Rows are only ever added, in the order of the log, and keep the index they came from. So an older
tree size is a filter: what lies at or past it is not there. One thread applies while others read;
the size that a view stands on is counted up last.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection as Several
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import final, overload

from ledger.domain.authorship import AuthorEnrolled, LedgerFounded
from ledger.domain.determination.directory import items_named_by
from ledger.domain.facts import Fact, GroupMembership, ItemDescribed, ReportedFact
from ledger.domain.keyring import Keyring
from ledger.domain.roles import attribution, delegate_of
from ledger.domain.statement import Recorded
from ledger.domain.timing import TimeFlag, time_flags
from ledger.domain.vocabulary import Collection
from ledger.errors import NotFoundError, QuestionError, StoreError
from ledger.readmodels.columns import Below, Column, Columns, column, is_held
from ledger.readmodels.records import Records


@dataclass(slots=True)
class _Rows:
    """What the catalog has written down, by index; every list is in the order of the log.

    Attributes:
        records: The entries themselves.
        columns: Where they stand.
        authors: Each author with the index of the entry that brought it in.
        keyrings: Each keyring with the tree size from which it held.
    """

    records: Records
    columns: Columns
    authors: list[tuple[int, str]] = field(default_factory=list)
    keyrings: list[tuple[int, Keyring]] = field(default_factory=lambda: [(0, Keyring())])


@final
class Catalog:
    """Follows the log; ``at`` gives the views that are read.

    Args:
        records: Where the entries are kept that are applied; in memory unless given.
        columns: What is written down of them; where they are not empty, ``hold`` is to be told of
            the entries that are held before anything is read.
    """

    def __init__(self, records: Records | None = None, columns: Columns | None = None) -> None:
        self._rows = _Rows(records or Records(), columns or Columns())
        self._enrolled: set[str] = set()

    @property
    def tree_size(self) -> int:
        """How many entries have been applied."""
        return self._rows.columns.tree_size

    def apply(self, recorded: Recorded) -> None:
        """Take in the next entry.

        Raises:
            StoreError: The entry is not the next one.
        """
        columns, fact, index = self._rows.columns, recorded.fact, recorded.index
        if index != columns.tree_size:
            message = f"entry {index} was handed over at size {columns.tree_size}"
            raise StoreError(message, rule="entries-in-order")
        if is_held(recorded):
            self.hold(recorded)
            columns.held.append(index)
        else:
            self._rows.records.add(recorded)
        if recorded.version == 1:
            columns.openings.setdefault(fact.collection.value, column()).append(index)
        for name in items_named_by(fact):
            columns.naming.setdefault(name, column()).append(index)
        for name in _names_described_by(fact):
            columns.describing.setdefault(name, column()).append(index)
        if _speaks_of_places(fact):
            columns.placed.append(index)
        columns.tree_size += 1

    def hold(self, recorded: Recorded) -> None:
        """Hold an entry, and what it says of authors and keys.

        Raises:
            SignatureError: It ends a key that nobody enrolled.
        """
        self._apply_to_authors(recorded.fact, recorded.index)
        self._rows.records.add(recorded, held=True)

    def at(self, tree_size: int = 0) -> CatalogView:
        """The catalog as the log stood at a tree size; 0 means now.

        Raises:
            QuestionError: The log is not that large.
        """
        now = self._rows.columns.tree_size
        if not 0 <= tree_size <= now:
            raise QuestionError(
                f"Tree size {tree_size} is not one of this log's, which has {now} entries.",
                field="tree_size",
                rule="tree-size-on-record",
            )
        return CatalogView(self._rows, tree_size or now)

    def _apply_to_authors(self, fact: Fact, index: int) -> None:
        keyrings = self._rows.keyrings
        _, before = keyrings[-1]
        after = before.apply(fact, index)
        if after is not before:
            keyrings.append((index + 1, after))
        for author in _authors_of(fact):
            if author not in self._enrolled:
                self._enrolled.add(author)
                self._rows.authors.append((index, author))


@dataclass(frozen=True, slots=True)
class CatalogView:
    """The catalog as the log stood at one tree size, however much further it has grown."""

    _rows: _Rows
    tree_size: int

    def records(self) -> Sequence[Recorded]:
        """Every entry, by index: for whoever goes through a whole log that is not a large one."""
        return [self.record(index) for index in range(self.tree_size)]

    def record(self, index: int) -> Recorded:
        """The entry at an index below the tree size."""
        return self._rows.records[index]

    def naming(self, item_names: Iterable[str]) -> Several[int]:
        """The indexes of the entries that name or describe an item by one of these folded names."""
        columns = self._rows.columns
        return {
            index
            for name in item_names
            for rows in (columns.naming, columns.describing)
            for index in rows.get(name, ())
        }

    def described(self, item_name: str) -> Recorded | None:
        """The first description of an item that gives it this folded name; None of an unknown."""
        for index in self._rows.columns.describing.get(item_name, ()):
            return self.record(index) if index < self.tree_size else None
        return None

    def placed(self) -> Several[int]:
        """The indexes of the entries that speak of places."""
        return Below(self._rows.columns.placed, self.tree_size)

    def find(self, fact_id: str) -> Recorded | None:
        """The entry of the fact with this id, or None where it is not on record."""
        return self._rows.records.fact(fact_id, self.tree_size)

    def stream(self, name: str) -> Sequence[Recorded]:
        """A stream's entries, in order.

        Raises:
            NotFoundError: No entry opened that stream.
        """
        events = self._rows.records.events(name, self.tree_size)
        if not events:
            message = f"The stream {name!r} is not on record at tree size {self.tree_size}."
            raise NotFoundError(message, field="name", rule="stream-on-record")
        return events

    def has_stream(self, name: str) -> bool:
        """Whether an entry opened that stream."""
        return bool(self._rows.records.stream(name, self.tree_size))

    def streams(self, collection: Collection) -> Sequence[str]:
        """The names of a collection's streams, in the order in which they were opened."""
        openings = self._rows.columns.openings.get(collection.value, column())
        return _Streams(self._rows.records, openings[: bisect_left(openings, self.tree_size)])

    def authors(self) -> Sequence[str]:
        """All authors, in the order of their enrollment."""
        authors = self._rows.authors
        count = bisect_left(authors, self.tree_size, key=itemgetter(0))
        return [author for _, author in authors[:count]]

    def keyring(self) -> Keyring:
        """All keys of the ledger at this tree size."""
        return self._keyring_at(self.tree_size)

    def attribution(self, recorded: Recorded) -> str:
        """FIRST_PARTY where the author speaks for itself, or TRANSCRIBED_BY and the author.

        Args:
            recorded: An entry of this ledger; its author was enrolled before it, or by it.
        """
        keyring = self._keyring_at(recorded.index + 1)
        return attribution(recorded, keyring.keys_of(recorded.author)[0])

    def delegate(self, recorded: Recorded) -> str:
        """The keyid of the delegate who signed an entry for its author, or ""."""
        return delegate_of(recorded, self._keyring_at(recorded.index + 1))

    def time_flags(self, recorded: Recorded) -> tuple[TimeFlag, ...]:
        """What is odd about an entry's times."""
        if recorded.signed_at_ms is None:
            return ()
        size = recorded.anchor_size
        return time_flags(
            recorded.fact,
            signed_at_ms=recorded.signed_at_ms,
            recorded_ms=recorded.recorded_ms,
            anchored_ms=self._rows.records[size - 1].recorded_ms if size else None,
        )

    def unresolved(self, fact: Fact) -> tuple[str, ...]:
        """The targets of a fact's relations that are not on record, each once."""
        if not isinstance(fact, ReportedFact):
            return ()
        targets = dict.fromkeys(relation.id for relation in fact.relates_to)
        return tuple(target for target in targets if not self._resolves(target))

    def _resolves(self, target: str) -> bool:
        """Whether a fact, or the provision of a fact, is on record."""
        fact_id, _, provision = target.partition("#")
        recorded = self.find(fact_id)
        if recorded is None or not provision:
            return recorded is not None
        provisions = getattr(recorded.fact, "provisions", ())
        return any(own.id == target for own in provisions)

    def _keyring_at(self, tree_size: int) -> Keyring:
        place = bisect_right(self._rows.keyrings, tree_size, key=itemgetter(0))
        return self._rows.keyrings[place - 1][1]


@final
class _Streams(Sequence[str]):
    """The names of streams by the entries that opened them, read as they are asked for."""

    def __init__(self, records: Records, openings: Column) -> None:
        self._records = records
        self._openings = openings

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> _Streams: ...
    def __getitem__(self, place: int | slice) -> str | _Streams:
        if isinstance(place, slice):
            return _Streams(self._records, self._openings[place])
        return self._records[self._openings[place]].fact.stream

    def __len__(self) -> int:
        return len(self._openings)


def _names_described_by(fact: Fact) -> set[str]:
    """The folded names that a fact gives an item."""
    return {name.casefold() for name in fact.names} if isinstance(fact, ItemDescribed) else set()


def _speaks_of_places(fact: Fact) -> bool:
    if isinstance(fact, ReportedFact):
        return fact.destinations is not None or fact.headquarters is not None
    return isinstance(fact, GroupMembership)


def _authors_of(fact: Fact) -> Sequence[str]:
    """The authors whom a fact brings into the ledger, or brings another key for."""
    match fact:
        case LedgerFounded():
            return [administrator.author for administrator in fact.administrators]
        case AuthorEnrolled():
            return [fact.author]
        case _:
            return []
