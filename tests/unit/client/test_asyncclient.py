"""On an event loop the client proves the same, by the same code, for many tasks at once."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any, TypeVar

import pytest

import ledger.client
from ledger.client import AsyncComparing, AsyncLedgerClient, Comparing, Connection, HeadsInMemory
from ledger.client.client import LedgerClient
from ledger.client.firstuse import first_pin
from ledger.client.heads import HeadFile
from ledger.client.signer import Place, sign, state
from ledger.client.transport import LoopTransport, each, finished
from ledger.domain.vocabulary import Collection
from ledger.errors import NotFoundError, UnavailableError, VerificationError
from ledger.v1 import queries_pb2, services_pb2
from tests.builders import order
from tests.unit.client.served import (
    CLOCK_MS,
    COVERAGE,
    Served,
    changing,
    item_row,
    lying,
    row,
    served,
)

T = TypeVar("T")
Ask = Callable[[AsyncLedgerClient], Coroutine[Any, Any, T]]


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A chip and orders of it; read only."""
    with served(tmp_path_factory.mktemp("served")) as running:
        rows = [row(f"order-{place}", items=["H20"]) for place in range(6)]
        assert not running.import_rows(item_row(), COVERAGE, *rows).refused
        yield running


def asked(ledger: Served, ask: Ask[T], address: str = "") -> T:
    """Ask on an event loop of its own."""

    async def run() -> T:
        connection = Connection(target=address or ledger.address)
        pin = ledger.founded.pin
        async with await AsyncLedgerClient.connect(connection, pin, HeadsInMemory()) as client:
            return await ask(client)

    return asyncio.run(run())


async def collected(source: AsyncGenerator[T, None]) -> list[T]:
    async with aclosing(source) as items:
        return [item async for item in items]


def question() -> queries_pb2.GetLicenseStatusRequest:
    asking = queries_pb2.Question(item="H20", destination="CN", as_of="2025-08-01")
    return queries_pb2.GetLicenseStatusRequest(question=asking)


def pattern() -> queries_pb2.GetOrderExposureRequest:
    return queries_pb2.GetOrderExposureRequest(question=question().question)


SAME: dict[str, tuple[Ask[object], Callable[[LedgerClient], object]]] = {
    "a checkpoint": (lambda c: c.checkpoint(), lambda c: c.checkpoint()),
    "a receipt": (lambda c: c.proved("order-1"), lambda c: c.proved("order-1")),
    "a status": (lambda c: c.status(question()), lambda c: c.status(question())),
    "several": (lambda c: c.statuses([question()] * 2), lambda c: c.statuses([question()] * 2)),
    "a timeline": (
        lambda c: collected(c.timeline(queries_pb2.ListTimelineRequest())),
        lambda c: list(c.timeline(queries_pb2.ListTimelineRequest())),
    ),
    "a stream": (
        lambda c: c.proved_stream("orders/order-1"),
        lambda c: c.proved_stream("orders/order-1"),
    ),
    "a collection": (
        lambda c: collected(c.proved_streams(Collection.ORDERS)),
        lambda c: list(c.proved_streams(Collection.ORDERS)),
    ),
    "a read model": (
        lambda c: collected(c.streams(Collection.ORDERS)),
        lambda c: list(c.streams(Collection.ORDERS)),
    ),
    "entries": (lambda c: collected(c.entries(0, 4)), lambda c: list(c.entries(0, 4))),
    "the whole log": (lambda c: collected(c.replay()), lambda c: list(c.replay())),
    "exposure": (
        lambda c: AsyncComparing(c).exposure(pattern()),
        lambda c: Comparing(c).exposure(pattern()),
    ),
}


@pytest.mark.parametrize(("on_a_loop", "plainly"), SAME.values(), ids=SAME.keys())
def test_both_clients_give_the_same(
    orders: Served, on_a_loop: Ask[object], plainly: Callable[[LedgerClient], object]
) -> None:
    assert asked(orders, on_a_loop) == plainly(orders.client)


def test_both_clients_have_the_same_methods() -> None:
    """Beyond the way in and out, and what only the other is made of."""
    ways = {"connect", "over", "close", "calls", "data_at", "size_for", "steps", "verify_pushed"}
    ways |= {"whole_stream", "whole_collection", "whole_timeline"}  # functions of ``completeness``
    ways |= {"append_each", "watch_entries"}  # functions of ``streaming``
    for plain, on_a_loop in ((LedgerClient, AsyncLedgerClient), (Comparing, AsyncComparing)):
        names = [
            {name for name, _ in inspect.getmembers(kind) if not name.startswith("_")} - ways
            for kind in (plain, on_a_loop)
        ]
        assert names[0] == names[1]


