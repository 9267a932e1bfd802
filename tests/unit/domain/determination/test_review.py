"""P6: "Review policy: strictest across applicable reasons, unless a lane's preconditions are all
affirmed."."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from ledger.domain import scope
from ledger.domain.determination.review import ORDER, strictest
from ledger.domain.facts import Fact, ReportedFact
from ledger.domain.provision import LicenseException, ReviewLane, ReviewRule
from ledger.domain.vocabulary import (
    Authorization,
    RelationKind,
    Requirement,
    ReviewPolicy,
)
from tests.unit.domain.determination.world import (
    World,
    act,
    amending,
    at_least,
    chip,
    codes,
    fates,
    link,
    provision,
    rule,
    when,
)

CASE_BY_CASE, DENIAL = ReviewPolicy.CASE_BY_CASE, ReviewPolicy.POLICY_OF_DENIAL
APPROVAL = ReviewPolicy.PRESUMPTION_OF_APPROVAL


def policy(*facts: Fact, **asked: Any) -> ReviewPolicy:
    return World(chip(tpp=5000), *facts).ask(**asked).axes.review_policy


def lane(**more: Any) -> ReviewLane:
    fields: dict[str, Any] = {"on_provision": "us-rule#all", "policy": CASE_BY_CASE}
    return ReviewLane(**(fields | more))


def opening(*lanes: ReviewLane, **more: Any) -> ReportedFact:
    """An act that asks nothing and opens lanes."""
    return rule("us-lane", **({"requirement": None, "review_lanes": lanes} | more))


STRICT = rule(review_policy=DENIAL)


@pytest.mark.parametrize(("stricter", "milder"), list(combinations(ORDER, 2)))
def test_the_strictest_of_several_policies_counts(
    stricter: ReviewPolicy, milder: ReviewPolicy
) -> None:
    """Reduction: "POLICY_OF_DENIAL > PRESUMPTION_OF_DENIAL > NOT_STATED > CASE_BY_CASE >
    PRESUMPTION_OF_APPROVAL, over the reasons that apply"."""
    facts = (rule("us-mild", review_policy=milder), rule("us-strict", review_policy=stricter))

    assert policy(*facts) is stricter


def test_the_order_of_policies_is_the_one_of_the_model() -> None:
    assert [p.value for p in ORDER] == [
        "POLICY_OF_DENIAL",
        "PRESUMPTION_OF_DENIAL",
        "NOT_STATED",
        "CASE_BY_CASE",
        "PRESUMPTION_OF_APPROVAL",
    ]


def test_without_a_reason_there_is_no_policy() -> None:
    assert strictest([]) is ReviewPolicy.N_A
    assert policy() is ReviewPolicy.N_A


def test_a_policy_that_no_source_states_is_not_stated() -> None:
    assert policy(rule()) is ReviewPolicy.NOT_STATED


def test_only_reasons_that_apply_have_a_policy() -> None:
    """Reduction: "over the reasons that apply"."""
    weaker = rule("us-later", review_policy=DENIAL, compliance=when("2025-12-01"))
    elsewhere = rule("us-elsewhere", review_policy=DENIAL, destinations=codes("JP"))

    assert policy(rule(review_policy=CASE_BY_CASE), weaker, elsewhere) is CASE_BY_CASE


def test_a_requirement_in_doubt_has_no_policy_yet() -> None:
    assert policy(rule(addressee="NVIDIA", review_policy=DENIAL)) is ReviewPolicy.N_A


def test_where_no_license_is_required_nothing_is_reviewed() -> None:
    free = rule(requirement=Requirement.NO_LICENSE_REQUIRED, review_policy=DENIAL)

    assert policy(free) is ReviewPolicy.N_A


def test_every_reason_keeps_its_own_policy_beside_the_axis() -> None:
    """Reduction: "every reason's own policy is listed beside it"."""
    answer = World(chip(), STRICT, rule("us-mild", review_policy=APPROVAL)).ask()

    assert {r.finding.id: r.policy for r in answer.reasons} == {
        "us-rule#all": DENIAL,
        "us-mild#all": APPROVAL,
    }


def test_the_first_review_rule_whose_tests_hold_replaces_the_default() -> None:
    """FORMAT §2: "`review_policy` is the default; `review_by`…, the first whose tests all hold
    replaces it"."""
    facts = rule(
        destinations=None,
        review_policy=APPROVAL,
        review_by=(
            ReviewRule(when=scope.Tests(destinations=codes("CN")), policy=DENIAL),
            ReviewRule(when=scope.Tests(items=at_least(tpp=1)), policy=CASE_BY_CASE),
        ),
    )

    assert policy(facts) is DENIAL
    assert policy(facts, destination="JP") is CASE_BY_CASE
    assert World(chip(tpp=0), facts).ask(destination="JP").axes.review_policy is APPROVAL


def test_a_review_rule_that_lacks_a_fact_does_not_hold_and_says_so() -> None:
    by_seat = ReviewRule(when=scope.Tests(headquarters=codes("CN")), policy=DENIAL)
    answer = World(chip(), rule(review_policy=APPROVAL, review_by=(by_seat,))).ask()

    assert answer.axes.review_policy is APPROVAL
    assert answer.flags == ("REVIEW_TURNS_ON_MISSING_FACT",)
    assert "consignee_headquarters" in answer.notes[0]


