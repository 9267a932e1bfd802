from __future__ import annotations

import pytest
from pydantic import ValidationError

from ledger.domain.provision import Exemption, LicenseException, Provision, ReviewLane
from ledger.domain.vocabulary import ReviewPolicy


def test_a_provision_is_named_within_its_fact() -> None:
    assert Provision(id="us-rule#place").fact_id == "us-rule"
    for name in ("us-rule", "us-rule#", "#place", "us-rule#Place", "us-rule#a#b"):
        with pytest.raises(ValidationError):
            Provision(id=name)


@pytest.mark.parametrize("field", ["amends", "restates"])
def test_a_provision_amends_or_restates_another(field: str) -> None:
    other = Provision.model_validate({"id": "us-rule#place", field: "us-older#place"})
    assert getattr(other, field) == "us-older#place"
    with pytest.raises(ValidationError, match="cannot amend or restate itself"):
        Provision.model_validate({"id": "us-rule#place", field: "us-rule#place"})


def test_a_provision_without_tests_has_none() -> None:
    bare = Provision(id="us-rule#place")
    assert (bare.items, bare.destinations, bare.transactions) == (None, None, ())


def test_a_lane_names_the_provision_whose_policy_it_replaces() -> None:
    lane = ReviewLane(on_provision="us-rule#place", policy=ReviewPolicy.CASE_BY_CASE)
    assert lane.preconditions == ()
    with pytest.raises(ValidationError):
        ReviewLane(on_provision="us-rule", policy=ReviewPolicy.CASE_BY_CASE)


def test_an_exception_has_a_code() -> None:
    assert LicenseException(code="NAC").preconditions == ()
    with pytest.raises(ValidationError):
        LicenseException(code="")


def test_an_exemption_reaches_provisions_and_not_facts() -> None:
    assert Exemption(also_from=("us-rule#hq",)).also_from == ("us-rule#hq",)
    with pytest.raises(ValidationError):
        Exemption(also_from=("us-rule",))
