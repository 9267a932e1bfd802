"""A ledger that is only read: from a standby of its database, or as a role that may only SELECT.

Nothing is signed here, so that no log key is needed: the folder holds the pin, and may hold nothing
else. What is shown is what was signed elsewhere, as far as it has come; that it is the pinned
ledger is checked here, and everything else by whoever is shown it.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

from ledger.client.pins import PIN_FILE, Pin
from ledger.databases import recorder_in
from ledger.errors import SettingError
from ledger.readmodels.models import ReadModels
from ledger.readmodels.saved import SavedModels
from ledger.service.bridges import Door
from ledger.service.parts import Parts
from ledger.service.progress import Progress
from ledger.store.erasing import Eraser
from ledger.store.follower import Follower
from ledger.store.mapper import recorded_of
from ledger.store.reader import Reader
from ledger.store.readonly import ReadOnly, ReadOnlyVault
from ledger.witnesses import witnessing_in

_PAGE_KEY_BYTES: Final = 32
_MODELS_KEY_BYTES: Final = 32

MODELS_FILE: Final = "replica-readmodels"
MODELS_KEY_FILE: Final = "replica-readmodels.key"


def replica_parts(
    directory: Path,
    opened: ExitStack,
    *,
    database: str | None,
    attachments: Path,
    clock: Callable[[], int],
    poll_s: float,
) -> tuple[Pin, Parts]:
    """Open a ledger to be read, and start its threads.

    Page tokens are good at this process alone: it has no secret in common with others.

    Args:
        directory: A folder with the ledger's pin.
        opened: What is to be closed at the end is entered here.
        database: The URL of a PostgreSQL database; None for the one that the folder has or names.
        attachments: Where copies of documents lie, if there are any; what is erased is destroyed
            here too.
        clock: What today is.
        poll_s: How often to look for what was appended, in seconds.

    Raises:
        SettingError: The database holds another ledger than the pinned one.
        StoreError: The database cannot be read, or a copy of an erased document not be destroyed.
    """
    pin = Pin.read(directory / PIN_FILE)
    recorder = recorder_in(directory, database)
    opened.callback(recorder.close)
    recorder.require_schema()
    reader = Reader(recorder)
    _require_pinned(pin, reader)
    saved = SavedModels(
        directory / MODELS_FILE, secret=_models_key(directory), root_at=reader.root_at
    )
    door, models = Door(), saved.restored(reader)
    progress = Progress(door)
    progress.reach(models.tree_size)
    vault = ReadOnlyVault(attachments)
    eraser = Eraser(recorder, vault)

    eraser.catch_up()
    follower = Follower(
        reader, models, reached=whenever_reached(models, progress, saved, eraser), poll_s=poll_s
    )
    opened.callback(saved.leave, models)
    opened.enter_context(follower)
    read_only = ReadOnly()
    return pin, Parts(
        appender=read_only,
        validator=read_only,
        reader=reader,
        vault=vault,
        witnessing=opened.enter_context(
            witnessing_in(directory, pin, reader, door, policy=None, clock=clock)
        ),
        models=models,
        door=door,
        progress=progress,
        clock=clock,
        page_key=secrets.token_bytes(_PAGE_KEY_BYTES),
        opened_size=reader.tree_size(),
        failure=lambda: follower.failure,
        is_replica=True,
    )


def whenever_reached(
    models: ReadModels, progress: Progress, saved: SavedModels, eraser: Eraser
) -> Callable[[int], None]:
    """What a ledger's process does, in the follower's thread, when its read models moved on."""

    def reached(tree_size: int) -> None:
        progress.reach(tree_size)
        saved.keep_up(models)
        if models.attachments.erasures != eraser.carried_out:
            eraser.keep_up()

    return reached


def _models_key(directory: Path) -> bytes:
    """The secret that seals this replica's read models: a file that its owner alone can read.

    In a folder that cannot be written nothing is saved either, and any secret does.
    """
    path, key = directory / MODELS_KEY_FILE, secrets.token_bytes(_MODELS_KEY_BYTES)
    with suppress(OSError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(key)
    with suppress(OSError):
        kept = path.read_bytes()
        return kept if len(kept) == _MODELS_KEY_BYTES else key
    return key


def _require_pinned(pin: Pin, reader: Reader) -> None:
    """See that the database holds the pinned ledger.

    Raises:
        SettingError: It does not, or not yet.
    """
    entries = reader.entries(0, 1)
    if not entries or recorded_of(entries[0]).digest != pin.ledger_id:
        raise SettingError(
            f"The database does not hold the ledger that {PIN_FILE} names.",
            field="database",
            rule="one-ledger",
        )
