"""The writer's side of the socket, where the other side does not do as it should."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from ledger.errors import StoreError
from ledger.service import writing
from ledger.service.handover import (
    Added,
    Message,
    Opened,
    Submitted,
    Told,
    frame,
    receive_one,
)
from ledger.service.link import connect
from ledger.service.preparing import PREPARED_FROM
from ledger.service.writing import Peer, Waiting
from ledger.store.intake import Intake, Submission
from ledger.store.preparing import Given, Prepared
from tests import builders
from tests.simulator import CALL_S, FOUNDED_SIZE, Apart


def told_over(connection: socket.socket) -> Told:
    """The next outcome; news of what others added may come before it."""
    while not isinstance(message := receive_one(connection), Told):
        assert isinstance(message, Added)
    return message


def test_a_process_that_takes_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "SEND_S", 0.05)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        peer = Peer(ours)
        peer.send(bytes(64 * 2**20))

        assert peer.receive() == b""


def test_a_process_that_has_gone_is_told_nothing() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    with ours:
        peer = Peer(ours)
        Waiting(peer, 1)(())

        assert peer.receive() == b""


def test_every_process_hears_what_any_of_them_added(tmp_path: Path) -> None:
    with Apart(tmp_path) as service:
        other, opened = connect(service.socket)
        with other:
            other.settimeout(CALL_S)
            receipt = service.append(builders.order("order-1"))
            heard: list[int] = []
            while receipt.index not in heard:
                added = receive_one(other)
                assert isinstance(added, Added)
                heard += [entry.index for entry in added.recorded]

    assert isinstance(opened, Opened)
    assert heard[-1] == receipt.index


def test_what_a_process_sends_is_answered_to_it_by_its_numbers(tmp_path: Path) -> None:
    with Apart(tmp_path) as service:
        other, _ = connect(service.socket)
        with other:
            other.settimeout(CALL_S)
            envelope = service.envelope(builders.order("order-1"))
            other.sendall(frame(Submitted(((7, (envelope,)), (9, (b"\xff",))))))
            outcomes: dict[int, object] = {}
            while len(outcomes) < 2:
                outcomes |= told_over(other).outcomes

    assert isinstance(outcomes[7], tuple)
    assert [receipt.index for receipt in outcomes[7]] == [FOUNDED_SIZE]
    assert not isinstance(outcomes[9], tuple)


def test_more_than_the_queue_takes_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.store.intake.WAITING_STATEMENTS_MAX", 0)
    with Apart(tmp_path, enrolled=False) as service:
        envelope = service.envelope(service.enrollment("ada"))
        other, _ = connect(service.socket)
        with other:
            other.settimeout(CALL_S)
            other.sendall(frame(Submitted(((1, (envelope,)),))))
            told = told_over(other)

    ((number, error),) = told.outcomes
    assert number == 1
    assert not isinstance(error, tuple)
    assert error.rule == "queue-full"


@pytest.mark.parametrize("many", [False, True])
def test_few_statements_are_prepared_before_they_are_queued(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, many: bool
) -> None:
    queued: list[Given] = []
    put = Intake.put

    def seen(intake: Intake, submission: Submission) -> None:
        queued.extend(submission.statements)
        put(intake, submission)

    with Apart(tmp_path) as service:
        monkeypatch.setattr(Intake, "put", seen)
        number = PREPARED_FROM if many else PREPARED_FROM - 1
        given = [
            (each, (service.envelope(builders.order(f"order-{each}")),)) for each in range(number)
        ]
        other, _ = connect(service.socket)
        with other:
            other.settimeout(CALL_S)
            other.sendall(frame(Submitted(tuple(given))))
            outcomes: dict[int, object] = {}
            while len(outcomes) < number:
                outcomes |= told_over(other).outcomes

    assert all(isinstance(outcome, tuple) for outcome in outcomes.values())
    verified = [isinstance(each, Prepared) and each.verified for each in queued]
    assert verified == [not many] * number


@pytest.mark.parametrize("sent", [frame(Told()), b"\xff\xff\xff\xff"], ids=["told", "no frame"])
def test_whoever_sends_what_is_no_question_is_not_listened_to(tmp_path: Path, sent: bytes) -> None:
    with Apart(tmp_path) as service:
        other, _ = connect(service.socket)
        with other:
            other.settimeout(CALL_S)
            other.sendall(sent)
            # Whatever is told before, there is an end to it, or else the time runs out.
            while other.recv(2**16):
                pass
        service.append(builders.order("order-1"))


def test_what_is_too_much_for_a_frame_is_left_in_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def narrow(message: Message) -> bytes:
        if isinstance(message, Added) and message.recorded:
            raise StoreError("Too large.", rule="frame-size")
        return frame(message)

    monkeypatch.setattr(writing, "frame", narrow)
    with Apart(tmp_path) as service:
        other, _ = connect(service.socket)
        with other:
            other.settimeout(CALL_S)
            service.append(builders.order("order-1"))
            heard = receive_one(other)
        service.caught_up()

    assert heard == Added()
