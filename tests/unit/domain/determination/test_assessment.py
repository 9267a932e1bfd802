"""Five axes, never collapsed: each is made by its own facts."""

from __future__ import annotations

from ledger.domain.determination.answer import Axes
from ledger.domain.vocabulary import (
    Authorization,
    Axis,
    CommercialCondition,
    DestinationMeasure,
    Requirement,
    ReviewPolicy,
)
from tests.unit.domain.determination.world import World, act, chip, effect, rule

RULE = rule(review_policy=ReviewPolicy.POLICY_OF_DENIAL)
LICENSE = act("us-license", effects=effect(Axis.AUTHORIZATION, "GRANTED_SCOPED"))
MEASURE = act("cn-measure", effects=effect(Axis.DESTINATION_MEASURE, "DISCOURAGED"))
TARIFF = act("us-tariff", effects=effect(Axis.COMMERCIAL_CONDITION, "TARIFF"))


def test_every_axis_is_made_by_its_own_facts() -> None:
    """model §2: "Status a projection must hold (five axes; never collapse them)"."""
    assessment = World(chip(), RULE, LICENSE, MEASURE, TARIFF).assessed()

    assert assessment.axes == Axes(
        requirement=Requirement.LICENSE_REQUIRED,
        review_policy=ReviewPolicy.POLICY_OF_DENIAL,
        authorization=Authorization.GRANTED_SCOPED,
        destination_measure=DestinationMeasure.DISCOURAGED,
        commercial_condition=CommercialCondition.TARIFF,
    )
    assert [r.finding.id for r in assessment.deciding] == ["us-rule#all"]
    assert assessment.permission.by is not None
    assert assessment.permission.by.fact.id == "us-license"
    assert [r.fact.id for r in assessment.measure.by] == ["cn-measure"]
    assert assessment.condition.by is not None
    assert assessment.condition.by.fact.id == "us-tariff"
    assert [r.fact.id for r in assessment.effects] == ["us-license", "cn-measure", "us-tariff"]


def test_an_empty_record_makes_no_axis() -> None:
    assessment = World(chip()).assessed()

    assert assessment.axes == Axes(
        requirement=Requirement.NO_LICENSE_REQUIRED,
        review_policy=ReviewPolicy.N_A,
        authorization=Authorization.NONE_ON_RECORD,
        destination_measure=DestinationMeasure.NONE_ON_RECORD,
        commercial_condition=CommercialCondition.NONE,
    )
    assert assessment.deciding == ()


def test_a_provision_that_asks_nothing_is_no_reason() -> None:
    free = rule("us-free", requirement=Requirement.NO_LICENSE_REQUIRED)

    assert World(chip(), free).assessed().deciding == ()


def test_a_reason_in_doubt_decides_the_requirement_and_nothing_else() -> None:
    doubtful = rule(addressee="NVIDIA", review_policy=ReviewPolicy.POLICY_OF_DENIAL)
    assessment = World(chip(), doubtful).assessed()

    assert [f.id for f in assessment.reduced.deciding] == ["us-rule#all"]
    assert assessment.deciding == ()
    assert assessment.axes.review_policy is ReviewPolicy.N_A
