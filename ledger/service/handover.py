"""What a server's processes hand each other: statements to the writer, and their outcomes back.

Both ends run this very code, started by one supervisor as one user, over a socket in a folder that
nobody else can enter. So values go over as they are, pickled: to read an entry strictly a second
time would cost seven times as much. What comes may still name nothing but the ledger's own kinds
of values, so that no message can have anything called ("Restricting Globals", Python's
documentation of ``pickle``).

A frame is its length, four bytes, the most significant first, and the message.
"""

from __future__ import annotations

import io
import pickle
import socket
from collections.abc import Callable, Iterator
from datetime import date
from enum import Enum, EnumType
from functools import cache
from importlib import import_module
from typing import Final, NamedTuple, final

from ledger.domain.statement import Recorded
from ledger.errors import LedgerError, StoreError
from ledger.store.committing import Outcome
from ledger.store.preparing import Given

_LENGTH_BYTES: Final = 4

FRAME_BYTES_MAX: Final = 64 * 2**20
"""Most bytes of a frame. A round has at most 4 MiB of envelopes, or one submission more."""

_MODULES: Final = ("ledger.domain.", "ledger.log.", "ledger.signing.", "ledger.store.")
_OTHERS: Final = frozenset({"ledger.errors", __name__})


class Opened(NamedTuple):
    """The writer's first word to whoever connects: what the ledger's processes have in common.

    Attributes:
        page_key: What page tokens are sealed with.
        models_secret: What saved read models are sealed with.
    """

    page_key: bytes
    models_secret: bytes


class Submitted(NamedTuple):
    """Statements to append: for each submission its number and what belongs together."""

    submissions: tuple[tuple[int, tuple[Given, ...]], ...]


class Tried(NamedTuple):
    """Envelopes to validate together, and the number of the question."""

    number: int
    envelopes: tuple[bytes, ...]


class Told(NamedTuple):
    """What the writer tells a process of its own questions, by their numbers.

    Attributes:
        outcomes: What became of submissions.
        validated: The tree sizes that validations were made at, or why they failed.
    """

    outcomes: tuple[tuple[int, Outcome], ...] = ()
    validated: tuple[tuple[int, int | LedgerError], ...] = ()


class Added(NamedTuple):
    """What rounds added to the log, for every process.

    Attributes:
        recorded: Entries, without a gap; there may be none, and more in the database.
        leaf_hashes: Theirs, 32 bytes each.
    """

    recorded: tuple[Recorded, ...] = ()
    leaf_hashes: tuple[bytes, ...] = ()


Message = Opened | Submitted | Tried | Told | Added


def frame(message: Message) -> bytes:
    """A message, ready to be sent.

    Raises:
        StoreError: It is larger than a frame may be.
    """
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    if len(body) > FRAME_BYTES_MAX:
        raise StoreError(
            f"{len(body)} bytes are too many to hand to another process.", rule="frame-size"
        )
    return len(body).to_bytes(_LENGTH_BYTES, "big") + body


@final
class Frames:
    """Puts together what comes in pieces."""

    def __init__(self) -> None:
        self._pieces = bytearray()

    def take(self, piece: bytes) -> Iterator[Message]:
        """Take a piece in, and give the messages that are whole by now.

        Raises:
            StoreError: This is no frame, or holds something else than the ledger's values.
        """
        pieces = self._pieces
        pieces += piece
        while len(pieces) >= _LENGTH_BYTES:
            end = _LENGTH_BYTES + int.from_bytes(pieces[:_LENGTH_BYTES], "big")
            if end > _LENGTH_BYTES + FRAME_BYTES_MAX:
                raise _strange()
            if len(pieces) < end:
                return
            body = bytes(pieces[_LENGTH_BYTES:end])
            del pieces[:end]
            yield _read(body)


def receive_one(connection: socket.socket) -> Message:
    """Wait for one message on a blocking connection, and take not a byte more.

    Raises:
        StoreError: The connection ended before, or this is no message.
        OSError: The connection failed.
    """
    with connection.makefile("rb", buffering=0) as file:
        length = file.read(_LENGTH_BYTES) or b""
        body = b""
        while len(body) < int.from_bytes(length, "big"):
            piece = file.read(int.from_bytes(length, "big") - len(body))
            if not piece:
                raise _strange()
            body += piece
    return _read(body)


def _read(body: bytes) -> Message:
    """A message.

    Raises:
        StoreError: It is none.
    """
    try:
        message = _Values(io.BytesIO(body)).load()
    except Exception as error:
        # Whatever bytes are not what was written may raise anything.
        raise _strange() from error
    if not isinstance(message, Opened | Submitted | Tried | Told | Added):
        raise _strange()
    return message


@cache
def _kind(module: str, name: str) -> Callable[..., object]:
    """The ledger's own class of this name, that of calendar days, or what finds a member.

    Raises:
        StoreError: There is none.
    """
    if (module, name) == (date.__module__, date.__name__):
        return date
    if (module, name) == (getattr.__module__, getattr.__name__):
        return _member
    if module in _OTHERS or module.startswith(_MODULES):
        kind = getattr(import_module(module), name, None)
        if isinstance(kind, type) and kind.__module__ == module:
            return kind
    raise _strange()


def _member(kind: object, name: str) -> Enum:
    """A member of an enumeration by its name: so Python 3.11 before 3.11.4 pickles it.

    Raises:
        StoreError: It is no enumeration, or has no such member.
    """
    if not isinstance(kind, EnumType) or name not in kind.__members__:
        raise _strange()
    member: Enum = kind.__members__[name]
    return member


@final
class _Values(pickle.Unpickler):
    """Makes the ledger's values, and nothing else."""

    # Not a method around it: a small message asks for a dozen classes.
    find_class = staticmethod(_kind)


def _strange() -> StoreError:
    return StoreError(
        "Another process of this server sent what is no message of it.", rule="frame-form"
    )
