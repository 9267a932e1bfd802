"""What an audit or an export is about: a bundle, a database file, a ledger's folder or a server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.audit.bundlesource import opening
from ledger.audit.served import ServerSource
from ledger.audit.source import Source
from ledger.bootstrap import DATABASE_FILE, POLICY_FILE, database_of
from ledger.cli.session import session
from ledger.cli.where import Target, Where
from ledger.client.pins import PIN_FILE, Pin
from ledger.databases import is_in_sqlite
from ledger.errors import InputError, SettingError

_DATABASE_MAGIC: Final = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """A ledger to be read as a whole.

    Attributes:
        source: Where its entries are.
        pin: Which ledger it must be.
        pin_given: Whether the pin came from elsewhere than the source.
        target: What the options say, for the user's own files.
        policy: The witness policy beside it, if there is one.
    """

    source: Source
    pin: Pin
    pin_given: bool
    target: Target
    policy: bytes | None = None


@contextmanager
def audited(where: Where, file: Path | None) -> Iterator[Audited]:
    """Open what is meant.

    Args:
        where: The options.
        file: A bundle or a database file that was named instead of a ledger.

    Raises:
        SettingError: Nothing is named, or two things are; or nothing says which ledger it must be.
        LedgerError: It cannot be opened.
    """
    if file is None:
        with _ledger(where) as opened:
            yield opened
        return
    if where.ledger is not None or where.server is not None:
        raise SettingError(
            f"{file} and --ledger or --server are two ledgers; give one.", rule="where"
        )
    with _database(where, file) if _is_database(file) else _bundle(where, file) as opened:
        yield opened


@contextmanager
def _bundle(where: Where, file: Path) -> Iterator[Audited]:
    target = where.resolved(offline=True)
    with opening(file) as source:
        given = _pin_of(where, target)
        yield Audited(
            source=source, pin=given or source.pin(), pin_given=given is not None, target=target
        )


@contextmanager
def _database(where: Where, file: Path) -> Iterator[Audited]:
    target = where.resolved(offline=True)
    given = _pin_of(where, target)
    with database_of(file) as source:
        beside = file.with_name(PIN_FILE)
        if given is None and not beside.is_file():
            raise SettingError(
                f"Nothing says which ledger {file} must be: give --pin FILE.",
                field="pin",
                rule="pin",
            )
        pin = given or Pin.read(beside)
        yield Audited(source=source, pin=pin, pin_given=given is not None, target=target)


@contextmanager
def _ledger(where: Where) -> Iterator[Audited]:
    target = where.resolved()
    given = _pin_of(where, target)
    if target.folder is None or not is_in_sqlite(target.folder):
        with session(where, for_audit=True) as (client, _):
            yield Audited(
                source=ServerSource(client, target.server or str(target.folder)),
                pin=client.trust.pin,
                pin_given=given is not None,
                target=target,
            )
        return
    pin = given or Pin.read(target.folder / PIN_FILE)
    with database_of(target.folder / DATABASE_FILE, whole_folder=True) as source:
        yield Audited(
            source=source,
            pin=pin,
            pin_given=given is not None,
            target=target,
            policy=_policy(target.folder),
        )


def _pin_of(where: Where, target: Target) -> Pin | None:
    """The pin that was named, or the context's: not one that comes with the ledger itself."""
    if where.pin is not None:
        return Pin.read(where.pin)
    return Pin.parse(target.context.pin) if target.context.pin is not None else None


def _policy(folder: Path) -> bytes | None:
    path = folder / POLICY_FILE
    try:
        return path.read_bytes() if path.is_file() else None
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror}.", field="policy", rule="file"
        ) from error


def _is_database(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            return opened.read(len(_DATABASE_MAGIC)) == _DATABASE_MAGIC
    except OSError as error:
        raise InputError(
            f"{file} cannot be read: {error.strerror}.", field="file", rule="file"
        ) from error
