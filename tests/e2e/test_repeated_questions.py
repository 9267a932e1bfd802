"""A repeated question is answered from memory, and as if it had been asked for the first time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.domain.facts import Fact
from ledger.domain.vocabulary import Authorization
from ledger.v1 import queries_pb2 as pb
from tests import builders
from tests.simulator import CALL_S, Simulator

RULE = "rule-2023"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    folder: Path = tmp_path_factory.mktemp("repeated")
    with Simulator(folder) as simulator:
        facts = (
            builders.coverage(),
            builders.item("Chip"),
            builders.item("Other"),
            builders.action(RULE, provisions=(builders.license_requirement(f"{RULE}#all"),)),
        )
        simulator.append_all(facts)
        yield simulator


def ask(service: Simulator, **more: Any) -> pb.GetLicenseStatusResponse:
    question = pb.Question(item="Chip", destination="CN", as_of="2025-08-15")
    request = pb.GetLicenseStatusRequest(question=question, **more)
    return service.query.GetLicenseStatus(request, timeout=CALL_S)


APPENDED: dict[str, Fact] = {
    "an order for another item": builders.order("order-other", items=("Other",)),
    "an order for the item": builders.order("order-chip", items=("CHIP",)),
    "a claim about the rule": builders.claim(
        "claim-rule", relates_to=(builders.relation("contradicts", RULE),)
    ),
    "a license": builders.license_event(
        "license-1", effects=(builders.authorization(Authorization.GRANTED_SCOPED, "Chip"),)
    ),
    "a further version of the item": builders.item("Chip", id="item-chip-2", aliases=("C1",)),
    "a party": builders.party("Acme"),
}


@pytest.mark.parametrize("appended", APPENDED)
def test_after_an_append_the_answer_is_the_one_a_first_asker_gets(
    service: Simulator, appended: str
) -> None:
    ask(service)
    service.append(APPENDED[appended])
    size = service.tree_size()

    again = ask(service, min_tree_size=size)

    # An older size, though it is the newest one, is answered anew each time.
    assert again == ask(service, tree_size=size)
    assert again.tree_size == size


DAYS = ("2025-08-15", "2025-08-20", "2025-09-30", "2021-03-04")


@pytest.mark.parametrize("day", DAYS)
def test_a_question_like_one_asked_before_is_answered_in_its_own_words(
    service: Simulator, day: str
) -> None:
    for exporter in ("Somebody", "Nobody in Particular"):
        question = pb.Question(
            item="Chip", destination="CN", as_of=day, known_at=day, exporter=exporter
        )
        request = pb.GetLicenseStatusRequest(question=question)
        fresh = pb.GetLicenseStatusRequest(question=question, tree_size=service.tree_size())

        told = service.query.GetLicenseStatus(request, timeout=CALL_S)

        # A question at a named size is determined anew each time.
        assert told == service.query.GetLicenseStatus(fresh, timeout=CALL_S)
        assert f"exporter={exporter}" in told.supplied


def test_an_order_for_the_item_is_listed_in_the_next_answer(service: Simulator) -> None:
    before = ask(service)
    service.append(builders.order("order-listed", items=("Chip",)))

    after = ask(service, min_tree_size=service.tree_size())

    assert {c.fact_id for c in after.considered} - {c.fact_id for c in before.considered} == {
        "order-listed"
    }


def test_questions_that_differ_are_answered_apart(service: Simulator) -> None:
    plain = ask(service)

    assert ask(service, include_proofs=True) != plain
    assert ask(service) == plain


def test_a_new_day_asks_anew_where_the_question_leaves_the_day_open(service: Simulator) -> None:
    request = pb.GetLicenseStatusRequest(question=pb.Question(item="Chip", destination="CN"))
    today = service.query.GetLicenseStatus(request, timeout=CALL_S)
    service.clock.now_ms += 86_400_000

    tomorrow = service.query.GetLicenseStatus(request, timeout=CALL_S)

    assert (today.question.as_of, tomorrow.question.as_of) == ("2025-10-09", "2025-10-10")


def test_a_batch_gives_the_answers_of_single_questions(service: Simulator) -> None:
    alone = ask(service)
    one = pb.GetLicenseStatusRequest(question=alone.question)

    batch = service.query.BatchGetLicenseStatuses(
        pb.BatchGetLicenseStatusesRequest(requests=[one, one]), timeout=CALL_S
    )

    assert list(batch.responses) == [alone, alone]
