"""Answers on the wire: whole, and in the parts of which a service keeps them."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.codec.answers import Rows, answer_to_proto, question_part, shared_part
from ledger.domain.determination.answer import Answer
from ledger.domain.vocabulary import Requirement
from ledger.v1 import axes_pb2, queries_pb2
from tests.builders import claim
from tests.unit.domain.determination.world import World, chip, rule

WORLD = World(chip(), rule(), claim("claim-1", items=("Chip",)))


def rows() -> Rows:
    return Rows(attribution=lambda recorded: f"by {recorded.author}", delegate=lambda _: "")


def in_parts(answer: Answer) -> queries_pb2.GetLicenseStatusResponse:
    recorded = answer.axes.requirement is not Requirement.NO_RECORD
    since = answer.question.as_of if recorded else None
    opening = question_part(answer.question, since).SerializeToString()
    message = queries_pb2.GetLicenseStatusResponse.FromString(opening + shared_part(answer, rows()))
    message.tree_size = answer.tree_size
    return message


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"as_of": "2025-01-01"},
        {"as_of": "2024-06-01"},
        {"as_of": "2020-01-01"},
        {"destination": "JP", "exporter": "Dell", "affirmed": ("notified",)},
    ],
)
def test_the_parts_of_an_answer_say_what_the_whole_says(asked: dict[str, Any]) -> None:
    answer = WORLD.ask(**asked)

    assert in_parts(answer) == answer_to_proto(answer, rows())


def test_considered_entries_are_written_in_their_order_whoever_asked_before() -> None:
    written, answer = rows(), WORLD.ask()
    message = answer_to_proto(answer, written)

    assert [entry.fact_id for entry in message.considered] == ["us-rule", "claim-1"]
    assert message.considered[0].attribution == "by registrar"
    assert message.considered[0].disposition == axes_pb2.Disposition.APPLIED
    assert answer_to_proto(answer, written) == message


def test_a_rule_that_became_applied_is_another_row() -> None:
    written = rows()
    before = answer_to_proto(WORLD.ask(as_of="2024-06-01"), written).considered[0]
    after = answer_to_proto(WORLD.ask(), written).considered[0]

    assert before.disposition == axes_pb2.Disposition.NOT_YET_EFFECTIVE
    assert after.disposition == axes_pb2.Disposition.APPLIED
