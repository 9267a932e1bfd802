"""A change of the log's key that is killed just before each of its steps, and gone on with."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from ledger.client.pins import PIN_FILE, Pin
from ledger.logkeyfiles import LOG_KEY_FILE, NEXT_LOG_KEY_FILE
from ledger.signing.keyfiles import read_private_key
from tests.unit.cli.conftest import Command

ANNOUNCE: Final = ("rotate-log-key",)
RETIRE: Final = ("rotate-log-key", "--retire")

# The interpreter tells an audit hook of what is about to be done.
KILLED: Final = """
import os, signal, sys
from ledger.cli.main import main

event, path = sys.argv.pop(1).split("=")

def hook(happening, told):
    if happening == event and any(str(part).endswith(path) for part in told):
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(hook)
main()
"""

# In the order in which they come.
NEXT_KEY_IS_WRITTEN: Final = f"open={NEXT_LOG_KEY_FILE}"
DATABASE_IS_OPENED: Final = "sqlite3.connect=ledger.sqlite3"
PIN_IS_WRITTEN: Final = f"open=.{PIN_FILE}.draft"
PIN_TAKES_ITS_PLACE: Final = f"os.rename=/{PIN_FILE}"
KEY_TAKES_ITS_PLACE: Final = f"os.rename=/{LOG_KEY_FILE}"


def killed_before(step: str, command: tuple[str, ...]) -> None:
    """Run a command that is killed when it comes to a step."""
    process = subprocess.run(
        [sys.executable, "-c", KILLED, step, *command], capture_output=True, check=False
    )
    assert process.returncode == -signal.SIGKILL, process.stderr.decode()


def key_ids(folder: Path) -> list[str]:
    """The log's own keys by the pin, oldest first."""
    return [key.key_id.hex() for key in Pin.read(folder / PIN_FILE).log_keys]


@pytest.mark.parametrize(
    "step", [NEXT_KEY_IS_WRITTEN, DATABASE_IS_OPENED, PIN_IS_WRITTEN, PIN_TAKES_ITS_PLACE]
)
def test_an_announcement_that_was_killed_is_gone_on_with(
    regledger: Command, empty: Path, step: str
) -> None:
    (empty / PIN_FILE).with_name("old.json").write_bytes((empty / PIN_FILE).read_bytes())
    killed_before(step, ANNOUNCE)

    assert regledger("verify", "--pin", empty / "old.json").code == 0
    again = regledger(*ANNOUNCE)
    assert again.code == 0 or "log-key-rotation-under-way" in again.err

    assert len(key_ids(empty)) == 2
    assert regledger(*RETIRE).code == 0
    assert regledger("audit", "--pin", empty / "old.json").code == 0


@pytest.mark.parametrize("step", [KEY_TAKES_ITS_PLACE, PIN_IS_WRITTEN, PIN_TAKES_ITS_PLACE])
def test_a_retirement_that_was_killed_leaves_the_next_key_in_its_place(
    regledger: Command, empty: Path, step: str
) -> None:
    assert regledger(*ANNOUNCE).code == 0
    announced = key_ids(empty)
    next_key = read_private_key(empty / NEXT_LOG_KEY_FILE, passphrase=None).public
    killed_before(step, RETIRE)

    assert regledger("verify").code == 0
    assert not (empty / NEXT_LOG_KEY_FILE).exists()
    assert read_private_key(empty / LOG_KEY_FILE, passphrase=None).public == next_key
    assert key_ids(empty) == announced
    assert "retires-the-old-log-key" in regledger(*RETIRE).err
    assert regledger("audit").code == 0
