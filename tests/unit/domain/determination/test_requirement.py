"""The first axis: P2 and the reduction from several reasons to one value."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from ledger.domain.authorship import OutsideRecord
from ledger.domain.facts import ReportedFact
from ledger.domain.scope import ItemScope
from ledger.domain.vocabulary import RelationKind, Requirement
from tests.builders import party
from tests.unit.domain.determination.world import (
    World,
    act,
    at_least,
    chip,
    codes,
    fates,
    link,
    named,
    provision,
    reasons,
    rule,
    when,
)

LICENSE, NONE = Requirement.LICENSE_REQUIRED, Requirement.NO_LICENSE_REQUIRED
OPEN = Requirement.INDETERMINATE


def one_of_each() -> dict[Requirement, tuple[ReportedFact, ...]]:
    """For every value of the axis, facts that bring it about."""
    return {
        LICENSE: (rule("us-license"),),
        OPEN: (rule("us-open", addressee="NVIDIA"),),
        Requirement.CODIFIED_NOT_ENFORCED: (
            rule("us-dormant"),
            act("us-forbear", relates=link(RelationKind.NOT_ENFORCED, "us-dormant#all")),
        ),
        Requirement.STAYED: (
            rule("us-stayed"),
            act("us-stay", relates=link(RelationKind.STAYS, "us-stayed#all")),
        ),
        Requirement.DEFERRED: (rule("us-deferred", compliance=when("2025-12-01")),),
        Requirement.NOT_SUBJECT_TO_EAR: (
            rule("us-free", requirement=Requirement.NOT_SUBJECT_TO_EAR),
        ),
        NONE: (rule("us-none", requirement=NONE),),
    }


RANKED = tuple(one_of_each())


@pytest.mark.parametrize("value", RANKED)
def test_each_value_is_brought_about_by_its_own_facts(value: Requirement) -> None:
    assert World(chip(), *one_of_each()[value]).requirement() is value


@pytest.mark.parametrize(("stronger", "weaker"), list(combinations(RANKED, 2)))
def test_the_stronger_value_outweighs_the_weaker(
    stronger: Requirement, weaker: Requirement
) -> None:
    """Reduction: "LICENSE_REQUIRED > INDETERMINATE > CODIFIED_NOT_ENFORCED > STAYED > DEFERRED >
    NO_LICENSE_REQUIRED"."""
    facts = one_of_each()
    world = World(chip(), *facts[weaker], *facts[stronger])

    assert world.requirement() is stronger


def test_a_provision_that_leaves_the_requirement_open_yields_to_one_that_asks() -> None:
    """Reduction: "LICENSE_REQUIRED > INDETERMINATE"."""
    unclear = rule("us-unclear", requirement=OPEN)

    assert World(chip(), unclear).requirement() is OPEN
    assert World(chip(), unclear, rule()).requirement() is LICENSE


def test_requirements_are_cumulative() -> None:
    """P2: "Requirements are CUMULATIVE. Specific does not beat general: a letter adds to a rule
    and never relaxes it"."""
    letter = rule("us-letter", items=named("Chip"), addressee="NVIDIA", requirement=NONE)
    answer = World(chip(), rule(), letter).ask(exporter="NVIDIA")

    assert answer.axes.requirement is LICENSE
    assert fates(answer) == {"us-rule": "APPLIED", "us-letter": "NO_STATUS_EFFECT"}


def test_every_reason_that_asks_as_much_is_applied() -> None:
    """P2: "Requirements are CUMULATIVE"."""
    answer = World(chip(), rule(), rule("us-letter", addressee="NVIDIA")).ask(exporter="NVIDIA")

    assert fates(answer) == {"us-rule": "APPLIED", "us-letter": "APPLIED"}
    assert [r.finding.id for r in answer.reasons] == ["us-rule#all", "us-letter#all"]


def test_silence_of_all_rules_is_no_license_required_inside_coverage() -> None:
    answer = World(chip(tpp=1000), rule(items=at_least(tpp=4800))).ask()

    assert answer.axes.requirement is NONE
    assert answer.missing == ()


def test_an_item_without_the_figures_that_a_rule_reads_is_indeterminate() -> None:
    """model §2: "NO_LICENSE_REQUIRED may be said only when the chip's parameters are known"."""
    answer = World(chip(unpublished=("tpp",)), rule(items=at_least(tpp=4800))).ask()

    assert answer.axes.requirement is OPEN
    assert answer.missing == ("tpp",)


def test_a_fact_is_missing_only_if_some_value_of_it_would_change_the_requirement() -> None:
    """model §3: "A fact is *missing* only if some value of it would change the requirement"."""
    letter = rule("us-letter", addressee="NVIDIA")

    assert World(chip(), letter).ask().missing == ("exporter",)
    assert World(chip(), letter, rule()).ask().missing == ()


def test_a_weaker_requirement_in_doubt_changes_nothing_and_says_so() -> None:
    answer = World(chip(), rule(), rule("us-letter", addressee="NVIDIA")).ask()

    assert reasons(answer)["us-letter"] == (
        "us-letter#all: undetermined (lacks exporter), and would change nothing"
    )


@pytest.mark.parametrize("value", [Requirement.DEFERRED, Requirement.STAYED])
def test_a_requirement_in_doubt_counts_where_it_would_outrank(value: Requirement) -> None:
    world = World(chip(), *one_of_each()[value], rule("us-letter", addressee="NVIDIA"))

    assert world.ask().missing == ("exporter",)
    assert world.requirement(exporter="Dell") is value
    assert world.requirement(exporter="NVIDIA") is LICENSE


