from __future__ import annotations

from typing import Any

import pytest

from ledger.codec.facts import fact_from_proto
from ledger.domain.vocabulary import Role
from ledger.v1 import log_pb2
from ledger.v1 import queries_pb2 as pb
from tests import builders
from tests.e2e.refusals import refusal_of
from tests.e2e.world import RULE, SIZE_BEFORE_THE_RULE, WHOLE_SIZE
from tests.simulator import ADMINISTRATOR, CALL_S, FOUNDED_SIZE, Simulator, key_of

COLLECTIONS = {
    "Instrument": ("Instruments", "instrument", "instruments", "instruments/rule-2023"),
    "License": ("Licenses", "license", "licenses", "licenses/license-1"),
    "Order": ("Orders", "order", "orders", "orders/order-1"),
    "Submission": ("Submissions", "submission", "submissions", "submissions/letter-1"),
    "Claim": ("Claims", "claim", "claims", "claims/claim-1"),
    "Item": ("Items", "item", "items", "items/h20"),
    "Destination": ("Destinations", "destination", "destinations", "destinations/cn"),
    "Party": ("Parties", "party", "parties", "parties/nvidia"),
    "Coverage": ("Coverages", "coverage", "coverages", "coverage/us-advanced-computing"),
}
"""Each aggregate: its plural, its fields in the two replies, and its first stream on record."""


def get(world: Simulator, kind: str, name: str, **more: Any) -> Any:
    request = getattr(pb, f"Get{kind}Request")(name=name, **more)
    return getattr(world.query, f"Get{kind}")(request, timeout=CALL_S)


def list_(world: Simulator, kind: str, **more: Any) -> Any:
    plural = COLLECTIONS[kind][0]
    request = getattr(pb, f"List{plural}Request")(**more)
    return getattr(world.query, f"List{plural}")(request, timeout=CALL_S)


@pytest.mark.parametrize("kind", COLLECTIONS)
def test_an_aggregate_is_got_by_its_stream_or_the_id_behind_the_slash(
    world: Simulator, kind: str
) -> None:
    _, field, _, stream = COLLECTIONS[kind]

    whole = get(world, kind, stream)
    short = get(world, kind, stream.partition("/")[2])

    assert whole == short
    record = getattr(whole, field)
    assert (record.stream, record.version, len(record.facts)) == (stream, 1, 1)
    assert whole.tree_size == WHOLE_SIZE


@pytest.mark.parametrize("kind", COLLECTIONS)
def test_aggregates_are_listed_in_the_order_of_their_opening(world: Simulator, kind: str) -> None:
    _, _, field, first = COLLECTIONS[kind]

    response = list_(world, kind)

    streams = [record.stream for record in getattr(response, field)]
    assert streams[0] == first
    assert len(streams) == (2 if kind == "Destination" else 1)
    assert response.tree_size == WHOLE_SIZE


@pytest.mark.parametrize("kind", COLLECTIONS)
def test_an_older_tree_size_lists_what_was_there(world: Simulator, kind: str) -> None:
    response = list_(world, kind, tree_size=SIZE_BEFORE_THE_RULE)

    present = {"Item", "Destination", "Coverage"}
    assert bool(getattr(response, COLLECTIONS[kind][2])) is (kind in present)
    assert response.tree_size == SIZE_BEFORE_THE_RULE


@pytest.mark.parametrize("kind", COLLECTIONS)
def test_what_is_not_on_record_is_not_found(world: Simulator, kind: str) -> None:
    request = getattr(pb, f"Get{kind}Request")(name="unknown")

    refusal = refusal_of(getattr(world.query, f"Get{kind}"), request)

    assert (refusal.code, refusal.rule, refusal.field) == ("NOT_FOUND", "stream-on-record", "name")


def test_an_older_tree_does_not_know_a_later_stream(world: Simulator) -> None:
    request = pb.GetInstrumentRequest(name="rule-2023", tree_size=SIZE_BEFORE_THE_RULE)

    assert refusal_of(world.query.GetInstrument, request).code == "NOT_FOUND"


def test_a_stream_of_another_collection_is_not_found(world: Simulator) -> None:
    request = pb.GetOrderRequest(name="instruments/rule-2023")

    assert refusal_of(world.query.GetOrder, request).code == "NOT_FOUND"


def test_a_record_says_who_stated_what_where(world: Simulator) -> None:
    (record,) = get(world, "Instrument", "rule-2023").instrument.facts

    assert fact_from_proto(record.fact, fact_id=record.fact_id, stream=record.stream) == RULE
    assert record.index == SIZE_BEFORE_THE_RULE
    assert record.version == 1
    assert record.author == "registrar"
    assert record.attribution == "TRANSCRIBED_BY registrar"
    assert record.recorded_ms == world.clock.now_ms
    assert record.event_type == "regulatory-action.v1"
    assert len(record.statement_digest) == 32


def test_a_relation_to_what_is_not_on_record_is_named(world: Simulator) -> None:
    (claim,) = get(world, "Claim", "claim-1").claim.facts
    (letter,) = get(world, "Submission", "letter-1").submission.facts

    assert list(claim.unresolved) == ["order-9"]
    assert list(letter.unresolved) == []


def test_pages_stand_on_one_tree_while_the_log_grows(service: Simulator) -> None:
    service.append_all([builders.order(f"order-{number}") for number in range(5)])
    service.caught_up()
    streams: list[str] = []
    sizes: set[int] = set()
    token = ""
    for turn in range(3):
        response = list_(service, "Order", page_size=2, page_token=token)
        streams += [record.stream for record in response.orders]
        sizes.add(response.tree_size)
        token = response.next_page_token
        service.append(builders.order(f"meanwhile-{turn}"))
        service.caught_up()

    assert streams == [f"orders/order-{number}" for number in range(5)]
    assert sizes == {FOUNDED_SIZE + 5}
    assert token == ""


