"""Submissions: what was asked, of whom, and what was then done."""

from __future__ import annotations

from datetime import date

from ledger.domain.determination.advocacy import Advocacy, advocacy, submissions
from ledger.domain.determination.knowledge import Knowledge
from ledger.domain.facts import Fact
from ledger.domain.vocabulary import Basis
from tests.builders import relation
from tests.casebook import casebook
from tests.unit.domain.determination.world import act

LETTER_OF_20 = "ad-2025-07-28-letter-20"


def _submission(fact_id: str, *more: Fact, known_at: date = date(2026, 1, 1)) -> Advocacy:
    register, knowledge = casebook(*more), Knowledge(Basis.PUBLIC, known_at)
    (found,) = [one for one in submissions(register, knowledge) if one[1].id == fact_id]
    return advocacy(*found, register, knowledge)


def test_a_submission_tells_what_it_turned_against() -> None:
    assert _submission(LETTER_OF_20).about == (
        "opposes us-2025-07-14-h20-assurance",
        "contradicts cl-2025-07-lutnick-fourth-best",
    )


def test_without_an_answer_on_record_none_is_named() -> None:
    assert _submission(LETTER_OF_20).answered_by == ()


def test_a_fact_that_answers_it_is_named() -> None:
    answer = act("us-answer", relates=(relation("answers", LETTER_OF_20),), public="2025-09-01")

    (response,) = _submission(LETTER_OF_20, answer).answered_by

    assert (response.fact_id, response.day) == ("us-answer", date(2025, 9, 1))


def test_later_acts_on_the_same_matter_are_listed_apart_from_answers() -> None:
    (afterwards,) = _submission(LETTER_OF_20).afterwards

    assert afterwards.fact_id == "us-2025-08-08-h20-licenses"
    assert afterwards.how == "grants us-2025-07-14-h20-assurance"


def test_an_act_on_one_provision_of_a_rule_is_an_act_on_the_same_matter() -> None:
    first = _submission("ad-2025-01-nvda-diffusion").afterwards[0]

    assert first.fact_id == "us-2025-05-13-diffusion-nonenforce"
    assert first.how == "not_enforced us-2025-01-13-ai-diffusion#worldwide"


def test_what_was_not_yet_known_is_not_listed() -> None:
    assert _submission(LETTER_OF_20, known_at=date(2025, 8, 1)).afterwards == ()


def test_acts_that_came_before_are_not_what_was_then_done() -> None:
    earlier = act("us-earlier", relates=(relation("confirms", "us-2025-07-14-h20-assurance"),))

    assert [r.fact_id for r in _submission(LETTER_OF_20, earlier).afterwards] == [
        "us-2025-08-08-h20-licenses"
    ]


def test_submissions_stand_in_the_order_of_their_days() -> None:
    known = submissions(casebook(), Knowledge(Basis.PUBLIC, date(2026, 1, 1)))

    days = [fact.dates.public for _, fact in known]
    assert [day.first for day in days if day] == sorted(day.first for day in days if day)
    assert len(known) == 7
