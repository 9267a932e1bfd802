"""The fourth axis and the side fact."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from ledger.domain.facts import Fact, ReportedFact
from ledger.domain.vocabulary import (
    Axis,
    Certainty,
    CommercialCondition,
    DestinationMeasure,
    Evidence,
    RelationKind,
    Requirement,
)
from tests.builders import claim
from tests.unit.domain.determination.world import (
    World,
    act,
    chip,
    dates,
    effect,
    fates,
    link,
    reasons,
    rule,
    when,
)

CONFLICT, NOTHING = DestinationMeasure.CONFLICT, DestinationMeasure.NONE_ON_RECORD
APPROVAL = DestinationMeasure.CONDITIONAL_APPROVAL_REPORTED
PROBES = (
    DestinationMeasure.INQUIRY,
    DestinationMeasure.INVESTIGATION,
    DestinationMeasure.DISCOURAGED,
)
BLOCKS = (
    DestinationMeasure.ORDERED_STOP_REPORTED,
    DestinationMeasure.CUSTOMS_BLOCK_REPORTED,
    DestinationMeasure.BANNED_FOR_CLASS_REPORTED,
)
SETTABLE = (*PROBES, *BLOCKS[:2], APPROVAL, BLOCKS[2])


def name(value: DestinationMeasure) -> str:
    return f"cn-{value.lower().replace('_', '-')}"


def taken(value: DestinationMeasure, public: str = "2025-02-01", **more: Any) -> ReportedFact:
    """A measure of China's, reported by the press."""
    made = effect(Axis.DESTINATION_MEASURE, value.value, detail=f"{value.value} it is")
    fields: dict[str, Any] = {"issuer_country": "CN", "certainty": Certainty.PRESS_REPORT}
    return act(more.pop("fact_id", name(value)), effects=made, public=public, **(fields | more))


def measure(*facts: Fact, **asked: Any) -> DestinationMeasure:
    return World(chip(), *facts).ask(**asked).axes.destination_measure


def test_silence_is_no_measure() -> None:
    assert measure() is NOTHING


@pytest.mark.parametrize("value", SETTABLE)
def test_one_measure_is_what_it_says(value: DestinationMeasure) -> None:
    answer = World(chip(), taken(value)).ask()

    assert answer.axes.destination_measure is value
    assert answer.measure_detail == f"{value.value} it is"


@pytest.mark.parametrize("value", SETTABLE)
def test_a_measure_of_the_destination_never_alters_the_requirement(
    value: DestinationMeasure,
) -> None:
    """model §1: "These never alter the US axis"."""
    assert World(chip(), taken(value)).requirement() is Requirement.NO_LICENSE_REQUIRED
    assert World(chip(), rule(), taken(value)).requirement() is Requirement.LICENSE_REQUIRED


PAIRS = [
    (milder, severer)
    for milder, severer in combinations(SETTABLE, 2)
    if not ({milder, severer} & set(BLOCKS) and APPROVAL in {milder, severer})
]


@pytest.mark.parametrize(("milder", "severer"), PAIRS)
def test_the_severest_open_measure_counts(
    milder: DestinationMeasure, severer: DestinationMeasure
) -> None:
    """Reduction: "the severest open measure, in the order of §2"."""
    facts = (taken(severer, "2025-02-01"), taken(milder, "2025-03-01"))
    answer = World(chip(), *facts).ask()

    assert answer.axes.destination_measure is severer
    assert fates(answer) == {name(severer): "APPLIED", name(milder): "NO_STATUS_EFFECT"}
    assert reasons(answer)[name(milder)].endswith(f"open, but {severer.value} is severer")


@pytest.mark.parametrize("block", BLOCKS)
def test_an_open_block_and_an_open_approval_are_a_conflict(block: DestinationMeasure) -> None:
    """Reduction: "CONFLICT only where a block and an approval overlap and neither ends the
    other"; P8: "list both"."""
    answer = World(chip(), taken(block), taken(APPROVAL, "2025-03-01")).ask()

    assert answer.axes.destination_measure is CONFLICT
    assert fates(answer) == {name(block): "CONFLICTING", name(APPROVAL): "CONFLICTING"}
    assert [set(c.fact_ids) for c in answer.conflicts] == [{name(block), name(APPROVAL)}]


