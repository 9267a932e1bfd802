"""Connections to PostgreSQL: lent and taken back, replaced when they broke while nobody used them.

No thread stands behind this pool. Whoever needs a connection opens it, and learns at once that
there is no server, where the usual pool would have it wait for workers that try again.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any, Final, TypeVar
from weakref import WeakSet

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus

from ledger.errors import SettingError, StoreError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Connection(psycopg.Connection[tuple[Any, ...]]):
    """A connection, and the statements that its server has prepared.

    Attributes:
        statements: The name of each (``postgrestrips``).
        numbers: What the next names are made of.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.statements: dict[tuple[str, tuple[int, ...]], bytes] = {}
        self.numbers: Iterator[int] = count()


_T = TypeVar("_T")

_CONNECTIONS_MAX: Final = 16
"""More than the threads of a process that use the database."""

# What a URL does not say. A server that vanished without a word is given up after half a minute;
# one that lets COMMIT wait for its standby is heard of, and is waited for.
_DIALING: Final = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
    "application_name": "regledger",
}


class Connections:
    """Connections to one database, in autocommit mode.

    Args:
        url: Where it is, as libpq reads it.
        session: What each connection is told first, in SQL.
        wait_s: How long to wait for a connection when all are lent.

    Raises:
        SettingError: The URL is none.
    """

    def __init__(self, url: str, *, session: str, wait_s: float) -> None:
        self._dialing: dict[str, Any] = {**_DIALING, **parse_url(url), "client_encoding": "utf8"}
        self._session = session
        self._wait_s = wait_s
        self._idle: list[Connection] = []
        self._changing = threading.Lock()
        self._places = threading.BoundedSemaphore(_CONNECTIONS_MAX)
        self._closed = False
        self._opened: WeakSet[Connection] = WeakSet()

    def open(self) -> Connection:
        """Open one more connection, for a purpose of its own."""
        # psycopg would drop ours with its own whenever something is rolled back.
        connection = Connection.connect(**self._dialing, autocommit=True, prepare_threshold=None)
        try:
            connection.execute(self._session)
        except BaseException:
            connection.close()
            raise
        with self._changing:
            self._opened.add(connection)
        return connection

    def are_served_by(self, pid: int) -> bool:
        """Whether one of these connections leads to the server's process of this number."""
        with self._changing:
            return any(each.info.backend_pid == pid for each in self._opened if not each.closed)

    @contextmanager
    def lent(self, begin: Callable[[Connection], _T]) -> Iterator[tuple[Connection, _T]]:
        """Lend a connection on which something has begun.

        If the connection turns out to have broken while it was idle, nothing has begun, and it is
        begun once more on a new one.

        Args:
            begin: What to do first, with one statement.

        Raises:
            StoreError: The database was closed.
            UnavailableError: All connections are in use.
        """
        if not self._places.acquire(timeout=self._wait_s):
            raise UnavailableError("All connections to the database are in use.", rule="store-busy")
        try:
            connection, begun = self._begun(begin)
            try:
                yield connection, begun
            finally:
                self._take_back(connection)
        finally:
            self._places.release()

    def close(self) -> None:
        """Close what is idle now, and what is lent once it comes back."""
        self._closed = True
        self._forget_idle()

    def _begun(self, begin: Callable[[Connection], _T]) -> tuple[Connection, _T]:
        with self._changing:
            idle = self._idle.pop() if self._idle else None
        if idle is not None:
            try:
                return idle, begin(idle)
            except psycopg.OperationalError:
                if not idle.closed:
                    self._take_back(idle)
                    raise
                self._forget_idle()
            except BaseException:
                self._take_back(idle)
                raise
        if self._closed:
            raise StoreError("The database was closed.", rule="store-closed")
        fresh = self.open()
        try:
            return fresh, begin(fresh)
        except BaseException:
            self._take_back(fresh)
            raise

    def _take_back(self, connection: Connection) -> None:
        """Keep a connection that is as good as new, and close any other."""
        is_at_rest = connection.info.transaction_status == TransactionStatus.IDLE
        with self._changing:
            if is_at_rest and not self._closed:
                self._idle.append(connection)
                return
        connection.close()

    def _forget_idle(self) -> None:
        """Close what is idle: where one connection broke, the others did too."""
        with self._changing:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()


def parse_url(url: str) -> dict[str, Any]:
    """Read where a database is: ``postgresql://role@host:port/database?option=value``.

    Raises:
        SettingError: It is not of that form; what may be a password is not repeated.
    """
    try:
        if url.startswith(("postgresql://", "postgres://")):
            return dict(conninfo_to_dict(url))
    except psycopg.ProgrammingError:
        pass
    raise SettingError(
        "The database is named by postgresql://role@host:port/database.",
        field="database",
        rule="database-url",
    ) from None
