from __future__ import annotations

from collections.abc import Collection

import pytest

from ledger.service.memo import Kept, Memo
from ledger.v1 import queries_pb2 as pb

KEY, OTHER = "question", "another"
NAMES = ("chip",)


class Revisions:
    """Says for all items alike since when their answers have not changed."""

    def __init__(self) -> None:
        self.since = 5
        self.asked: list[Collection[str]] = []

    def __call__(self, names: Collection[str]) -> int:
        self.asked.append(names)
        return self.since


def body(kept: Kept | None) -> bytes | None:
    return None if kept is None else kept.body


@pytest.fixture
def revisions() -> Revisions:
    return Revisions()


@pytest.fixture
def memo(revisions: Revisions) -> Memo[str]:
    return Memo(revisions, bytes_max=10)


def test_what_was_kept_is_found_at_its_size_and_at_later_ones(memo: Memo[str]) -> None:
    memo.keep(KEY, Kept(b"body", 7, NAMES))

    assert body(memo.find(KEY, 7)) == b"body"
    assert body(memo.find(KEY, 9)) == b"body"
    assert memo.find(OTHER, 9) is None


def test_an_answer_is_not_found_at_a_size_before_its_own(memo: Memo[str]) -> None:
    memo.keep(KEY, Kept(b"body", 7, NAMES))

    assert memo.find(KEY, 6) is None


def test_an_answer_is_not_found_once_it_may_have_changed(
    memo: Memo[str], revisions: Revisions
) -> None:
    memo.keep(KEY, Kept(b"body", 7, NAMES))
    revisions.since = 8

    assert memo.find(KEY, 9) is None
    assert revisions.asked == [NAMES]


def test_a_newer_answer_takes_the_place_of_the_older(memo: Memo[str], revisions: Revisions) -> None:
    memo.keep(KEY, Kept(b"older", 7, NAMES))
    revisions.since = 8
    memo.keep(KEY, Kept(b"newer", 8, NAMES))

    assert body(memo.find(KEY, 8)) == b"newer"


def test_what_was_not_asked_for_longest_goes_first(memo: Memo[str]) -> None:
    memo.keep(KEY, Kept(b"12345", 7, NAMES))
    memo.keep(OTHER, Kept(b"12345", 7, NAMES))
    memo.find(KEY, 7)
    memo.keep("third", Kept(b"1", 7, NAMES))

    assert body(memo.find(KEY, 7)) == b"12345"
    assert memo.find(OTHER, 7) is None


def test_a_replaced_answer_does_not_count_twice(memo: Memo[str]) -> None:
    for size in (7, 8, 9):
        memo.keep(KEY, Kept(b"12345", size, NAMES))
    memo.keep(OTHER, Kept(b"12345", 9, NAMES))

    assert body(memo.find(KEY, 9)) == b"12345"


def test_what_tells_the_question_back_counts_as_well(memo: Memo[str]) -> None:
    memo.keep(KEY, Kept(b"12345", 7, NAMES))
    memo.keep(OTHER, Kept(b"123", 7, NAMES, opening=b"456"))

    assert memo.find(KEY, 7) is None
    assert body(memo.find(OTHER, 7)) == b"123"


def test_a_completed_answer_has_its_question_its_size_and_its_note() -> None:
    opening = pb.GetLicenseStatusResponse(question=pb.Question(item="chip"), since="2025-01-02")
    rest = pb.GetLicenseStatusResponse(engine_version="1", since="2025-01-01")
    kept = Kept(rest.SerializeToString(), 7, NAMES, opening.SerializeToString())

    whole = pb.GetLicenseStatusResponse.FromString(kept.completed(9, b"note"))

    assert (whole.engine_version, whole.tree_size, whole.checkpoint) == ("1", 9, b"note")
    assert whole.question.item == "chip"
    assert whole.since == "2025-01-01", "what the body says counts"
