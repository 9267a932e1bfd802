"""Being told that another process has appended, by PostgreSQL's NOTIFY.

It is a wake-up and nothing more: a notification that was lost, with its connection or on a standby,
which sends none, costs whoever polls behind it the time until the next look. What this process
appended its writer tells at once: to be woken by that as well would cost a look at the database
after every round.
"""

from __future__ import annotations

import logging
import select
import socket
import threading
from typing import TYPE_CHECKING, Final, Self, final

import psycopg

from ledger.errors import StoreError
from ledger.store.postgresschema import APPENDED_CHANNEL

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger.store.postgresconnections import Connection

_LOG = logging.getLogger(__name__)

BACKOFF_MIN_S: Final = 0.2
BACKOFF_MAX_S: Final = 30.0


@final
class Listener:
    """One thread that listens on a connection of its own, and makes another when that breaks.

    Args:
        connect: Opens a connection in autocommit mode.
        wake: Called in this thread, also when listening begins: what came before was not told.
        is_ours: Whether a server's process, by its number, is one that serves this process.

    A context manager: started on entry, closed on exit.
    """

    def __init__(
        self,
        connect: Callable[[], Connection],
        wake: Callable[[], None],
        is_ours: Callable[[int], bool],
    ) -> None:
        self._connect = connect
        self._wake = wake
        self._is_ours = is_ours
        self._ending, self._end = socket.socketpair()
        self._backoff_s = BACKOFF_MIN_S
        self._thread = threading.Thread(target=self._run, name="ledger-listener", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.close()
        self._thread.join()
        self._ending.close()

    def _run(self) -> None:
        while not self._ends_within(0):
            try:
                with self._connect() as connection:
                    self._listen(connection)
            except (StoreError, psycopg.Error) as error:
                _LOG.debug("Nobody tells of appends: %s", error)
            if self._ends_within(self._backoff_s):
                return
            self._backoff_s = min(2 * self._backoff_s, BACKOFF_MAX_S)

    def _listen(self, connection: Connection) -> None:
        """Wake for every notification of others, until the end or the connection's."""
        connection.execute(f"LISTEN {APPENDED_CHANNEL}")
        self._backoff_s = BACKOFF_MIN_S
        self._wake()
        while True:
            ending = self._ending.fileno()
            readable, _, _ = select.select([connection.fileno(), ending], [], [])
            if ending in readable:
                return
            told = [notification.pid for notification in connection.notifies(timeout=0)]
            if not all(map(self._is_ours, told)):
                self._wake()

    def _ends_within(self, seconds: float) -> bool:
        return bool(select.select([self._ending], [], [], seconds)[0])