def test_many_tasks_share_one_client_and_leave_the_highest_head(
    orders: Served, tmp_path: Path
) -> None:
    memory = HeadFile(tmp_path / "head.note")

    async def run() -> None:
        connection = Connection(target=orders.address)
        pin = orders.founded.pin
        async with await AsyncLedgerClient.connect(connection, pin, memory) as client:
            names = [f"order-{place}" for place in range(6)] * 3
            proved = await asyncio.gather(*map(client.proved, names))
            head = client.trust.head
            assert head is not None
            assert head.note == memory.load()
            assert head.size == max(one.head.size for one in proved)

    asyncio.run(run())


def test_an_append_on_a_loop_is_proved(tmp_path: Path) -> None:
    with served(tmp_path) as running:
        place = Place(ledger_id=running.client.ledger_id, expected_version=0, signed_at_ms=CLOCK_MS)
        author = running.founded.registrar
        envelopes = [
            sign(state(order(f"co-{place_}"), author.name, place), [author.signer])
            for place_ in range(3)
        ]

        async def append(client: AsyncLedgerClient) -> list[int]:
            await client.validate_batch(envelopes)
            first = await client.append(envelopes[0])
            rest = await client.append_batch(envelopes[1:])
            return [proved.entry.index for proved in (first, *rest)]

        assert asked(running, append) == [2, 3, 4]


def test_a_lie_is_caught_on_a_loop_too(orders: Served) -> None:
    def spoil(reply: services_pb2.GetReceiptResponse) -> None:
        if reply.receipt.index:
            reply.receipt.entry += b"\0"

    change = changing("GetReceipt", services_pb2.GetReceiptResponse, spoil)
    with (
        lying(orders.address, change) as address,
        pytest.raises(VerificationError) as found,
    ):
        asked(orders, lambda client: client.proved("order-1"), address)
    assert found.value.rule == "inclusion-proof"


def test_a_refusal_is_the_same_error_on_a_loop(orders: Served) -> None:
    with pytest.raises(NotFoundError) as plain:
        orders.client.proved("order-9")
    with pytest.raises(NotFoundError) as on_a_loop:
        asked(orders, lambda client: client.proved("order-9"))
    assert on_a_loop.value.args == plain.value.args


def test_another_ledger_is_refused_at_once_on_a_loop(orders: Served, tmp_path: Path) -> None:
    with served(tmp_path) as other, pytest.raises(VerificationError):
        asked(orders, lambda client: client.checkpoint(), other.address)


def test_the_first_pin_can_be_had_on_a_loop(orders: Served) -> None:
    async def run() -> ledger.client.Pin:
        return await first_pin(LoopTransport(Connection(target=orders.address)))

    assert asyncio.run(run()) == orders.founded.pin


def test_a_watch_on_a_loop_ends_when_it_is_closed(orders: Served) -> None:
    async def watch(client: AsyncLedgerClient) -> queries_pb2.WatchLicenseStatusResponse:
        async with aclosing(AsyncComparing(client).watch(question().question)) as events:
            return await anext(events)

    assert asked(orders, watch).HasField("initial")


def test_a_server_that_is_gone_is_unavailable_on_a_loop(tmp_path: Path) -> None:
    with served(tmp_path) as running:
        pass
    with pytest.raises(UnavailableError):
        asked(running, lambda client: client.checkpoint())


def test_a_coroutine_that_has_to_wait_is_no_plain_call() -> None:
    with pytest.raises(RuntimeError, match="has to wait"):
        finished(asyncio.sleep(0))


def test_a_generator_that_is_left_early_is_closed() -> None:
    closed = []

    async def numbers() -> AsyncGenerator[int, None]:
        try:
            yield 1
            yield 2
        finally:
            closed.append(True)

    steps = each(numbers())
    assert next(steps) == 1
    steps.close()
    assert closed == [True]


def test_what_a_program_imports_is_written_down() -> None:
    assert ledger.client.__all__ == sorted(ledger.client.__all__, key=_case)
    for name in ledger.client.__all__:
        assert getattr(ledger.client, name).__doc__, name
    assert {"LedgerClient", "AsyncLedgerClient", "Pin", "Connection", "HeadFile"} <= set(
        ledger.client.__all__
    )


def _case(name: str) -> tuple[bool, str]:
    """Classes first, as imports are sorted."""
    return name[0].islower(), name
