"""The service on a ledger's folder, as the settings say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from ledger.bootstrap.apart import open_worker, writing
from ledger.bootstrap.folder import POLICY_FILE, Clock, system_clock
from ledger.bootstrap.opening import Ledger, open_ledger, open_replica
from ledger.errors import SettingError
from ledger.service.running import run_until_signal
from ledger.service.server import Addresses, serve
from ledger.service.writing import Writing
from ledger.settings import Part, Settings
from ledger.witnesses import read_policy


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
    if settings.part is Part.WRITER:
        _write(settings.directory, settings, clock)
        return
    with _opened(settings.directory, settings, clock) as ledger:
        serve(ledger.parts, settings, started=started)


def _write(directory: Path, settings: Settings, clock: Clock) -> None:
    """Write for the other processes until SIGTERM or SIGINT, or until the supervisor ends.

    Whoever signals all processes at once finds the workers with calls under way: they are waited
    for.
    """
    opened = ExitStack()
    passphrase, database = _secrets(settings)
    context = writing(
        directory, _socket(settings), passphrase=passphrase, database=database, clock=clock
    )

    served: Writing | None = None

    async def start() -> None:
        nonlocal served
        served = opened.enter_context(context)

    async def stop() -> None:
        if served is not None:
            grace_s = settings.shutdown_grace_ms / 1_000
            await asyncio.get_running_loop().run_in_executor(None, served.wait_unused, grace_s)
        opened.close()

    run_until_signal(start, stop, lambda _: None, with_stdin=True)


def _opened(directory: Path, settings: Settings, clock: Clock) -> Ledger:
    passphrase, database = _secrets(settings)
    beside = directory / POLICY_FILE
    policy = settings.witness_policy or (beside if beside.is_file() else None)
    poll_s = settings.tick_ms / 1_000
    if settings.read_only:
        return open_replica(directory, database=database, clock=clock, poll_s=poll_s)
    asked = read_policy(policy) if policy else None
    if settings.part is Part.WORKER:
        return open_worker(
            directory,
            _socket(settings),
            database=database,
            policy=asked,
            clock=clock,
        )
    return open_ledger(
        directory,
        passphrase=passphrase,
        database=database,
        policy=asked,
        clock=clock,
        poll_s=poll_s,
    )


def _secrets(settings: Settings) -> tuple[bytes | None, str | None]:
    """The pass phrase of the log's key, and the database's URL."""
    passphrase, database = settings.log_key_passphrase, settings.database
    return (
        passphrase.get_secret_value().encode() if passphrase else None,
        database.get_secret_value() if database else None,
    )


def _socket(settings: Settings) -> Path:
    """Where the writer listens.

    Raises:
        SettingError: Nobody said so.
    """
    if settings.writer is None:
        raise SettingError(
            "LEDGER_WRITER is the path of the writer's socket, which a supervisor gives.",
            field="LEDGER_WRITER",
            rule="setting-missing",
        )
    return settings.writer
