"""The queue is bounded, keeps its order, and hands over groups that fit one round."""

from __future__ import annotations

import threading

import pytest

from ledger.errors import InputError, UnavailableError
from ledger.store import intake as intake_module
from ledger.store.intake import (
    BYTES_MAX,
    STATEMENTS_MAX,
    Intake,
    Submission,
    require_batch_size,
)


def submission(*envelopes: bytes) -> Submission:
    return Submission(envelopes, lambda _: None)


def many(count: int, size: int = 1) -> Submission:
    return submission(*[bytes(size)] * count)


@pytest.fixture
def intake() -> Intake:
    return Intake()


def test_submissions_are_taken_in_the_order_of_their_coming(intake: Intake) -> None:
    queued = [submission(b"1"), submission(b"2", b"3"), submission(b"4")]
    for each in queued:
        intake.put(each)

    assert intake.take() == queued


def test_a_group_ends_before_it_has_too_many_statements(intake: Intake) -> None:
    queued = [many(STATEMENTS_MAX - 1), many(1), many(1)]
    for each in queued:
        intake.put(each)

    assert intake.take() == queued[:2]
    assert intake.take() == queued[2:]


def test_a_group_ends_before_it_has_too_many_bytes(intake: Intake) -> None:
    queued = [many(1, BYTES_MAX - 1), many(1), many(1)]
    for each in queued:
        intake.put(each)

    assert intake.take() == queued[:2]


def test_the_largest_submission_is_a_group_of_its_own(intake: Intake) -> None:
    queued = [many(STATEMENTS_MAX), many(1, BYTES_MAX), many(1)]
    for each in queued:
        intake.put(each)

    assert [intake.take() for _ in queued] == [[each] for each in queued]


@pytest.mark.parametrize(
    "envelopes",
    [[], [b""] * (STATEMENTS_MAX + 1), [bytes(BYTES_MAX), b"1"]],
    ids=["none", "too many", "too large"],
)
def test_what_fits_no_round_is_refused(intake: Intake, envelopes: list[bytes]) -> None:
    with pytest.raises(InputError) as refusal:
        intake.put(submission(*envelopes))

    assert (refusal.value.field, refusal.value.rule) == ("envelopes", "batch-size")
    with pytest.raises(InputError):
        require_batch_size(envelopes)


@pytest.mark.parametrize(
    ("limit", "value"), [("WAITING_STATEMENTS_MAX", 5), ("WAITING_BYTES_MAX", 50)]
)
def test_too_much_waiting_is_refused_at_once(
    intake: Intake, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    monkeypatch.setattr(intake_module, limit, value)
    intake.put(many(5, 10))

    with pytest.raises(UnavailableError) as refusal:
        intake.put(many(1))
    assert refusal.value.rule == "queue-full"

    intake.take()
    intake.put(many(5, 10))


def test_after_closing_nothing_comes_in_and_everything_goes_out(intake: Intake) -> None:
    queued = [many(STATEMENTS_MAX), many(1)]
    for each in queued:
        intake.put(each)
    intake.close()

    with pytest.raises(UnavailableError) as refusal:
        intake.put(many(1))
    assert refusal.value.rule == "shutting-down"
    assert [intake.take() for _ in range(4)] == [[queued[0]], [queued[1]], [], []]


def test_taking_waits_for_the_first(intake: Intake) -> None:
    taken: list[list[Submission]] = []
    thread = threading.Thread(target=lambda: taken.append(intake.take()))
    thread.start()
    put = submission(b"1")

    intake.put(put)
    thread.join()

    assert taken == [[put]]


def test_closing_ends_the_waiting(intake: Intake) -> None:
    taken: list[list[Submission]] = []
    thread = threading.Thread(target=lambda: taken.append(intake.take()))
    thread.start()

    intake.close()
    thread.join()

    assert taken == [[]]


def test_waiting_ends_with_something_to_take_or_the_end_or_the_time(intake: Intake) -> None:
    assert not intake.wait(0.001)

    intake.put(submission(b"1"))
    assert intake.wait(3600)
    intake.take()
    assert not intake.wait(0.001)

    intake.close()
    assert intake.wait(3600)
