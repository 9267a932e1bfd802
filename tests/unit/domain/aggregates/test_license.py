from __future__ import annotations

from typing import Any

import pytest

from ledger.domain.effects import Effect
from ledger.domain.facts import ReportedFact
from ledger.domain.scope import PlaceScope
from ledger.domain.vocabulary import Axis
from ledger.errors import RuleError
from tests.builders import authorization, license_event, relation
from tests.unit.domain.aggregates.folding import fold, refusal

STREAM = "licenses/us-license-0"


def life(*values: str) -> list[ReportedFact]:
    """One fact for each value, in one license's stream."""
    return [event(place, authorization(value)) for place, value in enumerate(values)]


def event(place: int, *effects: Effect, **more: Any) -> ReportedFact:
    return license_event(f"us-license-{place}", STREAM, effects=effects, **more)


@pytest.mark.parametrize(
    "values",
    [
        ("GRANTED_SCOPED",),
        ("APPLIED", "GRANTED_SCOPED"),
        ("ASSURED_NOT_ISSUED", "GRANTED_SCOPED"),
        ("APPLIED", "ASSURED_NOT_ISSUED", "GRANTED_SCOPED"),
        ("APPLIED", "RETURNED", "APPLIED", "GRANTED_SCOPED"),
        ("APPLIED", "DENIED", "APPLIED", "GRANTED_SCOPED"),
        ("GRANTED_SCOPED", "REVOKED", "APPLIED", "GRANTED_SCOPED"),
        ("GRANTED_SCOPED", "EXPIRED", "APPLIED", "GRANTED_SCOPED"),
        ("GRANTED_SCOPED", "SUSPENDED", "GRANTED_SCOPED"),
        ("GRANTED_SCOPED", "SUSPENDED", "SUSPENDED", "REVOKED"),
        ("GRANTED_SCOPED", "SUSPENDED", "EXPIRED"),
        ("GRANTED_SCOPED", "GRANTED_SCOPED"),
        ("GRANTED_SCOPED", "APPLIED", "SUSPENDED"),
        ("GRANTED_SCOPED", "APPLIED", "DENIED", "REVOKED"),
        ("DENIED",),
        ("RETURNED", "RETURNED"),
    ],
    ids=" > ".join,
)
def test_a_license_lives_so(values: tuple[str, ...]) -> None:
    assert fold(*life(*values)).version == len(values)


@pytest.mark.parametrize("closing", ["RETURNED", "DENIED"])
def test_after_a_refusal_a_grant_needs_a_new_application(closing: str) -> None:
    refused = refusal(*life("APPLIED", closing, "GRANTED_SCOPED"))

    assert (refused.rule, refused.field) == ("license-needs-application", "effects[0].value")


@pytest.mark.parametrize("ending", ["REVOKED", "EXPIRED"])
def test_after_its_end_a_grant_needs_a_new_application(ending: str) -> None:
    refused = refusal(*life("GRANTED_SCOPED", ending, "GRANTED_SCOPED"))

    assert refused.rule == "license-needs-application"


def test_an_assurance_is_no_application() -> None:
    refused = refusal(*life("DENIED", "ASSURED_NOT_ISSUED", "GRANTED_SCOPED"))

    assert refused.rule == "license-needs-application"


@pytest.mark.parametrize("end", ["SUSPENDED", "REVOKED", "EXPIRED"])
@pytest.mark.parametrize("before", [(), ("APPLIED",), ("APPLIED", "DENIED")], ids=str)
def test_only_a_granted_license_can_end(end: str, before: tuple[str, ...]) -> None:
    refused = refusal(*life(*before, end))

    assert (refused.rule, refused.field) == ("license-needs-grant", "effects[0].value")


def test_a_revoked_license_is_not_suspended_afterwards() -> None:
    refused = refusal(*life("GRANTED_SCOPED", "REVOKED", "SUSPENDED"))

    assert refused.rule == "license-needs-grant"


@pytest.mark.parametrize("end", ["SUSPENDED", "REVOKED", "EXPIRED"])
def test_what_was_granted_in_another_stream_may_end_in_this_one(end: str) -> None:
    """DESIGN §4: "`relates_to` may name any fact, later or absent"."""
    ended = event(0, authorization(end), relates_to=(relation("ends", "us-grant-elsewhere"),))

    assert fold(ended).version == 1


