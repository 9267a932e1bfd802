"""A server whose writer is another process: what it is told, and what if the writer goes away."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import grpc
import pytest

from ledger.bootstrap import open_worker
from ledger.domain.vocabulary import Role
from ledger.errors import StoreError, UnavailableError
from ledger.log.proofs import verify_inclusion
from ledger.service.preparing import PREPARED_FROM
from ledger.service.writer import Writer
from ledger.store.committing import Outcome
from ledger.v1 import log_pb2
from ledger.v1 import services_pb2 as pb
from tests import builders
from tests.e2e.refusals import refusal_of
from tests.simulator import CALL_S, FOUNDED_SIZE, Apart, Simulator, on_loop, receipt_of

MANY = 5 * PREPARED_FROM


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Apart]:
    with Apart(tmp_path) as simulator:
        yield simulator


def append(service: Simulator, envelope: bytes) -> log_pb2.Receipt:
    request = pb.AppendRequest(envelope=envelope)
    return service.ledger.Append(request, timeout=CALL_S).receipt


def writer_of(service: Simulator) -> Writer:
    writer = service.opened.parts.writer
    assert isinstance(writer, Writer)
    return writer


def until_back(service: Apart) -> None:
    give_up = time.monotonic() + CALL_S
    while writer_of(service)._link._transport is None:
        assert time.monotonic() < give_up
        time.sleep(0.01)


def test_what_a_round_adds_is_not_read_from_the_database_again(
    service: Apart, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.caught_up()
    reader = service.opened.parts.reader

    def read(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(reader, "entries", read)
    receipt = service.append(builders.order("order-1"))

    service.caught_up()
    assert reader.recent.after(receipt.index)[0].fact.id == "order-1"
    tree = reader.tree.hashes
    assert tree.size == receipt.index + 1
    verify_inclusion(
        receipt.index, tree.size, tree.node(0, receipt.index), receipt.inclusion_proof, tree.root()
    )


def test_many_statements_are_prepared_before_they_are_handed_over(
    service: Apart, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared = threading.Event()
    preparer = writer_of(service)._preparer
    put = preparer.put

    def seen(submissions: object) -> None:
        prepared.set()
        put(submissions)  # type: ignore[arg-type]

    monkeypatch.setattr(preparer, "put", seen)
    service.append(builders.order("order-alone"))
    assert not prepared.is_set()

    receipts = service.append_all([builders.order(f"order-{number}") for number in range(MANY)])

    assert prepared.is_set()
    indexes = [receipt.index for receipt in receipts]
    assert indexes == list(range(FOUNDED_SIZE + 1, FOUNDED_SIZE + 1 + MANY))


def test_whoever_brings_a_key_and_signs_with_it_in_one_batch_is_heard(service: Apart) -> None:
    enrollment = service.envelope(service.enrollment("clerk", Role.REGISTRAR), "ada")
    orders = [
        service.envelope(builders.order(f"order-{number}"), "clerk") for number in range(MANY)
    ]

    request = pb.AppendBatchRequest(envelopes=[enrollment, *orders])
    response = service.ledger.AppendBatch(request, timeout=CALL_S)

    assert [each.index for each in response.receipts] == list(
        range(FOUNDED_SIZE, FOUNDED_SIZE + 1 + MANY)
    )


def test_what_is_unsound_in_a_large_batch_is_refused_by_its_place(service: Apart) -> None:
    envelopes = [service.envelope(builders.order(f"order-{number}")) for number in range(MANY)]
    forged = bytearray(envelopes[7])
    forged[-80] ^= 1
    envelopes[7] = bytes(forged)

    request = pb.AppendBatchRequest(envelopes=envelopes)
    refusal = refusal_of(service.ledger.AppendBatch, request)

    assert refusal.field.startswith("envelopes[7]")
    assert service.tree_size() == FOUNDED_SIZE


def test_nothing_overtakes_what_is_being_prepared(service: Apart) -> None:
    """A stream's later message is small, and builds on what its first one, a large one, brings."""
    enrollment = service.envelope(service.enrollment("clerk"), "ada")
    first = [service.envelope(builders.order(f"order-{number}")) for number in range(MANY)]
    later = service.envelope(builders.order("order-later"), "clerk")

    messages = [
        pb.AppendStreamRequest(envelopes=[*first, enrollment]),
        pb.AppendStreamRequest(envelopes=[later]),
    ]
    replies = service.ledger.AppendStream(iter(messages), timeout=CALL_S)
    results = [result for reply in replies for result in reply.results]

    assert [result.WhichOneof("result") for result in results] == ["receipt"] * (MANY + 2)


