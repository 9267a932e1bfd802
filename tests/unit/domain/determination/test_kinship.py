"""Destinations that nothing on record can tell apart have one status."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.domain import scope
from ledger.domain.authorship import OutsideRecord
from ledger.domain.determination.kinship import kinship
from ledger.domain.facts import Fact
from ledger.domain.provision import Exemption, LicenseException, ReviewLane, ReviewRule
from ledger.domain.vocabulary import Axis, ReviewPolicy
from tests.builders import membership
from tests.unit.domain.determination.world import World, act, chip, codes, effect, grouped, rule

CASE_BY_CASE = ReviewPolicy.CASE_BY_CASE
IN_SWEDEN = scope.Tests(destinations=codes("SE"))


def alike(*facts: Fact, one: str = "SE", other: str = "NO", **asked: Any) -> bool:
    situation = World(chip(), *facts).situation(**asked)
    kind = kinship(situation)
    return kind(one) == kind(other)


def test_countries_that_no_test_names_and_no_group_holds_are_alike() -> None:
    assert alike(rule(destinations=grouped("D:5")))


@pytest.mark.parametrize(
    "parts",
    [
        {"destinations": codes("SE")},
        {"destinations": grouped("D:5", not_codes=("SE",))},
        {
            "review_by": (
                ReviewRule(when=scope.Tests(destinations=codes("SE")), policy=CASE_BY_CASE),
            )
        },
        {"exceptions": (LicenseException(code="NAC", destinations=codes("SE")),)},
        {"exempt": (Exemption(destinations=codes("SE")),)},
        {
            "review_lanes": (
                ReviewLane(
                    on_provision="us-rule#all", policy=CASE_BY_CASE, destinations=codes("SE")
                ),
            )
        },
    ],
    ids=lambda parts: next(iter(parts)),
)
def test_a_country_that_any_part_of_a_provision_names_is_like_no_other(
    parts: dict[str, Any],
) -> None:
    assert not alike(rule(**parts))


def test_a_country_that_a_measure_names_is_like_no_other() -> None:
    made = effect(Axis.DESTINATION_MEASURE, "INQUIRY", destinations=codes("SE"))

    assert not alike(act("se-asks", effects=made))


def test_a_country_whose_rules_are_not_on_record_is_like_no_other() -> None:
    policy = (OutsideRecord(codes=("SE",), citation="15 CFR part 746", note="not on record"),)
    kind = kinship(World(chip(), outside_record=policy).situation())

    assert kind("SE") != kind("NO")


def test_members_of_a_tested_group_are_alike_on_the_day_asked_about() -> None:
    facts = (
        rule(destinations=grouped("D:5")),
        membership("SE", "D:5"),
        membership("NO", "D:5", since="2025-06-01"),
    )

    assert not alike(*facts, as_of="2025-05-31")
    assert alike(*facts, as_of="2025-06-01")


def test_a_group_that_nothing_tests_tells_nobody_apart() -> None:
    assert alike(rule(destinations=grouped("D:5")), membership("SE", "A:1"))


def test_the_groups_are_those_of_every_test() -> None:
    strict = rule(destinations=grouped("D:1", not_group=("A:6",)), headquarters=grouped("D:5"))
    kind = kinship(World(chip(), strict).situation())

    assert kind.groups == ("A:6", "D:1", "D:5")
