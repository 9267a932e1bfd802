"""A real server process is killed while it appends, again and again: what it acknowledged stays."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any, Final

from ledger.bootstrap import DATABASE_FILE
from ledger.client.pins import PIN_FILE
from tests import builders
from tests.faults.loading import (
    SERVE,
    THREADS,
    Load,
    append_when_possible,
    check_everything,
    kill_under_load,
    serving,
    settle_what_was_unsure,
)
from tests.simulator import Simulator

ROUNDS: Final = 20
WRITER_ROUNDS: Final = 6
"""Fewer: whoever dies again and again is started again ever later."""

ACKNOWLEDGED_BEFORE_THE_KILL: Final = 25


def test_a_server_killed_again_and_again_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    with Simulator(tmp_path) as founded:
        directory, pin = founded.directory, founded.pin
    load = Load(pin.ledger_id)
    for turn in range(ROUNDS):
        with serving(directory) as (process, address):
            settle_what_was_unsure(address, load)
            kill_under_load(
                address,
                load,
                turn,
                acknowledged=ACKNOWLEDGED_BEFORE_THE_KILL + turn,
                kill=process.kill,
            )

    with serving(directory) as (_, address):
        settle_what_was_unsure(address, load)
        check_everything(address, load, pin)
    assert len(load.receipts) > ROUNDS * ACKNOWLEDGED_BEFORE_THE_KILL


def test_a_writer_killed_again_and_again_keeps_what_was_acknowledged(tmp_path: Path) -> None:
    with Simulator(tmp_path) as founded:
        directory, pin = founded.directory, founded.pin
    load = Load(pin.ledger_id)
    with serving(directory, "--workers", "2") as (process, address):
        for turn in range(WRITER_ROUNDS):
            kill_under_load(
                address,
                load,
                turn,
                acknowledged=ACKNOWLEDGED_BEFORE_THE_KILL + turn,
                kill=lambda: os.kill(writer_of(process.pid), signal.SIGKILL),
            )
            assert len(load.unsure) == THREADS
            for envelope in load.unsure:
                load.receipts[envelope] = append_when_possible(address, envelope)
            load.unsure.clear()
        check_everything(address, load, pin)
        assert process.poll() is None
    assert len(load.receipts) > WRITER_ROUNDS * ACKNOWLEDGED_BEFORE_THE_KILL


def writer_of(supervisor: int) -> int:
    """The process that writes, of those that a supervisor started."""
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text(encoding="ascii")
    (writer,) = (
        int(child)
        for child in children.split()
        if b"LEDGER_PART=writer" in Path(f"/proc/{child}/environ").read_bytes().split(b"\0")
    )
    return writer


def test_a_restored_backup_that_is_too_old_is_not_served(tmp_path: Path) -> None:
    with Simulator(tmp_path) as founded:
        directory = founded.directory
    backup = tmp_path / "backup.sqlite3"
    shutil.copy(directory / DATABASE_FILE, backup)
    with Simulator(tmp_path) as service:
        service.append(builders.order("order-1"))
    shutil.copy(backup, directory / DATABASE_FILE)

    refused: Any = subprocess.run(
        [*SERVE, str(directory)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert refused.returncode != 0
    assert "it is an older copy" in refused.stderr
    assert "rule: database-behind-head" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert (directory / PIN_FILE).exists()
