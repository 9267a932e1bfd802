"""Many statuses at once: what the answers name is proved, and a server that lies is caught."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ledger.client.comparing import Comparing
from ledger.errors import NotFoundError, VerificationError
from ledger.service.pagination import PAGE_SIZE_MAX
from ledger.v1 import axes_pb2
from ledger.v1 import queries_pb2 as pb
from tests.unit.client.served import Served, changing, item_row, lying, row, served

DAY = "2025-08-01"


def question(**more: Any) -> pb.Question:
    return pb.Question(as_of=DAY, **more)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A chip, an order of it, and a letter that is answered; read only."""
    with served(tmp_path_factory.mktemp("served")) as running:
        letter = row(
            "letter-1",
            family="advocacy_submission",
            subtype="open_letter",
            stream="submissions/letter-1",
        )
        letter.pop("quantity")
        answer = row(
            "answer-1",
            family="regulatory_action",
            subtype="statement",
            stream="instruments/answer-1",
            relates_to=[{"id": "letter-1", "relation": "answers"}],
        )
        answer.pop("quantity")
        report = running.import_rows(item_row(), row("order-1", items=["H20"]), letter, answer)
        assert not report.refused
        yield running


@contextmanager
def deceived(
    ledger: Served, method: str, kind: Any, edit: Callable[[Any], None]
) -> Iterator[Comparing]:
    """Ask by way of a server that changes one method's replies."""
    with (
        lying(ledger.address, changing(method, kind, edit)) as address,
        ledger.connect(address) as client,
    ):
        yield Comparing(client)


def test_the_matrix_stands_on_the_latest_checkpoint(ledger: Served) -> None:
    found = Comparing(ledger.client).matrix(
        pb.ListLicenseStatusesRequest(question=question(), items=["H20"], destinations=["CN", "FR"])
    )
    assert [cell.destination for cell in found.cells] == ["CN", "FR"]
    assert found.head == ledger.client.checkpoint()


def test_all_pages_of_the_matrix_come(ledger: Served) -> None:
    request = pb.ListLicenseStatusesRequest(
        question=question(), items=["H20"] * 300, destinations=["CN", "FR"]
    )
    found = Comparing(ledger.client).matrix(request)
    assert len(found.cells) == 600 > PAGE_SIZE_MAX


def test_a_matrix_of_another_tree_is_caught(ledger: Served) -> None:
    def edit(page: pb.ListLicenseStatusesResponse) -> None:
        page.tree_size -= 1

    request = pb.ListLicenseStatusesRequest(question=question(), items=["H20"], destinations=["CN"])
    reply = pb.ListLicenseStatusesResponse
    with (
        deceived(ledger, "ListLicenseStatuses", reply, edit) as comparing,
        pytest.raises(VerificationError, match="stands on tree size"),
    ):
        comparing.matrix(request)


def test_a_comparison_of_other_trees_is_caught(ledger: Served) -> None:
    def edit(answer: pb.CompareLicenseStatusesResponse) -> None:
        answer.after_tree_size = 2

    request = pb.CompareLicenseStatusesRequest(
        question=question(item="H20", destination="CN"), after=pb.CutOff(as_of="2025-08-02")
    )
    assert Comparing(ledger.client).compare(request).compared == 1
    request.before.tree_size = request.after.tree_size = 0
    reply = pb.CompareLicenseStatusesResponse
    with (
        deceived(ledger, "CompareLicenseStatuses", reply, edit) as comparing,
        pytest.raises(VerificationError, match="stands on tree size 2"),
    ):
        comparing.compare(request)


def test_an_order_that_is_told_otherwise_than_it_stands_is_caught(ledger: Served) -> None:
    def edit(answer: pb.GetOrderExposureResponse) -> None:
        answer.orders[0].order.author = "somebody"

    request = pb.GetOrderExposureRequest(question=question(item="H20", destination="CN"))
    found = Comparing(ledger.client).exposure(request)
    assert [order.order.fact_id for order in found.orders] == ["order-1"]
    reply = pb.GetOrderExposureResponse
    with (
        deceived(ledger, "GetOrderExposure", reply, edit) as comparing,
        pytest.raises(VerificationError, match="listed otherwise"),
    ):
        comparing.exposure(request)


def test_a_draft_s_answer_about_another_tree_is_caught(ledger: Served) -> None:
    def edit(answer: pb.EvaluateDraftResponse) -> None:
        answer.tree_size += 1

    request = pb.EvaluateDraftRequest(
        question=question(item="H20", destination="CN"), withdraw="order-1"
    )
    assert not Comparing(ledger.client).evaluate(request).differences
    reply = pb.EvaluateDraftResponse
    with (
        deceived(ledger, "EvaluateDraft", reply, edit) as comparing,
        pytest.raises(VerificationError, match="stands on tree size"),
    ):
        comparing.evaluate(request)


def test_outcomes_come_with_the_acts_that_they_name(ledger: Served) -> None:
    (outcome,) = Comparing(ledger.client).outcomes(pb.ListSubmissionOutcomesRequest())
    assert outcome.proved.entry.fact.id == "letter-1"
    assert [act.fact_id for act in outcome.told.answered_by] == ["answer-1"]
    assert outcome.acts["answer-1"].entry.statement.stream == "instruments/answer-1"


def test_an_answer_that_is_not_on_record_is_caught(ledger: Served) -> None:
    def edit(page: pb.ListSubmissionOutcomesResponse) -> None:
        page.outcomes[0].answered_by[0].fact_id = "answer-9"

    reply = pb.ListSubmissionOutcomesResponse
    with (
        deceived(ledger, "ListSubmissionOutcomes", reply, edit) as comparing,
        pytest.raises(NotFoundError),
    ):
        list(comparing.outcomes(pb.ListSubmissionOutcomesRequest()))


def test_a_fact_from_after_the_answer_s_tree_is_caught(ledger: Served) -> None:
    with pytest.raises(VerificationError, match="at tree size 3 names order-1"):
        Comparing(ledger.client).proved_facts(["order-1"], 3)


def test_a_watch_begins_with_the_answer_and_says_how_far_it_has_seen(ledger: Served) -> None:
    events = Comparing(ledger.client).watch(question(item="H20", destination="CN"))
    first, second = next(events), next(events)
    assert first.initial.requirement == axes_pb2.Requirement.NO_RECORD
    assert second.progress.tree_size == ledger.client.checkpoint().size


def test_a_watch_tells_what_an_append_changes(tmp_path: Path) -> None:
    with served(tmp_path) as running:
        running.import_rows(item_row())
        events = Comparing(running.client).watch(question(item="H20", destination="CN"))
        assert next(events).WhichOneof("event") == "initial"
        coverage = {
            "id": "coverage-1",
            "family": "coverage",
            "subtype": "declared",
            "stream": "coverage/us",
            "actor": "registrar",
            "regime": "US",
            "from": "2022-08-26",
            "to": "2025-12-31",
            "grade": "checked",
        }
        running.import_rows(coverage)
        changed = next(event.changed for event in events if event.HasField("changed"))
    assert changed.before.requirement == axes_pb2.Requirement.NO_RECORD
    assert changed.after.requirement != axes_pb2.Requirement.NO_RECORD
    assert list(changed.axes) == ["requirement"]
