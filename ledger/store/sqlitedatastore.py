"""Connections and transactions to SQLite: the library's, without the traps in them.

Of the library's ``SQLiteDatastore`` the pool of connections and their mapping of errors stay.
Replaced are

* **the transaction.** The library begins DEFERRED and takes the write lock only at the first
  write; if another process wrote meanwhile, SQLite refuses at once with BUSY_SNAPSHOT, and no
  busy timeout helps. Here a writing transaction is BEGIN IMMEDIATE: it waits its turn, and what
  it reads afterwards is the newest.
* **the writer's place in the pool.** A writer of the library waits for another writer while it
  holds the pool's semaphore, behind which all readers then queue. Here nobody asks the pool to
  arrange writers: the database does.
* **the connection's settings.** The library turns WAL on and does not look whether it worked.
  Here that is seen to, and ``synchronous=FULL`` is set and not left to how SQLite was compiled.
  The library also has a connection keep ``True`` compiled statements, which is one: whatever is
  asked twice was compiled twice, an INSERT with all its triggers.

Writers have a pool of their own, of one connection unless several threads write. What a connection
has read of the file stays in its cache until another one writes, and the library's pool goes round.

A transaction belongs to the thread that began it: whatever the thread reads or writes through
this datastore until its end, by the library's code too, takes part in it.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Final

from eventsourcing.domain import EventSourcingError
from eventsourcing.sqlite import (
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteDatastore,
)

from ledger.errors import StoreError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_PRIMARY_CODE: Final = 0xFF
"""The low byte of an extended result code is the primary one (sqlite.org/rescode.html)."""

_STATEMENTS_KEPT: Final = 100
"""Compiled statements that a connection keeps: more than the ledger has."""


class LedgerPool(SQLiteConnectionPool):
    """Connections with the durability that the ledger promises."""

    def _create_connection(self) -> SQLiteConnection:
        connection = sqlite3.connect(
            self.db_name,
            timeout=self.lock_timeout or 0,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=_STATEMENTS_KEPT,
        )
        with ExitStack() as unless_usable:
            unless_usable.callback(connection.close)
            (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
            if mode != "wal":
                raise StoreError(
                    f"{self.db_name} cannot keep a write-ahead log (its journal mode is {mode}): "
                    "the ledger needs a file on a local file system.",
                    rule="journal-mode",
                )
            connection.execute("PRAGMA synchronous = FULL")
            unless_usable.pop_all()
        connection.row_factory = sqlite3.Row
        return SQLiteConnection(connection, self.max_age)


class LedgerDatastore(SQLiteDatastore):
    """One database file.

    Args:
        path: The file; it is created where there is none.
        busy_timeout_s: How long a writer waits for another process's transaction.
    """

    def __init__(self, path: Path, *, busy_timeout_s: int) -> None:
        # ``uuid`` is the library's default and fails on the names of our streams.
        super().__init__(str(path), lock_timeout=busy_timeout_s, originator_id_type="text")
        self.pool = LedgerPool(db_name=str(path), lock_timeout=busy_timeout_s)
        self._writers = LedgerPool(db_name=str(path), lock_timeout=busy_timeout_s, pool_size=1)
        self._of_thread = threading.local()

    def close(self) -> None:
        """Close all connections."""
        super().close()
        self._writers.close()

    @contextmanager
    def get_connection(self, *, commit: bool) -> Iterator[SQLiteConnection]:
        """Lend a connection, of the writers or of the readers."""
        pool = self._writers if commit else self.pool
        connection = pool.get_connection()
        try:
            yield connection
        finally:
            pool.put_connection(connection)

    @contextmanager
    def transaction(self, *, commit: bool) -> Iterator[SQLiteCursor]:
        """Begin a transaction, or take part in the one that this thread has begun.

        Args:
            commit: Take the write lock first, and commit at the end; or else read at one state
                of the database, and roll back.

        Raises:
            StoreError: The database refused, or the thread is reading and now wants to write.
            UnavailableError: Another process kept the write lock for too long, or all
                connections are in use.
        """
        begun: tuple[SQLiteCursor, bool] | None = getattr(self._of_thread, "begun", None)
        if begun is None:
            with _refusals_told(), self.get_connection(commit=commit) as connection:
                yield from self._begin(connection, commit=commit)
            return
        cursor, commits = begun
        if commit and not commits:
            raise StoreError("A snapshot is for reading only.", rule="snapshot")
        yield cursor

    @contextmanager
    def statement(self) -> Iterator[SQLiteCursor]:
        """Run one query, in the transaction that this thread has begun or by itself.

        By itself SQLite runs it at one state of the database: BEGIN and ROLLBACK around it would
        change nothing and cost twice as much again.

        Raises:
            StoreError, UnavailableError: As ``transaction`` does.
        """
        if getattr(self._of_thread, "begun", None) is not None:
            with self.transaction(commit=False) as cursor:
                yield cursor
            return
        with _refusals_told(), self.get_connection(commit=False) as connection:
            cursor = connection.cursor()
            try:
                with cursor:
                    yield cursor
            except BaseException:
                connection.close()
                raise

    def _begin(self, connection: SQLiteConnection, *, commit: bool) -> Iterator[SQLiteCursor]:
        cursor = connection.cursor()
        try:
            with cursor:
                cursor.execute("BEGIN IMMEDIATE" if commit else "BEGIN")
                self._of_thread.begun = (cursor, commit)
                yield cursor
                cursor.execute("COMMIT" if commit else "ROLLBACK")
        except BaseException:
            # Closing alone would not do: SQLite keeps a closed connection, and its lock, for as
            # long as a statement of it is alive, and a traceback may hold one.
            with suppress(sqlite3.Error):
                connection.rollback()
            # What state a connection is in after an error is not worth finding out: the pool
            # makes another one.
            connection.close()
            raise
        finally:
            self._of_thread.begun = None


@contextmanager
def _refusals_told() -> Iterator[None]:
    """Say what went wrong in the ledger's own words, and whether waiting may help."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        if code is not None and code & _PRIMARY_CODE in _BUSY:
            raise UnavailableError(
                "The database is busy: another process is writing.", rule="store-busy"
            ) from error
        raise StoreError(f"The database refused: {error}.", rule="store-refused") from error
    except TimeoutError as error:
        raise UnavailableError(
            "All connections to the database are in use.", rule="store-busy"
        ) from error
    except EventSourcingError as error:
        raise StoreError(f"The database refused: {error}.", rule="store-refused") from error
