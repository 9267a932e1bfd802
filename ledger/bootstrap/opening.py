"""A ledger that is at work: its parts put together, and its threads."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ledger.bootstrap.folder import (
    ATTACHMENTS_FOLDER,
    Clock,
    require_ledger,
    system_clock,
)
from ledger.bootstrap.settling import saved_models, settled
from ledger.client.pins import Pin
from ledger.log.policy import TrustPolicy
from ledger.replica import replica_parts, whenever_reached
from ledger.service.bridges import Deliveries, Door
from ledger.service.parts import Parts
from ledger.service.progress import Progress
from ledger.store.appender import Appender
from ledger.store.erasing import Eraser
from ledger.store.follower import POLL_S, Follower
from ledger.store.validating import Validator
from ledger.store.vault import Vault
from ledger.witnesses import witnessing_in


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
    with ExitStack() as opened:
        pin, stored, secrets = settled(opened, directory, passphrase, database, clock)
        recorder = stored.recorder
        saved = saved_models(directory, stored.reader, secrets)
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
            page_key=secrets.page_key,
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