def test_a_page_token_survives_a_restart(service: Simulator) -> None:
    service.append_all([builders.order(f"order-{number}") for number in range(3)])
    service.caught_up()
    token = list_(service, "Order", page_size=2).next_page_token

    service.stop()
    service.start()

    response = list_(service, "Order", page_token=token)
    assert [record.stream for record in response.orders] == ["orders/order-2"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"page_token": "AAAA"}, "page_token"),
        ({"page_size": -1}, "page_size"),
    ],
)
def test_a_list_that_cannot_be_asked_for_is_refused_by_its_field(
    world: Simulator, change: dict[str, Any], field: str
) -> None:
    refusal = refusal_of(world.query.ListOrders, pb.ListOrdersRequest(**change))

    assert (refusal.code, refusal.violations) == ("INVALID_ARGUMENT", (field,))


def test_a_token_of_one_list_does_not_open_another(world: Simulator) -> None:
    token = list_(world, "Destination", page_size=1).next_page_token

    refusal = refusal_of(world.query.ListOrders, pb.ListOrdersRequest(page_token=token))

    assert refusal.rule == "page-token"


def timeline(world: Simulator, **more: Any) -> list[str]:
    response = world.query.ListTimeline(pb.ListTimelineRequest(**more), timeout=CALL_S)
    return [record.fact_id for record in response.facts]


def test_the_timeline_is_in_the_order_of_the_facts_own_days(world: Simulator) -> None:
    assert timeline(world) == [
        "coverage-2022-2025",
        "item-h20",
        "rule-2023",
        "order-1",
        "letter-1",
        "claim-1",
        "license-1",
    ]


def test_the_timeline_is_cut_by_day_item_destination_and_tree_size(world: Simulator) -> None:
    assert timeline(world, to_day="2024-02-01") == ["coverage-2022-2025", "item-h20"]
    assert timeline(world, from_day="2024-02-01", to_day="2024-12-31") == ["item-h20"]
    assert timeline(world, item="h20 96gb") == ["item-h20", "order-1"]
    assert timeline(world, item="H20", destination="cn") == ["order-1"]
    assert timeline(world, tree_size=SIZE_BEFORE_THE_RULE) == ["coverage-2022-2025", "item-h20"]


def test_the_timeline_comes_in_pages(world: Simulator) -> None:
    request = pb.ListTimelineRequest(page_size=4)
    first = world.query.ListTimeline(request, timeout=CALL_S)
    request.page_token = first.next_page_token
    second = world.query.ListTimeline(request, timeout=CALL_S)

    found = [record.fact_id for record in (*first.facts, *second.facts)]
    assert found == timeline(world)
    assert second.next_page_token == ""


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"from_day": "2025"}, "INVALID_ARGUMENT", "from_day"),
        ({"to_day": "2025-02-30"}, "INVALID_ARGUMENT", "to_day"),
        ({"destination": "UK"}, "INVALID_ARGUMENT", "destination"),
        ({"item": "H2O"}, "NOT_FOUND", "item"),
    ],
)
def test_a_timeline_that_cannot_be_drawn_is_refused_by_its_field(
    world: Simulator, change: dict[str, Any], code: str, field: str
) -> None:
    refusal = refusal_of(world.query.ListTimeline, pb.ListTimelineRequest(**change))

    assert (refusal.code, refusal.field) == (code, field)


def test_an_author_is_shown_with_its_keys_and_what_ended_them(service: Simulator) -> None:
    service.enroll("clerk", Role.COMPANY, party="NVIDIA", not_after_ms=2_000_000_000_000)
    keyid = key_of("clerk").public.keyid
    service.append(builders.revoked("clerk", keyid=keyid), ADMINISTRATOR)
    service.caught_up()

    response = service.log.GetAuthor(log_pb2.GetAuthorRequest(author="clerk"), timeout=CALL_S)

    author = response.author
    assert (author.author, author.role, author.party) == ("clerk", "company", "NVIDIA")
    (key,) = author.keys
    assert (key.keyid, key.spki_der) == (keyid, key_of("clerk").public.spki_der)
    assert key.valid_from_index == FOUNDED_SIZE + 1
    assert key.revoked_at_index == FOUNDED_SIZE + 1
    assert key.not_after_ms == 2_000_000_000_000
    assert response.tree_size == FOUNDED_SIZE + 2


def test_a_key_in_force_has_no_end(world: Simulator) -> None:
    response = world.log.GetAuthor(log_pb2.GetAuthorRequest(author="registrar"), timeout=CALL_S)

    (key,) = response.author.keys
    assert not key.HasField("revoked_at_index")
    assert not key.HasField("not_after_ms")


def test_an_author_nobody_enrolled_is_not_found(world: Simulator) -> None:
    refusal = refusal_of(world.log.GetAuthor, log_pb2.GetAuthorRequest(author="nobody"))

    assert (refusal.code, refusal.field) == ("NOT_FOUND", "author")


def test_authors_are_listed_in_pages(service: Simulator) -> None:
    service.enroll("clerk")
    service.caught_up()
    request = log_pb2.ListAuthorsRequest(page_size=2)
    first = service.log.ListAuthors(request, timeout=CALL_S)
    service.enroll("later")
    service.caught_up()
    request.page_token = first.next_page_token
    second = service.log.ListAuthors(request, timeout=CALL_S)

    assert [author.author for author in first.authors] == ["ada", "registrar"]
    assert [author.author for author in second.authors] == ["clerk"]
    assert second.next_page_token == ""
    assert second.tree_size == FOUNDED_SIZE + 1
