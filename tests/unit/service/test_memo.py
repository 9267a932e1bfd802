from __future__ import annotations

from collections.abc import Collection

import pytest

from ledger.service.memo import Kept, Key, Memo, completed
from ledger.v1 import queries_pb2 as pb

KEY: Key = (b"question", False, 739_000)
OTHER: Key = (b"another", False, 739_000)
NAMES = ("chip",)


class Revisions:
    """Says for all items alike since when their answers have not changed."""

    def __init__(self) -> None:
        self.since = 5
        self.asked: list[Collection[str]] = []

    def __call__(self, names: Collection[str]) -> int:
        self.asked.append(names)
        return self.since


@pytest.fixture
def revisions() -> Revisions:
    return Revisions()


@pytest.fixture
def memo(revisions: Revisions) -> Memo:
    return Memo(revisions, bytes_max=10)


def test_what_was_kept_is_found_at_its_size_and_at_later_ones(memo: Memo) -> None:
    memo.keep(KEY, Kept(b"body", 7, NAMES))

    assert memo.find(KEY, 7) == b"body"
    assert memo.find(KEY, 9) == b"body"
    assert memo.find(OTHER, 9) is None


def test_an_answer_is_not_found_at_a_size_before_its_own(memo: Memo) -> None:
    memo.keep(KEY, Kept(b"body", 7, NAMES))

    assert memo.find(KEY, 6) is None


def test_an_answer_is_not_found_once_it_may_have_changed(memo: Memo, revisions: Revisions) -> None:
    memo.keep(KEY, Kept(b"body", 7, NAMES))
    revisions.since = 8

    assert memo.find(KEY, 9) is None
    assert revisions.asked == [NAMES]


def test_a_newer_answer_takes_the_place_of_the_older(memo: Memo, revisions: Revisions) -> None:
    memo.keep(KEY, Kept(b"older", 7, NAMES))
    revisions.since = 8
    memo.keep(KEY, Kept(b"newer", 8, NAMES))

    assert memo.find(KEY, 8) == b"newer"


def test_what_was_not_asked_for_longest_goes_first(memo: Memo) -> None:
    memo.keep(KEY, Kept(b"12345", 7, NAMES))
    memo.keep(OTHER, Kept(b"12345", 7, NAMES))
    memo.find(KEY, 7)
    memo.keep((b"third", False, 739_000), Kept(b"1", 7, NAMES))

    assert memo.find(KEY, 7) == b"12345"
    assert memo.find(OTHER, 7) is None


def test_a_replaced_answer_does_not_count_twice(memo: Memo) -> None:
    for size in (7, 8, 9):
        memo.keep(KEY, Kept(b"12345", size, NAMES))
    memo.keep(OTHER, Kept(b"12345", 9, NAMES))

    assert memo.find(KEY, 9) == b"12345"


def test_a_completed_answer_has_its_size_and_note() -> None:
    body = pb.GetLicenseStatusResponse(engine_version="1").SerializeToString()

    whole = pb.GetLicenseStatusResponse.FromString(completed(body, 9, b"note"))

    assert (whole.engine_version, whole.tree_size, whole.checkpoint) == ("1", 9, b"note")
