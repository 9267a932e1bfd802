"""The rulebook: rules together, and one edition wherever none of them differs."""

from __future__ import annotations

from datetime import date

from ledger.domain.determination.rulebook import Rulebook
from ledger.domain.determination.situation import Situation
from ledger.domain.vocabulary import RelationKind
from tests.unit.domain.determination.world import (
    World,
    act,
    amending,
    chip,
    codes,
    link,
    provision,
    question,
    rule,
)

RULE = rule()
ENDING = act("us-end", public="2025-07-01", relates=link(RelationKind.ENDS, "us-rule#all"))
NARROWING = act(
    "us-narrow",
    amending("us-narrow#all", "us-rule#all", destinations=codes("RU")),
    public="2025-03-01",
)
JUNE, AUGUST = date(2025, 6, 15), date(2025, 8, 15)


def rulebook(world: World, *, known_at: str = "2025-12-31") -> Rulebook:
    return world.situation(known_at=known_at).rulebook


def test_days_between_which_nothing_begins_or_ends_have_one_edition() -> None:
    book = rulebook(World(chip(), RULE, ENDING))

    assert book.on(JUNE) is book.on(date(2025, 6, 20))
    assert book.on(JUNE) is not book.on(AUGUST)


def test_acts_upon_nothing_in_the_book_make_no_edition() -> None:
    other = rule("us-other")
    ending = act("us-end", public="2025-07-01", relates=link(RelationKind.ENDS, "us-other#all"))
    situation = World(chip(), RULE, other, ending).situation()
    book = Rulebook.of(situation.rules[:1], situation.cut)

    assert book.on(JUNE) is book.on(AUGUST)


def test_whoever_knows_the_same_of_the_rules_has_the_same_edition() -> None:
    world = World(chip(), RULE, ENDING, rule("us-other"))
    register, asked = world.register, question()

    def known(day: date) -> Situation:
        later = asked.model_copy(update={"known_at": day})
        return Situation.of(later, register, register.item_stream(asked.item))

    before, after = known(JUNE), known(AUGUST)
    assert before.cut is not after.cut
    assert before.rulebook.on(JUNE) is not after.rulebook.on(JUNE)

    untouched = [Rulebook.of(known.rules[1:], known.cut) for known in (before, after)]
    assert untouched[0].on(JUNE) is untouched[1].on(JUNE)


def test_what_only_amends_is_read_into_the_rule_that_it_amends() -> None:
    book = rulebook(World(chip(), RULE, NARROWING))
    (settled,) = book.on(JUNE).rules

    assert [chronicle.rule.provision.id for chronicle in book.chronicles] == ["us-rule#all"]
    assert settled.reading.provision.destinations == codes("RU")


def test_its_boundaries_are_those_of_all_its_rules() -> None:
    book = rulebook(
        World(chip(), RULE, ENDING, act("us-later", provision("us-later#all"), public="2025-09-01"))
    )

    assert {date(2025, 1, 1), date(2025, 7, 1)} <= book.boundaries()
    assert book.boundaries() == frozenset().union(*(c.boundaries() for c in book.chronicles))


def test_a_book_of_no_rules_has_an_empty_edition() -> None:
    situation = World(chip()).situation()

    assert situation.rulebook.on(JUNE).rules == ()
    assert situation.rulebook.boundaries() == frozenset()
    assert situation.perhaps.chronicles == ()
