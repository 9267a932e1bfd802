from __future__ import annotations

import pytest

from ledger.cli.cutoff import asked_of_many, cut_off, told
from ledger.v1 import axes_pb2, shared_pb2
from ledger.v1 import queries_pb2 as pb


@pytest.mark.parametrize(
    ("text", "as_of", "known_at"),
    [
        ("2025-07-20", "2025-07-20", ""),
        ("2025-07-20@2025-07-29", "2025-07-20", "2025-07-29"),
        ("@2025-07-29", "", "2025-07-29"),
    ],
)
def test_either_part_of_a_side_may_be_left_out(text: str, as_of: str, known_at: str) -> None:
    assert cut_off(text) == pb.CutOff(as_of=as_of, known_at=known_at)


def test_what_a_side_leaves_open_the_pattern_says() -> None:
    pattern = pb.Question(as_of="2025-07-20")
    assert told(pb.CutOff(known_at="2025-07-29"), pattern) == "2025-07-20, known on 2025-07-29"
    assert told(pb.CutOff(), pattern) == "2025-07-20, known today"


def test_a_side_s_own_basis_is_told() -> None:
    side = pb.CutOff(as_of="2025-07-20", basis=axes_pb2.Basis.LEDGER)
    assert told(side, pb.Question()) == "2025-07-20, known to this ledger today"


def test_whatever_was_supplied_is_told() -> None:
    pattern = pb.Question(
        as_of="2025-07-20",
        known_at="2025-07-20",
        exporter="NVIDIA",
        end_use=pb.END_USE_AI_TRAINING,
        transaction=shared_pb2.TRANSACTION_IN_COUNTRY,
        affirmed=["one", "two"],
    )
    assert asked_of_many(pattern) == (
        "as of 2025-07-20, known on 2025-07-20, exporter NVIDIA, end use ai-training, "
        "transaction in-country, affirmed one; two"
    )
