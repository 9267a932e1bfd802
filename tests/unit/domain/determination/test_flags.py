"""Flags: what a reader must be warned of, each with a sentence."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.domain.dates import OutsideDate
from ledger.domain.determination.flags import Flag, item_was_tested
from ledger.domain.facts import Fact
from ledger.domain.provision import LicenseException, Provision, ReviewLane
from ledger.domain.scope import ItemScope
from ledger.domain.vocabulary import (
    Axis,
    Certainty,
    ItemCertainty,
    Precision,
    RelationKind,
    Requirement,
    ReviewPolicy,
)
from tests.builders import membership, relation
from tests.unit.domain.determination.world import (
    ANY_ITEM,
    World,
    act,
    amending,
    at_least,
    chip,
    codes,
    effect,
    grouped,
    link,
    named,
    provision,
    rule,
    when,
)


def warnings(*facts: Fact, **asked: Any) -> list[tuple[str, str]]:
    answer = World(chip(tpp=5000), *facts).ask(**asked)
    assert len(set(answer.flags)) == len(answer.flags)
    return [(flag, note) for flag, note in zip(answer.flags, answer.notes, strict=False)]


def flags(*facts: Fact, **asked: Any) -> tuple[str, ...]:
    return World(chip(tpp=5000), *facts).ask(**asked).flags


STAY = act("us-stay", relates=link(RelationKind.STAYS, "us-rule"), ends="2025-05-31")


def test_a_plain_answer_warns_of_nothing() -> None:
    assert flags() == ()
    assert flags(rule()) == ()


def test_a_lapsed_stay_is_flagged_with_its_name() -> None:
    """P10: "Scheduled end passes without a recorded extension => status flips, flagged
    IN_FORCE_UNLESS_EXTENSION_RECORDED"."""
    ((flag, note),) = warnings(rule(), STAY, as_of="2025-06-01")

    assert flag == "IN_FORCE_UNLESS_EXTENSION_RECORDED"
    assert note.startswith("us-rule#all applies again: the scheduled end of us-stay has passed")
    assert flags(rule(), STAY, as_of="2025-05-31") == ()


def test_a_lapsed_stay_of_a_rule_that_does_not_decide_is_not_flagged() -> None:
    assert flags(rule(destinations=codes("JP")), STAY) == ()


def test_an_end_of_an_open_day_is_flagged_where_it_may_have_passed() -> None:
    """Imprecise dates are intervals, "and an answer that turns on one says so"."""
    stay = act("us-stay", relates=link(RelationKind.STAYS, "us-rule#all"), ends="2025-06")
    grant = act("us-grant", effects=effect(Axis.AUTHORIZATION, "GRANTED_SCOPED"), ends="2025-06")
    longer = act("us-longer", relates=link(RelationKind.EXTENDS, "us-grant"), ends="2025-09-30")

    assert flags(rule(), stay) == ("TURNS_ON_IMPRECISE_DATE",)
    assert flags(rule(), stay, as_of="2025-05-31") == ()
    ((flag, note),) = warnings(rule(), grant)
    assert flag == "TURNS_ON_IMPRECISE_DATE"
    assert note.startswith("us-grant (GRANTED_SCOPED) ends in 2025-06; the exact day is not on")
    assert flags(rule(), grant, as_of="2025-05-31") == ()
    assert flags(rule(), grant, longer) == ()


AMENDED = rule(review_policy=ReviewPolicy.PRESUMPTION_OF_DENIAL)
EASED = amending("us-eased#all", "us-rule#all", review_policy=ReviewPolicy.CASE_BY_CASE)


def test_a_lapsed_stay_of_an_amendment_is_flagged_with_its_name() -> None:
    """P10: what was stayed for a time changes the rule again, unless the stay was extended."""
    stay = act(
        "us-stay",
        relates=link(RelationKind.STAYS, "us-eased#all"),
        public="2025-02-01",
        ends="2025-05-31",
    )
    world = (AMENDED, act("us-eased", EASED), stay)
    ((flag, note),) = warnings(*world, as_of="2025-06-01")

    assert flag == "IN_FORCE_UNLESS_EXTENSION_RECORDED"
    assert note.startswith("us-rule#all reads as it does because the scheduled end of us-stay has")
    assert flags(*world, as_of="2025-05-31") == ()
    assert flags(rule(destinations=codes("JP")), *world[1:], as_of="2025-06-01") == ()


