from __future__ import annotations

import pytest

from ledger.domain.vocabulary import Grade
from tests.builders import membership
from tests.unit.domain.aggregates.folding import fold, refusal

OPEN = membership(since="2020-01-01")


def test_a_country_lives_in_the_stream_that_its_code_gives() -> None:
    refused = refusal(membership("AE", stream="destinations/sa"))

    assert (refused.rule, refused.field) == ("country-gives-stream", "stream")


@pytest.mark.parametrize(
    ("since", "until"),
    [
        ("2019-01-01", "2020-01-02"),
        ("2021-01-01", None),
        ("2021-01-01", "2022-01-01"),
        (None, None),
    ],
)
def test_two_periods_of_one_group_have_no_day_in_common(
    since: str | None, until: str | None
) -> None:
    refused = refusal(OPEN, membership(since=since, until=until))

    assert (refused.rule, refused.field) == ("membership-overlaps", "from_date")
    assert "from 2020-01-01 until further notice" in refused.message
    assert f"from {since or 'always'} until {until or 'further notice'}" in refused.message


def test_a_period_may_end_on_the_day_on_which_the_next_begins() -> None:
    earlier = membership(until="2020-01-01")

    assert fold(earlier, OPEN).periods == (earlier, OPEN)
    assert fold(OPEN, earlier).periods == (OPEN, earlier)


def test_groups_do_not_hinder_each_other() -> None:
    assert fold(OPEN, membership(group="D:4", since="2020-01-01")).version == 2


def test_an_open_period_is_closed_and_another_begins() -> None:
    closed = membership(since="2020-01-01", until="2026-07-10", id="group-out")
    later = membership(since="2027-01-01")

    assert fold(OPEN, closed, later).periods == (closed, later)


def test_a_period_closed_too_early_is_opened_again() -> None:
    closed = membership(since="2020-01-01", until="2021-01-01", id="group-out")
    again = membership(since="2020-01-01", id="group-in-again")

    assert fold(OPEN, closed, again).periods == (again,)


def test_a_restated_period_must_not_reach_into_the_next() -> None:
    closed = membership(since="2020-01-01", until="2021-01-01", id="group-out")
    later = membership(since="2022-01-01")
    longer = membership(since="2020-01-01", until="2022-01-02", id="group-longer")

    assert refusal(OPEN, closed, later, longer).rule == "membership-overlaps"


def test_a_period_restated_with_another_grade_is_a_correction() -> None:
    worse = membership(since="2020-01-01", id="group-graded", grade=Grade.MEMORY)

    assert fold(OPEN, worse).periods == (worse,)


def test_a_period_restated_word_for_word_is_refused() -> None:
    assert refusal(OPEN, membership(since="2020-01-01", id="group-x")).rule == (
        "membership-unchanged"
    )
