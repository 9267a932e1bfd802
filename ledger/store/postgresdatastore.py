"""Transactions in PostgreSQL, without the traps in the library's.

Nothing of the library's ``PostgresDatastore`` and its recorders is used. They retry what failed,
so that a COMMIT whose reply was lost comes back as a duplicate; they write in psycopg's pipeline
mode, in which a large insert can wait for ever with the lock held (``postgrestrips``); their
lock is one that takes the privilege to UPDATE; they connect while they are constructed. What is
left of them is rows, and those psycopg reads as well.

* **Isolation.** READ COMMITTED is said, whatever the database's default: each statement then sees
  what was committed before it. The ordering lock is taken by a statement of its own, so that the
  next one sees what the holder before left. Under REPEATABLE READ, or in one statement with the
  lock, the state seen would be the one before the wait.
* **The lock** is a transaction's advisory lock: it needs no privilege on any table, and ends with
  the transaction or the connection. Whoever waits for it waits so long and no longer.
* **Durability.** ``synchronous_commit`` is at least ``on``: COMMIT returns after the write-ahead
  log is on disk, and on the synchronous standbys if there are any. A COMMIT that broke off may be
  on this disk alone; the next transaction that takes the lock therefore writes to the log, so
  that its own COMMIT does not return before the standbys have both.
* **Trips.** What is asked first goes along with the lock, and what is written last with COMMIT:
  a round of the writer is two trips to the server. What is written before it is needed waits here
  until something else is asked, or until the end.

A transaction belongs to the thread that began it, as in SQLite (``sqlitedatastore``).
"""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import psycopg
from psycopg import errors as pg
from psycopg.pq import TransactionStatus

from ledger.errors import StoreError, UnavailableError
from ledger.store.asking import nothing_to_do
from ledger.store.postgresconnections import Connection, Connections
from ledger.store.postgrestrips import Rows, Statement, trip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ORDERING_LOCK: Final = 0x6C65_6467_6572_2D31
"""The advisory lock's number: ``ledger-1`` in ASCII, which nobody else is likely to use."""

HOLDER_IDLE_TIMEOUT_S: Final = 60
"""How long a process that hangs can hold the lock; a batch asks without a pause."""

