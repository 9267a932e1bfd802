"""The service on a ledger's folder, as the settings say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ledger.bootstrap.folder import POLICY_FILE, Clock, system_clock
from ledger.bootstrap.opening import Ledger, open_ledger, open_replica
from ledger.errors import SettingError
from ledger.service.server import Addresses, serve
from ledger.settings import Settings
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
