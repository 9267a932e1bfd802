"""Cosignatures by tree size, in a SQLite file beside the database.

They come after the commit that they are about, from others, and at their own pace; so they stand
apart from the stored notes, which never change. The first cosignature of a witness at a size is
kept and served for ever: one that is asked for again bears another time, and is another text.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, Final, final

from ledger.errors import StoreError
from ledger.log.note import SignatureLine
from ledger.log.notekeys import VerifierKey

BUSY_TIMEOUT_S: Final = 10.0
_CREATE: Final = (
    "CREATE TABLE IF NOT EXISTS cosignatures ("
    "tree_size INTEGER NOT NULL, name TEXT NOT NULL, key_id BLOB NOT NULL, line TEXT NOT NULL, "
    "UNIQUE (tree_size, name, key_id)) STRICT"
)
_KEEP: Final = "INSERT OR IGNORE INTO cosignatures VALUES (?, ?, ?, ?)"
_AT: Final = "SELECT line FROM cosignatures WHERE tree_size = ? ORDER BY rowid"
_NEXT: Final = "SELECT min(tree_size) FROM cosignatures WHERE tree_size >= ?"
_BEFORE: Final = "SELECT max(tree_size) FROM cosignatures WHERE tree_size <= ?"
_LAST_BY: Final = "SELECT max(tree_size) FROM cosignatures WHERE name = ? AND key_id = ?"

# Any: what a value is, the query says.
Row = tuple[Any, ...]


@final
class Cosignatures:
    """What witnesses have said of the log's checkpoints; for any number of threads and processes.

    Args:
        path: The file; it is made if there is none.

    Raises:
        StoreError: The file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._told(), ExitStack() as unless_usable:
            # Whoever reads never waits for the disk on which another writes.
            self._writing, self._reading = (
                unless_usable.enter_context(closing(_Shared(path))) for _ in range(2)
            )
            for setting in ("journal_mode = WAL", "synchronous = FULL"):
                self._writing.rows(f"PRAGMA {setting}")
            self._writing.rows(_CREATE)
            unless_usable.pop_all()

    def keep(self, tree_size: int, line: SignatureLine) -> None:
        """Keep a verified cosignature at a size, durably; one that is kept already stays.

        Raises:
            StoreError: The file cannot be written.
        """
        with self._told():
            self._writing.rows(_KEEP, (tree_size, line.name, line.key_id, str(line)))

    def at(self, tree_size: int) -> list[SignatureLine]:
        """Return the cosignatures at a size, in the order in which they came.

        Raises:
            StoreError: The file cannot be read.
        """
        return [SignatureLine.parse(text) for (text,) in self._rows(_AT, (tree_size,))]

    def sizes_from(self, tree_size: int) -> Iterator[int]:
        """Yield the sizes that have cosignatures, from one up."""
        while (found := self._one(_NEXT, (tree_size,))) is not None:
            yield found
            tree_size = found + 1

    def sizes_down_from(self, tree_size: int) -> Iterator[int]:
        """Yield the sizes that have cosignatures, from one down."""
        while (found := self._one(_BEFORE, (tree_size,))) is not None:
            yield found
            tree_size = found - 1

    def last_by(self, key: VerifierKey) -> int:
        """Return the largest size that a witness has cosigned; 0 for none."""
        return self._one(_LAST_BY, (key.name, key.key_id)) or 0

    def close(self) -> None:
        """Let go of the file."""
        self._reading.close()
        self._writing.close()

    def _one(self, query: str, parameters: Sequence[object]) -> int | None:
        ((found,),) = self._rows(query, parameters)
        return found if found is None else int(found)

    def _rows(self, query: str, parameters: Sequence[object]) -> list[Row]:
        with self._told():
            return self._reading.rows(query, parameters)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise _unusable(self._path, error) from error


def kept_at(path: Path, tree_size: int) -> list[SignatureLine]:
    """Read the cosignatures at a size without writing to anything; none if there is no file.

    Raises:
        StoreError: The file cannot be read.
    """
    if not path.is_file():
        return []
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            rows = database.execute(_AT, (tree_size,)).fetchall()
    except sqlite3.Error as error:
        raise _unusable(path, error) from error
    return [SignatureLine.parse(text) for (text,) in rows]


def _unusable(path: Path, error: sqlite3.Error) -> StoreError:
    return StoreError(f"The cosignatures {path} cannot be used: {error}.", rule="cosignatures")


@final
class _Shared:
    """A connection for one thread at a time; each statement is a transaction."""

    def __init__(self, path: Path) -> None:
        self._asking = threading.Lock()
        self._database = sqlite3.connect(
            path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )

    def rows(self, query: str, parameters: Sequence[object] = ()) -> list[Row]:
        with self._asking:
            return self._database.execute(query, parameters).fetchall()

    def close(self) -> None:
        with self._asking:
            self._database.close()