def test_the_sides_of_a_conflict_are_links_of_the_answer() -> None:
    """Reduction: "the weakest applied link decides", and both sides make the value of this axis."""
    answer = World(chip(), rule(), taken(BLOCKS[0]), taken(APPROVAL, "2025-03-01")).ask()

    assert answer.evidence is Evidence.PRESS_SINGLE


@pytest.mark.parametrize("probe", PROBES)
def test_probes_never_contradict_anything(probe: DestinationMeasure) -> None:
    """Reduction: "probes never contradict anything"."""
    answer = World(chip(), taken(probe), taken(APPROVAL)).ask()

    assert answer.axes.destination_measure is APPROVAL
    assert answer.conflicts == ()


@pytest.mark.parametrize("kind", [RelationKind.ENDS, RelationKind.SUPERSEDES])
def test_an_approval_that_ends_a_block_contradicts_nothing(kind: RelationKind) -> None:
    """Reduction: "and neither ends the other"."""
    block = taken(BLOCKS[0])
    approval = taken(APPROVAL, "2025-03-01", relates=link(kind, name(BLOCKS[0])))

    assert measure(block, approval) is APPROVAL
    assert measure(block, approval, as_of="2025-02-28") is BLOCKS[0]


def test_measures_that_do_not_overlap_are_no_conflict() -> None:
    block = taken(BLOCKS[0], ends="2025-02-28")

    assert measure(block, taken(APPROVAL, "2025-03-01")) is APPROVAL


@pytest.mark.parametrize(
    "closing",
    [
        {"relates": link(RelationKind.ENDS, name(PROBES[0]))},
        {"relates": link(RelationKind.STAYS, name(PROBES[0]))},
    ],
)
def test_a_measure_that_was_ended_or_stayed_is_not_open(closing: dict[str, Any]) -> None:
    closed = act("cn-close", issuer_country="CN", **closing)

    assert measure(taken(PROBES[0]), closed) is NOTHING


def test_a_measure_whose_end_has_passed_is_not_open() -> None:
    answer = World(chip(), taken(PROBES[0], ends="2025-06-14")).ask()

    assert answer.axes.destination_measure is NOTHING
    assert fates(answer)[name(PROBES[0])] == "ENDED"


def test_equal_measures_are_both_applied() -> None:
    facts = (taken(PROBES[0]), taken(PROBES[0], fact_id="cn-again"))

    assert fates(World(chip(), *facts).ask()) == {name(PROBES[0]): "APPLIED", "cn-again": "APPLIED"}


def paid(
    value: CommercialCondition, public: str, fact_id: str = "", *, act_: bool = True, **more: Any
) -> ReportedFact:
    made = effect(Axis.COMMERCIAL_CONDITION, value.value, **more.pop("limits", {}))
    named = fact_id or f"us-{value.lower().replace('_', '-')}"
    if act_:
        return act(named, effects=made, public=public, **more)
    return claim(named, dates=dates(public=public), effects=made, **more)


EXPECTED, TARIFF = CommercialCondition.EXPECTED_UNCODIFIED, CommercialCondition.TARIFF


def condition(*facts: Fact, **asked: Any) -> CommercialCondition:
    return World(chip(), *facts).ask(**asked).axes.commercial_condition


def test_the_latest_condition_counts() -> None:
    facts = (paid(TARIFF, "2025-03-01"), paid(EXPECTED, "2025-02-01", act_=False))

    assert condition() is CommercialCondition.NONE
    assert condition(*facts, as_of="2025-02-28") is EXPECTED
    assert condition(*facts) is TARIFF


def test_a_condition_on_weaker_evidence_does_not_displace_an_earlier_one() -> None:
    """P8: "Weaker evidence never overrides stronger"."""
    facts = (paid(TARIFF, "2025-02-01"), paid(EXPECTED, "2025-03-01", act_=False))
    answer = World(chip(), *facts).ask()

    assert answer.axes.commercial_condition is TARIFF
    assert reasons(answer)["us-expected-uncodified"].endswith("outweighed")


def test_a_condition_whose_end_has_passed_is_none() -> None:
    assert condition(paid(TARIFF, "2025-02-01", ends="2025-06-14")) is CommercialCondition.NONE
    assert condition(paid(TARIFF, "2025-02-01", limits={"ends": when("2025-06-14")})) is (
        CommercialCondition.NONE
    )


def test_a_condition_says_what_is_paid() -> None:
    tariff = paid(TARIFF, "2025-02-01", limits={"detail": "25% of revenue"})

    assert World(chip(), tariff).ask().condition_detail == "25% of revenue"
