"""The command line as a user has it: arguments in, exit code, stdout and stderr out."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ledger.cli.embedded import serving
from ledger.cli.main import run
from ledger.client.pins import PIN_FILE


@dataclass(frozen=True, slots=True)
class Result:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Stdout as the one JSON value that it must be."""
        return json.loads(self.out)


Command = Callable[..., Result]
"""Runs ``regledger`` with arguments."""


@pytest.fixture(autouse=True)
def _own_user_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fresh user folder, lines of one width, and none of this machine's variables."""
    for name in os.environ:
        if name.startswith("LEDGER_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("LEDGER_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def regledger(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command in this process."""

    def command(*arguments: str | Path) -> Result:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return command


@pytest.fixture(scope="session")
def founded_casefile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a ledger that holds the case file; to be copied, never changed."""
    folder = tmp_path_factory.mktemp("casefile")
    own = ["--config", str(folder / "config"), "--no-passphrase"]
    code = run(["init", "--casefile", str(folder / "h20"), *own])
    assert code == 0
    return folder / "h20"


@pytest.fixture
def h20(founded_casefile: Path, tmp_path: Path) -> Path:
    """A copy of the case file's ledger, for one test to do with as it likes."""
    folder = tmp_path / "h20"
    shutil.copytree(founded_casefile, folder)
    return folder


@pytest.fixture(scope="session")
def served_h20(founded_casefile: Path) -> Iterator[tuple[str, ...]]:
    """The case file's ledger behind one server, for tests that only ask; the options to it."""
    with serving(founded_casefile) as address:
        yield "--server", address, "--pin", str(founded_casefile / PIN_FILE)


@pytest.fixture
def empty(regledger: Command, tmp_path: Path) -> Path:
    """A ledger with nothing but its founding and registrar, named by the current context."""
    folder = tmp_path / "empty"
    assert regledger("init", folder, "--no-passphrase").code == 0
    return folder