def test_a_lapsed_stay_of_a_lane_that_is_open_again_is_flagged() -> None:
    lane = ReviewLane(
        on_provision="us-rule#all", preconditions=("tests",), policy=ReviewPolicy.CASE_BY_CASE
    )
    carrier = act("us-lane", Provision(id="us-lane#all", review_lanes=(lane,)))
    stay = act(
        "us-stay",
        relates=link(RelationKind.STAYS, "us-lane"),
        public="2025-02-01",
        ends="2025-05-31",
    )
    world = (AMENDED, carrier, stay)

    assert flags(*world, affirmed=("tests",)) == ("IN_FORCE_UNLESS_EXTENSION_RECORDED",)
    assert "IN_FORCE_UNLESS_EXTENSION_RECORDED" not in flags(*world)


def test_a_temporary_amendment_that_is_over_is_flagged_where_the_answer_turns_on_it() -> None:
    wider = amending("us-wider#all", "us-rule#all", destinations=codes("CN", "JP"))
    world = (rule(destinations=codes("JP")), act("us-wider", wider, ends="2025-05-31"))

    assert flags(*world) == ("ENDED_UNLESS_EXTENSION_RECORDED",)
    assert flags(*world, destination="JP") == ()
    assert flags(AMENDED, act("us-eased", EASED, ends="2025-05-31")) == (
        "IN_FORCE_UNLESS_EXTENSION_RECORDED",
    )


def test_an_amendment_of_an_open_day_is_flagged_where_the_answer_turns_on_it() -> None:
    open_day = act("us-eased", EASED, effective="2025-06")

    ((flag, note),) = warnings(AMENDED, open_day)
    assert flag == "TURNS_ON_IMPRECISE_DATE"
    assert note.startswith("us-eased amends us-rule#all in 2025-06")
    assert flags(AMENDED, open_day, as_of="2025-05-31") == ()
    assert flags(AMENDED, open_day, as_of="2025-06-30") == ()


def test_a_rule_whose_own_end_has_passed_is_flagged() -> None:
    """P10: "Scheduled end passes without a recorded extension => status flips, flagged"."""
    ended = rule(ends=when("2025-05-31"))

    assert warnings(ended) == [
        (
            "ENDED_UNLESS_EXTENSION_RECORDED",
            "us-rule#all ended after 2025-05-31, and no extension is on record.",
        )
    ]
    assert flags(ended, as_of="2025-05-31") == ()


@pytest.mark.parametrize(
    "quiet",
    [
        {"destinations": codes("JP")},
        {"addressee": "NVIDIA"},
        {"requirement": None},
    ],
)
def test_an_ended_rule_that_would_change_nothing_is_not_flagged(quiet: dict[str, Any]) -> None:
    assert flags(rule(ends=when("2025-05-31"), **quiet)) == ()


def test_an_ended_rule_is_not_flagged_where_another_asks_as_much() -> None:
    assert flags(rule(ends=when("2025-05-31")), rule("us-other")) == ()


def imprecise(precision: Precision, value: str = "2025-07-14", **more: Any) -> Fact:
    return rule(effective=OutsideDate(value=value, precision=precision), **more)


def test_an_answer_that_turns_on_an_imprecise_day_says_so() -> None:
    ((flag, note),) = warnings(imprecise(Precision.ON_OR_BEFORE))

    assert flag == "TURNS_ON_IMPRECISE_DATE"
    assert note.startswith("us-rule#all: effective on or before 2025-07-14")
    assert flags(imprecise(Precision.ON_OR_BEFORE), as_of="2025-07-14") == ()


