"""Differences between two cut-offs, over the real record."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.domain.determination.difference import EVIDENCE, Difference, Side, compare
from ledger.domain.determination.question import Question
from ledger.domain.facts import Fact
from ledger.domain.vocabulary import (
    Authorization,
    Basis,
    DestinationMeasure,
    RelationKind,
    Requirement,
    ReviewPolicy,
)
from ledger.errors import NotFoundError
from tests.builders import coverage, membership
from tests.casebook import asking, casebook
from tests.unit.domain.determination.world import (
    World,
    act,
    at_least,
    chip,
    grouped,
    link,
    question,
    rule,
)


def _between(before: Question, after: Question, *places: str) -> list[Difference]:
    register = casebook()
    return list(compare(Side(before, register), Side(after, register), ["H20"], places or ["CN"]))


def test_equal_cut_offs_differ_in_nothing() -> None:
    assert _between(asking(), asking()) == []


def test_a_letter_that_becomes_public_changes_the_requirement_and_is_the_cause() -> None:
    known_early = asking(as_of="2025-04-20", known_at="2025-04-10")
    known_late = asking(as_of="2025-04-20", known_at="2025-04-16")

    (difference,) = _between(known_early, known_late)

    assert difference.axes == ("requirement", "review_policy")
    assert difference.before.axes.requirement is Requirement.NO_LICENSE_REQUIRED
    assert difference.after.axes.requirement is Requirement.LICENSE_REQUIRED
    assert difference.causes == ("us-2025-04-09-nvda-h20-letter",)


def test_every_changed_axis_is_named_with_what_decides_on_one_side_only() -> None:
    (difference,) = _between(asking(as_of="2025-07-20"), asking(as_of="2025-08-15"))

    assert difference.axes == ("authorization", "destination_measure", "commercial_condition")
    assert difference.before.axes.authorization is Authorization.ASSURED_NOT_ISSUED
    assert difference.after.axes.authorization is Authorization.GRANTED_SCOPED
    assert difference.after.axes.destination_measure is DestinationMeasure.DISCOURAGED
    assert "us-2025-08-08-h20-licenses" in difference.causes
    assert "us-2025-04-09-nvda-h20-letter" not in difference.causes


def test_a_date_alone_may_be_the_cause_and_then_the_deciding_facts_are_named() -> None:
    pattern = asking(item="H100", exporter="Dell", consignee_headquarters="JP")
    register = casebook()
    deferred = pattern.model_copy(update={"as_of": date(2025, 2, 20), "destination": "JP"})
    dormant = deferred.model_copy(update={"as_of": date(2025, 5, 20)})

    (difference,) = compare(Side(deferred, register), Side(dormant, register), ["H100"], ["JP"])

    assert difference.before.axes.requirement is Requirement.DEFERRED
    assert difference.after.axes.requirement is Requirement.CODIFIED_NOT_ENFORCED
    assert difference.causes == ("us-2025-05-13-diffusion-nonenforce",)


PATTERN = question()
LATER = question(as_of="2025-08-15")


def causes(*facts: Fact, before: Question = PATTERN, after: Question = LATER) -> tuple[str, ...]:
    """Through what the status of the chip for China differs between two questions."""
    register = World(chip(), *facts).register
    (difference,) = compare(Side(before, register), Side(after, register), ["Chip"], ["CN"])
    return difference.causes


def test_an_act_that_halts_a_provision_is_a_cause_where_another_still_decides() -> None:
    strict = rule("us-strict", review_policy=ReviewPolicy.POLICY_OF_DENIAL)
    stay = act("us-stay", relates=link(RelationKind.STAYS, "us-strict"), public="2025-07-01")

    assert causes(rule(), strict, stay) == ("us-stay", "us-strict")


def test_a_membership_is_a_cause() -> None:
    entered = membership("CN", "D:5", since="2025-07-01")

    assert causes(rule(destinations=grouped("D:5")), entered) == (entered.id, "us-rule")


def test_a_membership_that_nothing_tests_is_no_cause() -> None:
    left = membership("CN", "A:1", until="2025-07-01")
    stay = act("us-stay", relates=link(RelationKind.STAYS, "us-rule"), public="2025-07-01")

    assert causes(rule(), left, stay) == ("us-stay",)


def test_a_coverage_and_another_description_of_the_item_are_causes() -> None:
    """A difference between two sizes of the log."""
    earlier = World(chip(tpp=1000), rule(items=at_least(tpp=4800))).register
    larger = chip(tpp=5000, id="item-chip-2")
    further = coverage("coverage-2", to=date(2026, 12, 31))
    later = World(chip(tpp=1000), rule(items=at_least(tpp=4800)), larger, further).register

    def through(as_of: str) -> tuple[str, ...]:
        asked = question(as_of=as_of)
        (found,) = compare(Side(asked, earlier), Side(asked, later), ["Chip"], ["CN"])
        return found.causes

    assert through("2025-06-15") == ("item-chip", "item-chip-2", "us-rule")
    assert through("2026-06-15") == ("coverage-2",)


def test_an_item_that_the_ledger_has_recorded_meanwhile_is_a_cause() -> None:
    world = World(rule()).add(chip(), on="2026-02-01")
    early, late = (
        question(basis=Basis.LEDGER, known_at=day) for day in ("2026-01-31", "2026-02-01")
    )
    register = world.register
    (found,) = compare(Side(early, register), Side(late, register), ["Chip"], ["CN"])

    assert found.causes == ("item-chip",)


def test_a_change_of_evidence_alone_is_a_difference() -> None:
    """A letter known from a company's filing joins an official rule that asks for the same."""
    register = casebook()
    rule_alone = asking(item="H100", exporter="Dell", as_of="2022-11-10")
    with_letter = asking(item="H100", exporter="NVIDIA", as_of="2022-11-10")

    (difference,) = compare(
        Side(rule_alone, register), Side(with_letter, register), ["H100"], ["CN"]
    )

    assert difference.axes == (EVIDENCE,)
    assert difference.causes == ("us-2022-08-26-nvda-letter",)


def test_places_where_nothing_changes_are_left_out() -> None:
    before = asking(as_of="2025-04-08", consignee_headquarters="FR")
    after = asking(as_of="2025-04-20", consignee_headquarters="FR")

    changed = [
        difference.after.destination for difference in _between(before, after, "CN", "HK", "FR")
    ]

    assert changed == ["CN", "HK"]


def test_an_item_that_is_not_on_record_is_refused() -> None:
    register = casebook()
    side = Side(asking(), register)

    with pytest.raises(NotFoundError, match="H21"):
        list(compare(side, side, ["H21"], ["CN"]))
