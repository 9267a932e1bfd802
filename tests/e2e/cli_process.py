"""``regledger`` as a process of its own, with a fresh user folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from threading import Thread

PROGRAM = (sys.executable, "-c", "from ledger.cli.main import main; main()")
ROOT = Path(__file__).resolve().parents[2]
_SERVING = re.compile(r"(?:Serving gRPC|Witnessing) on (\S+?)[,.]?(?:\s|$)")
_DEADLINE_S = 120


@dataclass(frozen=True, slots=True)
class Home:
    """A user with a home folder and nothing in it.

    Attributes:
        folder: The home folder, and where commands are run.
        variables: Further variables of the environment.
    """

    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """A small environment: no LEDGER_ variables but those asked for."""
        return {
            "HOME": str(self.folder),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "LC_ALL": "C.UTF-8",
            **self.variables,
        }

    def run(self, *arguments: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            [*PROGRAM, *map(str, arguments)],
            cwd=self.folder,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=_DEADLINE_S,
        )

    def shell(self, line: str) -> subprocess.CompletedProcess[str]:
        """Run what a person types at a shell's prompt."""
        return subprocess.run(
            ["/bin/sh", "-c", line],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_DEADLINE_S,
        )

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        """Start a command, its stdout and stderr on pipes."""
        return subprocess.Popen(
            [*PROGRAM, *map(str, arguments)],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @contextmanager
    def serving(self, *arguments: str | Path) -> Iterator[str]:
        """Run ``serve`` on a free port; gives its address, and ends it by SIGTERM."""
        options = ("--listen", "127.0.0.1:0", "--http-listen", "off")
        with self._listening("serve", *arguments, *options) as address:
            yield address

    @contextmanager
    def witnessing(self, *arguments: str | Path) -> Iterator[str]:
        """Run ``witness`` on a free port; gives its address, and ends it by SIGTERM."""
        with self._listening("witness", *arguments, "--listen", "127.0.0.1:0") as address:
            yield address

    @contextmanager
    def _listening(self, *arguments: str | Path) -> Iterator[str]:
        process = self.start(*arguments)
        said: Queue[str] = Queue()
        listener = Thread(target=_listen, args=(process, said))
        with process:
            listener.start()
            address = said.get(timeout=_DEADLINE_S)
            assert address, "the server ended before it listened"
            try:
                yield address
            finally:
                process.terminate()
                listener.join()
        assert process.returncode == 0

    def with_variables(self, **variables: str) -> Home:
        """The same user with further variables."""
        return Home(self.folder, {**self.variables, **variables})


def _listen(process: subprocess.Popen[str], said: Queue[str]) -> None:
    """Read stderr to its end, so that the server never waits for a reader."""
    assert process.stderr is not None
    for line in process.stderr:
        match = _SERVING.search(line)
        if match:
            said.put(match[1])
    said.put("")
