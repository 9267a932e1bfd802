"""A bundle is audited with no network at all: the process that does it may not make a socket."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.cli.main import run

FORBIDDEN = """
import os, sys

def refuse(event, arguments):
    if event.startswith("socket."):
        os.write(2, ("a socket: " + event).encode())
        os._exit(99)

sys.addaudithook(refuse)
"""
"""What Python runs on start, in every process that the audit starts too."""


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger's bundle, its ledger gone."""
    folder = tmp_path_factory.mktemp("offline")
    config = ["--config", str(folder / "config")]
    assert run(["init", "--casefile", str(folder / "h20"), *config, "--no-passphrase"]) == 0
    exported = ["export", str(folder / "h20.bundle"), "--ledger", str(folder / "h20"), *config]
    assert run(exported) == 0
    shutil.rmtree(folder / "h20")
    shutil.rmtree(folder / "config")
    (folder / "sitecustomize.py").write_text(FORBIDDEN, encoding="utf-8")
    return folder / "h20.bundle"


def without_sockets(bundle: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run Python with nothing of this machine's settings, and no socket to be had."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(bundle.parent),
        "LEDGER_CONFIG": str(bundle.parent / "config"),
        "PYTHONPATH": str(bundle.parent),
    }
    return subprocess.run(
        [*_no_network(), sys.executable, *command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _no_network() -> list[str]:
    """A network namespace of its own with nothing in it, where the kernel lets us."""
    alone = ["unshare", "--net", "--map-root-user"]
    if shutil.which("unshare") is None:
        return []
    tried = subprocess.run([*alone, "true"], capture_output=True, check=False)
    return alone if tried.returncode == 0 else []


def test_the_trap_closes_on_whoever_makes_a_socket(bundle: Path) -> None:
    result = without_sockets(bundle, "-c", "import socket; socket.socket()")
    assert result.returncode == 99
    assert "a socket: socket.__new__" in result.stderr


@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_bundle_is_audited_without_a_socket(bundle: Path, processes: str) -> None:
    program = "from ledger.cli.main import main\nif __name__ == '__main__': main()"
    script = bundle.parent / "regledger.py"
    script.write_text(program, encoding="utf-8")
    result = without_sockets(
        bundle, str(script), "audit", str(bundle), "--processes", processes, "-o", "json"
    )
    assert (result.returncode, result.stderr) == (0, "")
    told = json.loads(result.stdout)
    assert told["holds"]
    assert told["checked"]["signatures"] == 270
    assert told["run"]["processes"] == int(processes)
