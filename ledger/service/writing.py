"""The writer's side: statements come in from the server's other processes, and receipts go back.

One process orders, signs and stores for all that take calls: it alone holds the log's key, and
what several of them bring makes one round. A thread for each of them hands on what it sends,
prepared if it is little; the appender's thread sends the receipts, and one more tells all of them
what was added, so that their read models need not read from the database what the writer has in its
hands.
"""

from __future__ import annotations

import logging
import socket
import struct
import threading
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from ledger.errors import LedgerError, StoreError
from ledger.service.handover import (
    Added,
    Frames,
    Message,
    Opened,
    Submitted,
    Told,
    Tried,
    frame,
)
from ledger.service.parts import Validating
from ledger.service.preparing import PREPARED_FROM, prepared, unprepared
from ledger.store.appender import Appender
from ledger.store.committing import Outcome
from ledger.store.intake import Done, Submission
from ledger.store.reader import Reader

_LOG: Final = logging.getLogger(__name__)

SEND_S: Final = 5.0
"""How long a process may leave what it is sent: then it hangs, and is told nothing more."""

NEWS_S: Final = 0.005
"""How long what was added waits to be told to those who follow the log: receipts leave first, and
under load several rounds go over as one."""

_BUFFER_BYTES: Final = 4 * 2**20
_PIECE_BYTES: Final = 2**18


def _timeval(seconds: float) -> bytes:
    """A length of time as the kernel takes it: seconds and microseconds."""
    return struct.pack("@ll", int(seconds), int(seconds % 1 * 1_000_000))


@final
class Peer:
    """A process on the other end of a connection.

    Args:
        connection: It, blocking.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._sending = threading.Lock()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER_BYTES)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _timeval(SEND_S))

    def send(self, framed: bytes) -> None:
        """Send a message, from any thread; a peer that does not take it is given up."""
        try:
            with self._sending:
                self._connection.sendall(framed)
        except BlockingIOError as error:
            # Part of a frame may be on its way: nothing can follow it.
            _LOG.warning("A process is told nothing more: %s", error)
            self.end()
        except OSError:
            # It has ended, which the thread that receives finds out as well.
            self.end()

    def receive(self) -> bytes:
        """Wait for some bytes; none at the end."""
        try:
            return self._connection.recv(_PIECE_BYTES)
        except OSError:
            return b""

    def end(self) -> None:
        """End the connection, and with it the thread that receives."""
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the connection: for the thread that receives."""
        with self._sending:
            self._connection.close()


@final
@dataclass(frozen=True, slots=True)
class Waiting:
    """Who waits for the outcome of a submission, and by which number."""

    peer: Peer
    number: int

    def __call__(self, outcome: Outcome) -> None:
        """Tell this outcome by itself."""
        self.peer.send(frame(Told(outcomes=((self.number, outcome),))))


