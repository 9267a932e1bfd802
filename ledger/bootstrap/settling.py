"""What must agree before a ledger is written to: its pin, its log key and its database."""

from __future__ import annotations

from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import Final

from ledger.bootstrap.folder import MODELS_FILE, Clock, stored_in
from ledger.client.administration import verifiers_of
from ledger.client.pins import PIN_FILE, Pin
from ledger.databases import recorder_in
from ledger.domain.keyring import Keyring
from ledger.errors import SettingError
from ledger.logkeyfiles import read_log_keys, settle_log_keys, settle_pin
from ledger.readmodels.saved import SavedModels
from ledger.service.handover import Opened
from ledger.signing.privatekeys import PrivateKey
from ledger.store.committing import Ledger as StoredLedger
from ledger.store.logsigning import administered
from ledger.store.mapper import recorded_of
from ledger.store.reader import Reader
from ledger.store.recorder import LedgerRecorder

_PAGE_KEY_CONTEXT: Final = b"ledger-page-tokens-v1"
_MODELS_KEY_CONTEXT: Final = b"ledger-read-models-v1"


def settled(
    opened: ExitStack, directory: Path, passphrase: bytes | None, database: str | None, clock: Clock
) -> tuple[Pin, StoredLedger, Opened]:
    """Open the store's parts of a ledger that is written to here.

    Args:
        opened: What is to be closed at the end is entered here.
        directory: The ledger's folder.
        passphrase: What the log's key is encrypted with.
        database: The URL of a PostgreSQL database; None for the one that the folder has or names.
        clock: What entries are recorded by.

    Returns:
        The pin, the parts, and the secrets that whoever can sign for the log derives from its key.

    Raises:
        SettingError: Pin, keys and database are not of one ledger.
        KeyFileError: The log's key cannot be read.
        StoreError: The database cannot be read, or a file not be put in its place.
    """
    pin, keys = Pin.read(directory / PIN_FILE), read_log_keys(directory, passphrase)
    recorder = opened_recorder(opened, directory, database)
    pin, keys = _settled(directory, recorder, pin, keys)
    secrets = Opened(
        page_key=sha256(keys[0].sign(_PAGE_KEY_CONTEXT)).digest(),
        models_secret=sha256(keys[0].sign(_MODELS_KEY_CONTEXT)).digest(),
    )
    return pin, stored_in(directory, recorder, pin.origin, keys, clock), secrets


def opened_recorder(opened: ExitStack, directory: Path, database: str | None) -> LedgerRecorder:
    """A ledger's recorder on tables of this version, closed at the end.

    Raises:
        StoreError: The database cannot be opened, or has tables of another version.
    """
    recorder = recorder_in(directory, database)
    opened.callback(recorder.close)
    recorder.require_schema()
    return recorder


def saved_models(folder: Path, reader: Reader, secrets: Opened) -> SavedModels:
    """Where the read models are saved, sealed by whoever can sign for the log."""
    return SavedModels(folder / MODELS_FILE, secret=secrets.models_secret, root_at=reader.root_at)


def _settled(
    folder: Path, recorder: LedgerRecorder, pin: Pin, keys: tuple[PrivateKey, ...]
) -> tuple[Pin, tuple[PrivateKey, ...]]:
    """Pin and log keys as the record has them now, and the folder's files with them.

    Raises:
        SettingError: Pin, keys and database are not of one ledger.
        StoreError: A file cannot be put in its place.
    """
    reader = Reader(recorder)
    keyring = administered(recorder, reader)
    _belong_together(pin, reader, keyring)
    keys = settle_log_keys(folder, keyring, keys)
    return settle_pin(folder, pin, keyring), keys


def _belong_together(pin: Pin, reader: Reader, keyring: Keyring) -> None:
    """See that pin and database are of one ledger, before anything is signed.

    Raises:
        SettingError: They are not.
    """
    entries = reader.entries(0, 1)
    pinned = {key.public_key for key in pin.log_keys}
    logs = {key.public_key for key in verifiers_of(pin.origin, keyring)}
    if not entries or recorded_of(entries[0]).digest != pin.ledger_id or not pinned <= logs:
        raise SettingError(
            f"{PIN_FILE} and the database are not of one ledger.",
            field="directory",
            rule="one-ledger",
        )
