"""The way in, where another process writes: what it is given, and what it tells, over one socket.

It takes the place of ``store.appender.Appender``. What comes in one turn of the loop goes over as
one frame. What comes in quantity, a batch or a stream, is parsed and verified here by a thread,
while the writer is busy with what came before: a statement takes as long for that as for all that
the writer has to do with it.

When the writer's process ends, nobody knows whether what was under way got into the log: everybody
is told so, and may send the same bytes again. It is connected to again as soon as it is back.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from itertools import count
from pathlib import Path
from typing import Final, TypeVar, cast, final

from ledger.errors import LedgerError, StoreError, UnavailableError
from ledger.log.receipts import Receipt
from ledger.readmodels.catalog import Catalog
from ledger.service.bridges import Door
from ledger.service.handover import (
    Added,
    Frames,
    Message,
    News,
    Opened,
    Submitted,
    Told,
    Tried,
    frame,
    receive_one,
)
from ledger.service.preparing import Preparer, Ready
from ledger.store.appender import deliver_here
from ledger.store.committing import Outcome
from ledger.store.intake import (
    WAITING_BYTES_MAX,
    WAITING_STATEMENTS_MAX,
    Done,
    Submission,
    require_batch_size,
)
from ledger.store.reader import Reader

_T = TypeVar("_T")
_LOG: Final = logging.getLogger(__name__)

PREPARED_FROM: Final = 16
"""So many statements of one turn of the loop are prepared here. Fewer are those of single calls,
which keep the loop busy as it is."""

BUSY_FROM: Final = 50
"""With so many statements before it the writer has enough to do while further ones are prepared."""

AGAIN_S: Final = 0.05
"""How long to wait before connecting again."""

RECEIPTS_S: Final = 0.001
"""How long what a round added is left alone, so that its receipts leave first."""

WAKE_S: Final = 0.005
"""How long those who follow the log are left alone after they were woken: under load rounds follow
each other fast, and each time a thread wakes the loop waits for its turn again."""

_ANSWER_S: Final = 60.0


def connect(path: Path) -> tuple[socket.socket, Opened]:
    """Connect to the writer, and wait for its first word.

    Raises:
        UnavailableError: Nobody listens there, or it says something else.
    """
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(_ANSWER_S)
        connection.connect(str(path))
        opened = receive_one(connection)
    except (OSError, StoreError) as error:
        connection.close()
        raise _away() from error
    if not isinstance(opened, Opened):
        connection.close()
        raise _away()
    return connection, opened


@final
class Writer(asyncio.Protocol):
    """The writer's process, as a process that takes calls has it.

    Args:
        path: The socket's.
        connection: What ``connect`` gave.
        door: The way from other threads to the loop.
        reader: The ledger's reading side: what a round added is left here.
        catalog: Knows the keys, as far as the read models are.
        wake: Called on the loop when there may be new entries.
    """

    def __init__(
        self,
        path: Path,
        connection: socket.socket,
        *,
        door: Door,
        reader: Reader,
        catalog: Catalog,
        wake: Sequence[Callable[[], None]],
    ) -> None:
        self._path = path
        self._connection: socket.socket | None = connection
        self._door = door
        self._reader = reader
        self._wake = wake
        self._transport: asyncio.Transport | None = None
        self._frames = Frames()
        self._numbers = count()
        self._waiting: dict[int, Submission] = {}
        self._statements = self._bytes = 0
        self._under_way = 0
        self._validations: dict[int, Future[int]] = {}
        self._turn: list[Submission] = []
        self._preparer = Preparer(
            lambda: catalog.at().keyring(),
            lambda: self._under_way < BUSY_FROM,
            lambda ready: door.call(self._send_prepared, ready),
        )
        self._being_prepared = 0
        self._news: list[News] = []
        self._waking: asyncio.TimerHandle | None = None
        self._woken_s = 0.0
        self._again: asyncio.Task[None] | None = None
        self._closing = False

    async def start(self) -> None:
        """Begin to send and receive, on the running loop."""
        self._preparer.start()
        await self._attach()

    async def stop(self) -> None:
        """End the connection; what is under way is not waited for."""
        self._closing = True
        self._preparer.close()
        if self._again is not None:
            self._again.cancel()
        if self._waking is not None:
            self._waking.cancel()
        if self._transport is not None:
            self._transport.close()

    def submit(self, envelopes: Sequence[bytes], done: Done) -> None:
        """Send envelopes to be appended together or not at all; on the loop, never waits.

        Args:
            envelopes: 1 to 1,000 serialized envelopes, at most 4 MiB together.
            done: Told the outcome once, on the loop.

        Raises:
            InputError: There are none, or too many.
            UnavailableError: The writer is away, or too much is waiting for it already.
        """
        require_batch_size(envelopes)
        if self._transport is None:
            raise _away()
        submission = Submission(tuple(envelopes), done)
        statements, size = self._statements + len(envelopes), self._bytes + submission.size
        if statements > WAITING_STATEMENTS_MAX or size > WAITING_BYTES_MAX:
            raise UnavailableError(
                "Too many statements are waiting to be recorded.", rule="queue-full"
            )
        self._statements, self._bytes = statements, size
        if not self._turn:
            asyncio.get_running_loop().call_soon(self._end_turn)
        self._turn.append(submission)

    def append(self, envelope: bytes) -> Receipt:
        """Append one statement and wait for its receipt; not on the loop.

        Raises:
            LedgerError: It was refused, or could not be stored.
        """
        told: Future[Outcome] = Future()
        outcome = self._asked(told, lambda: self.submit([envelope], told.set_result))
        if isinstance(outcome, LedgerError):
            raise outcome
        return outcome[0]

    def validate(self, envelopes: Sequence[bytes]) -> int:
        """Have the writer see whether envelopes could be appended together; not on the loop.

        Raises:
            LedgerError: What an append would be refused with, or the writer is away.
        """
        told: Future[int] = Future()
        return self._asked(told, lambda: self._try(tuple(envelopes), told))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection up."""
        self._transport = cast("asyncio.Transport", transport)
        self._frames = Frames()

    def data_received(self, data: bytes) -> None:
        """Take in what the writer tells."""
        try:
            for message in self._frames.take(data):
                self._take(message)
        except LedgerError as error:
            self._give_up(error)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - a protocol's
        """Tell everybody who waits that nothing is known, and connect again."""
        self._transport = None
        waiting, self._waiting, self._under_way = self._waiting, {}, 0
        validations, self._validations = self._validations, {}
        self._end([(submission, _unknown()) for submission in waiting.values()])
        for told in validations.values():
            told.set_exception(_away())
        if not self._closing:
            _LOG.error("The writer is away.")
            self._again = asyncio.get_running_loop().create_task(self._connect_again())

    def _give_up(self, error: LedgerError) -> None:
        _LOG.error("The writer is not listened to any more: %s", error)
        if self._transport is not None:
            self._transport.abort()

    async def _attach(self) -> None:
        """Have the loop look after the connection."""
        loop = asyncio.get_running_loop()
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.settimeout(0)
            await loop.create_unix_connection(lambda: self, sock=connection)

    async def _connect_again(self) -> None:
        loop = asyncio.get_running_loop()
        while self._connection is None:
            await asyncio.sleep(AGAIN_S)
            try:
                self._connection, _ = await loop.run_in_executor(None, connect, self._path)
            except UnavailableError:
                continue
        await self._attach()
        _LOG.info("The writer is back.")
        # What was appended in between is in the database.
        self._wake_soon()

    def _asked(self, told: Future[_T], ask: Callable[[], None]) -> _T:
        """Ask on the loop, and wait in another thread."""

        def asking() -> None:
            try:
                ask()
            except LedgerError as error:
                told.set_exception(error)

        if not self._door.call(asking):
            raise _away()
        try:
            return told.result(_ANSWER_S)
        except TimeoutError as error:
            raise _unknown() from error

    def _try(self, envelopes: tuple[bytes, ...], told: Future[int]) -> None:
        if self._transport is None:
            raise _away()
        number = next(self._numbers)
        self._validations[number] = told
        self._transport.write(frame(Tried(number, envelopes)))

    def _end_turn(self) -> None:
        """Send what came in this turn, or have it prepared first; nothing overtakes anything."""
        turn, self._turn = self._turn, []
        if self._being_prepared or _statements(turn) >= PREPARED_FROM:
            self._being_prepared += len(turn)
            self._preparer.put(turn)
        else:
            self._send(turn)

    def _send_prepared(self, prepared: Sequence[Ready]) -> None:
        self._being_prepared -= len(prepared)
        self._end([(submission, error) for submission, error in prepared if error])
        self._send([submission for submission, error in prepared if error is None])

    def _send(self, submissions: Sequence[Submission]) -> None:
        if self._transport is None:
            self._end([(submission, _away()) for submission in submissions])
            return
        numbered = {next(self._numbers): submission for submission in submissions}
        self._waiting |= numbered
        self._under_way += _statements(submissions)
        sent = tuple((number, each.statements) for number, each in numbered.items())
        if sent:
            self._transport.write(frame(Submitted(sent)))

    def _end(self, ended: Sequence[tuple[Submission, Outcome]]) -> None:
        """Tell what became of submissions, and make room for others."""
        for submission, _ in ended:
            self._statements -= len(submission.statements)
            self._bytes -= submission.size
        deliver_here([(submission.done, outcome) for submission, outcome in ended])

    def _take(self, message: Message) -> None:
        """Take in one message.

        Raises:
            StoreError: It is none that this side is told.
        """
        if isinstance(message, News):
            self._news.append(message)
            self._wake_soon()
            return
        if not isinstance(message, Told):
            raise StoreError("Who takes calls is told, and not asked.", rule="frame-form")
        ended = [(self._waiting.pop(number), outcome) for number, outcome in message.outcomes]
        self._under_way -= _statements([submission for submission, _ in ended])
        self._end(ended)
        for number, validated in message.validated:
            told = self._validations.pop(number)
            if isinstance(validated, LedgerError):
                told.set_exception(validated)
            else:
                told.set_result(validated)

    def _wake_soon(self) -> None:
        """Wake those who follow, once receipts have left and they have been left alone for long."""
        loop = asyncio.get_running_loop()
        if self._waking is None:
            wait_s = max(RECEIPTS_S, self._woken_s + WAKE_S - loop.time())
            self._waking = loop.call_later(wait_s, self._wake_now)

    def _wake_now(self) -> None:
        self._waking = None
        self._woken_s = asyncio.get_running_loop().time()
        news, self._news = self._news, []
        try:
            for each in news:
                self._take_in(each.opened())
        except LedgerError as error:
            self._give_up(error)
        for wake in self._wake:
            wake()

    def _take_in(self, added: Added) -> None:
        """Leave what a round added where it is looked for first."""
        if added.recorded:
            first = added.recorded[0].index
            self._reader.tree.extend(first, added.leaf_hashes, wait=False)
            self._reader.recent.put(added.recorded)


def _statements(submissions: Sequence[Submission]) -> int:
    return sum(len(submission.statements) for submission in submissions)


def _away() -> UnavailableError:
    return UnavailableError(
        "The process that writes is away; it is started again. Nothing of this was recorded.",
        rule="writer-away",
    )


def _unknown() -> UnavailableError:
    return UnavailableError(
        "The process that writes ended. It is not known whether the statement was recorded: send "
        "the same bytes again. What was recorded gets its receipt, and nothing is recorded twice.",
        rule="commit-unknown",
    )