def test_what_is_held_goes_over_as_soon_as_nothing_is_under_way(
    service: Apart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.service.writer.HOLD_S", 10 * CALL_S)
    first, second = (service.envelope(builders.order(f"order-{number}")) for number in (1, 2))

    outcomes = on_loop(one_after_another(writer_of(service), [first, second]))

    receipts = [outcome[0] for outcome in outcomes if isinstance(outcome, tuple)]
    assert [receipt.index for receipt in receipts] == [FOUNDED_SIZE, FOUNDED_SIZE + 1]


async def one_after_another(writer: Writer, envelopes: Sequence[bytes]) -> list[Outcome]:
    """Submit each while those before it are under way, and wait for all."""
    told: list[asyncio.Future[Outcome]] = []
    for envelope in envelopes:
        told.append(asyncio.get_running_loop().create_future())
        writer.submit([envelope], told[-1].set_result)
        await asyncio.sleep(0)
        assert writer._under_way
    return await asyncio.wait_for(asyncio.gather(*told), CALL_S)


def test_while_the_writer_is_away_reads_are_answered_and_appends_are_not(service: Apart) -> None:
    receipt = append(service, service.envelope(builders.item()))
    envelope = service.envelope(builders.order("order-1"))
    service.stop_writing()

    refusal = refusal_of(service.ledger.Append, pb.AppendRequest(envelope=envelope))
    asked = refusal_of(
        service.ledger.Append, pb.AppendRequest(envelope=envelope, validate_only=True)
    )

    assert (refusal.code, refusal.rule) == ("UNAVAILABLE", "writer-away")
    assert (asked.code, asked.rule) == ("UNAVAILABLE", "writer-away")
    assert service.ask("H20", "CN").requirement
    named = pb.GetReceiptRequest(index=receipt.index)
    assert service.ledger.GetReceipt(named, timeout=CALL_S).receipt == receipt


def test_a_writer_that_comes_back_is_found(service: Apart) -> None:
    first = append(service, service.envelope(builders.order("order-1")))
    service.stop_writing()
    service.start_writing()
    until_back(service)

    second = append(service, service.envelope(builders.order("order-2")))

    assert second.index == first.index + 1
    service.caught_up()
    assert service.verify(receipt_of(second)).size == second.index + 1


def test_whoever_waits_when_the_writer_goes_away_is_told_that_nothing_is_known(
    service: Apart, monkeypatch: pytest.MonkeyPatch
) -> None:
    envelope = service.envelope(builders.order("order-1"))
    writer = writer_of(service)
    sent = threading.Event()

    # What is sent now never arrives: as if the writer had died with it.
    def lost(_: object) -> bytes:
        sent.set()
        return b""

    monkeypatch.setattr("ledger.service.link.frame", lost)
    call = service.ledger.Append.future(pb.AppendRequest(envelope=envelope), timeout=CALL_S)
    assert sent.wait(CALL_S)
    monkeypatch.undo()

    on_loop(aborted(writer))
    with pytest.raises(grpc.RpcError) as refusal:
        call.result()

    assert refusal.value.code() == grpc.StatusCode.UNAVAILABLE
    assert "send the same bytes again" in str(refusal.value.details())
    until_back(service)
    assert append(service, envelope).index == FOUNDED_SIZE


async def aborted(writer: Writer) -> None:
    assert writer._link._transport is not None
    writer._link._transport.abort()


@pytest.mark.parametrize("limit", ["WAITING_STATEMENTS_MAX", "WAITING_BYTES_MAX"])
def test_too_much_at_once_is_refused_and_there_is_room_again_afterwards(
    service: Apart, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    envelopes = [service.envelope(builders.order(f"order-{number}")) for number in range(3)]
    most = 2 if "STATEMENTS" in limit else sum(map(len, envelopes)) - 1
    monkeypatch.setattr(f"ledger.service.writer.{limit}", most)

    request = pb.AppendBatchRequest(envelopes=envelopes)
    refusal = refusal_of(service.ledger.AppendBatch, request)

    assert (refusal.code, refusal.rule) == ("UNAVAILABLE", "queue-full")
    assert service.tree_size() == FOUNDED_SIZE
    for envelope in envelopes:
        append(service, envelope)


def test_a_peer_that_speaks_another_language_is_not_listened_to(service: Apart) -> None:
    writer = writer_of(service)

    async def babble() -> None:
        assert writer._link._transport is not None
        writer._link._transport.write(b"\0\0\0\x05babel")

    on_loop(babble())
    time.sleep(0.05)
    until_back(service)

    assert append(service, service.envelope(builders.order("order-1"))).index == FOUNDED_SIZE


def test_a_worker_without_a_writer_does_not_open(service: Apart) -> None:
    nowhere = service.directory / "nowhere"
    with pytest.raises(UnavailableError) as refusal:
        open_worker(service.directory, nowhere)

    assert refusal.value.rule == "writer-away"


def test_a_socket_that_cannot_be_listened_on_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Apart, "socket", tmp_path / "no" / "folder")
    with pytest.raises(StoreError) as refusal, Apart(tmp_path):
        pass

    assert refusal.value.rule == "writer-socket"
