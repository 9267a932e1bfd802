"""Since when, and until when by what is on record already."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from ledger.domain.determination.answer import NextChange
from ledger.domain.facts import Fact
from ledger.domain.provision import Exemption, LicenseException, ReviewLane
from ledger.domain.scope import ConsigneeScope
from ledger.domain.vocabulary import Axis, Basis, Certainty, RelationKind, ReviewPolicy, Transaction
from tests.builders import coverage, membership
from tests.unit.domain.determination.world import (
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

ENDS, STAYS = RelationKind.ENDS, RelationKind.STAYS


def since(*facts: Fact, launch: str = "2020-01-01", **asked: Any) -> str:
    found = World(chip(launch=launch), *facts).ask(**asked).since
    assert found is not None
    return found.isoformat()


def change(*facts: Fact, **asked: Any) -> NextChange | None:
    return World(chip(launch="2020-01-01"), *facts).ask(**asked).next_change


def changes(*facts: Fact, **asked: Any) -> tuple[str, str, tuple[str, ...]]:
    found = change(*facts, **asked)
    assert found is not None
    return found.day.isoformat(), found.description, found.fact_ids


def test_a_requirement_is_as_it_is_since_its_rule_began() -> None:
    assert since(rule(), as_of="2025-06-15") == "2025-01-01"
    assert since(rule(), as_of="2025-01-01") == "2025-01-01"


def test_an_unbroken_run_reaches_back_over_a_change_of_rules() -> None:
    succession = (
        act("us-rule", provision(), public="2024-01-01"),
        act("us-next", provision("us-next#all"), relates=link(RelationKind.SUPERSEDES, "us-rule")),
    )

    assert since(*succession) == "2024-01-01"


def test_an_interruption_breaks_the_run() -> None:
    stay = act(
        "us-stay",
        relates=link(STAYS, "us-rule"),
        public="2025-02-01",
        ends="2025-02-28",
    )

    assert since(rule(), stay) == "2025-03-01"
    assert since(rule(), stay, as_of="2025-02-10") == "2025-02-01"


def test_a_run_reaches_back_no_further_than_the_coverage() -> None:
    assert since(as_of="2025-06-15") == "2022-08-26"


def test_a_run_reaches_back_no_further_than_the_launch() -> None:
    assert since(launch="2024-05") == "2024-05-01"
    assert since(launch="2025-07-01", as_of="2025-06-15") == "2025-06-15"


def test_a_run_of_an_item_without_a_launch_reaches_back_to_the_coverage() -> None:
    answer = World(chip(launch=None)).ask()

    assert answer.since == date(2022, 8, 26)


def test_the_earliest_of_several_covering_declarations_counts() -> None:
    world = World(chip(launch="2020-01-01"))
    world.add(
        coverage(
            "earlier", **{"from": date(2021, 1, 1), "to": date(2025, 12, 31)}, stream="coverage/x-y"
        )
    )

    assert world.ask().since == date(2021, 1, 1)


TURN, AFTER = "2025-09-01", "2025-09-02"
INQUIRY = (Axis.DESTINATION_MEASURE, "INQUIRY")
MOVED = amending("us-new#a", "us-rule#all", destinations=codes("JP"))

BEGINNING: dict[str, tuple[Fact, ...]] = {
    "us-rule": (act("us-rule", provision(), effective=TURN),),
    "us-end": (rule(), act("us-end", relates=link(ENDS, "us-rule"), effective=TURN)),
    "us-new": (rule(), act("us-new", MOVED, effective=TURN)),
    "us-defer": (rule("us-defer", compliance=when(TURN)),),
    "us-comply": (act("us-comply", provision("us-comply#all"), compliance=TURN),),
    "group-d-5-cn-2025-09-01": (
        rule(destinations=grouped("D:5")),
        membership("CN", since=TURN),
    ),
    "cn-measure": (act("cn-measure", effects=effect(*INQUIRY), effective=TURN),),
}
ENDING: dict[str, tuple[Fact, ...]] = {
    "us-rule": (rule(ends=when(TURN)),),
    "us-fact": (act("us-fact", provision("us-fact#all"), ends=TURN),),
    "us-stay": (rule(), act("us-stay", relates=link(STAYS, "us-rule"), ends=TURN)),
    "cn-effect": (act("cn-effect", effects=effect(*INQUIRY, ends=when(TURN))),),
    "cn-measure": (act("cn-measure", effects=effect(*INQUIRY), ends=TURN),),
}


@pytest.mark.parametrize("cause", BEGINNING)
def test_the_next_change_is_the_day_on_which_something_begins(cause: str) -> None:
    day, _, causes = changes(*BEGINNING[cause])

    assert (day, causes) == (TURN, (cause,))


@pytest.mark.parametrize("cause", ENDING)
def test_the_next_change_is_the_day_after_the_last_of_something(cause: str) -> None:
    """FORMAT §1: "`ends` is the last day"."""
    day, _, causes = changes(*ENDING[cause])

    assert (day, causes) == (AFTER, (cause,))


@pytest.mark.parametrize(
    ("limits", "day"), [({"effective": when(TURN)}, TURN), ({"ends": when(TURN)}, AFTER)]
)
def test_the_parts_of_a_provision_have_days_of_their_own(limits: dict[str, Any], day: str) -> None:
    exemption = Exemption(destinations=codes("CN"), **limits)
    exception = LicenseException(code="NAC", **limits)
    lane = ReviewLane(on_provision="us-rule#all", policy=ReviewPolicy.CASE_BY_CASE, **limits)

    assert changes(rule(exempt=(exemption,)))[0] == day
    assert changes(rule(exceptions=(exception,)))[0] == day
    assert changes(rule(), rule("us-lane", requirement=None, review_lanes=(lane,)))[0] == day


def test_the_next_change_says_what_changes() -> None:
    rules = act("us-rule", provision(), effective="2025-09-01")
    _, description, _ = changes(rules)

    assert description == (
        "requirement NO_LICENSE_REQUIRED -> LICENSE_REQUIRED; review_policy N_A -> NOT_STATED"
    )


def test_an_act_upon_a_measure_changes_the_answer_on_its_day() -> None:
    block = act("cn-block", effects=effect(Axis.DESTINATION_MEASURE, "CUSTOMS_BLOCK_REPORTED"))
    lifted = act("cn-lift", relates=link(ENDS, "cn-block"), public="2025-07-01")

    assert changes(block, lifted) == (
        "2025-07-01",
        "destination_measure CUSTOMS_BLOCK_REPORTED -> NONE_ON_RECORD",
        ("cn-lift",),
    )


def test_an_extension_puts_off_the_end_of_a_measure() -> None:
    block = act(
        "cn-block",
        effects=effect(Axis.DESTINATION_MEASURE, "CUSTOMS_BLOCK_REPORTED"),
        ends="2025-06-30",
    )
    longer = act(
        "cn-longer",
        relates=link(RelationKind.EXTENDS, "cn-block"),
        public="2025-06-20",
        ends="2025-08-31",
    )

    assert changes(block, longer)[::2] == ("2025-09-01", ("cn-longer",))


def test_a_day_that_changes_nothing_is_passed_over() -> None:
    later = act("us-more", provision("us-more#all"), effective="2025-08-01")
    ending = rule(ends=when("2025-07-01"))

    assert changes(ending, later)[0] == "2025-07-02"
    assert change(rule(), later) is None


def test_nothing_scheduled_is_no_change() -> None:
    assert change() is None


def test_what_is_not_yet_known_is_not_foretold() -> None:
    surprise = act("us-end", relates=link(ENDS, "us-rule"), public="2025-09-01")

    assert change(rule(), surprise, known_at="2025-08-31") is None
    assert change(rule(), surprise, known_at="2025-09-01") is not None


def test_a_membership_of_the_consignees_seat_may_change_the_answer() -> None:
    facts = (
        rule(destinations=None, headquarters=grouped("D:5")),
        membership("AE", since="2025-01-01", until="2025-09-01"),
    )

    assert changes(*facts, consignee_headquarters="AE")[0] == "2025-09-01"
    assert change(*facts, consignee_headquarters="JP") is None


@pytest.mark.parametrize(
    "out_of_reach",
    [
        {"items": named("Other")},
        {"items": at_least(tpp=4800)},
        {"addressee": "NVIDIA"},
        {"transactions": (Transaction.REEXPORT,)},
        {"end_uses": ("military",)},
        {"consignees": ConsigneeScope(names=("Biren",))},
    ],
)
def test_a_rule_that_can_never_reach_the_question_brings_no_change(
    out_of_reach: dict[str, Any],
) -> None:
    world = World(chip(tpp=1), act("us-rule", provision(**out_of_reach), effective="2025-09-01"))

    assert world.ask(exporter="Dell").next_change is None
    assert world.ask(exporter="Dell").since == date(2024, 1, 1)


def test_an_amendment_may_bring_a_rule_into_reach() -> None:
    widened = amending("us-new#a", "us-rule#all", items=named("Chip"))
    facts = (rule(items=named("Other")), act("us-new", widened, effective=TURN))

    assert changes(*facts)[0] == TURN


def test_since_and_next_change_bound_the_run_day_by_day() -> None:
    """The two bounds are held against an answer for every single day between them."""
    stay = act(
        "us-stay",
        relates=link(STAYS, "us-rule"),
        public="2025-02-01",
        ends="2025-04-10",
    )
    world = World(chip(), rule(ends=when("2025-10-05")), stay)
    answer = world.ask()
    assert answer.since is not None
    assert answer.next_change is not None
    first, last = answer.since, answer.next_change.day

    for offset in range((last - first).days):
        day = (first + timedelta(days=offset)).isoformat()
        assert world.requirement(as_of=day) is answer.axes.requirement
    before, after = first - timedelta(days=1), last
    assert world.requirement(as_of=before.isoformat()) is not answer.axes.requirement
    assert world.ask(as_of=after.isoformat()).axes == answer.next_change.axes


def test_the_ledger_foretells_only_what_it_has_recorded() -> None:
    world = World(covered=False).add(chip(), coverage(), rule(), on="2025-01-01")
    ending = act("us-end", relates=link(ENDS, "us-rule"), effective="2025-09-01")
    world.add(ending, on="2025-07-01")

    def ahead(known_at: str) -> NextChange | None:
        return world.ask(basis=Basis.LEDGER, known_at=known_at).next_change

    assert ahead("2025-06-30") is None
    assert ahead("2025-07-01") is not None


def test_a_stronger_text_that_takes_over_is_a_change_although_the_answer_reads_the_same() -> None:
    """model §2: evidence is one of "five axes"; a letter gives way to the rule it ran ahead of."""
    letter = act(
        "us-letter",
        provision("us-letter#all"),
        certainty=Certainty.COMPANY_FILING,
        ends="2025-06-30",
    )
    taking_over = act("us-final", provision("us-final#all"), effective="2025-07-01")

    assert changes(letter, taking_over) == (
        "2025-07-01",
        "evidence COMPANY_FILING -> OFFICIAL_TEXT",
        ("us-final", "us-letter"),
    )


def test_an_equal_text_that_takes_over_is_no_change() -> None:
    first = act("us-first", provision("us-first#all"), ends="2025-06-30")
    second = act("us-second", provision("us-second#all"), effective="2025-07-01")

    assert change(first, second) is None


def test_an_exception_that_an_amendment_brings_for_later_is_foretold() -> None:
    later = LicenseException(code="TMP", effective=when("2025-07-01"))
    amended = amending("us-change#all", "us-rule#all", exceptions=(later,))

    found = change(rule(), act("us-change", amended, effective="2025-04-01"))

    assert found is not None
    assert found.day == date(2025, 7, 1)
    assert found.description == "authorization NONE_ON_RECORD -> EXCEPTION_AVAILABLE"
