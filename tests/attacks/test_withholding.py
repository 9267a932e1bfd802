"""What is left out of a list is in no proof: only the whole log shows that it is missing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ledger.client.client import LedgerClient
from ledger.domain.vocabulary import Collection
from ledger.errors import NotFoundError, VerificationError
from ledger.v1 import log_pb2, queries_pb2
from tests.attacks.malice import caught, deceived, edited
from tests.unit.client.served import Served

STREAM = "orders/order-1"
ABOUT_THE_CHIP = queries_pb2.ListTimelineRequest(item="H20", from_day="2025-04-01")
"""A filtered list: facts about one item, from one day on."""


def whole_stream(client: LedgerClient) -> list[str]:
    return [proved.entry.fact.id for proved in client.whole_stream(STREAM)]


def whole_collection(client: LedgerClient) -> list[str]:
    return [name for name, _ in client.whole_collection(Collection.ORDERS)]


def whole_timeline(client: LedgerClient) -> list[str]:
    return [proved.entry.fact.id for proved in client.whole_timeline(ABOUT_THE_CHIP)]


def test_the_whole_lists_are_these(ledger: Served) -> None:
    client = ledger.client
    assert whole_stream(client) == ["order-1", "order-1-stock", "order-1-stop"]
    assert whole_collection(client) == ["orders/order-1", "orders/order-2", "orders/order-3"]
    assert whole_timeline(client) == ["order-1", "order-1-stock", "order-2", "order-1-stop"]


def test_lists_as_they_were_at_an_older_size_are_whole_too(ledger: Served) -> None:
    client = ledger.client
    size = client.proved("order-1-stop").entry.index
    assert len(client.whole_stream(STREAM, size)) == 2
    assert len(client.whole_collection(Collection.ORDERS, size)) == 2
    with pytest.raises(NotFoundError):
        client.whole_stream("orders/order-3", size)


def _hide_the_tail(reply: queries_pb2.GetOrderResponse) -> None:
    """The production was stopped, and the server does not tell."""
    del reply.order.facts[-1]
    reply.order.version -= 1


def _hide_one_in_between(reply: queries_pb2.GetOrderResponse) -> None:
    del reply.order.facts[1]
    reply.order.version -= 1


def _hide_the_tail_and_count_it(reply: queries_pb2.GetOrderResponse) -> None:
    del reply.order.facts[-1]


def _hide_the_head(reply: queries_pb2.GetOrderResponse) -> None:
    del reply.order.facts[0]


def _turn_round(reply: queries_pb2.GetOrderResponse) -> None:
    facts = list(reply.order.facts)
    del reply.order.facts[:]
    reply.order.facts.extend(facts[::-1])


def _repeat(reply: queries_pb2.GetOrderResponse) -> None:
    reply.order.facts.append(reply.order.facts[-1])
    reply.order.version += 1


def _another_stream(reply: queries_pb2.GetOrderResponse) -> None:
    reply.order.stream = "orders/order-2"


def test_a_hidden_tail_is_seen_by_the_whole_log_alone(ledger: Served) -> None:
    """Each fact that is shown is proved, and the list is short all the same."""
    lie = edited("GetOrder", _hide_the_tail)
    with deceived(ledger, lie) as client:
        assert len(client.proved_stream(STREAM)) == 2
    caught(ledger, lie, whole_stream, rule="withheld")


GAPS: dict[str, tuple[Callable[[Any], None], str]] = {
    "one in between": (_hide_one_in_between, "stream-gap"),
    "the tail, and it is counted": (_hide_the_tail_and_count_it, "stream-gap"),
    "the head": (_hide_the_head, "stream-gap"),
    "none, in reverse": (_turn_round, "stream-gap"),
    "none, one of them twice": (_repeat, "stream-gap"),
    "all, and another stream is shown": (_another_stream, "stream-of-another"),
}


@pytest.mark.parametrize(("lie", "rule"), GAPS.values(), ids=GAPS.keys())
def test_a_gap_in_a_stream_is_seen_without_the_whole_log(
    ledger: Served, lie: Callable[[Any], None], rule: str
) -> None:
    caught(ledger, edited("GetOrder", lie), lambda client: client.proved_stream(STREAM), rule=rule)


def _hide_a_stream(reply: queries_pb2.ListOrdersResponse) -> None:
    del reply.orders[1]


def _hide_a_tail(reply: queries_pb2.ListOrdersResponse) -> None:
    del reply.orders[0].facts[-1]
    reply.orders[0].version -= 1


def _reorder(reply: queries_pb2.ListOrdersResponse) -> None:
    orders = list(reply.orders)
    del reply.orders[:]
    reply.orders.extend(orders[::-1])


@pytest.mark.parametrize("lie", [_hide_a_stream, _hide_a_tail, _reorder])
def test_what_is_hidden_in_a_collection_is_seen_by_the_whole_log(
    ledger: Served, lie: Callable[[Any], None]
) -> None:
    tale = edited("ListOrders", lie)
    with deceived(ledger, tale) as client:
        assert list(client.proved_streams(Collection.ORDERS))
    caught(ledger, tale, whole_collection, rule="withheld")


def _withhold(reply: queries_pb2.ListTimelineResponse) -> None:
    del reply.facts[1]


def _withhold_the_last(reply: queries_pb2.ListTimelineResponse) -> None:
    del reply.facts[-1]


def _withhold_all(reply: queries_pb2.ListTimelineResponse) -> None:
    del reply.facts[:]


def _out_of_order(reply: queries_pb2.ListTimelineResponse) -> None:
    facts = list(reply.facts)
    del reply.facts[:]
    reply.facts.extend(facts[::-1])


@pytest.mark.parametrize("lie", [_withhold, _withhold_the_last, _withhold_all, _out_of_order])
def test_what_a_filter_withholds_is_seen_by_the_whole_log(
    ledger: Served, lie: Callable[[Any], None]
) -> None:
    tale = edited("ListTimeline", lie)
    with deceived(ledger, tale) as client:
        assert len(list(client.timeline(ABOUT_THE_CHIP))) <= 5
    caught(ledger, tale, whole_timeline, rule="withheld")


def test_what_a_filter_should_have_left_out_is_seen_too(ledger: Served) -> None:
    (order,) = ledger.client.stream("orders/order-3").facts

    def lie(reply: queries_pb2.ListTimelineResponse) -> None:
        reply.facts.append(order)

    caught(ledger, edited("ListTimeline", lie), whole_timeline, rule="withheld")


def test_who_withholds_from_the_replay_as_well_is_found_out_by_the_root(ledger: Served) -> None:
    def lie(method: str, reply: bytes) -> bytes:
        if method == "GetOrder":
            return edited(method, _hide_the_tail)(method, reply)
        if method == "ReadEntries":
            return edited(method, hide)(method, reply)
        return reply

    def hide(reply: log_pb2.ReadEntriesResponse) -> None:
        reply.entries[8].entry = reply.entries[7].entry

    with deceived(ledger, lie) as client, pytest.raises(VerificationError):
        whole_stream(client)


ROW_FIELDS: dict[str, object] = {
    "fact_id": "order-2",
    "stream": "orders/order-2",
    "index": 3,
    "version": 2,
    "author": "administrator",
    "attribution": "FIRST_PARTY",
    "recorded_ms": 1,
    "statement_digest": bytes(32),
    "event_type": "claim.v1",
}


@pytest.mark.parametrize("field", ROW_FIELDS)
def test_no_field_of_a_row_can_be_told_otherwise(ledger: Served, field: str) -> None:
    def lie(reply: queries_pb2.GetOrderResponse) -> None:
        setattr(reply.order.facts[0], field, ROW_FIELDS[field])

    caught(
        ledger,
        edited("GetOrder", lie),
        lambda client: client.proved_stream(STREAM),
        rule="record-differs",
    )


def test_the_fact_in_a_row_cannot_be_told_otherwise(ledger: Served) -> None:
    def lie(reply: queries_pb2.GetOrderResponse) -> None:
        reply.order.facts[0].fact.reported.actor = "AMD"

    caught(
        ledger,
        edited("GetOrder", lie),
        lambda client: client.proved_stream(STREAM),
        rule="record-differs",
    )
