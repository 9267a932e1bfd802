"""A new ledger: its folder, its log key, and entry 0."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ledger.bootstrap.folder import Clock, stored_in, system_clock
from ledger.client.pins import PIN_FILE, Pin
from ledger.client.signer import Author, Place, sign, state
from ledger.codec.within import within
from ledger.databases import keep_location, recorder_in
from ledger.domain.authorship import (
    ADMINISTRATORS_STREAM,
    FOUNDING_FACT_ID,
    Administrator,
    LedgerFounded,
    Policy,
)
from ledger.errors import RefusedError, StoreError
from ledger.logkeyfiles import LOG_KEY_FILE, sync
from ledger.signing.keyfiles import write_private_key
from ledger.signing.privatekeys import PrivateKey, Signer
from ledger.store.founding import found
from ledger.store.mapper import recorded_of

_ORIGIN_BYTES: Final = 8


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
        stored = stored_in(folder, recorder, founding.origin, [log_key], clock)
        found(stored, envelope)
        digest = recorded_of(stored.reader.entries(0, 1)[0]).digest
    finally:
        recorder.close()
    pin = Pin.of_founding(founding, digest)
    (folder / PIN_FILE).write_text(pin.to_json(), encoding="utf-8")
    sync(folder / PIN_FILE)
    sync(folder)
    return pin
