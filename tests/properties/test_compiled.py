"""What is worked out once and shared among questions changes no answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.determination.amendment import read, variants
from ledger.domain.determination.chronicle import Chronicle
from ledger.domain.determination.engine import determine
from ledger.domain.determination.likeness import likeness, may_be_restated, restated
from ledger.domain.determination.question import Question
from ledger.domain.determination.register import Register
from ledger.domain.determination.situation import Situation
from ledger.domain.determination.standing import Calendar
from ledger.domain.facts import ReportedFact
from ledger.domain.vocabulary import Basis
from tests.casebook import casebook
from tests.properties import realrecord, worlds

Facts = tuple[ReportedFact, ...]
SOME: Any = st.lists(worlds.questions(), min_size=2, max_size=5)


@settings(max_examples=50)
@given(worlds.facts(), SOME)
def test_a_register_that_was_asked_other_things_answers_like_a_fresh_one(
    made: Facts, several: list[Question]
) -> None:
    *before, asked = several
    used = worlds.world(made).register
    for question in before:
        determine(question, used, include_not_yet_known=True)

    fresh = worlds.world(made).register
    assert determine(asked, used) == determine(asked, fresh)


@settings(max_examples=50)
@given(worlds.facts(), SOME)
def test_a_register_that_grew_between_questions_answers_like_one_that_was_built_at_once(
    made: Facts, several: list[Question]
) -> None:
    records = worlds.world(made).records
    grown = Register()
    for place, entry in enumerate(records):
        grown.add(entry)
        if entry.fact.id.startswith("us-"):
            determine(several[place % len(several)], grown)

    for asked in several:
        assert determine(asked, grown) == determine(asked, Register.of(records))


@settings(max_examples=40)
@given(worlds.facts(), worlds.questions(item="Big"))
def test_a_chronicle_says_of_every_day_what_reading_the_relations_says(
    made: Facts, asked: Question
) -> None:
    register = worlds.world(made).register
    situation = Situation.of(asked, register, register.item_stream("Big"))
    days = [date(2024, 12, 28) + timedelta(days=2 * n) for n in range(190)]
    for rule in situation.rules:
        chronicle = Chronicle.of(rule, situation.cut)
        for day in days:
            calendar = Calendar(situation.cut)
            reading, settled = read(rule, calendar, day), chronicle.on(day)
            assert settled.reading == reading
            assert settled.standing == calendar.standing(rule, reading.provision, day)
            assert settled.overruled == calendar.overruled
            assert chronicle.variants(day) == tuple(variants(rule, calendar, day))


def moved(asked: Question, as_of: int, known_at: int, exporter: str | None) -> Question:
    """The question for other days, and by another exporter if one is asked for."""
    days = {
        "as_of": asked.as_of + timedelta(days=as_of),
        "known_at": asked.known_at + timedelta(days=known_at),
    }
    return asked.model_copy(update=days | ({"exporter": exporter} if asked.exporter else {}))


def holds(asked: Question, others: Iterable[Question], register: Register) -> int:
    """How many others are like a question; each has its answer, as far as one may be restated."""
    like = [q for q in others if likeness(q, register) == likeness(asked, register)]
    answer = determine(asked, register)
    for other in like:
        own = determine(other, register)
        assert may_be_restated(own) is may_be_restated(answer)
        if may_be_restated(own):
            assert restated(answer, other) == own
    return len(like)


@given(
    worlds.facts(),
    worlds.questions(exporter="Nobody"),
    st.lists(
        st.tuples(
            st.sampled_from((0, 1, 2, 5, -4)),
            st.sampled_from((0, 1, 3, -5)),
            st.sampled_from(("Somebody", "NVIDIA", "Dell")),
        ),
        min_size=1,
        max_size=4,
    ),
)
def test_questions_that_are_alike_have_one_answer(
    made: Facts, asked: Question, moves: list[tuple[int, int, str]]
) -> None:
    register = worlds.world(made).register

    holds(asked, [moved(asked, *move) for move in moves], register)


@pytest.mark.parametrize("seed", range(2))
def test_on_the_shipped_record_questions_that_are_alike_have_one_answer(seed: int) -> None:
    register = casebook()
    moves = [(0, 0, "Somebody"), (1, 1, "Dell"), (3, 0, "NVIDIA"), (-4, -9, "AMD"), (0, 12, "AMD")]
    found = sum(
        holds(asked, [moved(asked, *move) for move in moves], register)
        for asked in realrecord.questions(seed, 150)
    )

    assert found > 150, "or the test says nothing"


def test_alike_is_not_what_knows_more_or_is_addressed() -> None:
    register = casebook()
    (asked,) = realrecord.questions(1, 1, covered=True)
    asked = asked.model_copy(update={"basis": Basis.LEDGER, "exporter": "Somebody"})
    kind = likeness(asked, register)

    assert kind == likeness(moved(asked, 0, 0, "Somebody Else"), register)
    assert kind != likeness(moved(asked, 0, 0, "NVIDIA"), register)
    assert kind != likeness(moved(asked, 0, 1, "Somebody"), register)
    assert likeness(asked.model_copy(update={"item": "No Such Chip"}), register) is None


@pytest.mark.parametrize("seed", range(2))
def test_thousands_of_questions_leave_the_shipped_record_as_it_was(seed: int) -> None:
    used = casebook()
    for asked in realrecord.questions(seed, 500, covered=True):
        determine(asked, used)

    for asked in realrecord.questions(seed + 100, 40, covered=True):
        # A copy shares nothing that was worked out.
        assert determine(asked, used) == determine(asked, used.copy())
