from __future__ import annotations

import threading
from itertools import pairwise
from pathlib import Path
from typing import Any

import grpc
import pytest

from ledger.domain.determination.engine import ENGINE_VERSION
from ledger.log.checkpoint import Checkpoint, open_checkpoint
from ledger.log.merkle import leaf_hash
from ledger.log.proofs import verify_inclusion
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
from tests.simulator import CALL_S, FOUNDED_SIZE, Simulator

NO_TOKEN = "x"  # noqa: S105 - a page token opens nothing


def status(world: Simulator, destination: str = "CN", **more: Any) -> pb.GetLicenseStatusResponse:
    request = pb.GetLicenseStatusRequest(question=question(destination), **more)
    return world.query.GetLicenseStatus(request, timeout=CALL_S)


def checkpoint_in(world: Simulator, note: bytes) -> Checkpoint:
    return open_checkpoint(note, origin=world.pin.origin, verifiers=world.pin.log_keys)


def test_an_answer_stands_on_the_newest_tree_and_carries_its_checkpoint(world: Simulator) -> None:
    answer = status(world)

    assert answer.requirement == REQUIRED
    assert answer.review_policy == axes_pb2.ReviewPolicy.PRESUMPTION_OF_DENIAL
    assert answer.tree_size == WHOLE_SIZE
    assert answer.engine_version == ENGINE_VERSION
    checkpoint = checkpoint_in(world, answer.checkpoint)
    assert checkpoint.size == WHOLE_SIZE


def test_an_older_tree_answers_as_the_log_stood(world: Simulator) -> None:
    answer = status(world, tree_size=SIZE_BEFORE_THE_RULE)

    assert answer.requirement == NOT_REQUIRED
    assert answer.tree_size == SIZE_BEFORE_THE_RULE
    assert checkpoint_in(world, answer.checkpoint).size == SIZE_BEFORE_THE_RULE


def test_a_tree_size_within_a_batch_is_refused_and_the_batch_s_end_named(world: Simulator) -> None:
    request = pb.GetLicenseStatusRequest(question=question(), tree_size=WHOLE_SIZE - 2)

    refusal = refusal_of(world.query.GetLicenseStatus, request)

    assert (refusal.code, refusal.rule) == ("INVALID_ARGUMENT", "tree-size-has-checkpoint")
    assert refusal.violations == ("tree_size",)
    assert str(WHOLE_SIZE) in refusal.message


def test_a_tree_size_that_the_log_has_not_reached_is_not_found(world: Simulator) -> None:
    request = pb.GetLicenseStatusRequest(question=question(), tree_size=WHOLE_SIZE + 1)

    refusal = refusal_of(world.query.GetLicenseStatus, request)

    assert (refusal.code, refusal.field) == ("NOT_FOUND", "tree_size")


def test_applied_entries_are_proved_where_proofs_are_asked_for(world: Simulator) -> None:
    plain = status(world)
    proved = status(world, include_proofs=True)
    checkpoint = checkpoint_in(world, proved.checkpoint)
    applied = [
        entry for entry in proved.considered if entry.disposition == axes_pb2.Disposition.APPLIED
    ]

    assert [entry.fact_id for entry in applied] == ["rule-2023"]
    assert not any(entry.inclusion_proof for entry in plain.considered)
    for entry in applied:
        stored = world.opened.parts.reader.receipt(entry.index).entry
        verify_inclusion(
            entry.index,
            checkpoint.size,
            leaf_hash(stored),
            entry.inclusion_proof,
            checkpoint.root,
        )
        assert entry.attribution == "TRANSCRIBED_BY registrar"


def test_today_is_the_server_s_day(world: Simulator) -> None:
    asked = question()
    asked.as_of = ""
    answer = world.query.GetLicenseStatus(
        pb.GetLicenseStatusRequest(question=asked), timeout=CALL_S
    )

    assert answer.question.as_of == answer.question.known_at == "2025-10-09"


