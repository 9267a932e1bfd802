"""One replay and who asks it: in this process, or in one of its own.

``multiprocessing`` would import this process's main module again, and with it every command and
server. So the other process is an interpreter that gets this one's import path and runs ``main``,
which imports what examines entries and nothing else. Pickles go over, by pipes: both ends are one
program on one machine.
"""

from __future__ import annotations

import gc
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from queue import Queue
from threading import Thread
from typing import Any, Final, Protocol, final

from ledger.audit.findings import Finding
from ledger.audit.replay import Replay
from ledger.audit.work import Tally, Work
from ledger.domain.keyring import KeyRecord
from ledger.domain.logkeys import LogKey
from ledger.errors import StoreError

_PROGRAM: Final = (
    "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); "
    "from ledger.audit.lane import main; main()"
)
"""It begins in isolation (``-I``): a folder in which an audit is run must not bring code along."""

_AHEAD: Final = 8
"""Messages that the other process may lie behind, which bounds the memory."""

_COLLECT_AFTER: Final = (50_000, 20, 20)
"""How seldom cycles are looked for: entries make none, and what is refused few."""


class Lane(Protocol):
    """Something that works on entries in their order."""

    def send(self, works: Sequence[Work]) -> None:
        """Hand over the next entries."""
        ...

    def settle(self) -> tuple[Tally, list[Finding]]:
        """Wait until all of them are examined; gives what came of those since the last time."""
        ...

    def records(self, keyids: Sequence[str]) -> list[KeyRecord]:
        """What the entries say of these keys."""
        ...

    def log_keys(self) -> tuple[LogKey, ...]:
        """The log's own keys, as the entries announce and retire them."""
        ...

    def close(self) -> None:
        """Stop."""
        ...


@final
class Here:
    """A lane in this process.

    Args:
        ledger_id: The pinned ledger.
    """

    def __init__(self, ledger_id: bytes) -> None:
        self._replay = Replay(ledger_id)

    def send(self, works: Sequence[Work]) -> None:
        """Examine the next entries."""
        self._replay.work(works)

    def settle(self) -> tuple[Tally, list[Finding]]:
        """What came of the entries since the last time."""
        return self._replay.take()

    def records(self, keyids: Sequence[str]) -> list[KeyRecord]:
        """What the entries say of these keys."""
        return self._replay.records(keyids)

    def log_keys(self) -> tuple[LogKey, ...]:
        """The log's own keys, as the entries announce and retire them."""
        return self._replay.log_keys

    def close(self) -> None:
        """Let go of what was kept on disk."""
        self._replay.close()


@final
class Elsewhere:
    """A lane in a process of its own. What waits for it raises StoreError if that has died.

    Args:
        ledger_id: The pinned ledger.

    Raises:
        StoreError: The process cannot be started.
    """

    def __init__(self, ledger_id: bytes) -> None:
        self._process = _started()
        self._waiting: Queue[bytes] = Queue(_AHEAD)
        self._writer = Thread(target=self._write, daemon=True)
        self._writer.start()
        self._put(sys.path)
        self._put(ledger_id)

    def send(self, works: Sequence[Work]) -> None:
        """Hand over the next entries; waits while too many lie ahead of them."""
        self._put(("send", works))

    def settle(self) -> tuple[Tally, list[Finding]]:
        """Wait until all of them are examined; gives what came of those since the last time."""
        settled: tuple[Tally, list[Finding]] = self._ask("settle")
        return settled

    def records(self, keyids: Sequence[str]) -> list[KeyRecord]:
        """What the entries say of these keys."""
        records: list[KeyRecord] = self._ask("records", keyids)
        return records

    def log_keys(self) -> tuple[LogKey, ...]:
        """The log's own keys, as the entries announce and retire them."""
        keys: tuple[LogKey, ...] = self._ask("log_keys")
        return keys

    def close(self) -> None:
        """End the process, whatever it is at."""
        self._process.kill()
        self._waiting.put(b"")
        self._writer.join()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process.wait()

    def _put(self, message: object) -> None:
        self._waiting.put(pickle.dumps(message, pickle.HIGHEST_PROTOCOL))

    def _ask(self, name: str, *arguments: object) -> Any:
        self._put((name, *arguments))
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        try:
            return pickle.load(self._process.stdout)  # noqa: S301 - this very program wrote it
        except (EOFError, pickle.UnpicklingError) as error:
            raise StoreError("A process of the audit has died.", rule="audit-process") from error

    def _write(self) -> None:
        """Write what is waiting, until nothing is; to a process that has died, in vain."""
        assert self._process.stdin is not None  # noqa: S101 - it was asked for
        pipe, is_alive = self._process.stdin, True
        while message := self._waiting.get():
            try:
                if is_alive:
                    pipe.write(message)
                    pipe.flush()
            except OSError:
                is_alive = False
        with suppress(OSError):
            pipe.close()


def _started() -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603 - this interpreter, and no shell
            [sys.executable, "-I", "-c", _PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
    except OSError as error:
        raise StoreError(
            f"A process of the audit cannot be started: {error.strerror}.", rule="audit-process"
        ) from error


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """Have the garbage collector of this process look seldom, and leave what is there to itself."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def main() -> None:
    """Be a lane: answer what the process that started this one asks, until it asks no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Whoever started this one ends it.
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    lane = Here(pickle.load(asked))  # noqa: S301 - the process that started this one wrote it
    with collecting_seldom(), suppress(EOFError):
        while True:
            name, *arguments = pickle.load(asked)  # noqa: S301 - likewise
            answer = getattr(lane, name)(*arguments)
            if name != "send":
                pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
                answers.flush()
