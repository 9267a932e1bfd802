"""A verifying client for the ledger that a command is about, for as long as the command runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ledger.cli.output import warn
from ledger.cli.where import Target, Where
from ledger.client.client import LedgerClient, first_pin
from ledger.client.connection import Connection
from ledger.client.heads import HeadMemory
from ledger.client.pins import Pin
from ledger.errors import SettingError


@contextmanager
def session(where: Where, *, for_audit: bool = False) -> Iterator[tuple[LedgerClient, Target]]:
    """Open the ledger that is meant, whether a server has it or a folder.

    A folder is served by the real server inside this process, and spoken to over gRPC all the
    same: there is one way in.

    Args:
        where: Which ledger.
        for_audit: Open a folder's log alone, also a damaged one.

    Raises:
        SettingError: No ledger is named, or none is pinned.
        VerificationError: The ledger is not the one that is pinned.
        UnavailableError: It does not answer.
    """
    target = where.resolved()
    policy = target.policy()
    if target.folder is None:
        connection = target.connection()
        with LedgerClient.connect(connection, *_trusted(target, connection), policy) as client:
            yield client, target
        return
    from ledger.cli.embedded import serving  # noqa: PLC0415 - a whole server, which few need

    with serving(target.folder, for_audit=for_audit, policy=policy) as address:
        connection = Connection(target=address)
        with LedgerClient.connect(connection, *_trusted(target, connection), policy) as client:
            yield client, target


def _trusted(target: Target, connection: Connection) -> tuple[Pin, HeadMemory]:
    pin = target.pin()
    if pin is None:
        pin = _first_use(target, connection)
    return pin, target.memory(pin)


def _first_use(target: Target, connection: Connection) -> Pin:
    """Take the pin from the server, if the user said so; and say what was taken."""
    if not target.where.trust_on_first_use:
        raise SettingError(
            f"Nothing says which ledger {target.server} must have. Give --pin FILE, which whoever "
            "founded it hands out, or --trust-on-first-use.",
            field="pin",
            rule="pin",
        )
    pin = first_pin(connection)
    target.keep_pin(pin)
    warn(
        f"from now on {target.server} must have the ledger {pin.ledger_id.hex()} of {pin.origin}; "
        "that it is the right one, only the server says."
    )
    return pin
