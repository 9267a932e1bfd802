"""Which database keeps a ledger: the only place that names the stores' adapters.

A ledger's folder holds a SQLite file, or a file that names a PostgreSQL database. Where both are,
the ledger has moved, and the SQLite file is what it left. Whoever opens a folder may also name the
database, as a service does whose folder is nothing but keys.

psycopg is an extra, and is imported only where a database is named.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ledger.errors import SettingError, StoreError
from ledger.store.moving import move_ledger
from ledger.store.recorder import LedgerRecorder
from ledger.store.sqlite import SQLiteLedgerRecorder
from ledger.store.storedtiles import StoredTiles

if TYPE_CHECKING:
    from ledger.store.postgres import PostgresLedgerRecorder

SQLITE_FILE: Final = "ledger.sqlite3"
LOCATION_FILE: Final = "database"
"""Holds the URL of a PostgreSQL database, one line; readable by its owner alone."""


def recorder_in(folder: Path, database: str | None = None) -> LedgerRecorder:
    """The recorder of a ledger's folder; nothing is opened before it is used.

    Args:
        folder: The ledger's folder.
        database: A PostgreSQL URL; None for what the folder says.

    Raises:
        SettingError: The URL is none, or psycopg is not installed.
    """
    url = database or _location(folder)
    return SQLiteLedgerRecorder(folder / SQLITE_FILE) if url is None else postgres(url)


def holds_database(folder: Path) -> bool:
    """Whether a folder holds a database, or says where it is."""
    return (folder / SQLITE_FILE).is_file() or (folder / LOCATION_FILE).is_file()


def is_in_sqlite(folder: Path) -> bool:
    """Whether a folder's own SQLite file keeps its ledger, and no other database does."""
    return (folder / SQLITE_FILE).is_file() and not (folder / LOCATION_FILE).is_file()


def postgres(url: str) -> PostgresLedgerRecorder:
    """The recorder of a PostgreSQL database.

    Raises:
        SettingError: The URL is none, or psycopg is not installed.
    """
    try:
        from ledger.store.postgres import PostgresLedgerRecorder  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise SettingError(
            "PostgreSQL needs the extra `postgres`: pip install 'regulatory-ledger[postgres]'.",
            field="database",
            rule="extra-missing",
        ) from error
    return PostgresLedgerRecorder(url)


def keep_location(folder: Path, url: str) -> None:
    """Write down where a folder's database is, whole or not at all.

    Raises:
        StoreError: The file system refuses.
    """
    draft = folder / f".{LOCATION_FILE}"
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{url}\n")
            file.flush()
            os.fsync(descriptor)
        draft.replace(folder / LOCATION_FILE)
    except OSError as error:
        raise StoreError(
            f"{folder} cannot be written: {error.strerror}.", field="directory", rule="directory"
        ) from error


def migrate(
    folder: Path, url: str, *, told: Callable[[int, int], None] = lambda _done, _size: None
) -> int:
    """Move a folder's ledger from SQLite to PostgreSQL; a move that was cut short goes on.

    Args:
        folder: The ledger's folder, which names the new database afterwards.
        url: An empty database, or one that holds the beginning of this ledger.
        told: Told how many entries are there, and of how many.

    Returns:
        The tree size.

    Raises:
        SettingError: The folder holds no SQLite file, or the URL is none.
        RefusedError: The database holds something else.
        StoreError: A database failed, or the copy is not what it should be.
    """
    if not (folder / SQLITE_FILE).is_file():
        raise SettingError(
            f"There is no {SQLITE_FILE} in {folder}.", field="directory", rule="ledger-in-directory"
        )
    with ExitStack() as opened:
        target = postgres(url)
        opened.callback(target.close)
        source = SQLiteLedgerRecorder(folder / SQLITE_FILE)
        opened.callback(source.close)
        target.create_table()
        size = move_ledger(source, target, seal=source.seal, told=told)
        keep_location(folder, url)
        return size


def migrate_schema(url: str, *, writer: str | None, reader: str | None) -> None:
    """Create or bring up a database's tables, and let roles at them; run by their owner.

    Args:
        url: The database, in the owner's role.
        writer: The service's role, which may INSERT and SELECT.
        reader: The role of followers and replicas, which may SELECT.

    Raises:
        SettingError: The URL is none.
        StoreError: The role may not, or there is no such role.
    """
    recorder = postgres(url)
    try:
        recorder.create_table()
        recorder.grant(writer=writer, reader=reader)
    finally:
        recorder.close()


def _location(folder: Path) -> str | None:
    """The URL that a folder names, or None if it names none.

    Raises:
        SettingError: The file cannot be read.
    """
    try:
        return (folder / LOCATION_FILE).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(
            f"{folder / LOCATION_FILE} cannot be read.", field="directory", rule="database-file"
        ) from error


@contextmanager
def stored_tree(folder: Path) -> Iterator[StoredTiles]:
    """Read the tree in a ledger's folder as it is stored, also of a ledger that does not open.

    Nothing is started, nothing signed, and nothing compared.

    Args:
        folder: The ledger's folder.

    Raises:
        SettingError: There is no ledger in the folder.
        StoreError: The database cannot be read.
    """
    if not holds_database(folder):
        raise SettingError(
            f"There is no ledger in {folder}.", field="directory", rule="ledger-in-directory"
        )
    with closing(recorder_in(folder)) as recorder:
        yield StoredTiles(recorder)
