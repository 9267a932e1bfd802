"""The composition root: the only place that names concrete adapters, but for the databases.

Randomness, the clock and paths enter here. A ledger is a folder:

| file | what it is |
| --- | --- |
| ``ledger.sqlite3`` | events, entries and checkpoints; or |
| ``database`` | where PostgreSQL keeps them (``databases``) |
| ``head`` | the last released tree head, outside the database |
| ``log.pem`` | the private key that signs checkpoints, mode 0600 (``logkeyfiles``) |
| ``pin.json`` | origin, log key and ledger id, for everybody who verifies |
| ``cosignatures.sqlite3`` | what witnesses said of checkpoints, if any did (``witnesses``) |
| ``policy`` | its witnesses, if it has any, for a server that is not told others |
| ``attachments/`` | documents outside the log, and their keys (``store/vault.py``) |
| ``readmodels`` | where the read models stood, sealed (``readmodels/saved.py``); may be deleted |
"""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from ledger.audit.database import DatabaseSource
from ledger.client.administration import verifiers_of
from ledger.client.pins import PIN_FILE, Pin
from ledger.client.signer import Author, Place, sign, state
from ledger.codec.within import within
from ledger.databases import SQLITE_FILE, holds_database, keep_location, recorder_in
from ledger.domain.authorship import (
    ADMINISTRATORS_STREAM,
    FOUNDING_FACT_ID,
    Administrator,
    LedgerFounded,
    Policy,
)
from ledger.domain.keyring import Keyring
from ledger.errors import RefusedError, SettingError, StoreError
from ledger.log.notekeys import NoteSigner, SignatureType, VerifierKey
from ledger.log.policy import TrustPolicy
from ledger.logkeyfiles import (
    LOG_KEY_FILE,
    read_log_keys,
    settle_log_keys,
    settle_pin,
    sync,
)
from ledger.readmodels.saved import SavedModels
from ledger.replica import replica_parts, whenever_reached
from ledger.service.bridges import Deliveries, Door
from ledger.service.parts import Parts
from ledger.service.progress import Progress
from ledger.service.server import Addresses, serve
from ledger.settings import Settings
from ledger.signing.keyfiles import write_private_key
from ledger.signing.privatekeys import PrivateKey, Signer
from ledger.store.appender import Appender
from ledger.store.committing import Ledger as StoredLedger
from ledger.store.erasing import Eraser
from ledger.store.follower import POLL_S, Follower
from ledger.store.founding import found
from ledger.store.head import HeadFile
from ledger.store.inspection import inspecting
from ledger.store.logsigning import administered
from ledger.store.mapper import recorded_of
from ledger.store.reader import Reader
from ledger.store.recorder import LedgerRecorder
from ledger.store.validating import Validator
from ledger.store.vault import Vault
from ledger.witnesses import COSIGNATURES_FILE, read_policy, witnessing_in

DATABASE_FILE: Final = SQLITE_FILE
HEAD_FILE: Final = "head"
ATTACHMENTS_FOLDER: Final = "attachments"
POLICY_FILE: Final = "policy"
MODELS_FILE: Final = "readmodels"

_ORIGIN_BYTES: Final = 8
_PAGE_KEY_CONTEXT: Final = b"ledger-page-tokens-v1"
_MODELS_KEY_CONTEXT: Final = b"ledger-read-models-v1"

Clock = Callable[[], int]
"""Milliseconds since 1970 (UTC)."""


def system_clock() -> int:
    """The machine's clock, in milliseconds since 1970 (UTC)."""
    return time.time_ns() // 1_000_000