_BEGIN_WRITING: Final = (
    Statement("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"),
    Statement(f"SELECT pg_advisory_xact_lock({ORDERING_LOCK})"),
)
_BEGIN_READING: Final = (Statement("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),)
_WRITE_TO_THE_LOG: Final = Statement("SELECT pg_logical_emit_message(true, 'ledger', '')")
_COMMIT: Final = Statement("COMMIT")
_ROLLBACK: Final = Statement("ROLLBACK")

# No question of the ledger's needs a whole table. Until one has been looked through for statistics,
# reading it all would seem to be cheaper than an index, and a prepared plan may live for long.
_SESSION: Final = (
    "SET lock_timeout = {lock_timeout_ms}; SET enable_seqscan = off; "
    f"SET idle_in_transaction_session_timeout = '{HOLDER_IDLE_TIMEOUT_S}s'; "
    "SELECT set_config('synchronous_commit', CASE current_setting('synchronous_commit') "
    "WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false)"
)

_PASSING_CLASSES: Final = ("08", "40", "57")
"""Connections that failed, reads that replay on a standby cut short, and an operator's
interventions (PostgreSQL manual, appendix A)."""


@dataclass(slots=True)
class Transaction:
    """What a thread has begun.

    Attributes:
        connection: What it runs on.
        commits: Whether it holds the ordering lock, and commits at the end.
        answers: The rows of each question that was asked along.
        unsent: What has been written, and has not gone to the server yet.
    """

    connection: Connection
    commits: bool
    answers: list[Rows]
    unsent: list[Statement] = field(default_factory=list)

    def ask(self, questions: Sequence[Statement] = ()) -> list[Rows]:
        """Have the server run what has not gone to it yet, and questions after it."""
        unsent, self.unsent = self.unsent, []
        statements = [*unsent, *questions]
        return trip(self.connection, statements)[len(unsent) :] if statements else []

    def write(self, statements: Sequence[Statement]) -> None:
        """Write; what is refused may be told at the end.

        One batch waits at a time, so that a move of thousands does not wait as a whole.
        """
        self.ask()
        self.unsent += statements


class Datastore:
    """One database.

    Args:
        url: Where it is, as libpq reads it.
        lock_timeout_s: How long to wait for the ordering lock.

    Raises:
        SettingError: The URL is none.
    """

    def __init__(self, url: str, *, lock_timeout_s: float) -> None:
        session = _SESSION.format(lock_timeout_ms=round(lock_timeout_s * 1_000))
        self._connections = Connections(url, session=session, wait_s=lock_timeout_s)
        self._of_thread = threading.local()
        # What an earlier process left is in doubt as well.
        self._in_doubt = True

    def connect(self) -> Connection:
        """Open a connection in autocommit mode, for a purpose of its own.

        Raises:
            UnavailableError: The database cannot be reached.
        """
        with refusals_told():
            return self._connections.open()

    def is_served_by(self, pid: int) -> bool:
        """Whether the server's process of this number works for this datastore."""
        return self._connections.are_served_by(pid)

    def fetch(self, query: str, parameters: Sequence[object]) -> Rows:
        """Return all rows of a query, inside this thread's transaction if there is one.

        Args:
            query: SQL with ``?`` where its parameters go.
            parameters: As many.

        Raises:
            StoreError: The database refused.
            UnavailableError: It cannot be reached.
        """
        asked = [Statement(query, parameters)]
        begun = self._begun()
        with refusals_told():
            if begun is not None:
                return begun.ask(asked)[0]
            with self._connections.lent(lambda connection: trip(connection, asked)) as (_, rows):
                return rows[0]

    @contextmanager
    def transaction(
        self,
        *,
        commit: bool,
        asked: Sequence[Statement] = (),
        meanwhile: Callable[[], bool] = nothing_to_do,
    ) -> Iterator[Transaction]:
        """Begin a transaction, or take part in the one that this thread has begun.

        Args:
            commit: Take the ordering lock first, and commit at the end; or else read at one state
                of the database, and roll back.
            asked: Questions that go along; each is answered after the lock was taken.
            meanwhile: What is done while COMMIT is waited for, as ``trip`` calls it.

        Raises:
            StoreError: The database refused, or the thread is reading and now wants to write.
            UnavailableError: The lock was not to be had in time, or the database cannot be
                reached; if that was at the end, it may have committed.
        """
        begun = self._begun()
        if begun is None:
            first = _BEGIN_WRITING if commit else _BEGIN_READING
            statements = (*first, *asked)
            with (
                refusals_told(),
                self._connections.lent(lambda connection: trip(connection, statements)) as lent,
            ):
                connection, rows = lent
                yield from self._run(Transaction(connection, commit, rows[len(first) :]), meanwhile)
            return
        if commit and not begun.commits:
            raise StoreError("A snapshot is for reading only.", rule="snapshot")
        begun.answers = begun.ask(asked)
        yield begun

    def close(self) -> None:
        """Let go of all connections."""
        self._connections.close()

    def _begun(self) -> Transaction | None:
        begun: Transaction | None = getattr(self._of_thread, "begun", None)
        return begun

    def _run(self, begun: Transaction, meanwhile: Callable[[], bool]) -> Iterator[Transaction]:
        self._of_thread.begun = begun
        try:
            yield begun
            if begun.commits:
                self._commit(begun, meanwhile)
            else:
                trip(begun.connection, [_ROLLBACK])
        except BaseException:
            # One that cannot even be rolled back is broken, and is closed when it comes back.
            with suppress(psycopg.Error):
                trip(begun.connection, [_ROLLBACK])
            raise
        finally:
            self._of_thread.begun = None

    def _commit(self, begun: Transaction, meanwhile: Callable[[], bool]) -> None:
        if begun.connection.info.transaction_status != TransactionStatus.INTRANS:
            # PostgreSQL answers to COMMIT with ROLLBACK then, and calls that a success.
            raise StoreError("The transaction had failed before.", rule="transaction-failed")
        last = [*begun.unsent, _WRITE_TO_THE_LOG] if self._in_doubt else begun.unsent
        self._in_doubt = True
        trip(begun.connection, [*last, _COMMIT], meanwhile)
        self._in_doubt = False


@contextmanager
def refusals_told() -> Iterator[None]:
    """Say what went wrong in the ledger's own words, and whether waiting may help."""
    try:
        yield
    except pg.LockNotAvailable as error:
        raise UnavailableError(
            "The database is busy: another process is writing.", rule="store-busy"
        ) from error
    except (pg.ReadOnlySqlTransaction, pg.FeatureNotSupported) as error:
        # The latter is how a standby answers to READ WRITE; nothing else here could be meant.
        raise UnavailableError(
            "The database takes no entries: it is a standby, or is being handed over.",
            rule="store-read-only",
        ) from error
    except psycopg.Error as error:
        said = str(error).strip().partition("\n")[0]
        state = error.sqlstate
        lost = isinstance(error, psycopg.OperationalError) and state is None
        if lost or (state is not None and state.startswith(_PASSING_CLASSES)):
            raise UnavailableError(
                f"The database cannot be reached: {said}.", rule="store-unreachable"
            ) from error
        raise StoreError(f"The database refused: {said}.", rule="store-refused") from error
