"""The table over gRPC, put to a real server that was filled by import."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf import json_format

from ledger.codec.questions import question_to_proto
from ledger.v1 import queries_pb2 as pb
from ledger.v1 import services_pb2_grpc
from tests.answers.asking import departures_of, question_of, told_in_json
from tests.answers.case import Case
from tests.answers.served import ServedRecord
from tests.answers.table import FURTHER, SHIPPED

CALL_S = 20.0

Query = services_pb2_grpc.QueryServiceStub


@pytest.fixture(scope="module")
def shipped(served_shipped: ServedRecord) -> Iterator[Query]:
    with grpc.insecure_channel(served_shipped.address) as channel:
        yield Query(channel)


@pytest.fixture(scope="module")
def further(served_further: ServedRecord) -> Iterator[Query]:
    with grpc.insecure_channel(served_further.address) as channel:
        yield Query(channel)


def answer_in_json(query: Query, case: Case) -> dict[str, Any]:
    question = question_to_proto(question_of(case.question))
    answer = query.GetLicenseStatus(pb.GetLicenseStatusRequest(question=question), timeout=CALL_S)
    row: dict[str, Any] = json_format.MessageToDict(
        answer, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    return row


@pytest.mark.parametrize("case", SHIPPED, ids=lambda case: case.name)
def test_the_shipped_record_is_answered_over_grpc(case: Case, shipped: Query) -> None:
    assert departures_of(case, told_in_json(answer_in_json(shipped, case))) == [], case.why


@pytest.mark.parametrize("case", FURTHER, ids=lambda case: case.name)
def test_further_rows_are_answered_over_grpc(case: Case, further: Query) -> None:
    assert departures_of(case, told_in_json(answer_in_json(further, case))) == [], case.why
