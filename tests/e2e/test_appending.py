from __future__ import annotations

import pytest

from ledger.client.opened import open_entry
from ledger.codec.entries import decode_entry
from ledger.store.intake import STATEMENTS_MAX
from ledger.v1 import services_pb2 as pb
from tests import builders
from tests.e2e.refusals import refusal_of
from tests.simulator import (
    ADMINISTRATOR,
    CALL_S,
    FOUNDED_SIZE,
    START_MS,
    Simulator,
    receipt_of,
)


@pytest.fixture
def service(either: Simulator) -> Simulator:
    """Whoever appends cannot tell whether the server writes itself."""
    return either


def append(service: Simulator, envelope: bytes, **more: bool) -> pb.AppendResponse:
    return service.ledger.Append(pb.AppendRequest(envelope=envelope, **more), timeout=CALL_S)


def append_batch(service: Simulator, *envelopes: bytes, **more: bool) -> pb.AppendBatchResponse:
    request = pb.AppendBatchRequest(envelopes=envelopes, **more)
    return service.ledger.AppendBatch(request, timeout=CALL_S)


def test_an_append_is_proved_by_its_receipt_and_stored_verbatim(service: Simulator) -> None:
    envelope = service.envelope(builders.order("order-1"))

    response = append(service, envelope)

    receipt = receipt_of(response.receipt)
    assert service.verify(receipt).size == response.tree_size == FOUNDED_SIZE + 1
    assert receipt.index == FOUNDED_SIZE
    assert decode_entry(receipt.entry).envelope == envelope
    assert decode_entry(receipt.entry).recorded_ms == START_MS


def test_the_same_bytes_again_get_the_first_receipt(service: Simulator) -> None:
    envelope = service.envelope(builders.order("order-1"))
    first = append(service, envelope)
    service.append(builders.order("order-2"))

    again = append(service, envelope)

    assert again == first
    assert service.tree_size() == FOUNDED_SIZE + 2


def test_a_receipt_is_the_same_after_a_restart(service: Simulator) -> None:
    envelope = service.envelope(builders.order("order-1"))
    first = append(service, envelope)

    service.stop()
    service.start()

    assert append(service, envelope) == first
    named = service.ledger.GetReceipt(pb.GetReceiptRequest(fact_id="order-1"), timeout=CALL_S)
    assert named.receipt == first.receipt


def test_a_batch_is_appended_in_its_order_under_one_checkpoint(service: Simulator) -> None:
    facts = [builders.order(f"order-{number}") for number in range(5)]

    receipts = service.append_all(facts)

    assert [receipt.index for receipt in receipts] == list(range(FOUNDED_SIZE, FOUNDED_SIZE + 5))
    assert len({receipt.checkpoint for receipt in receipts}) == 1


def test_one_bad_statement_refuses_its_whole_batch_by_its_place(service: Simulator) -> None:
    good = service.envelope(builders.order("order-1"))
    stale = service.envelope(builders.order("order-2"), expected_version=7)

    refusal = refusal_of(service.ledger.AppendBatch, pb.AppendBatchRequest(envelopes=[good, stale]))

    assert (refusal.code, refusal.rule) == ("ABORTED", "expected-version")
    assert refusal.field == "envelopes[1].expected_version"
    assert service.tree_size() == FOUNDED_SIZE


def test_members_of_a_batch_already_in_get_their_first_receipt(service: Simulator) -> None:
    known = service.envelope(builders.order("order-1"))
    first = append(service, known)
    fresh = service.envelope(builders.order("order-2"))

    response = append_batch(service, known, fresh)

    assert response.receipts[0] == first.receipt
    assert response.receipts[1].index == FOUNDED_SIZE + 1
    assert response.tree_size == FOUNDED_SIZE + 2


def test_an_author_enrolled_in_a_batch_signs_in_it_from_the_next_place_on(
    service: Simulator,
) -> None:
    enrollment = service.envelope(service.enrollment("clerk"), ADMINISTRATOR)
    order = service.envelope(builders.order("order-1"), "clerk")

    early = refusal_of(
        service.ledger.AppendBatch, pb.AppendBatchRequest(envelopes=[order, enrollment])
    )
    response = append_batch(service, enrollment, order)

    assert (early.code, early.rule) == ("PERMISSION_DENIED", "key-unknown")
    assert early.field.startswith("envelopes[0]")
    assert response.tree_size == FOUNDED_SIZE + 2


def test_a_batch_has_a_largest_and_a_smallest_size(service: Simulator) -> None:
    envelope = service.envelope(builders.order("order-1"))
    for envelopes in ([], [envelope] * (STATEMENTS_MAX + 1)):
        refusal = refusal_of(service.ledger.AppendBatch, pb.AppendBatchRequest(envelopes=envelopes))
        assert (refusal.code, refusal.rule) == ("INVALID_ARGUMENT", "batch-size")
        assert refusal.violations == ("envelopes",)
    assert service.tree_size() == FOUNDED_SIZE


def test_validating_says_what_an_append_would_say_and_stores_nothing(service: Simulator) -> None:
    good = service.envelope(builders.order("order-1"))
    stale = service.envelope(builders.order("order-2"), expected_version=7)

    response = append(service, good, validate_only=True)
    batch = append_batch(service, good, validate_only=True)
    refusal = refusal_of(
        service.ledger.Append, pb.AppendRequest(envelope=stale, validate_only=True)
    )

    assert not response.HasField("receipt")
    assert response.tree_size == batch.tree_size == FOUNDED_SIZE
    assert (refusal.code, refusal.rule) == ("ABORTED", "expected-version")
    assert service.tree_size() == FOUNDED_SIZE


def test_a_receipt_is_found_by_fact_index_and_digest(service: Simulator) -> None:
    first = append(service, service.envelope(builders.order("order-1"))).receipt
    digest = open_entry(first.entry, first.index).digest

    for request in (
        pb.GetReceiptRequest(fact_id="order-1"),
        pb.GetReceiptRequest(index=FOUNDED_SIZE),
        pb.GetReceiptRequest(statement_digest=digest),
    ):
        assert service.ledger.GetReceipt(request, timeout=CALL_S).receipt == first


def test_a_receipt_that_does_not_exist_is_not_found(service: Simulator) -> None:
    for request, field in (
        (pb.GetReceiptRequest(fact_id="order-1"), "fact_id"),
        (pb.GetReceiptRequest(index=FOUNDED_SIZE), "index"),
        (pb.GetReceiptRequest(index=2**64 - 1), "index"),
        (pb.GetReceiptRequest(statement_digest=b"x"), "statement_digest"),
    ):
        refusal = refusal_of(service.ledger.GetReceipt, request)
        assert (refusal.code, refusal.reason, refusal.field) == ("NOT_FOUND", "NOT_FOUND", field)


def test_a_receipt_must_be_named(service: Simulator) -> None:
    refusal = refusal_of(service.ledger.GetReceipt, pb.GetReceiptRequest())

    assert (refusal.code, refusal.rule) == ("INVALID_ARGUMENT", "receipt-name")


def test_a_clock_behind_the_log_refuses_writes_and_answers_reads(service: Simulator) -> None:
    service.append(builders.item())
    service.clock.now_ms -= 60_000

    refusal = refusal_of(
        service.ledger.Append,
        pb.AppendRequest(envelope=service.envelope(builders.order("order-1"))),
    )

    assert (refusal.code, refusal.reason, refusal.rule) == (
        "UNAVAILABLE",
        "UNAVAILABLE",
        "clock-behind",
    )
    assert service.ask("H20", "CN").tree_size == FOUNDED_SIZE + 1
