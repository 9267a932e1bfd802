"""Which bytes of a SQLite file hold something, by the file format itself.

A b-tree page holds its header, pointers to its cells, and the cells; between them, and where a
cell was, lies space that SQLite will overwrite and never reads (sqlite.org/fileformat.html, 1.6).
Pages of any other kind are taken to be used from end to end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

FILE_HEADER: Final = 100
COUNTERS: Final = {
    "file change counter": range(24, 28),
    "schema cookie": range(40, 44),
    "version valid for": range(92, 96),
    "SQLite version": range(96, 100),
}
"""Of the file's header, what counts or dates the file and says nothing of what is stored."""

_INTERIOR_INDEX, _INTERIOR_TABLE, _LEAF_INDEX, _LEAF_TABLE = 2, 5, 10, 13
_INTERIOR: Final = frozenset({_INTERIOR_INDEX, _INTERIOR_TABLE})
_ALL: Final = frozenset({_INTERIOR_INDEX, _INTERIOR_TABLE, _LEAF_INDEX, _LEAF_TABLE})
_SMALLEST_CELL: Final = 4
_NULL: Final = 0
"""The type of a column that is NULL (sqlite.org/fileformat.html, 2.1)."""


def unused(data: bytes) -> set[int]:
    """The offsets of all bytes that nothing refers to."""
    size = int.from_bytes(data[16:18], "big")
    found: set[int] = set()
    for start in range(0, len(data), size):
        page = data[start : start + size]
        header = FILE_HEADER if start == 0 else 0
        if page[header] in _ALL:
            used = set(range(header))
            for extent in _extents(page, header):
                used.update(extent)
            found.update(start + place for place in range(size) if place not in used)
    return found


def placeholders(data: bytes) -> set[int]:
    """The offsets of the types of columns that are their row's id, and stored as NULL for it.

    Such a column "appears in the record as a NULL value" and is "always" read from the row's key
    (sqlite.org/fileformat.html, 2.3), so another type without content, 8 or 9, says nothing else.
    Here it is the first column, wherever there is one.
    """
    size = int.from_bytes(data[16:18], "big")
    found: set[int] = set()
    for start in range(size, len(data), size):
        page = data[start : start + size]
        if page[0] != _LEAF_TABLE:
            continue
        for number in range(int.from_bytes(page[3:5], "big")):
            at = int.from_bytes(page[8 + 2 * number : 10 + 2 * number], "big")
            for _ in ("payload", "row id", "header"):
                _, at = _varint(page, at)
            if page[at] == _NULL:
                found.add(start + at)
    return found


def counters() -> set[int]:
    """The offsets of the header's counters."""
    return {place for places in COUNTERS.values() for place in places}


def _extents(page: bytes, header: int) -> Iterator[range]:
    kind = page[header]
    length = 12 if kind in _INTERIOR else 8
    cells = int.from_bytes(page[header + 3 : header + 5], "big")
    pointers = header + length
    yield range(header, pointers + 2 * cells)
    block = int.from_bytes(page[header + 1 : header + 3], "big")
    while block:  # Of free space in blocks, what leads to the next one is read.
        yield range(block, block + 4)
        block = int.from_bytes(page[block : block + 2], "big")
    for place in range(cells):
        at = pointers + 2 * place
        cell = int.from_bytes(page[at : at + 2], "big")
        yield range(cell, cell + max(_cell_length(page, cell, kind), _SMALLEST_CELL))


def _cell_length(page: bytes, at: int, kind: int) -> int:
    start = at
    if kind in _INTERIOR:
        at += 4
    payload, at = _varint(page, at)
    if kind == _INTERIOR_TABLE:
        return at - start  # What was read as a payload's length is the row id.
    if kind == _LEAF_TABLE:
        _, at = _varint(page, at)
    return at + payload - start


def _varint(page: bytes, at: int) -> tuple[int, int]:
    value = 0
    for _ in range(8):
        byte = page[at]
        at += 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at
    return value << 8 | page[at], at + 1