def test_several_rules_in_doubt_name_all_that_is_missing() -> None:
    world = World(
        chip(), rule("us-letter", addressee="NVIDIA"), rule("us-seat", headquarters=codes("CN"))
    )

    assert world.ask().missing == ("consignee_headquarters", "exporter")


def test_what_only_a_narrower_rule_lacks_is_not_missing() -> None:
    """A or (A and B) is A: no value of B alone changes the requirement."""
    wide = rule("us-wide", addressee="NVIDIA")
    narrow = rule("us-narrow", addressee="NVIDIA", headquarters=codes("CN"))
    answer = World(chip(), wide, narrow).ask()

    assert answer.missing == ("exporter",)
    assert fates(answer) == {"us-wide": "APPLIED", "us-narrow": "NO_STATUS_EFFECT"}


def test_a_narrower_rule_that_asks_more_is_not_absorbed() -> None:
    wide = rule("us-wide", addressee="NVIDIA", compliance=when("2025-12-01"))
    narrow = rule("us-narrow", addressee="NVIDIA", headquarters=codes("CN"))

    assert World(chip(), wide, narrow).ask().missing == ("consignee_headquarters", "exporter")


def test_a_rule_of_uncertain_date_absorbs_nothing() -> None:
    wide = rule("us-wide", addressee="NVIDIA", effective=when("2025-06"))
    narrow = rule("us-narrow", addressee="NVIDIA", headquarters=codes("CN"))

    assert World(chip(), wide, narrow).ask().missing == (
        "consignee_headquarters",
        "exporter",
        "us-wide#all effective day",
    )


def test_two_rules_in_the_same_doubt_both_decide() -> None:
    answer = World(chip(), rule("us-one", addressee="A"), rule("us-two", addressee="A")).ask()

    assert fates(answer) == {"us-one": "APPLIED", "us-two": "APPLIED"}


def test_a_rule_of_uncertain_date_is_indeterminate() -> None:
    answer = World(chip(), rule(effective=when("2025-06"))).ask()

    assert answer.axes.requirement is OPEN
    assert answer.missing == ("us-rule#all effective day",)
    assert answer.flags == ("TURNS_ON_IMPRECISE_DATE",)


def test_a_provision_without_a_requirement_asks_for_nothing() -> None:
    answer = World(chip(), rule(requirement=None)).ask()

    assert answer.axes.requirement is NONE
    assert reasons(answer)["us-rule"] == "us-rule#all: asks for no license itself"


def test_a_provision_that_says_again_what_another_asks_is_no_second_reason() -> None:
    """FORMAT §2: "`restates`: says again what the named one requires"."""
    again = rule("us-again", restates="us-rule#all")
    answer = World(chip(), rule(), again).ask()

    assert reasons(answer)["us-again"] == "us-again#all: says again what us-rule#all asks"
    assert [r.finding.id for r in answer.reasons] == ["us-rule#all"]


@pytest.mark.parametrize("public", ["2025-07-01", None])
def test_a_restatement_of_what_nobody_knows_stands_alone(public: str | None) -> None:
    restated = [act("us-rule", provision(), public=public)] if public else []
    again = rule("us-again", restates="us-rule#all")
    world = World(chip(), *restated, again)

    assert world.requirement(known_at="2025-06-30") is LICENSE


def test_a_party_on_record_decides_what_its_seat_decides() -> None:
    world = World(
        chip(), rule(headquarters=codes("CN")), party("Acme", headquarters="CN"), party("Other")
    )

    assert world.requirement(consignee="Acme") is LICENSE
    assert world.requirement(consignee="Other") is NONE
    assert world.requirement(consignee="Nobody") is OPEN


OUTSIDE = (OutsideRecord(codes=("RU", "SY"), citation="15 CFR part 746"),)


@pytest.mark.parametrize("value", [NONE, Requirement.NOT_SUBJECT_TO_EAR])
def test_where_rules_lie_outside_the_record_no_license_is_never_said(value: Requirement) -> None:
    """model §3: "The embargo rules of part 746 are not on record: for BY, CU, IR, KP, RU, SY never
    NO_LICENSE_REQUIRED; INDETERMINATE if nothing else applies"."""
    free = rule(destinations=None, requirement=value)
    answer = World(chip(), free, outside_record=OUTSIDE).ask(destination="RU")

    assert answer.axes.requirement is OPEN
    assert answer.missing == ("15 CFR part 746",)
    assert World(chip(), free, outside_record=OUTSIDE).requirement(destination="JP") is value


@pytest.mark.parametrize("value", [v for v in RANKED if RANKED.index(v) < 5])
def test_where_something_else_applies_it_is_said(value: Requirement) -> None:
    """model §3: "INDETERMINATE if nothing else applies"."""
    world = World(
        chip(),
        *(f for f in one_of_each()[value] if not f.provisions),
        *(everywhere(f) for f in one_of_each()[value] if f.provisions),
        outside_record=OUTSIDE,
    )

    assert world.requirement(destination="SY") is value


def everywhere(fact: ReportedFact) -> ReportedFact:
    moved = tuple(p.model_copy(update={"destinations": None}) for p in fact.provisions)
    return fact.model_copy(update={"provisions": moved})


def test_blanking_the_names_of_a_technical_rule_changes_no_answer() -> None:
    """DESIGN §7: "blanking the item names of every technical rule changes no answer"."""
    classes = at_least(tpp=4800).any_of
    scopes: tuple[dict[str, Any], ...] = ({"names": ("Chip",)}, {})

    answers = [
        World(chip(tpp=5000), rule(items=ItemScope(any_of=classes, **names))).ask().axes
        for names in scopes
    ]
    assert answers[0] == answers[1]
