"""A stream of envelopes: each on its own, each answered for, in order."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.client import (
    Connection,
    HeadsInMemory,
    LedgerClient,
    Proved,
)
from ledger.client.asyncclient import AsyncLedgerClient
from ledger.client.failures import error_of_status
from ledger.client.streaming import append_each
from ledger.errors import DuplicateError, EnvelopeError, LedgerError, VerificationError
from ledger.service import appending
from ledger.v1 import services_pb2 as pb
from tests import builders
from tests.e2e.refusals import refusal_of
from tests.simulator import CALL_S, Apart, Simulator


@pytest.fixture(scope="module", params=[Simulator, Apart])
def service(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Simulator]:
    folder: Path = tmp_path_factory.mktemp("stream")
    with request.param(folder) as simulator:
        yield simulator


@pytest.fixture
def client(service: Simulator) -> Iterator[LedgerClient]:
    connection = Connection(target=str(service.addresses.grpc))
    with LedgerClient.connect(connection, service.pin, HeadsInMemory()) as opened:
        yield opened


def orders(service: Simulator, prefix: str, count: int) -> list[bytes]:
    return [service.envelope(builders.order(f"{prefix}-{number}")) for number in range(count)]


def test_every_envelope_gets_its_receipt_in_order(service: Simulator, client: LedgerClient) -> None:
    sent = orders(service, "each", 120)

    outcomes = list(client.append_each(sent))

    assert [_name(outcome) for outcome in outcomes] == [f"each-{place}" for place in range(120)]


def test_a_refused_envelope_stands_in_no_other_ones_way(
    service: Simulator, client: LedgerClient
) -> None:
    good, other = orders(service, "beside", 2)
    again = service.envelope(builders.order("beside-0"), nonce=b"another nonce 16")

    outcomes = list(client.append_each([good, b"\xff", again, other]))

    assert [type(outcome) for outcome in outcomes] == [
        Proved,
        EnvelopeError,
        DuplicateError,
        Proved,
    ]
    duplicate = outcomes[2]
    assert isinstance(duplicate, DuplicateError)
    assert (duplicate.field, duplicate.rule) == ("fact_id", "fact-id-taken")


def test_a_refusal_is_the_status_that_append_ends_with(service: Simulator) -> None:
    request = pb.AppendRequest(envelope=b"\xff")
    alone = refusal_of(service.ledger.Append, request)

    (response,) = service.ledger.AppendStream(
        iter([pb.AppendStreamRequest(envelopes=[b"\xff"])]), timeout=CALL_S
    )

    told = error_of_status(response.results[0].refusal)
    assert (told.message, told.rule) == (alone.message, alone.rule)


def test_the_same_envelope_twice_gets_the_same_receipt_twice(
    service: Simulator, client: LedgerClient
) -> None:
    (envelope,) = orders(service, "twice", 1)

    first, second = client.append_each([envelope, envelope])

    assert isinstance(first, Proved)
    assert isinstance(second, Proved)
    assert first.receipt == second.receipt


def test_an_empty_stream_ends_without_a_result(client: LedgerClient) -> None:
    assert list(client.append_each([])) == []


def test_an_event_loop_gets_the_same(service: Simulator) -> None:
    async def run() -> list[str]:
        connection = Connection(target=str(service.addresses.grpc))
        client = await AsyncLedgerClient.connect(connection, service.pin, HeadsInMemory())
        async with client:
            sent = orders(service, "loop", 3)
            return [_name(outcome) async for outcome in append_each(client, sent)]

    assert asyncio.run(run()) == ["loop-0", "loop-1", "loop-2"]


def test_only_so_many_are_under_way(
    service: Simulator, client: LedgerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(appending, "UNDER_WAY_MAX", 2)

    outcomes = list(client.append_each(orders(service, "narrow", 7)))

    assert [_name(outcome) for outcome in outcomes] == [f"narrow-{place}" for place in range(7)]


def test_results_that_do_not_match_what_was_sent_are_found(
    service: Simulator, client: LedgerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that mixes up its answers is not believed."""
    first, second = orders(service, "mixed", 2)
    calls = type(client.steps.calls)
    honest = calls.append_each

    monkeypatch.setattr(calls, "append_each", lambda self, sent: honest(self, [*sent][::-1]))
    with pytest.raises(VerificationError) as mixed:
        list(client.append_each([first, second]))
    monkeypatch.setattr(calls, "append_each", lambda self, sent: honest(self, [*sent][:1]))
    with pytest.raises(VerificationError) as fewer:
        list(client.append_each([first, second]))
    monkeypatch.setattr(calls, "append_each", lambda self, sent: honest(self, [*sent] * 2))
    with pytest.raises(VerificationError) as more:
        list(client.append_each([first, second]))

    assert mixed.value.rule == "receipt-of-another"
    assert fewer.value.rule == more.value.rule == "receipt-count"


def test_a_client_that_hangs_up_leaves_nothing_behind(service: Simulator) -> None:
    """What it had sent may be recorded; the ledger goes on."""
    sent = orders(service, "gone", 5)
    replies = service.ledger.AppendStream(
        iter([pb.AppendStreamRequest(envelopes=sent)]), timeout=CALL_S
    )
    replies.cancel()

    service.append(builders.order("after-gone"))


def _name(outcome: Proved | LedgerError) -> str:
    assert isinstance(outcome, Proved), outcome
    return outcome.entry.statement.fact_id
