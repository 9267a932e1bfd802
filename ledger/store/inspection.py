"""A ledger's database as an auditor reads it: row by row, without changing or believing it.

The store's own recorder opens a ledger for writing, and trusts what its triggers let in. Here
nothing is written, not even beside the file, and whatever stands in a row is handed on as it is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, final
from urllib.parse import quote

from ledger.errors import StoreError
from ledger.store.sqlite import SQLiteLedgerRecorder

_PROBLEMS_MAX: Final = 100
_ENTRIES: Final = (
    "SELECT e.entry_index, s.state, e.leaf_hash, e.originator_id, e.originator_version, s.topic, "
    "e.fact_id, e.statement_digest, e.author, e.nonce, e.recorded_ms "
    "FROM ledger_entries e LEFT JOIN stored_events s "
    "ON s.originator_id = e.originator_id AND s.originator_version = e.originator_version "
    "WHERE e.entry_index >= ? AND e.entry_index < ? ORDER BY e.entry_index LIMIT ?"
)
_COUNTS: Final = (
    "SELECT (SELECT count(*) FROM ledger_entries), (SELECT count(*) FROM stored_events), "
    "(SELECT max(entry_index) FROM ledger_entries), (SELECT min(entry_index) FROM ledger_entries)"
)
_STRAY_EVENTS: Final = (
    "SELECT s.originator_id, s.originator_version FROM stored_events s "
    "LEFT JOIN ledger_entries e ON s.originator_id = e.originator_id "
    "AND s.originator_version = e.originator_version WHERE e.entry_index IS NULL LIMIT ?"
)
_NOTES: Final = "SELECT tree_size, note FROM ledger_checkpoints ORDER BY tree_size"
_NOTE_AT: Final = "SELECT note FROM ledger_checkpoints WHERE tree_size = ?"
_LATEST: Final = "SELECT note FROM ledger_checkpoints ORDER BY tree_size DESC LIMIT 1"
_SCHEMA: Final = (
    "SELECT type, name, tbl_name, sql, CASE type WHEN 'trigger' THEN rootpage END "
    "FROM sqlite_master"
)
"""All of the schema but where the pages of tables and indexes begin, which SQLite itself checks."""
_PRAGMAS: Final = {"user_version": 0, "application_id": 0, "encoding": "UTF-8"}
_HEADER_BYTES: Final = 100
_HEADER_FIELDS: Final = {
    "file format versions": (slice(18, 20), (b"\x01\x01", b"\x02\x02")),
    "schema format": (slice(44, 48), (bytes([0, 0, 0, 4]),)),
    "default cache size": (slice(48, 52), (bytes(4),)),
    "text encoding": (slice(56, 60), (bytes([0, 0, 0, 1]),)),
    "reserved bytes": (slice(72, 92), (bytes(20),)),
}
"""What stands in the file's first bytes and no pragma tells (sqlite.org/fileformat.html, 1.3).