def test_an_answer_that_turns_on_the_imprecise_day_of_a_stay_says_so() -> None:
    """FORMAT §1: a month is "certain only from the month's last day", for relations as well."""
    stay = act("us-stay", relates=link(RelationKind.STAYS, "us-rule"), effective="2025-06")
    world = World(chip(tpp=5000), rule(), stay)
    inside, at_its_end = (world.ask(as_of=day) for day in ("2025-06-15", "2025-06-30"))

    assert inside.axes.requirement is Requirement.LICENSE_REQUIRED
    assert inside.flags == ("TURNS_ON_IMPRECISE_DATE",)
    assert inside.notes[0].startswith("us-stay acts on us-rule#all in 2025-06;")
    assert at_its_end.axes.requirement is Requirement.STAYED
    assert at_its_end.flags == ()


def test_an_axis_that_turns_on_the_imprecise_day_of_an_effect_says_so() -> None:
    made = effect(Axis.DESTINATION_MEASURE, "CUSTOMS_BLOCK_REPORTED", destinations=codes("CN"))
    block = act("cn-block", effects=made, effective="2025-06")

    ((flag, note),) = warnings(rule(), block, as_of="2025-06-10")
    assert flag == "TURNS_ON_IMPRECISE_DATE"
    assert note.endswith("and the destination measure turns on it.")
    assert flags(rule(), block, as_of="2025-05-31") == ()
    assert flags(rule(), block, as_of="2025-06-30") == ()
    assert flags(rule(destinations=codes("JP")), block, as_of="2025-06-10", destination="JP") == ()


@pytest.mark.parametrize(
    "quiet", [{"destinations": codes("JP")}, {"requirement": None}, {"restates": "us-other#all"}]
)
def test_an_imprecise_day_on_which_nothing_turns_is_not_flagged(quiet: dict[str, Any]) -> None:
    assert flags(imprecise(Precision.ON_OR_BEFORE, **quiet), rule("us-other")) == ()


def test_an_imprecise_day_of_a_weaker_requirement_is_not_flagged() -> None:
    deferred = imprecise(Precision.ON_OR_BEFORE, requirement=Requirement.NO_LICENSE_REQUIRED)
    certain = rule("us-other")

    assert flags(deferred, certain) == ()


def test_an_answer_that_turns_on_an_imprecise_publication_says_so() -> None:
    leaked = act("us-rule", provision(), public="2025-06", effective="2025-01-01")

    ((flag, note),) = warnings(leaked, known_at="2025-06-15")
    assert flag == "TURNS_ON_IMPRECISE_DATE"
    assert note.startswith("us-rule became public in 2025-06")
    assert flags(leaked, known_at="2025-06-30") == ()
    assert flags(leaked, rule("us-other"), known_at="2025-06-15") == ()


def test_what_may_be_relevant_is_flagged_with_what_it_turns_on() -> None:
    told = act("us-grant", effects=effect(Axis.AUTHORIZATION, "GRANTED_SCOPED"), addressee="AMD")

    assert warnings(rule(), told) == [
        (
            "POSSIBLY_RELEVANT",
            "us-grant (GRANTED_SCOPED) may be relevant; it turns on exporter.",
        )
    ]
    assert flags(rule(), told, exporter="Dell") == ()


def test_what_is_over_is_no_longer_possibly_relevant() -> None:
    told = act(
        "us-grant",
        effects=effect(Axis.AUTHORIZATION, "GRANTED_SCOPED", ends=when("2025-05-31")),
        addressee="AMD",
    )

    assert flags(rule(), told) == ()


def test_an_exception_that_leaves_reasons_is_not_flagged_beside_a_license_exception() -> None:
    offering = rule(exceptions=(LicenseException(code="NAC"),))

    assert flags(offering) == ()
    assert flags(offering, rule("us-other")) == ("EXCEPTION_LEAVES_REASONS",)


