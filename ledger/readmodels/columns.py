"""What read models write down of entries in numbers alone, by what entries are asked for by.

A number takes eight bytes where an object takes a hundred, and columns of numbers are saved and
read again as they are (``readmodels.saved``): a million entries in a second. What models hold of an
entry beyond that, they hold of few: ``held`` says of which, and those are read again at a start.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Collection as Several
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, Self, TypeAlias, final

from ledger.domain.determination.directory import is_only_found

if TYPE_CHECKING:
    from ledger.domain.statement import Recorded

Column: TypeAlias = "array[int]"

_TYPE: Final = "Q"
COLUMN_ITEM_BYTES: Final = array(_TYPE).itemsize


def column() -> Column:
    """An empty column of unsigned numbers of eight bytes."""
    return array(_TYPE)


@final
class Columns:
    """The columns of all read models; each is in the order of the log. One thread adds to them.

    Attributes:
        tree_size: How many entries are in all of them.
        held: The entries of which models hold more than numbers.
        naming: The reported facts that name an item, by its folded name.
        describing: The descriptions of an item, by each folded name that they give it.
        openings: The entries that opened a stream, by the collection's name.
        placed: The entries that speak of places.
        dated: The timeline's rows, as they came (``readmodels.timeline``).
    """

    def __init__(self) -> None:
        self.tree_size = 0
        self.held = column()
        self.naming: dict[str, Column] = {}
        self.describing: dict[str, Column] = {}
        self.openings: dict[str, Column] = {}
        self.placed = column()
        self.dated = column()

    def sections(self) -> Iterator[tuple[str, str, Column]]:
        """Every column that is not empty: which it is, its key if it has one, and itself."""
        for kind in ("naming", "describing", "openings"):
            yield from ((kind, key, rows) for key, rows in getattr(self, kind).items())
        for kind in ("held", "placed", "dated"):
            yield kind, "", getattr(self, kind)

    @classmethod
    def of(cls, tree_size: int, sections: Iterable[tuple[str, str, Column]]) -> Self:
        """The columns that ``sections`` gave, for this version of the code alone."""
        columns = cls()
        columns.tree_size = tree_size
        for kind, key, rows in sections:
            if key:
                getattr(columns, kind)[key] = rows
            else:
                setattr(columns, kind, rows)
        return columns


@final
class Below(Several[int]):
    """The numbers of an ascending column that lie below an end: a look costs a few steps."""

    def __init__(self, rows: Column, end: int) -> None:
        self._rows = rows
        self._count = bisect_left(rows, end)

    def __contains__(self, number: object) -> bool:
        if not isinstance(number, int):
            return False
        place = bisect_left(self._rows, number, 0, self._count)
        return place < self._count and self._rows[place] == number

    def __iter__(self) -> Iterator[int]:
        return iter(self._rows[: self._count])

    def __len__(self) -> int:
        return self._count


def is_held(recorded: Recorded) -> bool:
    """Whether models hold more of an entry than numbers."""
    return bool(recorded.attachments) or not is_only_found(recorded.fact)