Left are the file change counter, compared with its copy; the schema cookie, a counter by which
other connections notice a change; and the version of SQLite that wrote last. They say nothing of
what is stored.
"""

_NOT_TEXT: Final = "Could not decode to UTF-8"

RawRow = Sequence[Any]
"""A row by position, whatever its values may be."""


@final
class Inspection:
    """An open database; ``inspecting`` makes one."""

    def __init__(self, connection: sqlite3.Connection, path: Path, *, is_whole: bool) -> None:
        self._connection = connection
        self._is_whole = is_whole
        self.path = path

    def entries(self, start: int, end: int, limit: int) -> list[RawRow]:
        """Rows of entries with their events, by index.

        Returns:
            For each index, event, leaf hash, stream, version, event type, fact id, digest, author,
            nonce and time. Event and type are None where the event is missing.

        Raises:
            StoreError: The database cannot be read.
        """
        return self._fetch(_ENTRIES, (start, end, limit))

    def counts(self) -> tuple[int, int, int, int]:
        """How many entries and events there are, and the highest and lowest index (-1 of none).

        Raises:
            StoreError: The database cannot be read.
        """
        entries, events, highest, lowest = self._fetch(_COUNTS)[0]
        return entries, events, -1 if highest is None else highest, -1 if lowest is None else lowest

    def stray_events(self) -> list[RawRow]:
        """Stream and version of events that no entry refers to, at most a hundred.

        Raises:
            StoreError: The database cannot be read.
        """
        return self._fetch(_STRAY_EVENTS, (_PROBLEMS_MAX,))

    def notes(self) -> Iterator[RawRow]:
        """Tree size and note of each batch, in order.

        Raises:
            StoreError: The database cannot be read.
        """
        yield from self._fetch(_NOTES)

    def note(self, tree_size: int = 0) -> bytes | None:
        """The note at a tree size, or the latest; None where there is none.

        Raises:
            StoreError: The database cannot be read.
        """
        rows = self._fetch(_NOTE_AT, (tree_size,)) if tree_size else self._fetch(_LATEST)
        return bytes(rows[0][0]) if rows and isinstance(rows[0][0], bytes) else None

    def problems(self) -> list[str]:
        """What SQLite itself finds wrong with its pages, tables and indexes.

        Raises:
            StoreError: The database cannot be read.
        """
        told = [str(row[0]) for row in self._fetch(f"PRAGMA integrity_check({_PROBLEMS_MAX})")]
        return [] if told == ["ok"] else told

    def schema_differences(self) -> list[str]:
        """Which tables, indexes and triggers are not those that this program makes.

        Raises:
            StoreError: The database cannot be read.
        """
        found = {row[1]: tuple(row) for row in self._fetch(_SCHEMA)}
        wanted = {row[1]: tuple(row) for row in _made_here()}
        differences = [f"{name} is missing" for name in sorted(wanted.keys() - found.keys())]
        differences += [
            f"{name} is not the ledger's" for name in sorted(found.keys() - wanted.keys())
        ]
        differences += [
            f"{name} is defined otherwise"
            for name in sorted(wanted.keys() & found.keys())
            if found[name] != wanted[name]
        ]
        for pragma, value in _PRAGMAS.items():
            stored = self._fetch(f"PRAGMA {pragma}")[0][0]
            if stored != value:
                differences.append(f"{pragma} is {stored}, not {value}")
        return differences + self._header_differences()

    def _header_differences(self) -> list[str]:
        """What the file's header says otherwise; with a write-ahead log the file is not all."""
        if not self._is_whole:
            return []
        with self.path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
        differences = [
            f"the file header has {header[place].hex()} as {name}"
            for name, (place, values) in _HEADER_FIELDS.items()
            if header[place] not in values
        ]
        if header[24:28] != header[92:96]:
            differences.append("the file header has two file change counters")
        return differences

    def _fetch(self, query: str, parameters: Sequence[object] = ()) -> list[RawRow]:
        try:
            return self._connection.execute(query, parameters).fetchall()
        except sqlite3.OperationalError as error:
            if _NOT_TEXT not in str(error) or self._connection.text_factory is _any_text:
                raise self._damaged(error) from error
            # Text that is none is handed on too. To look for it is slow, so it is done from now on.
            self._connection.text_factory = _any_text
            return self._fetch(query, parameters)
        except (sqlite3.Error, ValueError, OverflowError) as error:
            raise self._damaged(error) from error

    @staticmethod
    def _damaged(error: Exception) -> StoreError:
        return StoreError(f"The database cannot be read: {error}.", rule="database-damaged")


@contextmanager
def inspecting(path: Path) -> Iterator[Inspection]:
    """Open a ledger's SQLite file for reading, at one state of it.

    A write-ahead log beside the file is read too. Where there is none the file is opened as one
    that does not change, so that nothing is created beside it and no permission to write is needed.

    Raises:
        StoreError: There is no such file, or it is no database.
    """
    if not path.is_file():
        raise StoreError(f"There is no database {path}.", rule="database-file")
    journal = path.with_name(f"{path.name}-wal")
    is_whole = not (journal.exists() and journal.stat().st_size)
    mode = "immutable=1" if is_whole else "mode=ro"
    try:
        connection = sqlite3.connect(
            f"file:{quote(str(path))}?{mode}", uri=True, isolation_level=None
        )
    except sqlite3.Error as error:
        raise StoreError(f"{path} cannot be opened: {error}.", rule="database-file") from error
    try:
        try:
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        # SQLite quotes what it read, and Python fails on text that is none.
        except (sqlite3.Error, ValueError) as error:
            raise StoreError(
                f"{path} cannot be read as a database: {error}.", rule="database-damaged"
            ) from error
        yield Inspection(connection, path, is_whole=is_whole)
    finally:
        connection.close()


def _any_text(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape")


def _made_here() -> list[RawRow]:
    """The tables, indexes and triggers as the store makes them."""
    recorder = SQLiteLedgerRecorder(Path(":memory:"))
    connection = sqlite3.connect(":memory:")
    try:
        for statement in recorder.construct_create_table_statements():
            connection.execute(statement)
        return connection.execute(_SCHEMA).fetchall()
    finally:
        connection.close()
        recorder.close()
