from __future__ import annotations

from ledger.domain.determination.engine import determine
from ledger.domain.determination.likeness import (
    likeness,
    likeness_at_hand,
    may_be_restated,
    restated,
)
from ledger.domain.vocabulary import Basis, RelationKind
from tests.builders import membership, order
from tests.unit.domain.determination.world import (
    World,
    act,
    chip,
    dates,
    grouped,
    link,
    provision,
    question,
    rule,
)


def named_world() -> World:
    return World(
        chip(), rule(), order("order-1", items=("Chip",), dates=dates(public="2025-03-03"))
    )


def test_what_names_the_item_is_read_once_until_something_else_names_it() -> None:
    world, asked = named_world(), question()
    register = world.register

    assert likeness_at_hand(asked, register) is None
    kind = likeness(asked, register)
    assert likeness_at_hand(asked, register) == kind

    (*_, entry) = World(chip(), order("order-2", items=("Chip",)), covered=False).records
    register.add(entry.model_copy(update={"index": register.tree_size}))
    assert likeness_at_hand(asked, register) is None


def test_the_days_of_what_names_the_item_tell_questions_apart() -> None:
    register = named_world().register
    kinds = {likeness(question(as_of=f"2025-03-{day:02}"), register) for day in (1, 2, 3, 4, 5, 20)}

    assert len(kinds) == 4, "before it, on it, the day after, and from then on"


def test_an_exporter_whom_an_act_addresses_is_like_no_other() -> None:
    told = act("us-letter", provision("us-letter#all", addressee="NVIDIA"), addressee="NVIDIA")
    register = World(chip(), rule(), told).register
    kinds = [
        likeness(question(exporter=name), register) for name in ("NVIDIA", "Dell", "Acme", None)
    ]

    assert kinds[1] == kinds[2]
    assert len(set(kinds)) == 3


def test_by_what_the_ledger_knew_every_day_is_its_own() -> None:
    register = named_world().register
    kinds = {
        likeness(question(known_at=f"2026-03-{day:02}", basis=Basis.LEDGER), register)
        for day in (10, 20)
    }

    assert len(kinds) == 2


def test_an_answer_is_told_again_in_the_words_of_a_question_like_its_own() -> None:
    register = named_world().register
    first, second = (question(as_of=f"2025-06-{day}", exporter=f"No. {day}") for day in (15, 16))

    answer = restated(determine(first, register), second)

    assert answer == determine(second, register)
    assert "exporter=No. 16" in answer.supplied


def test_no_record_says_in_words_for_which_day() -> None:
    register = named_world().register

    assert not may_be_restated(determine(question(as_of="2020-01-01"), register))


def test_an_item_that_is_not_on_record_is_like_nothing() -> None:
    register = named_world().register

    assert likeness(question(item="Nothing"), register) is None
    assert likeness_at_hand(question(item="Nothing"), register) is None


def joining_world() -> World:
    """Japan joins a group, on a day that nothing else on record names, whose members are asked."""
    return World(
        chip(),
        membership("JP", since="2025-04-10"),
        rule(destinations=grouped("D:5")),
    )


def test_a_day_on_which_the_destination_joins_a_group_tells_questions_apart() -> None:
    register = joining_world().register
    before, after = (question(destination="JP", as_of=day) for day in ("2025-04-01", "2025-04-20"))

    assert likeness(before, register) != likeness(after, register)
    for asked in (before, after, before):
        assert determine(asked, register) == determine(asked, joining_world().register)


def test_what_a_rule_comes_to_is_not_shared_by_those_who_know_of_other_members() -> None:
    register = joining_world().register
    earlier, later = (
        question(destination="JP", as_of="2025-06-15", known_at=day)
        for day in ("2025-04-01", "2025-04-20")
    )

    for asked in (earlier, later, earlier):
        assert determine(asked, register) == determine(asked, joining_world().register)
    assert determine(earlier, register).axes != determine(later, register).axes


def test_an_act_upon_a_rule_is_seen_by_whoever_asked_before_it_came() -> None:
    asked, ending = question(), act("us-end", relates=link(RelationKind.ENDS, "us-rule"))
    grown = World(chip(), rule()).register
    before = determine(asked, grown)

    (*_, entry) = World(chip(), rule(), ending).records
    grown.add(entry.model_copy(update={"index": grown.tree_size}))

    assert determine(asked, grown).axes != before.axes
    at_once = World(chip(), rule(), ending).register
    assert determine(asked, grown).axes == determine(asked, at_once).axes
