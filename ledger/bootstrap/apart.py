"""A ledger at work in several processes: one that writes, and others that take the calls."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ledger.bootstrap.folder import ATTACHMENTS_FOLDER, Clock, require_ledger, system_clock
from ledger.bootstrap.opening import Ledger
from ledger.bootstrap.settling import opened_recorder, saved_models, settled
from ledger.client.pins import PIN_FILE, Pin
from ledger.log.policy import TrustPolicy
from ledger.replica import whenever_reached
from ledger.service.bridges import Door
from ledger.service.link import connect
from ledger.service.parts import Parts
from ledger.service.progress import Progress
from ledger.service.writer import Writer
from ledger.service.writing import Writing
from ledger.store.appender import Appender
from ledger.store.erasing import Eraser
from ledger.store.follower import Follower
from ledger.store.reader import Reader
from ledger.store.validating import Validator
from ledger.store.vault import Vault
from ledger.witnesses import witnessing_in


@contextmanager
def writing(
    directory: Path,
    socket: Path,
    *,
    passphrase: bytes | None = None,
    database: str | None = None,
    clock: Clock = system_clock,
) -> Iterator[Writing]:
    """Write the ledger in a folder, for the processes that connect to a Unix socket.

    Args:
        directory: A folder that ``found_ledger`` made.
        socket: The path to listen on.
        passphrase: What the log's key is encrypted with.
        database: The URL of a PostgreSQL database; None for the one that the folder has or names.
        clock: What entries are recorded by.

    Yields:
        What serves those processes.

    Raises:
        LedgerError: The ledger cannot be opened, as ``open_ledger`` says, or not be listened for.
    """
    require_ledger(directory, database)
    with ExitStack() as opened:
        _, stored, secrets = settled(opened, directory, passphrase, database, clock)
        eraser = Eraser(stored.recorder, Vault(directory / ATTACHMENTS_FOLDER))
        eraser.catch_up()
        served = Writing(socket, secrets, stored.reader)
        opened.callback(served.close)
        appender = Appender(stored, deliver=eraser.before(served.deliver))
        opened.enter_context(appender)
        served.start(appender, Validator(stored))
        opened.enter_context(stored.recorder.told_of_appends(served.look))
        yield served


def open_worker(
    directory: Path,
    writer: Path,
    *,
    database: str | None = None,
    policy: TrustPolicy | None = None,
    clock: Clock = system_clock,
) -> Ledger:
    """Open the ledger in a folder as a process that takes calls, and start its threads.

    It reads for itself, and hands to the writer what is to be appended. The log's key is not here.

    Args:
        directory: A folder that ``found_ledger`` made.
        writer: The Unix socket of ``writing`` on the same folder.
        database: The URL of a PostgreSQL database; None for the one that the folder has or names.
        policy: The witnesses that are asked to cosign; None asks nobody.
        clock: What today is.

    Raises:
        UnavailableError: The writer is away.
        StoreError: The database cannot be read.
    """
    connection, secrets = connect(writer)
    with ExitStack() as opened:
        opened.callback(connection.close)
        pin = Pin.read(directory / PIN_FILE)
        recorder = opened_recorder(opened, directory, database)
        reader, door = Reader(recorder), Door()
        # Loaded now, so that what the writer tells of each round can be added.
        reader.tree_of(reader.tree_size())
        witnessing = opened.enter_context(
            witnessing_in(directory, pin, reader, door, policy=policy, clock=clock)
        )
        saved = saved_models(directory, reader, secrets)
        models, progress = saved.restored(reader), Progress(door)
        progress.reach(models.tree_size)
        eraser = Eraser(recorder, vault := Vault(directory / ATTACHMENTS_FOLDER))
        eraser.catch_up()
        reached = whenever_reached(models, progress, saved, eraser)
        # The writer tells of what it adds, and what it tells need not be read. Whoever looked often
        # would find it in the database a moment before it is told.
        follower = Follower(reader, models, reached=reached)
        opened.callback(saved.leave, models)
        opened.enter_context(follower)
        there = Writer(
            writer,
            connection,
            door=door,
            reader=reader,
            catalog=models.catalog,
            wake=(follower.wake, witnessing.wake),
        )
        parts = Parts(
            appender=there,
            validator=there,
            reader=reader,
            vault=vault,
            witnessing=witnessing,
            models=models,
            door=door,
            progress=progress,
            clock=clock,
            page_key=secrets.page_key,
            opened_size=reader.tree_size(),
            failure=lambda: follower.failure,
            writer=there,
        )
        return Ledger(pin=pin, parts=parts, _closing=opened.pop_all())