def test_a_lane_replaces_the_policy_once_all_preconditions_are_affirmed() -> None:
    """P6: "unless a lane's preconditions are all affirmed"."""
    opened = opening(lane(preconditions=("third-party test", "supply at home")))
    world = World(chip(), STRICT, opened)

    assert world.ask().axes.review_policy is DENIAL
    assert world.ask(affirmed=("third-party test",)).axes.review_policy is DENIAL
    affirmed = world.ask(affirmed=("Third-Party Test", "supply at home"))
    assert affirmed.axes.review_policy is CASE_BY_CASE
    assert fates(affirmed)["us-lane"] == "APPLIED"


def test_a_closed_lane_names_what_is_to_be_affirmed() -> None:
    opened = opening(lane(preconditions=("third-party test", "supply at home")))
    answer = World(chip(), STRICT, opened).ask(affirmed=("supply at home",))

    assert answer.flags == ("REVIEW_LANE_NEEDS_PRECONDITIONS",)
    assert answer.notes == (
        "us-lane#all opens a lane (CASE_BY_CASE) on us-rule#all once affirmed: third-party test.",
    )
    assert fates(answer)["us-lane"] == "NO_STATUS_EFFECT"


def test_an_open_lane_hides_a_closed_one() -> None:
    lanes = opening(lane(preconditions=("never",)), lane())
    answer = World(chip(), STRICT, lanes).ask()

    assert answer.axes.review_policy is CASE_BY_CASE
    assert answer.flags == ()


def test_a_lane_replaces_the_policy_of_the_one_provision_that_it_names() -> None:
    """Reduction: "A lane replaces the policy of the one provision that it names"."""
    other = rule("us-other", review_policy=DENIAL)

    assert policy(STRICT, other, opening(lane())) is DENIAL
    assert policy(STRICT, other, opening(lane(), lane(on_provision="us-other#all"))) is (
        CASE_BY_CASE
    )


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"effective": when("2025-06-15")}, CASE_BY_CASE),
        ({"effective": when("2025-06-16")}, DENIAL),
        ({"ends": when("2025-06-15")}, CASE_BY_CASE),
        ({"ends": when("2025-06-14")}, DENIAL),
        ({"destinations": codes("JP")}, DENIAL),
        ({"addressee": "NVIDIA"}, DENIAL),
    ],
)
def test_a_lane_has_dates_and_tests_of_its_own(
    limits: dict[str, Any], expected: ReviewPolicy
) -> None:
    assert policy(STRICT, opening(lane(**limits))) is expected


def test_a_lane_may_name_an_amendment_of_the_provision() -> None:
    """FORMAT §2: an amendment replaces fields of "the one named", which is then what is meant."""
    amended = act("us-change", amending("us-change#all", "us-rule#all", review_policy=DENIAL))

    assert policy(STRICT, amended, opening(lane(on_provision="us-change#all"))) is CASE_BY_CASE


@pytest.mark.parametrize("kind", [RelationKind.ENDS, RelationKind.STAYS])
def test_a_lane_of_a_provision_that_does_not_stand_is_none(kind: RelationKind) -> None:
    stopped = act("us-stop", relates=link(kind, "us-lane"))

    assert policy(STRICT, opening(lane()), stopped) is DENIAL
    assert policy(STRICT, opening(lane(), destinations=codes("JP"))) is DENIAL


def test_a_lane_of_a_provision_that_may_not_reach_the_question_is_none() -> None:
    assert policy(STRICT, opening(lane(), addressee="NVIDIA")) is DENIAL


def offering(fact_id: str = "us-rule", *, code: str = "NAC", **limits: Any) -> ReportedFact:
    return rule(fact_id, exceptions=(LicenseException(code=code, **limits),))


def test_an_exception_leaves_the_requirement_and_makes_an_authorization_available() -> None:
    """FORMAT §2: "An exception leaves the requirement standing and makes an authorization
    available"."""
    answer = World(chip(), offering(preconditions=("notified",))).ask()

    assert answer.axes.requirement is Requirement.LICENSE_REQUIRED
    assert answer.axes.authorization is Authorization.EXCEPTION_AVAILABLE
    assert [(o.exception.code, o.unaffirmed) for o in answer.offers] == [("NAC", ("notified",))]


def test_an_affirmed_precondition_is_no_longer_open() -> None:
    answer = World(chip(), offering(preconditions=("Notified",))).ask(affirmed=("notified",))

    assert [o.unaffirmed for o in answer.offers] == [()]


@pytest.mark.parametrize(
    ("limits", "available"),
    [
        ({"effective": when("2025-06-15")}, True),
        ({"effective": when("2025-06-16")}, False),
        ({"ends": when("2025-06-15")}, True),
        ({"ends": when("2025-06-14")}, False),
        ({"destinations": codes("JP")}, False),
    ],
)
def test_an_exception_has_dates_and_tests_of_its_own(
    limits: dict[str, Any], available: bool
) -> None:
    answer = World(chip(), offering(**limits)).ask()

    assert (answer.axes.authorization is Authorization.EXCEPTION_AVAILABLE) is available


def test_an_exception_that_lacks_a_fact_is_not_available_and_says_so() -> None:
    answer = World(chip(), offering(headquarters=codes("JP"))).ask()

    assert answer.axes.authorization is Authorization.NONE_ON_RECORD
    assert answer.flags == ("REVIEW_TURNS_ON_MISSING_FACT",)


def test_the_same_exception_on_two_paths_is_one_offer() -> None:
    twice = act(
        "us-rule",
        provision(
            exceptions=(
                LicenseException(code="NAC", items=at_least(tpp=1)),
                LicenseException(code="NAC", items=at_least(tpp=2)),
                LicenseException(code="NAC", preconditions=("notified",)),
            )
        ),
    )

    assert len(World(chip(tpp=5000), twice).ask().offers) == 2
