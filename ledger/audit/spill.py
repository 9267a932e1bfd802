"""A mapping of which only the newest part is in memory, so that an audit's memory stays flat.

What a long log makes one remember, such as every stream's state and every nonce, grows with it.
Here the oldest of it goes into a temporary database that SQLite opens without a name, so that
nobody else can read or write it, and that is gone when it is closed.
"""

from __future__ import annotations

import pickle
import sqlite3
from itertools import islice
from typing import Final, Generic, TypeVar, final

V = TypeVar("V")

KEPT: Final = 20_000
"""Most values in memory; when there are more, the older half goes to the disk."""

_CREATE: Final = "CREATE TABLE cold (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"
_PUT: Final = "INSERT OR REPLACE INTO cold VALUES (?, ?)"
_GET: Final = "SELECT value FROM cold WHERE key = ?"


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

    def get(self, key: str) -> V | None:
        """The value under a name, None where there is none."""
        value = self._hot.get(key)
        if value is not None or self._cold is None:
            return value
        row = self._cold.execute(_GET, (key,)).fetchone()
        if row is None:
            return None
        found: V = pickle.loads(row[0])  # noqa: S301 - this process wrote it, and nobody else can
        return found

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
            self._cold = sqlite3.connect("", isolation_level=None)
            self._cold.execute("PRAGMA journal_mode = OFF")
            self._cold.execute("PRAGMA synchronous = OFF")
            self._cold.execute(_CREATE)
        oldest = list(islice(self._hot, len(self._hot) // 2))
        self._cold.execute("BEGIN")
        rows = ((key, pickle.dumps(self._hot.pop(key), 5)) for key in sorted(oldest))
        self._cold.executemany(_PUT, rows)
        self._cold.execute("COMMIT")
