"""The servers that are measured: ours, the echo and the peers, each a process of its own."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.bootstrap import DATABASE_FILE
from ledger.client.pins import PIN_FILE, Pin
from ledger.client.signer import Author
from ledger.signing.keyfiles import read_private_key

_START_S: Final = 120.0

CORE: Final = 0
"""The core that our server's worker keeps to, and the echo; its writer keeps to the next."""
_LISTENING: Final = re.compile(r"gRPC on (?P<address>127\.0\.0\.1:\d+)")

# No limit of the service may stand between the clients and what is measured.
_UNLIMITED: Final = {
    "LEDGER_CALLS_PER_SECOND_MAX": "1000000",
    "LEDGER_CALLS_UNDER_WAY_MAX": "10000",
}


@dataclass(frozen=True, slots=True)
class Running:
    """A server that listens, and the process that it is."""

    target: str
    process: subprocess.Popen[bytes]

    def resident_mb(self) -> float:
        """Megabytes of memory that it and its children hold (VmRSS)."""
        return self._status_mb("VmRSS")

    def peak_mb(self) -> float:
        """The most megabytes that each of them held so far, together (VmHWM)."""
        return self._status_mb("VmHWM")

    def _status_mb(self, name: str) -> float:
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        return sum(_memory_mb(process, name) for process in (str(pid), *children))


def _memory_mb(pid: str, name: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    found = re.search(rf"{name}:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


@dataclass(frozen=True, slots=True)
class Ours:
    """A ledger of ours in a folder, with a registrar who signs."""

    directory: Path

    @property
    def pin(self) -> Pin:
        """What its clients trust."""
        return Pin.read(self.directory / PIN_FILE)

    @property
    def registrar(self) -> Author:
        """Who signs what the bench appends."""
        key = read_private_key(self.directory / "keys" / "registrar.pem", passphrase=None)
        return Author("registrar", key)

    def disk_mb(self) -> float:
        """Megabytes of the database, with its write-ahead log."""
        files = self.directory.glob(f"{DATABASE_FILE}*")
        return sum(file.stat().st_size for file in files) / 2**20


def found(directory: Path, *, database: str | None = None) -> Ours:
    """A ledger that holds the case file, made by the command line as a person would.

    Args:
        directory: Where its folder goes.
        database: The URL of an empty PostgreSQL database; None for a SQLite file.
    """
    made = directory / "ledger"
    config = directory / "config.json"
    command = [_command("regledger"), "init", "--casefile", "--no-passphrase", str(made)]
    command += ["--database", database] if database else []
    subprocess.run(
        [*command, "--config", str(config)], check=True, capture_output=True, timeout=_START_S
    )
    return Ours(made)


@contextmanager
def ours(ledger: Ours, folder: Path) -> Iterator[Running]:
    """Our server over a ledger."""
    command = [_command("regledger"), "serve", str(ledger.directory)]
    options = [
        "--listen",
        "127.0.0.1:0",
        "--http-listen",
        "off",
        "--workers",
        "1",
        "--core",
        str(CORE),
    ]
    with _listening([*command, *options], folder / "ours.log", _UNLIMITED) as running:
        yield running


@contextmanager
def echo(folder: Path) -> Iterator[Running]:
    """The echo on our server stack."""
    with _listening(
        [sys.executable, "-m", "tests.bench.echo"], folder / "echo.log", _UNLIMITED
    ) as running:
        yield running


@contextmanager
def umadb(folder: Path) -> Iterator[Running]:
    """UmaDB's server, from its wheel, over a new file."""
    port = _free_port()
    data = folder / "umadb"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir()
    target = f"127.0.0.1:{port}"
    command = [_command("umadb"), "--listen", target, "--db-path", str(data / "events.db")]
    with _started(command, folder / "umadb.log", {}) as process:
        _until_connected(process, port)
        yield Running(target, process)


@contextmanager
def _listening(
    command: Sequence[str], log: Path, variables: Mapping[str, str]
) -> Iterator[Running]:
    """A process that says in its output where it listens."""
    with _started(command, log, variables) as process:
        deadline = time.monotonic() + _START_S
        while not (said := _LISTENING.search(log.read_text(encoding="utf-8"))):
            if process.poll() is not None or time.monotonic() > deadline:
                message = f"{command[0]} does not listen: see {log}"
                raise RuntimeError(message)
            time.sleep(0.02)
        yield Running(said["address"], process)


@contextmanager
def _started(
    command: Sequence[str], log: Path, variables: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, env={**os.environ, **variables}
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(_START_S)


def _command(name: str) -> str:
    """A command of this virtual environment; ends the program where it is not installed."""
    command = Path(sys.executable).parent / name
    if not command.exists():
        message = f"{command} is missing: `make bench` installs what the benchmarks need."
        raise SystemExit(message)
    return str(command)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _until_connected(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _START_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    message = f"nobody listens on port {port}"
    raise RuntimeError(message)
