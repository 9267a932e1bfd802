"""A mapping of which only the newest part is in memory, so that an audit's memory stays flat.

What a long log makes one remember, such as every stream's state and every nonce, grows with it.
Here the oldest of it goes into a temporary database that SQLite opens without a name, so that
nobody else can read or write it, and that is gone when it is closed.

Nearly all that an audit asks for was put a moment ago, or never. The first is in memory. For the
second a filter of fixed size (B. Bloom, CACM 13:7, 1970) says what the disk certainly has not.
"""

from __future__ import annotations

import io
import pickle
import sqlite3
from collections.abc import Iterable
from itertools import islice
from typing import Any, Final, Generic, TypeVar, final

V = TypeVar("V")

KEPT: Final = 60_000
"""Most values in memory; when there are more, the older half goes to the disk."""

_TOGETHER: Final = 8
"""Values written as one: the names of their classes are then written once, and read back once."""

_FILTER_BITS: Final = 24
"""2 MiB of filter: of what was never put, one name in 80 is looked for among a million."""

_CREATE: Final = (
    "CREATE TABLE parts (part INTEGER PRIMARY KEY, held BLOB NOT NULL)",
    "CREATE TABLE cold (key TEXT PRIMARY KEY, part INTEGER NOT NULL) WITHOUT ROWID",
)
_PUT_PART: Final = "INSERT INTO parts VALUES (?, ?)"
_PUT: Final = "INSERT OR REPLACE INTO cold VALUES (?, ?)"
_GET: Final = "SELECT held FROM cold JOIN parts USING (part) WHERE key = ?"


@final
class Spill(Generic[V]):
    """Values by name; what was put last is found fastest.

    Args:
        kept: Most values in memory.
    """

    def __init__(self, *, kept: int = KEPT) -> None:
        self._kept = kept
        self._hot: dict[str, V] = {}
        self._cold: sqlite3.Connection | None = None
        self._filter = _Filter()
        self._parts = 0

    def get(self, key: str) -> V | None:
        """The value under a name, None where there is none."""
        value = self._hot.get(key)
        if value is not None or self._cold is None or key not in self._filter:
            return value
        row = self._cold.execute(_GET, (key,)).fetchone()
        if row is None:
            return None
        found: dict[str, V] = pickle.loads(row[0])  # noqa: S301 - this process wrote it, and nobody else can
        return found[key]

    def put(self, key: str, value: V) -> None:
        """Set the value under a name."""
        if key in self._hot:
            del self._hot[key]
        self._hot[key] = value
        if len(self._hot) > self._kept:
            self._cool()

    def close(self) -> None:
        """Forget everything."""
        self._hot.clear()
        if self._cold is not None:
            self._cold.close()
            self._cold = None

    def _cool(self) -> None:
        """Put the older half on the disk."""
        if self._cold is None:
            self._cold = _opened()
        oldest = list(islice(self._hot, len(self._hot) // 2))
        self._filter.add(oldest)
        self._cold.execute("BEGIN")
        places: list[tuple[str, int]] = []
        for start in range(0, len(oldest), _TOGETHER):
            keys = oldest[start : start + _TOGETHER]
            held = _pickled({key: self._hot.pop(key) for key in keys})
            self._cold.execute(_PUT_PART, (self._parts, held))
            places.extend((key, self._parts) for key in keys)
            self._parts += 1
        self._cold.executemany(_PUT, sorted(places))
        self._cold.execute("COMMIT")


@final
class _Filter:
    """Which names were certainly never added: two bits a name, by the hash that it has anyway."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def add(self, keys: Iterable[str]) -> None:
        if not self._bits:
            self._bits = bytearray(1 << _FILTER_BITS - 3)
        bits = self._bits
        for key in keys:
            for place in _places(key):
                bits[place >> 3] |= 1 << (place & 7)

    def __contains__(self, key: str) -> bool:
        return all(self._bits[place >> 3] >> (place & 7) & 1 for place in _places(key))


def _places(key: str) -> tuple[int, int]:
    hashed, mask = hash(key), (1 << _FILTER_BITS) - 1
    return hashed & mask, hashed >> _FILTER_BITS & mask


def _opened() -> sqlite3.Connection:
    database = sqlite3.connect("", isolation_level=None)
    database.execute("PRAGMA journal_mode = OFF")
    database.execute("PRAGMA synchronous = OFF")
    for table in _CREATE:
        database.execute(table)
    return database


class _Pickler(pickle.Pickler):
    """Writes a value of the domain as what its constructor takes, by a third of the usual cost."""

    def reducer_override(self, value: Any) -> Any:
        names = getattr(type(value), "__dataclass_fields__", None)
        if names is None:
            return NotImplemented
        return type(value), tuple([getattr(value, name) for name in names])


def _pickled(value: object) -> bytes:
    buffer = io.BytesIO()
    _Pickler(buffer, pickle.HIGHEST_PROTOCOL).dump(value)
    return buffer.getvalue()