def found_ledger(
    directory: Path,
    *,
    administrators: Sequence[Author],
    threshold: int,
    policy: Policy,
    further: Sequence[Administrator] = (),
    origin: str | None = None,
    passphrase: bytes | None = None,
    database: str | None = None,
    clock: Clock = system_clock,
) -> Pin:
    """Found a ledger in a new folder: its log key, its database with entry 0, and its pin.

    The folder appears whole or not at all. In PostgreSQL entry 0 may be left behind: what was
    signed with a key that is gone is nobody's ledger, and its database is to be dropped.

    Args:
        directory: A folder that does not exist yet, or is empty.
        administrators: Those who enroll authors; all of them sign, the first is the author.
        threshold: How many of them must sign together later.
        policy: What is fixed about the ledger's answers.
        further: Administrators who do not sign here, since their keys are elsewhere.
        origin: The log's identity; a random one unless given.
        passphrase: What encrypts the log's key; None stores it bare, readable by its owner only.
        database: The URL of an empty PostgreSQL database; None for a SQLite file in the folder.
        clock: When the founding is signed and recorded.

    Returns:
        What everybody who verifies this ledger has to know.

    Raises:
        RefusedError: The folder exists and is not empty, or the founding is refused.
        InputError: The origin or the administrators do not do.
        StoreError: The folder cannot be written.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise RefusedError(
            f"{directory} exists already, and is not an empty folder.",
            field="directory",
            rule="directory-is-new",
        )
    log_key = PrivateKey.generate()
    founding = _founding(
        origin or f"regledger/{secrets.token_hex(_ORIGIN_BYTES)}",
        (*map(_administrator, administrators), *further),
        threshold,
        policy,
        log_key,
    )
    with _appearing(directory) as draft:
        write_private_key(
            draft / LOG_KEY_FILE, log_key, passphrase=passphrase, unencrypted=passphrase is None
        )
        if database is not None:
            keep_location(draft, database)
        return _write_founding(draft, founding, administrators, log_key, clock)


@contextmanager
def _appearing(directory: Path) -> Iterator[Path]:
    """A folder to fill, which takes its place at the end, or vanishes if that fails.

    Raises:
        StoreError: The file system refuses.
    """
    draft = directory.with_name(f".{directory.name}.{secrets.token_hex(8)}")
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        draft.mkdir(mode=0o700)
        yield draft
        draft.replace(directory)
        sync(directory.parent)
    except OSError as error:
        raise StoreError(
            f"{directory} cannot be written: {error.strerror}.", field="directory", rule="directory"
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _founding(
    origin: str,
    administrators: tuple[Administrator, ...],
    threshold: int,
    policy: Policy,
    log_key: Signer,
) -> LedgerFounded:
    """The first fact.

    Raises:
        EnvelopeError: The domain refuses it.
    """
    with within(""):
        return LedgerFounded(
            id=FOUNDING_FACT_ID,
            stream=ADMINISTRATORS_STREAM,
            origin=origin,
            policy=policy,
            log_key=log_key.public.spki_der,
            administrators=administrators,
            threshold=threshold,
        )


def _administrator(author: Author) -> Administrator:
    with within("administrators"):
        return Administrator(author=author.name, spki_der=author.signer.public.spki_der)


def _write_founding(
    folder: Path,
    founding: LedgerFounded,
    administrators: Sequence[Author],
    log_key: Signer,
    clock: Clock,
) -> Pin:
    """Sign entry 0, write it, and leave the pin beside it."""
    place = Place(ledger_id=b"", expected_version=0, signed_at_ms=clock())
    statement = state(founding, administrators[0].name, place)
    envelope = sign(statement, [author.signer for author in administrators])
    recorder = recorder_in(folder)
    try:
        stored = _stored(folder, recorder, founding.origin, [log_key], clock)
        found(stored, envelope)
        digest = recorded_of(stored.reader.entries(0, 1)[0]).digest
    finally:
        recorder.close()
    pin = Pin.of_founding(founding, digest)
    (folder / PIN_FILE).write_text(pin.to_json(), encoding="utf-8")
    sync(folder / PIN_FILE)
    sync(folder)
    return pin


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

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
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
    _require_ledger(directory, database)
    pin = Pin.read(directory / PIN_FILE)
    keys = read_log_keys(directory, passphrase)
    with ExitStack() as opened:
        recorder = _recorder(opened, directory, database)
        pin, keys = _settled(directory, recorder, pin, keys)
        stored = _stored(directory, recorder, pin.origin, keys, clock)
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
    _require_ledger(directory, database)
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


@contextmanager
def database_of(path: Path, *, whole_folder: bool = False) -> Iterator[DatabaseSource]:
    """Open a ledger's database for an audit: only to be read, by whoever has the file.

    Args:
        path: The file.
        whole_folder: Whether it lies in its ledger's folder, whose head file is then audited too.

    Raises:
        StoreError: It cannot be opened.
    """
    with inspecting(path) as inspection:
        if whole_folder:
            vault = Vault(path.with_name(ATTACHMENTS_FOLDER))
            cosignatures = path.with_name(COSIGNATURES_FILE)
            yield DatabaseSource(inspection, path.with_name(HEAD_FILE), vault, cosignatures)
        else:
            yield DatabaseSource(inspection)


def serve_ledger(
    settings: Settings,
    *,
    started: Callable[[Addresses], None] = lambda _: None,
    clock: Clock = system_clock,
) -> None:
    """Open the ledger that the settings name, and serve it until SIGTERM or SIGINT.

    Args:
        settings: The folder, addresses, identities and limits.
        started: Told where the server listens, once it does.
        clock: What entries are recorded by, and what today is.

    Raises:
        SettingError: The settings name no folder, or cannot be served.
        LedgerError: The ledger cannot be opened, as ``open_ledger`` says.
    """
    if settings.directory is None:
        raise SettingError(
            "Which ledger? LEDGER_DIRECTORY is the path of its folder.",
            field="LEDGER_DIRECTORY",
            rule="setting-missing",
        )
    with _opened(settings.directory, settings, clock) as ledger:
        serve(ledger.parts, settings, started=started)


def _opened(directory: Path, settings: Settings, clock: Clock) -> Ledger:
    secret, beside = settings.log_key_passphrase, directory / POLICY_FILE
    policy = settings.witness_policy or (beside if beside.is_file() else None)
    database = settings.database.get_secret_value() if settings.database else None
    poll_s = settings.tick_ms / 1_000
    if settings.read_only:
        return open_replica(directory, database=database, clock=clock, poll_s=poll_s)
    return open_ledger(
        directory,
        passphrase=secret.get_secret_value().encode() if secret else None,
        database=database,
        policy=read_policy(policy) if policy else None,
        clock=clock,
        poll_s=poll_s,
    )


def _recorder(opened: ExitStack, directory: Path, database: str | None) -> LedgerRecorder:
    """A ledger's recorder on tables of this version, closed at the end."""
    recorder = recorder_in(directory, database)
    opened.callback(recorder.close)
    recorder.require_schema()
    return recorder


def _require_ledger(directory: Path, database: str | None = None) -> None:
    if database is None and not holds_database(directory):
        raise SettingError(
            f"There is no ledger in {directory}.", field="directory", rule="ledger-in-directory"
        )


def _stored(
    folder: Path, recorder: LedgerRecorder, origin: str, log_keys: Sequence[Signer], clock: Clock
) -> StoredLedger:
    """The store's parts on a folder."""
    return StoredLedger(
        recorder=recorder,
        reader=Reader(recorder),
        head=HeadFile(folder / HEAD_FILE),
        signers=tuple(
            NoteSigner(VerifierKey(origin, SignatureType.ED25519, key.public.raw), key.sign)
            for key in log_keys
        ),
        clock=clock,
    )


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
