"""A server whose checkpoints are cosigned, after each batch and in the background."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from ledger.log.checkpoint import open_checkpoint
from ledger.log.note import SignedNote
from ledger.log.receipts import Receipt
from ledger.service import witnessing
from ledger.v1 import log_pb2 as pb
from ledger.v1 import services_pb2
from tests import builders
from tests.e2e.refusals import refusal_of
from tests.simulator import CALL_S, FOUNDED_SIZE, Simulator, receipt_of
from tests.witnessed import Policed, policed

NAMES = ("w1", "w2", "w3")
TWO_OF_THREE = "group g 2 w1 w2 w3\nquorum g\n"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Policed]:
    """Three witnesses, of whom two are enough and one never answers."""
    folder = tmp_path_factory.mktemp("witnessed")
    with policed(folder, NAMES, TWO_OF_THREE, absent=["w3"]) as made:
        yield made


@pytest.fixture(scope="module")
def service(world: Policed) -> Iterator[Simulator]:
    with world.service() as simulator:
        yield simulator


def newest(service: Simulator, size: int = 0, consistent_with: int = 0) -> bytes:
    request = pb.GetCheckpointRequest(
        witnessed=True, min_tree_size=size, consistent_with=consistent_with
    )
    return service.log.GetCheckpoint(request, timeout=CALL_S).checkpoint


def receipt(service: Simulator, index: int, *, witnessed: bool) -> Receipt:
    request = services_pb2.GetReceiptRequest(index=index, witnessed=witnessed)
    return receipt_of(service.ledger.GetReceipt(request, timeout=CALL_S).receipt)


def over_http(service: Simulator) -> tuple[int, bytes]:
    address = service.addresses.http
    assert address is not None
    wire = HTTPConnection(address.host, address.port, timeout=CALL_S)
    wire.request("GET", "/checkpoint")
    reply = wire.getresponse()
    answer = reply.status, reply.read()
    wire.close()
    return answer


def test_a_batch_is_cosigned_by_a_quorum(world: Policed, service: Simulator) -> None:
    appended = service.append(builders.order("order-quorum"))

    note = newest(service, appended.index + 1)

    checkpoint = open_checkpoint(note, origin=world.pin.origin, verifiers=world.pin.log_keys)
    counted = world.policy.require_quorum(note, now_s=service.clock() // 1_000)
    assert checkpoint.size == appended.index + 1
    assert sorted(one.key.name for one in counted) == ["w1", "w2"]


def test_the_receipt_of_an_append_never_changes_and_gets_its_cosignatures_when_asked_for(
    world: Policed, service: Simulator
) -> None:
    first = service.append(builders.order("order-receipt"))
    witnessed = receipt(service, first.index, witnessed=True)
    again = service.append_envelope(first.entry[9:])

    assert again == first
    assert len(SignedNote.parse(first.checkpoint).signatures) == 1
    service.verify(witnessed)
    world.policy.require_quorum(witnessed.checkpoint)
    # Nothing else was appended: the note is the stored one, with more lines under it.
    assert witnessed.checkpoint.startswith(first.checkpoint)
    assert receipt(service, first.index, witnessed=False) == witnessed


def test_every_entry_of_a_burst_gets_a_receipt_with_a_quorum(
    world: Policed, service: Simulator
) -> None:
    """Batches that come faster than witnesses are proved to a later checkpoint."""
    appended = [service.append(builders.order(f"burst-{number}")) for number in range(12)]

    for one in appended:
        witnessed = receipt(service, one.index, witnessed=True)
        world.policy.require_quorum(witnessed.checkpoint)
        assert service.verify(witnessed).size > one.index
        assert witnessed.entry == one.entry


def test_static_readers_get_the_newest_checkpoint_that_has_its_quorum(service: Simulator) -> None:
    appended = service.append(builders.order("order-static"))
    note = newest(service, appended.index + 1)

    assert over_http(service) == (200, note) == over_http(service)


def test_the_newest_checkpoint_comes_with_what_cosignatures_there_are(
    service: Simulator,
) -> None:
    appended = service.append(builders.order("order-plain"))
    witnessed = newest(service, appended.index + 1)

    plain = service.log.GetCheckpoint(pb.GetCheckpointRequest(), timeout=CALL_S).checkpoint
    assert plain == witnessed


def test_a_witnessed_checkpoint_is_proved_to_continue_a_smaller_one_only(
    service: Simulator,
) -> None:
    size = service.append(builders.order("order-proof")).index + 1
    newest(service, size)
    replies = [
        service.log.GetCheckpoint(
            pb.GetCheckpointRequest(witnessed=True, consistent_with=held), timeout=CALL_S
        )
        for held in (FOUNDED_SIZE, size, size + 9)
    ]

    assert [bool(reply.consistency_proof) for reply in replies] == [True, False, False]


def test_nobody_waits_for_the_witnesses_of_an_entry_that_is_not_there(
    service: Simulator,
) -> None:
    request = services_pb2.GetReceiptRequest(index=2**40, witnessed=True)

    refusal = refusal_of(service.ledger.GetReceipt, request)

    assert (refusal.code, refusal.rule) == ("NOT_FOUND", "no-entry")


def test_below_the_quorum_nothing_is_witnessed_and_everything_else_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witnessing, "WAIT_S", 0.05)
    few = policed(tmp_path, NAMES, TWO_OF_THREE, absent=["w2", "w3"])
    with few as made, made.service() as service:
        appended = service.append(builders.order("order-1"))
        refusals = [
            refusal_of(service.log.GetCheckpoint, pb.GetCheckpointRequest(witnessed=True)),
            refusal_of(
                service.ledger.GetReceipt,
                services_pb2.GetReceiptRequest(index=appended.index, witnessed=True),
            ),
        ]
        assert over_http(service)[0] == 404
        service.log.GetCheckpoint(pb.GetCheckpointRequest(), timeout=CALL_S)

    assert [(one.code, one.rule) for one in refusals] == [("NOT_FOUND", "not-witnessed")] * 2


def test_without_a_policy_there_are_no_witnesses_to_ask_for(tmp_path: Path) -> None:
    with Simulator(tmp_path) as service:
        refusal = refusal_of(service.log.GetCheckpoint, pb.GetCheckpointRequest(witnessed=True))

    assert (refusal.code, refusal.rule) == ("FAILED_PRECONDITION", "witness-policy")


def test_a_quorum_of_nobody_witnesses_everything_at_once(tmp_path: Path) -> None:
    with policed(tmp_path, [], "quorum none\n") as made, made.service() as service:
        appended = service.append(builders.order("order-1"))

        assert newest(service) == appended.checkpoint
        assert receipt(service, appended.index, witnessed=True) == appended


def test_cosignatures_outlast_the_policy_and_the_server(tmp_path: Path) -> None:
    with policed(tmp_path, ["w1"], "quorum w1\n") as made:
        with made.service() as service:
            index = service.append(builders.order("order-1")).index
            note = newest(service, index + 1)
        with made.service(policy=False) as service:
            assert receipt(service, index, witnessed=False).checkpoint == note
            assert over_http(service) == (200, note)
        with made.service() as service:
            assert newest(service, index + 1) == note
