"""What processes hand each other arrives as it was, and nothing else is made of it."""

from __future__ import annotations

import io
import os
import pickle
import socket
from collections.abc import Callable
from enum import Enum
from pathlib import Path

import pytest

from ledger.domain.vocabulary import Role
from ledger.errors import LedgerError, OldSizeError, RuleError, StoreError, VersionConflictError
from ledger.log.merkle import leaf_hash
from ledger.log.receipts import Receipt
from ledger.service import handover
from ledger.service.handover import (
    FRAME_BYTES_MAX,
    Added,
    Frames,
    Message,
    Opened,
    Submitted,
    Told,
    Tried,
    frame,
    receive_one,
)
from ledger.store.mapper import recorded_of
from ledger.store.preparing import parse
from tests import builders
from tests.e2e.world import fill
from tests.simulator import Simulator

RECEIPT = Receipt(b"entry", 7, (bytes(32), b"\xff" * 32), b"note")


def handed(message: Message) -> Message:
    (arrived,) = Frames().take(frame(message))
    return arrived


@pytest.mark.parametrize(
    "message",
    [
        Opened(b"page", b"models"),
        Submitted(((1, (b"envelope", b"another")), (2, (b"third",)))),
        Tried(3, (b"envelope",)),
        Told(outcomes=((1, (RECEIPT,)), (2, (RECEIPT, RECEIPT)))),
        Told(validated=((3, 12),)),
        Told(),
        Added(),
    ],
)
def test_a_message_arrives_as_it_was(message: Message) -> None:
    assert handed(message) == message


def test_every_kind_of_entry_on_a_record_arrives_as_it_was(tmp_path: Path) -> None:
    with Simulator(tmp_path) as service:
        fill(service)
        stored = service.opened.parts.reader.entries(0, service.tree_size())
    recorded = tuple(map(recorded_of, stored))
    for entry in recorded:
        # What was derived of an entry once is kept in it, and goes along.
        repr(entry), entry.fact.collection
    leaf_hashes = tuple(leaf_hash(entry.entry) for entry in stored)
    added = Added(recorded, leaf_hashes)

    assert len({entry.fact.collection for entry in recorded}) > 3
    assert handed(added) == added


def test_a_prepared_statement_arrives_as_it_was(tmp_path: Path) -> None:
    with Simulator(tmp_path) as service:
        prepared = parse(service.envelope(builders.order("order-1")))

    assert handed(Submitted(((1, (prepared,)),))) == Submitted(((1, (prepared,)),))


@pytest.mark.parametrize(
    "error",
    [
        RuleError("It may not be.", field="fact", rule="some-rule"),
        VersionConflictError("Stale.", expected=3, actual=5),
        OldSizeError("Another.", size=9),
    ],
)
def test_an_error_arrives_with_all_that_it_says(error: LedgerError) -> None:
    arrived = handed(Told(outcomes=((1, error),)))

    assert isinstance(arrived, Told)
    ((_, told),) = arrived.outcomes
    assert isinstance(told, type(error))
    assert (vars(told), str(told)) == (vars(error), str(error))


def test_messages_are_put_together_from_any_pieces() -> None:
    sent = [Tried(number, (bytes(number),)) for number in range(40)]
    data = b"".join(map(frame, sent))
    frames = Frames()

    arrived = [
        message
        for start in range(0, len(data), 7)
        for message in frames.take(data[start : start + 7])
    ]

    assert arrived == sent


def test_one_message_is_received_and_not_a_byte_of_the_next() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(frame(Tried(1, (bytes(100_000),))) + frame(Tried(2, ())))

        assert receive_one(ours) == Tried(1, (bytes(100_000),))
        assert receive_one(ours) == Tried(2, ())


@pytest.mark.parametrize("sent", [b"", b"\0\0", b"\0\0\0\x09half"])
def test_a_connection_that_ends_before_a_message_does_is_told(sent: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours:
        theirs.sendall(sent)
        theirs.close()
        with pytest.raises(StoreError):
            receive_one(ours)


def test_an_enumeration_arrives_by_its_members_name_too() -> None:
    # "return getattr, (self.__class__, self._name_)": so CPython pickled it until 3.11.4.
    body = pickle.dumps(Named(Role.REGISTRAR))

    assert handover._Values(io.BytesIO(body)).load() is Role.REGISTRAR


class Named:
    """Pickled as an enumeration's member is by its name."""

    def __init__(self, member: Enum) -> None:
        self._member = member

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return getattr, (type(self._member), self._member.name)


class Calls:
    """Pickled as a call of something."""

    def __init__(self, called: Callable[..., object], *arguments: object) -> None:
        self._made = called, arguments

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self._made


def framed(body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + body


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no pickle",
        pickle.dumps("no message"),
        pickle.dumps((1, 2)),
        pickle.dumps(Calls(os.getenv, "PATH")),
        pickle.dumps(Calls(io.BytesIO, b"")),
        pickle.dumps(Calls(getattr, Receipt, "entry")),
        pickle.dumps(Calls(getattr, Role, "__class__")),
        pickle.dumps(Calls(getattr, Role, "NOBODY")),
        # Ours, but no kind of value; and another module's by way of one of ours.
        pickle.dumps(Calls(recorded_of, None)),
        b"cledger.store.mapper\nStoredEvent\n.",
        b"cledger.domain.nowhere\nThing\n.",
        b"\x80\x04\x8c\x10ledger.log.merkle\x8c\x0fhashlib.sha256.x\x93.",
    ],
)
def test_what_is_no_message_is_refused(body: bytes) -> None:
    with pytest.raises(StoreError) as refusal:
        list(Frames().take(framed(body)))

    assert refusal.value.rule == "frame-form"


def test_a_frame_has_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StoreError):
        list(Frames().take((FRAME_BYTES_MAX + 1).to_bytes(4, "big")))

    monkeypatch.setattr(handover, "FRAME_BYTES_MAX", 100)
    with pytest.raises(StoreError) as refusal:
        frame(Tried(1, (bytes(200),)))
    assert refusal.value.rule == "frame-size"
