"""Server and database are killed while entries are appended: what was acknowledged stays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest

from tests.faults.loading import (
    Load,
    check_everything,
    kill_under_load,
    serving,
    settle_what_was_unsure,
)
from tests.postgres import PostgresServer
from tests.simulator import Simulator

VICTIMS: Final = ("postgres", "server", "postgres", "both", "postgres")
ROUNDS: Final = 20
ACKNOWLEDGED_BEFORE_THE_KILL: Final = 6


@pytest.fixture
def database() -> Iterator[PostgresServer]:
    """A server that keeps to what it promises: everything is synced to disk."""
    server = PostgresServer(None, "fsync=on", "full_page_writes=on")
    server.start()
    server.create_template()
    yield server
    server.stop()


@pytest.mark.timeout(600)
def test_what_was_acknowledged_survives_every_kill(
    database: PostgresServer, tmp_path: Path
) -> None:
    with Simulator(tmp_path, database=database.create_database("ledger")) as founded:
        directory, pin = founded.directory, founded.pin
    load = Load(pin.ledger_id)
    with ExitStack() as running:
        process, address = running.enter_context(serving(directory))
        for turn in range(ROUNDS):
            victim = VICTIMS[turn % len(VICTIMS)]

            def kill(victim: str = victim) -> None:
                if victim != "server":
                    database.kill()
                if victim != "postgres":
                    process.kill()  # noqa: B023 - it is called within the turn

            kill_under_load(
                address, load, turn, acknowledged=ACKNOWLEDGED_BEFORE_THE_KILL, kill=kill
            )
            if victim != "server":
                database.start()
            if victim != "postgres":
                running.close()
                process, address = running.enter_context(serving(directory))
            # A server that lived on finds the database again by itself.
            settle_what_was_unsure(address, load)
        check_everything(address, load, pin)

    assert len(load.receipts) >= ROUNDS * ACKNOWLEDGED_BEFORE_THE_KILL
