"""What a witness cosigned last of each log, in a SQLite file of its own.

Deciding and remembering are one transaction, and a cosignature leaves only after its COMMIT. So of
two requests at once, in this process or another, the second decides on what the first one left;
and a witness that is killed has at worst remembered a cosignature that nobody got. A lost file is
a lost memory: a witness that starts anew may cosign a second history, and needs a new key.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, TypeVar, final

from ledger.errors import StoreError, UnavailableError
from ledger.log.checkpoint import Checkpoint
from ledger.log.witnessing import Cosigned

_T = TypeVar("_T")

BUSY_TIMEOUT_S: Final = 10.0
_CREATE: Final = (
    "CREATE TABLE IF NOT EXISTS cosigned (origin TEXT PRIMARY KEY NOT NULL, "
    "size INTEGER NOT NULL CHECK (size >= 0), "
    "root BLOB NOT NULL CHECK (length(root) = 32)) STRICT"
)
_LAST: Final = "SELECT size, root FROM cosigned WHERE origin = ?"
# The database itself never goes back, whoever asks it to.
_KEEP: Final = (
    "INSERT INTO cosigned VALUES (?, ?, ?) ON CONFLICT (origin) DO UPDATE "
    "SET size = excluded.size, root = excluded.root WHERE excluded.size >= size"
)


@final
class WitnessState:
    """The memory of a witness; any number of threads and processes may share it.

    Args:
        path: The file; it is made if there is none.

    Raises:
        StoreError: The file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._opened() as database:
            database.execute(_CREATE)

    def last(self, origin: str) -> Cosigned | None:
        """Return what was cosigned last of a log.

        Raises:
            StoreError: The file cannot be read.
        """
        with self._opened() as database:
            return _last(database, origin)

    def advance(self, checkpoint: Checkpoint, decide: Callable[[Cosigned | None], _T]) -> _T:
        """Let a checkpoint be decided on, and remember it, durably, if it is cosigned.

        Args:
            checkpoint: What is to be cosigned.
            decide: Told what was cosigned last; raises, or gives what is returned here.

        Raises:
            StoreError: The file cannot be written; nothing may be handed out then.
            LedgerError: Whatever ``decide`` raises; nothing is remembered.
        """
        with self._opened() as database:
            database.execute("BEGIN IMMEDIATE")
            decided = decide(_last(database, checkpoint.origin))
            database.execute(_KEEP, (checkpoint.origin, checkpoint.size, checkpoint.root))
            database.execute("COMMIT")
        return decided

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """A connection without transactions of its own; what is not committed is rolled back."""
        try:
            with closing(
                sqlite3.connect(self._path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
            ) as database:
                # EXTRA also syncs the folder after the journal is gone, which ends a transaction.
                database.execute("PRAGMA synchronous = EXTRA")
                yield database
        except sqlite3.OperationalError as error:
            raise UnavailableError(
                f"The witness's memory {self._path} cannot be used: {error}.", rule="witness-state"
            ) from error
        except sqlite3.Error as error:
            raise StoreError(
                f"The witness's memory {self._path} is damaged: {error}.", rule="witness-state"
            ) from error


def _last(database: sqlite3.Connection, origin: str) -> Cosigned | None:
    row = database.execute(_LAST, (origin,)).fetchone()
    return Cosigned(*row) if row else None