def test_a_correction_says_what_was_true_all_along() -> None:
    mistaken = life("APPLIED", "DENIED")
    correction = event(
        2, authorization("GRANTED_SCOPED"), relates_to=(relation("corrects", "us-license-1"),)
    )

    assert fold(*mistaken, correction, event(3, authorization("SUSPENDED"))).version == 4


def test_one_item_denied_leaves_another_to_be_granted() -> None:
    both = event(0, authorization("APPLIED", "H20", "H200"))
    denied = event(1, authorization("DENIED", "H20"))

    granted = event(2, authorization("GRANTED_SCOPED", "H200"))
    again = event(2, authorization("GRANTED_SCOPED", "h20"))

    assert fold(both, denied, granted).version == 3
    assert refusal(both, denied, again).rule == "license-needs-application"


def test_one_destination_denied_leaves_another_to_be_granted() -> None:
    denied = event(0, authorization("DENIED", codes=("CN", "MO")))

    assert fold(denied, event(1, authorization("GRANTED_SCOPED", codes=("AE",)))).version == 2
    assert (
        refusal(denied, event(1, authorization("GRANTED_SCOPED", codes=("MO",)))).rule
        == "license-needs-application"
    )


def test_one_addressee_denied_leaves_another_to_be_granted() -> None:
    applied = event(0, authorization("APPLIED"), addressee=("G42", "Humain"))
    denied = event(1, authorization("DENIED"), addressee="G42")

    granted = event(2, authorization("GRANTED_SCOPED"), addressee="Humain")
    again = event(2, authorization("GRANTED_SCOPED"), addressee="g42")

    assert fold(applied, denied, granted).version == 3
    assert refusal(applied, denied, again).rule == "license-needs-application"


def test_an_applicant_may_be_the_actor_of_the_application() -> None:
    denied = event(0, authorization("DENIED"), addressee="NVIDIA")
    applied = event(1, authorization("APPLIED"), actor="NVIDIA", addressee="BIS")
    granted = event(2, authorization("GRANTED_SCOPED"), addressee="NVIDIA")

    assert fold(denied, applied, granted).version == 3


def test_a_grant_to_all_may_follow_where_a_part_is_still_open() -> None:
    partly = [
        event(0, authorization("DENIED", "H20")),
        event(1, authorization("APPLIED", "H200")),
    ]

    assert fold(*partly, event(2, authorization("GRANTED_SCOPED"))).version == 3


def test_a_revocation_of_all_ends_every_part() -> None:
    granted = event(0, authorization("GRANTED_SCOPED", "H20", "H200"))
    revoked = event(1, authorization("REVOKED"))

    refused = refusal(granted, revoked, event(2, authorization("SUSPENDED", "H20")))

    assert refused.rule == "license-needs-grant"


@pytest.mark.parametrize(
    "places",
    [PlaceScope(any=True), PlaceScope(any_group=("D:5",)), PlaceScope(unpublished=True)],
    ids=["any", "a group", "unpublished"],
)
def test_a_place_without_codes_stands_for_every_destination(places: PlaceScope) -> None:
    denied = event(
        0, Effect(axis=Axis.AUTHORIZATION, value="DENIED", destinations=places), subtype="denial"
    )

    refused = refusal(denied, event(1, authorization("GRANTED_SCOPED", codes=("CN",))))

    assert refused.rule == "license-needs-application"


def test_one_fact_may_tell_a_whole_life() -> None:
    told = event(
        0, authorization("APPLIED"), authorization("GRANTED_SCOPED"), authorization("REVOKED")
    )

    assert refusal(told, event(1, authorization("SUSPENDED"))).rule == "license-needs-grant"


def test_two_effects_of_one_revocation_do_not_hinder_each_other() -> None:
    granted = event(0, authorization("GRANTED_SCOPED", "H20"))
    revoked = event(
        1, authorization("REVOKED", "H20"), authorization("REVOKED", "H20", codes=("HK",))
    )

    assert fold(granted, revoked).version == 2


def test_the_refused_effect_is_the_one_named() -> None:
    error: RuleError = refusal(
        event(0, authorization("APPLIED", "H20"), authorization("SUSPENDED", "H200"))
    )

    assert error.field == "effects[1].value"


def test_other_axes_have_no_part_in_a_license_life() -> None:
    condition = Effect(axis=Axis.COMMERCIAL_CONDITION, value="EXPECTED_UNCODIFIED")

    assert fold(event(0, condition), event(1, authorization("GRANTED_SCOPED"))).version == 2
