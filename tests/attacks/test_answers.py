"""An answer is to the question, on the tree that was asked about, and cites what the log holds."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from ledger.client.client import LedgerClient
from ledger.client.comparing import Comparing
from ledger.client.transport import finished
from ledger.errors import LedgerError, NotFoundError, VerificationError
from ledger.v1 import axes_pb2
from ledger.v1 import queries_pb2 as pb
from tests.attacks.malice import Ask, caught, edited
from tests.unit.client.served import Change, Served, lying
from tests.unit.log.builders import flipped

DAY = "2025-08-01"
Lie = Callable[[Any], object]


def question(**more: Any) -> pb.Question:
    fields = {"item": "H20", "destination": "CN", "exporter": "NVIDIA", "as_of": DAY}
    return pb.Question(**(fields | more))


def status(client: LedgerClient) -> pb.GetLicenseStatusResponse:
    return client.status(pb.GetLicenseStatusRequest(question=question()))


def applied(answer: pb.GetLicenseStatusResponse) -> pb.ConsideredEntry:
    return next(one for one in answer.considered if one.disposition == axes_pb2.Disposition.APPLIED)


def test_the_honest_answer_cites_the_letter(ledger: Served) -> None:
    answer = status(ledger.client)
    assert answer.requirement == axes_pb2.Requirement.LICENSE_REQUIRED
    assert applied(answer).fact_id == "us-letter"


def _another_item(answer: pb.GetLicenseStatusResponse) -> None:
    answer.question.item = "H100"


def _another_destination(answer: pb.GetLicenseStatusResponse) -> None:
    answer.question.destination = "FR"


def _another_day(answer: pb.GetLicenseStatusResponse) -> None:
    answer.question.as_of = "2022-01-01"


def _another_size(answer: pb.GetLicenseStatusResponse) -> None:
    answer.tree_size -= 1


def _a_checkpoint_s_bit(answer: pb.GetLicenseStatusResponse) -> None:
    answer.checkpoint = flipped(answer.checkpoint, 8 * len(answer.checkpoint) - 17)


def _no_checkpoint(answer: pb.GetLicenseStatusResponse) -> None:
    answer.checkpoint = b""


def _a_proof_s_bit(answer: pb.GetLicenseStatusResponse) -> None:
    applied(answer).inclusion_proof[0] = flipped(applied(answer).inclusion_proof[0])


def _no_proof(answer: pb.GetLicenseStatusResponse) -> None:
    del applied(answer).inclusion_proof[:]


def _another_index(answer: pb.GetLicenseStatusResponse) -> None:
    applied(answer).index -= 1


def _an_index_from_the_future(answer: pb.GetLicenseStatusResponse) -> None:
    applied(answer).index = answer.tree_size


def _another_digest(answer: pb.GetLicenseStatusResponse) -> None:
    applied(answer).statement_digest = bytes(32)


def _another_name(answer: pb.GetLicenseStatusResponse) -> None:
    applied(answer).fact_id = "us-letter-of-revocation"


def _another_stream(answer: pb.GetLicenseStatusResponse) -> None:
    applied(answer).stream = "instruments/us-other"


def _another_attribution(answer: pb.GetLicenseStatusResponse) -> None:
    applied(answer).attribution = "FIRST_PARTY"


def _an_invented_entry(answer: pb.GetLicenseStatusResponse) -> None:
    invented = answer.considered.add()
    invented.CopyFrom(applied(answer))
    invented.fact_id = "us-invented"


def _an_item_at_another_index(answer: pb.GetLicenseStatusResponse) -> None:
    answer.item_version.index += 1


def _an_item_of_another_version(answer: pb.GetLicenseStatusResponse) -> None:
    answer.item_version.version += 1


def _an_item_of_another_name(answer: pb.GetLicenseStatusResponse) -> None:
    answer.item_version.name = "H100"


LIES: dict[str, Lie] = {
    "the item's description elsewhere": _an_item_at_another_index,
    "another version of the item": _an_item_of_another_version,
    "another name of the item": _an_item_of_another_name,
    "another item": _another_item,
    "another destination": _another_destination,
    "another day": _another_day,
    "another tree size": _another_size,
    "a bit of the checkpoint": _a_checkpoint_s_bit,
    "no checkpoint": _no_checkpoint,
    "a bit of a proof": _a_proof_s_bit,
    "no proof": _no_proof,
    "another index": _another_index,
    "an index that is not there": _an_index_from_the_future,
    "another digest": _another_digest,
    "another name": _another_name,
    "another stream": _another_stream,
    "another attribution": _another_attribution,
    "an entry that is invented": _an_invented_entry,
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_an_answer_with_a_lie_in_it_is_refused(ledger: Served, lie: Lie) -> None:
    caught(ledger, edited("GetLicenseStatus", lie), status, error=LedgerError)


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_so_is_a_batch_with_a_lie_in_one_answer(ledger: Served, lie: Lie) -> None:
    def ask(client: LedgerClient) -> object:
        return client.statuses([pb.GetLicenseStatusRequest(question=question())] * 2)

    tale = edited("BatchGetLicenseStatuses", lambda reply: lie(reply.responses[1]))
    caught(ledger, tale, ask, error=LedgerError)


def test_an_answer_about_another_item_is_refused(ledger: Served) -> None:
    """Its question is echoed as it was asked, and its item is on record: it is another one."""
    other = ledger.client.status(pb.GetLicenseStatusRequest(question=question(item="H100")))

    def lie(answer: pb.GetLicenseStatusResponse) -> None:
        answer.item_version.CopyFrom(other.item_version)

    caught(ledger, edited("GetLicenseStatus", lie), status, rule="record-differs")


def test_an_item_may_be_asked_about_by_a_name_of_an_older_version(ledger: Served) -> None:
    for name in ("H100", "hopper", "Hopper 100"):
        request = pb.GetLicenseStatusRequest(question=question(item=name))
        assert ledger.client.status(request).item_version.version == 2


def test_an_answer_from_an_older_tree_than_the_latest_is_refused(ledger: Served) -> None:
    old = ledger.client.status(pb.GetLicenseStatusRequest(question=question(), tree_size=8))

    def replay(method: str, reply: bytes) -> bytes:
        return old.SerializeToString() if method == "GetLicenseStatus" else reply

    caught(ledger, replay, status, rule="tree-size")


def _swap(reply: pb.BatchGetLicenseStatusesResponse) -> None:
    answers = list(reply.responses)
    del reply.responses[:]
    reply.responses.extend(answers[::-1])


def _drop(reply: pb.BatchGetLicenseStatusesResponse) -> None:
    del reply.responses[1]


def _repeat(reply: pb.BatchGetLicenseStatusesResponse) -> None:
    reply.responses[1].CopyFrom(reply.responses[0])


@pytest.mark.parametrize("lie", [_swap, _drop, _repeat])
def test_answers_stand_in_the_order_of_their_questions(ledger: Served, lie: Lie) -> None:
    requests = [
        pb.GetLicenseStatusRequest(question=question(destination=code)) for code in ("CN", "FR")
    ]
    tale = edited("BatchGetLicenseStatuses", lie)
    caught(ledger, tale, lambda client: client.statuses(requests))


def _compare(client: LedgerClient) -> object:
    request = pb.CompareLicenseStatusesRequest(
        question=question(), before=pb.CutOff(as_of="2024-01-01")
    )
    response = Comparing(client).compare(request)
    assert response.differences[0].causes
    return response


def _exposure(client: LedgerClient) -> object:
    return Comparing(client).exposure(pb.GetOrderExposureRequest(question=question()))


def _evaluate(client: LedgerClient) -> object:
    request = pb.EvaluateDraftRequest(question=question(), withdraw="us-letter")
    response = Comparing(client).evaluate(request)
    assert response.exposures
    return response


def _matrix(client: LedgerClient) -> object:
    request = pb.ListLicenseStatusesRequest(
        question=pb.Question(as_of=DAY), items=["H20"], destinations=["CN"]
    )
    return Comparing(client).matrix(request)


def _outcomes(client: LedgerClient) -> object:
    return list(Comparing(client).outcomes(pb.ListSubmissionOutcomesRequest()))


def _watch(client: LedgerClient) -> object:
    with closing(Comparing(client).watch(question())) as events:
        return next(events)


def _initial_name(event: pb.WatchLicenseStatusResponse) -> None:
    if event.HasField("initial"):
        applied(event.initial).fact_id = "us-invented"


def _initial_question(event: pb.WatchLicenseStatusResponse) -> None:
    if event.HasField("initial"):
        event.initial.question.destination = "FR"


def _initial_size(event: pb.WatchLicenseStatusResponse) -> None:
    if event.HasField("initial"):
        event.initial.tree_size -= 1


def _cause(reply: pb.CompareLicenseStatusesResponse) -> None:
    reply.differences[0].causes[0] = "us-invented"


def _before_size(reply: pb.CompareLicenseStatusesResponse) -> None:
    reply.before_tree_size -= 1


def _order(reply: pb.GetOrderExposureResponse) -> None:
    reply.orders[0].order.fact_id = "order-invented"


def _order_author(reply: pb.GetOrderExposureResponse) -> None:
    reply.orders[0].order.author = "administrator"


def _order_s_fact(reply: pb.GetOrderExposureResponse) -> None:
    reply.orders[0].order.fact.reported.quantity.max = 1_000_000


def _total(reply: pb.GetOrderExposureResponse) -> None:
    reply.totals.add(fact_ids=["order-invented"])


def _size(reply: Any) -> None:
    reply.tree_size += 1


def _exposed(reply: pb.EvaluateDraftResponse) -> None:
    reply.exposures[0].orders[0].order.fact_id = "order-invented"


def _page_checkpoint(reply: pb.ListLicenseStatusesResponse) -> None:
    reply.checkpoint = flipped(reply.checkpoint, 8 * len(reply.checkpoint) - 17)


COMPARISONS: dict[str, tuple[str, Lie, Ask]] = {
    "compare: a cause that is not on record": ("CompareLicenseStatuses", _cause, _compare),
    "compare: another tree": ("CompareLicenseStatuses", _before_size, _compare),
    "exposure: an invented order": ("GetOrderExposure", _order, _exposure),
    "exposure: another author": ("GetOrderExposure", _order_author, _exposure),
    "exposure: another quantity": ("GetOrderExposure", _order_s_fact, _exposure),
    "exposure: a total of invented orders": ("GetOrderExposure", _total, _exposure),
    "exposure: another tree": ("GetOrderExposure", _size, _exposure),
    "what-if: an invented order": ("EvaluateDraft", _exposed, _evaluate),
    "what-if: another tree": ("EvaluateDraft", _size, _evaluate),
    "matrix: another tree": ("ListLicenseStatuses", _size, _matrix),
    "matrix: a bit of the checkpoint": ("ListLicenseStatuses", _page_checkpoint, _matrix),
    "outcomes: another tree": ("ListSubmissionOutcomes", _size, _outcomes),
    "watch: an invented entry": ("WatchLicenseStatus", _initial_name, _watch),
    "watch: another question": ("WatchLicenseStatus", _initial_question, _watch),
    "watch: another tree": ("WatchLicenseStatus", _initial_size, _watch),
}


@pytest.mark.parametrize(("method", "lie", "ask"), COMPARISONS.values(), ids=COMPARISONS.keys())
def test_a_lie_about_many_statuses_is_refused(
    ledger: Served, method: str, lie: Lie, ask: Ask
) -> None:
    caught(ledger, edited(method, lie), ask, error=LedgerError)


def test_a_size_that_the_log_has_not_signed_is_not_asked_about(ledger: Served) -> None:
    """Else a server could say that its answer stands on a tree that nobody can check."""
    order, _ = finished(ledger.client.steps.calls.stream("orders/order-1"))
    said = pb.GetOrderResponse(order=order, tree_size=10_000).SerializeToString()
    with (
        lying(ledger.address, lambda _, reply: reply, {"GetOrder": said}) as address,
        ledger.connect(address) as client,
        pytest.raises(NotFoundError),
    ):
        client.proved_stream("orders/order-1", 10_000)


def test_an_author_s_enrollment_is_read_from_the_log(ledger: Served) -> None:
    """Who speaks for itself is not the server's to say."""

    def lie(reply: Any) -> None:
        del reply.receipts[:]

    tale: Change = edited("GetAuthor", lie)
    caught(ledger, tale, status, rule="enrollment", error=VerificationError)
