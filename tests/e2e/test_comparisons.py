from __future__ import annotations

from typing import Any

import pytest

from ledger.service import comparisons
from ledger.v1 import axes_pb2
from ledger.v1 import queries_pb2 as pb
from tests import builders
from tests.e2e.refusals import refusal_of
from tests.e2e.world import (
    AS_OF,
    NOT_REQUIRED,
    REQUIRED,
    SIZE_BEFORE_THE_RULE,
    WHOLE_SIZE,
    fill,
    question,
)
from tests.simulator import CALL_S, Simulator


def compare(world: Simulator, **more: Any) -> pb.CompareLicenseStatusesResponse:
    fields: dict[str, Any] = {"question": pb.Question(as_of=AS_OF, exporter="NVIDIA")}
    request = pb.CompareLicenseStatusesRequest(**(fields | more))
    return world.query.CompareLicenseStatuses(request, timeout=CALL_S)


def test_two_tree_sizes_are_compared(world: Simulator) -> None:
    response = compare(world, before=pb.CutOff(tree_size=SIZE_BEFORE_THE_RULE))

    (difference,) = response.differences
    assert (difference.before.requirement, difference.after.requirement) == (
        NOT_REQUIRED,
        REQUIRED,
    )
    assert (difference.after.item, difference.after.destination) == ("H20", "CN")
    assert "rule-2023" in difference.causes
    assert (response.before_tree_size, response.after_tree_size) == (
        SIZE_BEFORE_THE_RULE,
        WHOLE_SIZE,
    )
    assert response.compared == 2


def test_two_days_are_compared_on_a_basis_of_their_own(world: Simulator) -> None:
    response = compare(
        world,
        before=pb.CutOff(known_at="2025-07-27"),
        after=pb.CutOff(known_at="2025-07-28", basis=axes_pb2.Basis.PUBLIC),
    )

    assert [difference.after.destination for difference in response.differences] == ["CN"]


def test_the_same_cut_off_twice_differs_in_nothing(world: Simulator) -> None:
    assert list(compare(world).differences) == []


def test_too_many_cells_are_not_compared_at_once(
    world: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparisons, "CELLS_MAX", 1)

    refusal = refusal_of(world.query.CompareLicenseStatuses, pb.CompareLicenseStatusesRequest())

    assert (refusal.code, refusal.rule) == ("INVALID_ARGUMENT", "too-many-cells")


def test_a_draft_is_laid_over_the_record_and_stored_nowhere(world: Simulator) -> None:
    withdrawn = world.query.EvaluateDraft(
        pb.EvaluateDraftRequest(question=question(), withdraw="rule-2023"), timeout=CALL_S
    )

    (difference,) = withdrawn.differences
    assert (difference.before.requirement, difference.after.requirement) == (
        REQUIRED,
        NOT_REQUIRED,
    )
    (exposed,) = withdrawn.exposures
    assert (exposed.item, exposed.destination) == ("H20", "CN")
    assert [order.order.fact_id for order in exposed.orders] == ["order-1"]
    assert exposed.totals[0].min == 300_000
    assert withdrawn.tree_size == world.tree_size() == WHOLE_SIZE


def test_a_drafted_fact_is_evaluated(world: Simulator) -> None:
    record = world.query.GetInstrument(pb.GetInstrumentRequest(name="rule-2023"), timeout=CALL_S)
    fact = record.instrument.facts[0].fact
    fact.reported.provisions[0].id = "draft-1#chips"
    fact.reported.provisions[0].tests.destinations.any_group[:] = ["A:1"]
    draft = pb.DraftFact(fact_id="draft-1", stream="instruments/draft-1", fact=fact)

    response = world.query.EvaluateDraft(
        pb.EvaluateDraftRequest(question=pb.Question(as_of=AS_OF, exporter="x"), draft=draft),
        timeout=CALL_S,
    )

    assert [difference.after.destination for difference in response.differences] == ["FR"]


@pytest.mark.parametrize(
    ("request_", "code", "rule"),
    [
        (pb.EvaluateDraftRequest(), "INVALID_ARGUMENT", "draft-given"),
        (pb.EvaluateDraftRequest(withdraw="rule-9"), "NOT_FOUND", "target-on-record"),
        (
            pb.EvaluateDraftRequest(draft=pb.DraftFact(fact_id="x-1", stream="orders/x-1")),
            "INVALID_ARGUMENT",
            "missing",
        ),
    ],
)
def test_a_draft_that_says_nothing_is_refused(
    world: Simulator, request_: pb.EvaluateDraftRequest, code: str, rule: str
) -> None:
    refusal = refusal_of(world.query.EvaluateDraft, request_)

    assert (refusal.code, refusal.rule) == (code, rule)


def test_orders_are_held_against_the_status(world: Simulator) -> None:
    response = world.query.GetOrderExposure(
        pb.GetOrderExposureRequest(question=question()), timeout=CALL_S
    )

    (exposed,) = response.orders
    assert exposed.order.fact_id == "order-1"
    assert exposed.at_question.requirement == REQUIRED
    assert response.tree_size == WHOLE_SIZE


def test_submissions_are_listed_with_what_was_then_done(service: Simulator) -> None:
    fill(service)
    service.append(builders.submission("letter-2"))
    service.caught_up()
    request = pb.ListSubmissionOutcomesRequest(page_size=1)
    first = service.query.ListSubmissionOutcomes(request, timeout=CALL_S)
    request.page_token = first.next_page_token
    second = service.query.ListSubmissionOutcomes(request, timeout=CALL_S)

    assert [outcome.submission.fact_id for outcome in first.outcomes] == ["letter-1"]
    assert list(first.outcomes[0].about) == ["opposes rule-2023"]
    assert [outcome.submission.fact_id for outcome in second.outcomes] == ["letter-2"]
    assert second.next_page_token == ""


def test_nothing_is_answered_that_was_not_known(world: Simulator) -> None:
    response = world.query.ListSubmissionOutcomes(
        pb.ListSubmissionOutcomesRequest(known_at="2020-01-01"), timeout=CALL_S
    )

    assert list(response.outcomes) == []
