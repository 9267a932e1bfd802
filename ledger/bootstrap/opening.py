"""A ledger that is at work: its parts put together, and its threads."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, Self

from ledger.bootstrap.folder import (
    ATTACHMENTS_FOLDER,
    MODELS_FILE,
    Clock,
    require_ledger,
    stored_in,
    system_clock,
)
from ledger.client.administration import verifiers_of
from ledger.client.pins import PIN_FILE, Pin
from ledger.databases import recorder_in
from ledger.domain.keyring import Keyring
from ledger.errors import SettingError
from ledger.log.policy import TrustPolicy
from ledger.logkeyfiles import read_log_keys, settle_log_keys, settle_pin
from ledger.readmodels.saved import SavedModels
from ledger.replica import replica_parts, whenever_reached
from ledger.service.bridges import Deliveries, Door
from ledger.service.parts import Parts
from ledger.service.progress import Progress
from ledger.signing.privatekeys import PrivateKey, Signer
from ledger.store.appender import Appender
from ledger.store.erasing import Eraser
from ledger.store.follower import POLL_S, Follower
from ledger.store.logsigning import administered
from ledger.store.mapper import recorded_of
from ledger.store.reader import Reader
from ledger.store.recorder import LedgerRecorder
from ledger.store.validating import Validator
from ledger.store.vault import Vault
from ledger.witnesses import witnessing_in

_PAGE_KEY_CONTEXT: Final = b"ledger-page-tokens-v1"
_MODELS_KEY_CONTEXT: Final = b"ledger-read-models-v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """An open ledger; a context manager, closed on exit.

    Attributes:
        pin: What everybody who verifies it has to know.
        parts: What the service works with.
    """

    pin: Pin
    parts: Parts
    _closing: ExitStack

    def close(self) -> None:
        """Finish what is queued, stop the threads and let go of the database."""
        self._closing.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_ledger(
    directory: Path,
    *,
    passphrase: bytes | None = None,
    database: str | None = None,
    policy: TrustPolicy | None = None,
    clock: Clock = system_clock,
    poll_s: float = POLL_S,
) -> Ledger:
    """Open the ledger in a folder, check it, and start its threads.

    Args:
        directory: A folder that ``found_ledger`` made.
        passphrase: What the log's key is encrypted with.
        database: The URL of a PostgreSQL database; None for the one that the folder has or names.
        policy: The witnesses that are asked to cosign; None asks nobody.
        clock: What entries are recorded by, and what today is.
        poll_s: How often the read models look for what other processes appended, in seconds.

    Raises:
        SettingError: There is no ledger in the folder, or its files belong to different ledgers.
        KeyFileError: The log's key cannot be read.
        StoreError: The database is older than what was released, or does not agree with itself.
    """
    require_ledger(directory, database)
    pin = Pin.read(directory / PIN_FILE)
    keys = read_log_keys(directory, passphrase)
    with ExitStack() as opened:
        recorder = _recorder(opened, directory, database)
        pin, keys = _settled(directory, recorder, pin, keys)
        stored = stored_in(directory, recorder, pin.origin, keys, clock)
        saved = _saved_models(directory, stored.reader, keys[0])
        door, models = Door(), saved.restored(stored.reader)
        progress = Progress(door)
        progress.reach(models.tree_size)
        vault = Vault(directory / ATTACHMENTS_FOLDER)
        eraser = Eraser(recorder, vault)

        def appended() -> None:
            follower.wake()
            witnessing.wake()

        reached = whenever_reached(models, progress, saved, eraser)
        look_s = max(poll_s, recorder.poll_least_s)
        follower = Follower(stored.reader, models, reached=reached, poll_s=look_s)
        eraser.catch_up()
        witnessing = opened.enter_context(
            witnessing_in(directory, pin, stored.reader, door, policy=policy, clock=clock)
        )
        appender = Appender(stored, wake=appended, deliver=eraser.before(Deliveries(door)))
        opened.callback(saved.leave, models)
        opened.enter_context(follower)
        opened.enter_context(recorder.told_of_appends(follower.wake))
        opened.enter_context(appender)
        parts = Parts(
            appender=appender,
            validator=Validator(stored),
            reader=stored.reader,
            vault=vault,
            witnessing=witnessing,
            models=models,
            door=door,
            progress=progress,
            clock=clock,
            page_key=sha256(keys[0].sign(_PAGE_KEY_CONTEXT)).digest(),
            opened_size=stored.reader.tree_size(),
            failure=lambda: follower.failure,
        )
        return Ledger(pin=pin, parts=parts, _closing=opened.pop_all())


def open_replica(
    directory: Path,
    *,
    database: str | None = None,
    clock: Clock = system_clock,
    poll_s: float = POLL_S,
) -> Ledger:
    """Open a ledger that is only read (``replica``), and start its threads.

    Args:
        directory: A folder with the ledger's pin.
        database: The URL of a PostgreSQL database; None for the one that the folder has or names.
        clock: What today is.
        poll_s: How often the read models look for what was appended, in seconds.

    Raises:
        SettingError: There is no ledger in the folder, or it is not the pinned one.
        StoreError: The database cannot be read.
    """
    require_ledger(directory, database)
    with ExitStack() as opened:
        pin, parts = replica_parts(
            directory,
            opened,
            database=database,
            attachments=directory / ATTACHMENTS_FOLDER,
            clock=clock,
            poll_s=poll_s,
        )
        return Ledger(pin=pin, parts=parts, _closing=opened.pop_all())


def _recorder(opened: ExitStack, directory: Path, database: str | None) -> LedgerRecorder:
    """A ledger's recorder on tables of this version, closed at the end."""
    recorder = recorder_in(directory, database)
    opened.callback(recorder.close)
    recorder.require_schema()
    return recorder


def _saved_models(folder: Path, reader: Reader, log_key: Signer) -> SavedModels:
    """Where the read models are saved, sealed by whoever can sign for the log."""
    secret = sha256(log_key.sign(_MODELS_KEY_CONTEXT)).digest()
    return SavedModels(folder / MODELS_FILE, secret=secret, root_at=reader.root_at)


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
