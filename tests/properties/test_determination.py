"""Properties of the determination, over small worlds made at random."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from ledger.domain.determination.answer import Answer
from ledger.domain.determination.engine import determine
from ledger.domain.determination.question import (
    CONSIGNEE_HEADQUARTERS,
    EXPORTER,
    SHIPPED_FROM,
    Question,
)
from ledger.domain.determination.register import Register
from ledger.domain.determination.survey import survey
from ledger.domain.facts import ReportedFact
from ledger.domain.vocabulary import (
    Basis,
    Disposition,
    EndUse,
    RelationKind,
    Requirement,
    Transaction,
)
from tests.properties import worlds
from tests.unit.domain.determination.world import World, act, dates, link, question, rule

DECIDING = frozenset({Disposition.APPLIED, Disposition.CONFLICTING})
OPEN = frozenset({Requirement.INDETERMINATE, Requirement.NO_RECORD})

Facts = tuple[ReportedFact, ...]


def deciding(answer: Answer) -> list[tuple[str, str, str]]:
    """The entries that an answer rests on, with what became of them and why."""
    return [
        (c.recorded.fact.id, c.disposition.value, c.reason)
        for c in answer.considered
        if c.disposition in DECIDING
    ]


@given(worlds.facts(), worlds.questions())
def test_the_same_question_to_the_same_record_gives_the_same_answer(
    made: Facts, asked: Question
) -> None:
    first, second = worlds.world(made).register, worlds.world(made).register

    assert determine(asked, first) == determine(asked, second)
    assert determine(asked, first) == determine(asked, first)


def later(fact: ReportedFact, day: date) -> ReportedFact:
    """The same fact under another name, published the day after."""
    text = (day + timedelta(days=1)).isoformat()
    provisions = tuple(p.model_copy(update={"id": f"later-{p.id}"}) for p in fact.provisions)
    moved = {"public": dates(public=text).public, "notified": None}
    return fact.model_copy(
        update={
            "id": f"later-{fact.id}",
            "dates": fact.dates.model_copy(update=moved),
            "provisions": provisions,
        }
    )


@given(worlds.facts(), worlds.facts(), worlds.questions(basis=Basis.PUBLIC))
def test_what_becomes_known_after_the_cut_off_changes_nothing(
    made: Facts, unknown: Facts, asked: Question
) -> None:
    """P1: "Cut by knowledge first"."""
    before = worlds.world(made)
    after = worlds.world(made).add(*(later(fact, asked.known_at) for fact in unknown))
    old, new = determine(asked, before.register), determine(asked, after.register)

    assert old.axes == new.axes
    assert deciding(old) == deciding(new)
    for part in ("evidence", "since", "missing", "conflicts", "flags", "notes", "assumed"):
        assert getattr(old, part) == getattr(new, part), part
    assert old.next_change == new.next_change


@given(worlds.facts(), worlds.facts(), worlds.questions(basis=Basis.LEDGER))
def test_what_the_ledger_records_after_the_cut_off_changes_nothing(
    made: Facts, unknown: Facts, asked: Question
) -> None:
    """P1, on basis LEDGER."""
    again = [later(fact, date(2024, 12, 31)) for fact in unknown]
    recorded = asked.known_at.isoformat()
    behind = (asked.known_at + timedelta(days=1)).isoformat()
    world = World(covered=False)
    world.records.clear()
    for entry in worlds.world(made).records:
        world.add(entry.fact, on=recorded)
    old = determine(asked, world.register)
    new = determine(asked, world.add(*again, on=behind).register)

    assert old.axes == new.axes
    assert deciding(old) == deciding(new)
    assert (old.missing, old.flags, old.since) == (new.missing, new.flags, new.since)


@given(worlds.facts(), worlds.questions(), st.randoms(use_true_random=False))
def test_the_order_of_independent_appends_does_not_matter(
    made: Facts, asked: Question, random: Any
) -> None:
    """model §4: entries stand in an order of their own."""
    shuffled = [*worlds.LAID_OUT, *made]
    random.shuffle(shuffled)
    one = determine(asked, worlds.world(made).register)
    other = determine(asked, World(*shuffled).register)

    assert one.axes == other.axes
    assert deciding(one) == deciding(other)
    assert [c.recorded.fact.id for c in one.considered] == [
        c.recorded.fact.id for c in other.considered
    ]
    for part in ("evidence", "since", "missing", "conflicts", "flags", "assumed"):
        assert getattr(one, part) == getattr(other, part), part


HARMLESS: dict[str, tuple[Any, ...]] = {
    EXPORTER: worlds.EXPORTERS,
    CONSIGNEE_HEADQUARTERS: worlds.SEATS,
    SHIPPED_FROM: worlds.ORIGINS,
    "end_use": (EndUse.NONE,),
    "transaction": (Transaction.EXPORT,),
    "consignee": ("Nobody",),
    "affirmed": ((worlds.PRECONDITION,), (worlds.SCOPE,)),
}
"""Facts that deny nothing of what is assumed."""


@given(worlds.facts(), worlds.questions(consignee=None), st.data())
def test_supplying_a_fact_never_contradicts_a_definite_requirement(
    made: Facts, asked: Question, data: st.DataObject
) -> None:
    """model §3: "A fact is *missing* only if some value of it would change the requirement"."""
    register = worlds.world(made).register
    before = determine(asked, register).axes.requirement
    unsupplied = [name for name in sorted(HARMLESS) if getattr(asked, name) in {None, ()}]
    name = data.draw(st.sampled_from(unsupplied))
    supplied = asked.model_copy(update={name: data.draw(st.sampled_from(HARMLESS[name]))})

    after = determine(supplied, register).axes.requirement
    assert before in OPEN or after is before


@given(worlds.facts(), worlds.questions(consignee=None, end_use=None), st.data())
def test_once_what_is_missing_is_supplied_no_other_fact_turns_out_to_be_missing(
    made: Facts, asked: Question, data: st.DataObject
) -> None:
    """model §3: "NO_RECORD or INDETERMINATE naming the missing fact"."""
    register = worlds.world(made).register
    missing = determine(asked, register).missing
    supplied = {
        name: data.draw(st.sampled_from(HARMLESS[name])) for name in missing if name in HARMLESS
    }
    answer = determine(asked.model_copy(update=supplied), register)

    assert set(answer.missing) <= set(missing) - set(supplied)
    if set(missing) <= set(supplied) and missing:
        assert answer.axes.requirement not in OPEN


def restricted(*less: str) -> frozenset[str]:
    return worlds.EVERYTHING - set(less)


LATE: dict[str, Any] = {"as_of": "2025-09-15", "known_at": "2025-12-31", "basis": Basis.PUBLIC}
ASKING = rule("us-0", destinations=None)


@given(
    st.lists(worlds.acts(0, worlds.EVERYTHING), max_size=1),
    st.tuples(worlds.words(0), worlds.words(1), worlds.words(2)),
    worlds.questions(**LATE),
)
def test_no_requirement_ends_by_words(
    acted: list[ReportedFact], said: Facts, asked: Question
) -> None:
    """P4: "Assurance, announcement, press report, advocacy and non-enforcement never end it"."""
    before = worlds.world((ASKING, *acted))
    after = worlds.world((ASKING, *acted, *said))
    old = determine(asked, before.register).axes.requirement
    new = determine(asked, after.register).axes.requirement

    assert old is not Requirement.LICENSE_REQUIRED or new is Requirement.LICENSE_REQUIRED


@given(worlds.facts(), worlds.questions())
def test_every_cell_of_a_survey_equals_the_answer_to_its_question(
    made: Facts, asked: Question
) -> None:
    register = worlds.world(made).register

    for cell in survey(asked, register, worlds.ITEMS, worlds.PLACES):
        update = {"item": cell.item, "destination": cell.destination}
        answer = determine(asked.model_copy(update=update), register)
        assert cell.axes == answer.axes
        assert cell.missing == answer.missing
        resting = {name for name, *_ in deciding(answer)}
        assert {c.recorded.fact.id for c in answer.applied} <= set(cell.deciding) <= resting


def alone(world: World, answer: Answer) -> Register:
    """Of the reported facts only those that the answer rests on; the ground stays."""
    kept = {name for name, *_ in deciding(answer)}
    return Register.of(
        entry
        for entry in world.records
        if not isinstance(entry.fact, ReportedFact) or entry.fact.id in kept
    )


EXTENDED = (
    rule("us-0"),
    act("us-stay", relates=link(RelationKind.STAYS, "us-0"), ends="2025-03-01"),
    act("us-longer", relates=link(RelationKind.EXTENDS, "us-stay")),
)
"""A stay that an extension alone keeps alive, which chance seldom makes."""


@example(EXTENDED, question(item="Big"))
@given(worlds.facts(), worlds.questions(end_use=None))
def test_the_applied_entries_alone_reproduce_the_axes(made: Facts, asked: Question) -> None:
    """DESIGN §1: the answer follows from the evidence that it hands out."""
    world = worlds.world(made)
    answer = determine(asked, world.register)

    assert determine(asked, alone(world, answer)).axes == answer.axes


FIRST, LAST = date(2024, 12, 1), date(2025, 12, 31)


FORESEEABLE = restricted("amendments", "links-to-effects")


@settings(max_examples=40)
@given(worlds.facts(FORESEEABLE), worlds.questions(item="Big", as_of="2025-05-15"))
def test_since_and_next_change_are_what_asking_for_every_day_finds(
    made: Facts, asked: Question
) -> None:
    register = worlds.world(made).register
    answer = determine(asked, register)
    assume(answer.since is not None)
    assert answer.since is not None

    def on(day: date) -> Answer:
        return determine(asked.model_copy(update={"as_of": day}), register)

    day = asked.as_of
    while day > FIRST and on(day - timedelta(days=1)).axes.requirement is answer.axes.requirement:
        day -= timedelta(days=1)
    assert answer.since <= day if day == FIRST else answer.since == day
    day = asked.as_of + timedelta(days=1)
    while day <= LAST and on(day).axes == answer.axes:
        day += timedelta(days=1)
    if day > LAST:
        assert answer.next_change is None or answer.next_change.day > LAST
    else:
        assert answer.next_change is not None
        assert answer.next_change.day == day
        assert answer.next_change.axes == on(day).axes