@final
class Writing:
    """Serves the server's other processes on a Unix socket.

    Args:
        path: The socket's.
        opened: What each of them is told first.
        reader: The ledger's reading side, to which the writer adds.
    """

    def __init__(self, path: Path, opened: Opened, reader: Reader) -> None:
        self._path = path
        self._opened = opened
        self._reader = reader
        self._told_size = reader.tree_size()
        self._peers: set[Peer] = set()
        self._left = threading.Condition()
        self._added = threading.Event()
        self._closing = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX)

    def start(self, appender: Appender, validator: Validating) -> None:
        """Listen, and hand what comes to an appender that has started.

        Raises:
            StoreError: The socket cannot be listened on.
        """
        self._appender, self._validator = appender, validator
        try:
            self._path.unlink(missing_ok=True)
            self._listener.bind(str(self._path))
            self._listener.listen()
        except OSError as error:
            raise StoreError(
                f"{self._path} cannot be listened on: {error.strerror}.", rule="writer-socket"
            ) from error
        for name, work in (("ledger-writing", self._accept), ("ledger-news", self._tell_news)):
            threading.Thread(target=work, name=name, daemon=True).start()

    def wait_unused(self, timeout_s: float) -> None:
        """Wait until no process is left that could bring something, or for so long."""
        with self._left:
            self._left.wait_for(lambda: not self._peers, timeout_s)

    def close(self) -> None:
        """Take nothing more, and end all connections."""
        self._closing.set()
        self._added.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for peer in self._all():
            peer.end()

    def deliver(self, outcomes: Sequence[tuple[Done, Outcome]]) -> None:
        """Tell every process what became of its submissions, and what the round added."""
        of_peer: dict[Peer, list[tuple[int, Outcome]]] = defaultdict(list)
        for done, outcome in outcomes:
            if isinstance(done, Waiting):
                of_peer[done.peer].append((done.number, outcome))
        for peer, own in of_peer.items():
            peer.send(frame(Told(outcomes=tuple(own))))
        self._added.set()

    def look(self) -> None:
        """Have every process look into the database: another server has appended."""
        self._added.set()

    def _tell_news(self) -> None:
        """Tell every process what is new, of several rounds at once when they follow fast."""
        while not self._closing.is_set():
            self._added.wait()
            self._closing.wait(NEWS_S)
            self._added.clear()
            framed = self._framed_news()
            for peer in self._all():
                peer.send(framed)

    def _framed_news(self) -> bytes:
        """What was added to the log since this was asked last."""
        tree, start = self._reader.tree.hashes, self._told_size
        self._told_size = max(start, tree.size)
        recorded = self._reader.recent.after(start)
        leaf_hashes = (tree.node(0, entry.index) for entry in recorded)
        try:
            return frame(Added(tuple(recorded), tuple(leaf_hashes)))
        except StoreError:
            # More than fits into a frame can be read from the database.
            return frame(Added())

    def _all(self) -> list[Peer]:
        with self._left:
            return list(self._peers)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                peer = Peer(connection)
                name = "ledger-writing-for"
                threading.Thread(target=self._serve, args=[peer], name=name, daemon=True).start()

    def _serve(self, peer: Peer) -> None:
        """Hand on what a process sends, until it ends."""
        with closing(peer):
            peer.send(frame(self._opened))
            with self._left:
                self._peers.add(peer)
            try:
                frames = Frames()
                while piece := peer.receive():
                    for message in frames.take(piece):
                        self._take(peer, message)
            except LedgerError as error:
                _LOG.error("A process is not listened to any more: %s", error)
            finally:
                with self._left:
                    self._peers.discard(peer)
                    self._left.notify_all()

    def _take(self, peer: Peer, message: Message) -> None:
        """Hand on one message.

        Raises:
            StoreError: It is none that this side is sent.
        """
        if isinstance(message, Submitted):
            self._submit(
                [Submission(some, Waiting(peer, number)) for number, some in message.submissions]
            )
        elif isinstance(message, Tried):
            told = Told(validated=((message.number, self._tried(message.envelopes)),))
            peer.send(frame(told))
        else:
            raise StoreError("The writer is told nothing, it is asked.", rule="frame-form")

    def _submit(self, submissions: Sequence[Submission]) -> None:
        """Queue submissions; few statements are parsed and verified before.

        The appender would do that ahead of its lock, and does so with many. But it waits for the
        disk for as long as a few of them take, and this thread has nothing else to do.
        """
        few = sum(len(each.statements) for each in submissions) < PREPARED_FROM
        ready = prepared(submissions, self._appender.keyring) if few else unprepared(submissions)
        for submission, refusal in ready:
            try:
                if refusal:
                    raise refusal
                self._appender.submit(submission.statements, submission.done)
            except LedgerError as error:
                submission.done(error)

    def _tried(self, envelopes: Sequence[bytes]) -> int | LedgerError:
        try:
            return self._validator.validate(envelopes)
        except LedgerError as error:
            return error
