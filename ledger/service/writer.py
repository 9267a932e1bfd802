"""The way in, where another process writes: what it is given, and what it tells, over one socket.

It takes the place of ``store.appender.Appender``. What comes at about the same time goes over as
one frame. What comes in quantity, a batch or a stream, is parsed and verified here by a thread,
while the writer is busy with what came before: a statement takes as long for that as for all that
the writer has to do with it.

When the writer's process ends, nobody knows whether what was under way got into the log: everybody
is told so, and may send the same bytes again. It is connected to again as soon as it is back.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from itertools import count
from pathlib import Path
from typing import Final, TypeVar, final

from ledger.errors import LedgerError, StoreError, UnavailableError
from ledger.log.receipts import Receipt
from ledger.readmodels.catalog import Catalog
from ledger.service.bridges import Door
from ledger.service.handover import Added, Message, Submitted, Told, Tried
from ledger.service.link import Link, away
from ledger.service.preparing import PREPARED_FROM, Preparer, Ready
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

BUSY_FROM: Final = 100
"""With so many statements before it the writer has enough to do while further ones are prepared."""

HOLD_S: Final = 0.01
"""How long statements are held, at most, while the writer has others of this process: they go as
soon as it has told of all of those. Nearly every one comes in a turn of the loop by itself, and
what goes over in small pieces makes small rounds, of which each costs a signature and a sync."""

_ANSWER_S: Final = 60.0


@final
class Writer:
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
        self._door = door
        self._link = Link(path, connection, self)
        self._reader = reader
        self._wake = wake
        self._preparer = Preparer(
            lambda: catalog.at().keyring(),
            waits=lambda handed: handed - self._received + self._under_way < BUSY_FROM,
            ready=lambda ready: door.call(self._send_prepared, ready),
        )
        self._numbers = count()
        self._held: list[Submission] = []
        self._handing: asyncio.Handle
        self._waiting: dict[int, Submission] = {}
        self._validations: dict[int, Future[int]] = {}
        self._statements = self._bytes = self._being_prepared = 0
        self._received = self._under_way = 0

    async def start(self) -> None:
        """Begin to send and receive, on the running loop."""
        self._preparer.start()
        await self._link.start()

    async def stop(self) -> None:
        """End the connection; what is under way is not waited for."""
        self._preparer.close()
        self._link.stop()

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
        if not self._link.is_up:
            raise away()
        submission = Submission(tuple(envelopes), done)
        statements, size = self._statements + len(envelopes), self._bytes + submission.size
        if statements > WAITING_STATEMENTS_MAX or size > WAITING_BYTES_MAX:
            raise UnavailableError(
                "Too many statements are waiting to be recorded.", rule="queue-full"
            )
        self._statements, self._bytes = statements, size
        if not self._held:
            loop = asyncio.get_running_loop()
            self._handing = (
                loop.call_later(HOLD_S, self._hand_over)
                if self._under_way
                else loop.call_soon(self._hand_over)
            )
        self._held.append(submission)

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

    def take(self, message: Message) -> None:
        """Take in what the writer tells.

        Raises:
            StoreError: It is nothing that this side is told.
        """
        if isinstance(message, Added):
            self._leave(message)
        elif isinstance(message, Told):
            self._tell(message)
        else:
            raise StoreError("Who takes calls is told, and not asked.", rule="frame-form")

    def lost(self) -> None:
        """Tell everybody who waits that nothing is known."""
        waiting, self._waiting, self._under_way = self._waiting, {}, 0
        validations, self._validations = self._validations, {}
        self._end([(submission, _unknown()) for submission in waiting.values()])
        for told in validations.values():
            told.set_exception(away())

    def found(self) -> None:
        """Have it looked for what was appended in between."""
        self._leave(Added())

    def _leave(self, added: Added) -> None:
        """Leave what was added where it is looked for first, and wake those who follow the log."""
        if added.recorded:
            first = added.recorded[0].index
            self._reader.tree.extend(first, added.leaf_hashes, wait=False)
            self._reader.recent.put(added.recorded)
        for wake in self._wake:
            wake()

    def _tell(self, message: Told) -> None:
        ended = [(self._waiting.pop(number), outcome) for number, outcome in message.outcomes]
        self._under_way -= sum(len(submission.statements) for submission, _ in ended)
        self._end(ended)
        if self._held and not self._under_way:
            self._handing.cancel()
            self._hand_over()
        for number, validated in message.validated:
            told = self._validations.pop(number)
            if isinstance(validated, LedgerError):
                told.set_exception(validated)
            else:
                told.set_result(validated)

    def _asked(self, told: Future[_T], ask: Callable[[], None]) -> _T:
        """Ask on the loop, and wait in another thread."""

        def asking() -> None:
            try:
                ask()
            except LedgerError as error:
                told.set_exception(error)

        if not self._door.call(asking):
            raise away()
        try:
            return told.result(_ANSWER_S)
        except TimeoutError as error:
            raise _unknown() from error

    def _try(self, envelopes: tuple[bytes, ...], told: Future[int]) -> None:
        number = next(self._numbers)
        self._link.send(Tried(number, envelopes))
        self._validations[number] = told

    def _hand_over(self) -> None:
        """Send what came by now, or have it prepared first; nothing overtakes anything."""
        held, self._held = self._held, []
        statements = sum(len(submission.statements) for submission in held)
        if self._being_prepared or statements >= PREPARED_FROM:
            self._being_prepared += len(held)
            self._preparer.put(held)
        else:
            self._send(held)

    def _send_prepared(self, prepared: Sequence[Ready]) -> None:
        self._being_prepared -= len(prepared)
        self._received += sum(len(submission.statements) for submission, _ in prepared)
        self._end([(submission, error) for submission, error in prepared if error])
        self._send([submission for submission, error in prepared if error is None])

    def _send(self, submissions: Sequence[Submission]) -> None:
        numbered = {next(self._numbers): submission for submission in submissions}
        if not numbered:
            return
        sent = tuple((number, each.statements) for number, each in numbered.items())
        try:
            self._link.send(Submitted(sent))
        except StoreError as error:
            self._end([(submission, error) for submission in submissions])
            return
        self._waiting |= numbered
        self._under_way += sum(len(statements) for _, statements in sent)

    def _end(self, ended: Sequence[tuple[Submission, Outcome]]) -> None:
        """Tell what became of submissions, and make room for others."""
        for submission, _ in ended:
            self._statements -= len(submission.statements)
            self._bytes -= submission.size
        deliver_here([(submission.done, outcome) for submission, outcome in ended])


def _unknown() -> UnavailableError:
    return UnavailableError(
        "The process that writes ended. It is not known whether the statement was recorded: send "
        "the same bytes again. What was recorded gets its receipt, and nothing is recorded twice.",
        rule="commit-unknown",
    )