@pytest.mark.parametrize(
    ("names", "flagged"),
    [
        ((), False),
        (("us-words",), False),
        (("us-rule#all",), True),
        (("us-rule", "us-letter"), False),
        (("us-change#all", "us-letter#all"), False),
    ],
)
def test_a_license_that_names_only_some_of_the_reasons_says_so(
    names: tuple[str, ...], flagged: bool
) -> None:
    """P3: "only those reasons they name"."""
    facts = (
        rule(),
        rule("us-letter"),
        act("us-change", amending("us-change#all", "us-rule#all", items=ANY_ITEM)),
        act(
            "us-grant",
            effects=effect(Axis.AUTHORIZATION, "GRANTED_SCOPED"),
            relates=tuple(relation("grants", name) for name in names),
        ),
    )

    found = warnings(*facts)
    assert [flag for flag, _ in found] == (["LICENSE_LEAVES_REASONS"] if flagged else [])
    assert not flagged or found[0][1].endswith("not among them: us-letter#all.")


def test_a_presumed_class_is_flagged() -> None:
    """FORMAT §2: "`presumes`: a class presumed unless rebutted"."""
    assert warnings(rule(presumes="3A090.a")) == [
        (
            "CLASS_PRESUMED",
            "us-rule#all presumes the class 3A090.a unless that is rebutted.",
        )
    ]
    assert flags(rule(presumes="3A090.a", destinations=codes("JP"))) == ()


@pytest.mark.parametrize("certainty", list(ItemCertainty))
def test_claimed_figures_are_flagged_where_a_test_reads_them(certainty: ItemCertainty) -> None:
    claimed = certainty is ItemCertainty.ATTRIBUTED_CLAIM
    item = chip(certainty=certainty, tpp=5000)

    tested = World(item, rule(items=at_least(tpp=4800))).ask()
    assert ("ITEM_FIGURES_CLAIMED" in tested.flags) is claimed
    assert World(item, rule(items=named("Chip"))).ask().flags == ()


@pytest.mark.parametrize(
    ("facts", "tested"),
    [
        ([], False),
        ([rule(items=None)], False),
        ([rule(items=named("Chip"))], False),
        ([rule(items=at_least(tpp=4800))], True),
        ([rule(items=at_least(tpp=9999))], True),
        ([rule(), rule("us-more", items=at_least(tpp=9999))], False),
    ],
)
def test_an_item_was_tested_where_the_answer_rests_on_a_technical_test(
    facts: list[Fact], tested: bool
) -> None:
    assert item_was_tested(World(chip(tpp=5000), *facts).assessed()) is tested


def listed(group: str, country: str = "KH", **more: Any) -> Fact:
    return membership(country, group, **more)


def test_two_lists_of_a_group_that_differ_are_flagged() -> None:
    facts = (
        rule(destinations=grouped("D:5")),
        listed("D:5"),
        listed("D:5-state", since="2025-07-01"),
    )

    assert warnings(*facts, destination="KH") == [
        (
            "GROUP_LISTS_DIFFER",
            "KH is in D:5 as printed and not in the list D:5-state on this day.",
        )
    ]
    assert flags(*facts, destination="KH", as_of="2025-07-01") == ()
    assert flags(*facts, destination="CN") == ()


def test_a_seat_on_which_two_lists_differ_is_flagged_too() -> None:
    facts = (rule(destinations=None, headquarters=grouped("D:5")), listed("D:5-state"))

    assert flags(*facts, consignee_headquarters="KH") == ("GROUP_LISTS_DIFFER",)
    assert flags(*facts, consignee_headquarters="JP") == ()


def test_lists_of_a_group_that_no_rule_tests_are_not_compared() -> None:
    facts = (rule(destinations=grouped("D:1")), listed("D:5-state"))

    assert flags(*facts, destination="KH") == ()


def test_flags_stand_in_the_order_of_their_list_and_once_each() -> None:
    answer = World(
        chip(),
        rule("us-a", presumes="3A090.a", items=ItemScope(any=True)),
        rule("us-b", presumes="3A090.b"),
        rule("us-rule"),
        STAY,
    ).ask()

    assert answer.flags == ("IN_FORCE_UNLESS_EXTENSION_RECORDED", "CLASS_PRESUMED")
    assert len(answer.notes) == 3
    assert list(answer.flags) == [f for f in Flag if f in answer.flags]


def test_a_source_too_weak_to_stay_a_rule_leaves_no_lapse_behind() -> None:
    weaker = STAY.model_copy(update={"certainty": Certainty.PRESS_REPORT})

    assert flags(rule(), weaker) == ()