@pytest.mark.parametrize(
    ("change", "code", "reason", "field"),
    [
        ({"item": "H2O"}, "NOT_FOUND", "NOT_FOUND", "question.item"),
        ({"item": ""}, "INVALID_ARGUMENT", "INVALID_QUESTION", "question.item"),
        ({"destination": "UK"}, "INVALID_ARGUMENT", "INVALID_QUESTION", "question.destination"),
        ({"destination": ""}, "INVALID_ARGUMENT", "INVALID_QUESTION", "question.destination"),
        ({"as_of": "2025-13-01"}, "INVALID_ARGUMENT", "INVALID_QUESTION", "question.as_of"),
        ({"known_at": "yesterday"}, "INVALID_ARGUMENT", "INVALID_QUESTION", "question.known_at"),
        ({"basis": 9}, "INVALID_ARGUMENT", "INVALID_QUESTION", "question.basis"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_by_its_field(
    world: Simulator, change: dict[str, Any], code: str, reason: str, field: str
) -> None:
    request = pb.GetLicenseStatusRequest(question=question(**change))

    refusal = refusal_of(world.query.GetLicenseStatus, request)

    assert (refusal.code, refusal.reason, refusal.field) == (code, reason, field)


def test_the_nearest_name_on_record_is_offered(world: Simulator) -> None:
    request = pb.GetLicenseStatusRequest(question=question(item="H2O"))

    assert "h20" in refusal_of(world.query.GetLicenseStatus, request).message


def test_an_append_is_read_by_its_own_client_through_its_tree_size(service: Simulator) -> None:
    for number in range(20):
        receipt = service.append(builders.item(f"Chip {number}"))
        size = service.verify(receipt).size
        request = pb.GetLicenseStatusRequest(
            question=pb.Question(item=f"Chip {number}", destination="CN"), min_tree_size=size
        )
        assert service.query.GetLicenseStatus(request, timeout=CALL_S).tree_size >= size


def test_a_question_waits_for_the_entry_it_names(service: Simulator) -> None:
    answers: list[pb.GetLicenseStatusResponse] = []
    request = pb.GetLicenseStatusRequest(
        question=pb.Question(item="H20", destination="CN"), min_tree_size=FOUNDED_SIZE + 1
    )
    asking = threading.Thread(
        target=lambda: answers.append(service.query.GetLicenseStatus(request, timeout=CALL_S))
    )
    asking.start()

    service.append(builders.item("H20"))
    asking.join()

    assert [answer.tree_size for answer in answers] == [FOUNDED_SIZE + 1]


def test_waiting_ends_at_the_client_s_deadline(world: Simulator) -> None:
    request = pb.GetLicenseStatusRequest(question=question(), min_tree_size=2**63)

    with pytest.raises(grpc.RpcError) as caught:
        world.query.GetLicenseStatus(request, timeout=0.05)

    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED


def test_waiting_ends_at_the_server_s_cap(tmp_path: Path) -> None:
    with Simulator(tmp_path, LEDGER_DEADLINE_MS_MAX="100") as service:
        request = pb.GetLicenseStatusRequest(question=question(), min_tree_size=2**63)

        refusal = refusal_of(service.query.GetLicenseStatus, request)

    assert (refusal.code, refusal.reason, refusal.rule) == (
        "DEADLINE_EXCEEDED",
        "DEADLINE_EXCEEDED",
        "deadline",
    )


def test_a_batch_of_questions_is_answered_in_its_order(world: Simulator) -> None:
    requests = [
        pb.GetLicenseStatusRequest(question=question("CN")),
        pb.GetLicenseStatusRequest(question=question("FR")),
        pb.GetLicenseStatusRequest(question=question("CN"), tree_size=SIZE_BEFORE_THE_RULE),
    ]

    response = world.query.BatchGetLicenseStatuses(
        pb.BatchGetLicenseStatusesRequest(requests=requests), timeout=CALL_S
    )

    assert [answer.requirement for answer in response.responses] == [
        REQUIRED,
        NOT_REQUIRED,
        NOT_REQUIRED,
    ]
    assert list(response.responses) == [
        world.query.GetLicenseStatus(request, timeout=CALL_S) for request in requests
    ]


def test_one_bad_question_refuses_its_batch_by_its_place(world: Simulator) -> None:
    requests = [
        pb.GetLicenseStatusRequest(question=question()),
        pb.GetLicenseStatusRequest(question=question("UK")),
    ]

    refusal = refusal_of(
        world.query.BatchGetLicenseStatuses, pb.BatchGetLicenseStatusesRequest(requests=requests)
    )

    assert refusal.violations == ("requests[1].question.destination",)


def test_a_batch_of_questions_has_a_largest_size(world: Simulator) -> None:
    request = pb.BatchGetLicenseStatusesRequest(requests=[pb.GetLicenseStatusRequest()] * 1_001)

    assert refusal_of(world.query.BatchGetLicenseStatuses, request).rule == "batch-size"


def test_the_matrix_covers_all_items_and_destinations_on_record(world: Simulator) -> None:
    request = pb.ListLicenseStatusesRequest(question=pb.Question(as_of=AS_OF, exporter="NVIDIA"))

    response = world.query.ListLicenseStatuses(request, timeout=CALL_S)

    assert [(cell.item, cell.destination) for cell in response.cells] == [
        ("H20", "CN"),
        ("H20", "FR"),
    ]
    assert response.cells[0].requirement == REQUIRED
    assert list(response.cells[0].deciding) == ["rule-2023"]
    assert response.tree_size == checkpoint_in(world, response.checkpoint).size == WHOLE_SIZE
    assert response.next_page_token == ""


def test_the_matrix_is_restricted_to_what_is_named(world: Simulator) -> None:
    request = pb.ListLicenseStatusesRequest(
        question=pb.Question(as_of=AS_OF), items=["h20 96gb"], destinations=["us", "CN"]
    )

    response = world.query.ListLicenseStatuses(request, timeout=CALL_S)

    assert [cell.destination for cell in response.cells] == ["US", "CN"]


def test_the_matrix_of_an_older_tree_is_that_tree_s(world: Simulator) -> None:
    empty = world.query.ListLicenseStatuses(
        pb.ListLicenseStatusesRequest(tree_size=FOUNDED_SIZE), timeout=CALL_S
    )
    before = world.query.ListLicenseStatuses(
        pb.ListLicenseStatusesRequest(question=question("CN"), tree_size=SIZE_BEFORE_THE_RULE),
        timeout=CALL_S,
    )

    assert (len(empty.cells), empty.tree_size) == (0, FOUNDED_SIZE)
    assert [cell.requirement for cell in before.cells] == [NOT_REQUIRED]


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (pb.ListLicenseStatusesRequest(destinations=["CN", "UK"]), "destinations[1]"),
        (pb.ListLicenseStatusesRequest(items=["H2O"]), "items"),
        (pb.ListLicenseStatusesRequest(question=pb.Question(as_of="x")), "question.as_of"),
        (pb.ListLicenseStatusesRequest(page_size=-1), "page_size"),
        (pb.ListLicenseStatusesRequest(page_token=NO_TOKEN), "page_token"),
    ],
)
def test_a_matrix_that_cannot_be_asked_for_is_refused_by_its_field(
    world: Simulator, request_: pb.ListLicenseStatusesRequest, field: str
) -> None:
    assert refusal_of(world.query.ListLicenseStatuses, request_).field == field


def test_pages_of_the_matrix_stand_on_one_tree_and_one_day(service: Simulator) -> None:
    fill(service)
    whole = service.query.ListLicenseStatuses(
        pb.ListLicenseStatusesRequest(destinations=["CN", "FR", "US"]), timeout=CALL_S
    )
    request = pb.ListLicenseStatusesRequest(destinations=["CN", "FR", "US"], page_size=2)
    first = service.query.ListLicenseStatuses(request, timeout=CALL_S)
    service.append(builders.item("H200"))
    service.caught_up()
    service.clock.now_ms += 2 * 86_400_000

    request.page_token = first.next_page_token
    second = service.query.ListLicenseStatuses(request, timeout=CALL_S)

    assert [*first.cells, *second.cells] == list(whole.cells)
    assert second.tree_size == first.tree_size == WHOLE_SIZE
    assert second.next_page_token == ""


def test_a_page_token_does_not_wander_to_another_question(world: Simulator) -> None:
    request = pb.ListLicenseStatusesRequest(page_size=1)
    token = world.query.ListLicenseStatuses(request, timeout=CALL_S).next_page_token

    wandered = pb.ListLicenseStatusesRequest(items=["H20"], page_token=token)

    refusal = refusal_of(world.query.ListLicenseStatuses, wandered)
    assert (refusal.code, refusal.rule) == ("INVALID_ARGUMENT", "page-token")


def test_answers_do_not_change_while_the_log_grows_under_them(service: Simulator) -> None:
    fill(service)
    sizes = [SIZE_BEFORE_THE_RULE, WHOLE_SIZE]
    before = [status(service, tree_size=size) for size in sizes]

    service.append_all([builders.order(f"later-{number}") for number in range(20)])
    service.caught_up()

    assert [status(service, tree_size=size) for size in sizes] == before
    newest = status(service)
    assert newest.tree_size > WHOLE_SIZE
    assert all(one < other for one, other in pairwise([*sizes, newest.tree_size]))
