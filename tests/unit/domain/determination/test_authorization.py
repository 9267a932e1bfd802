"""P3: "Authorizations cut requirements only inside their scope, and only those reasons they
name."; reduction: "the latest license event outranks an assurance"."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.domain.facts import Fact, ReportedFact
from ledger.domain.provision import LicenseException
from ledger.domain.vocabulary import (
    Authorization,
    Axis,
    Certainty,
    RelationKind,
    Requirement,
)
from tests.unit.domain.determination.world import (
    World,
    act,
    chip,
    effect,
    fates,
    link,
    rule,
    when,
)

GRANTED, ASSURED = Authorization.GRANTED_SCOPED, Authorization.ASSURED_NOT_ISSUED
AVAILABLE, NOTHING = Authorization.EXCEPTION_AVAILABLE, Authorization.NONE_ON_RECORD
EVENTS = sorted(set(Authorization) - {NOTHING, AVAILABLE, ASSURED})


def event(
    value: Authorization = GRANTED, public: str = "2025-02-01", fact_id: str = "", **more: Any
) -> ReportedFact:
    of_effect = {"ends", "scope", "detail", "destinations"}
    fields = {name: more.pop(name) for name in of_effect & set(more)}
    name = fact_id or f"us-{value.lower().replace('_', '-')}"
    made = effect(Axis.AUTHORIZATION, value.value, **fields)
    return act(name, effects=made, public=public, **more)


def offering(fact_id: str = "us-rule", **limits: Any) -> ReportedFact:
    return rule(fact_id, exceptions=(LicenseException(code="NAC", **limits),))


def authorization(*facts: Fact, **asked: Any) -> Authorization:
    return World(chip(), *facts).ask(**asked).axes.authorization


def test_silence_is_no_authorization() -> None:
    """DESIGN §7: "Silence is never consent"."""
    assert authorization(rule()) is NOTHING


@pytest.mark.parametrize("value", [*EVENTS, ASSURED])
def test_a_license_event_is_what_it_says(value: Authorization) -> None:
    answer = World(chip(), rule(), event(value, scope=None, detail="for tests")).ask()

    assert answer.axes.authorization is value
    assert answer.authorization_detail == "for tests"


def test_a_license_leaves_the_requirement_standing() -> None:
    """model §2: five axes, "never collapse them"."""
    assert World(chip(), rule(), event()).requirement() is Requirement.LICENSE_REQUIRED


@pytest.mark.parametrize("value", EVENTS)
def test_the_latest_license_event_outranks_an_assurance(value: Authorization) -> None:
    """Reduction: "the latest license event outranks an assurance"."""
    earlier, later = event(ASSURED, "2025-01-15"), event(ASSURED, "2025-05-01", "us-again")

    assert authorization(rule(), event(value), earlier, later) is value


@pytest.mark.parametrize("value", EVENTS)
def test_the_latest_of_several_license_events_counts(value: Authorization) -> None:
    first = event(Authorization.APPLIED, "2025-01-15", "us-first")

    assert authorization(rule(), event(value, "2025-03-01", "us-last"), first) is value


def test_an_outranked_assurance_is_superseded() -> None:
    answer = World(chip(), rule(), event(ASSURED, "2025-01-15"), event()).ask()
    (entry,) = (c for c in answer.considered if "assured" in c.recorded.fact.id)

    assert (entry.disposition, entry.superseded_by) == ("SUPERSEDED_BY", "us-granted-scoped")


def test_a_later_event_on_weaker_evidence_does_not_displace_an_earlier_one() -> None:
    """P8: "Weaker evidence never overrides stronger; it opens CONFLICT."."""
    rumor = event(Authorization.REVOKED, "2025-05-01", "us-rumor", certainty=Certainty.PRESS_REPORT)
    answer = World(chip(), rule(), event(), rumor).ask()

    assert answer.axes.authorization is GRANTED
    assert [c.fact_ids for c in answer.conflicts] == [("us-granted-scoped", "us-rumor")]
    assert fates(answer)["us-rumor"] == "CONFLICTING"


def test_a_later_event_on_equal_or_stronger_evidence_displaces_an_earlier_one() -> None:
    filing = Certainty.COMPANY_FILING
    granted = event(certainty=filing)

    for certainty in (filing, Certainty.OFFICIAL):
        revoked = event(Authorization.REVOKED, "2025-05-01", certainty=certainty)
        assert authorization(rule(), granted, revoked) is Authorization.REVOKED


def test_weaker_evidence_that_says_the_same_contradicts_nothing() -> None:
    again = event(public="2025-05-01", fact_id="us-again", certainty=Certainty.PRESS_REPORT)

    assert World(chip(), rule(), event(), again).ask().conflicts == ()


def test_an_assurance_on_weaker_evidence_than_another_says_the_same() -> None:
    again = event(ASSURED, "2025-05-01", "us-again", certainty=Certainty.PRESS_REPORT)
    answer = World(chip(), rule(), event(ASSURED), again).ask()

    assert answer.axes.authorization is ASSURED
    assert answer.conflicts == ()


def test_a_license_whose_scheduled_end_has_passed_is_expired() -> None:
    granted = event(ends=when("2025-05-31"))

    assert authorization(rule(), granted, as_of="2025-05-31") is GRANTED
    assert authorization(rule(), granted, as_of="2025-06-01") is Authorization.EXPIRED


def test_a_license_that_is_stayed_is_suspended() -> None:
    stay = act("us-stay", relates=link(RelationKind.STAYS, "us-granted-scoped"), ends="2025-05-31")

    assert authorization(rule(), event(), stay, as_of="2025-05-31") is Authorization.SUSPENDED
    assert authorization(rule(), event(), stay, as_of="2025-06-01") is GRANTED


@pytest.mark.parametrize("value", [Authorization.SUSPENDED, Authorization.DENIED])
@pytest.mark.parametrize("kind", [RelationKind.ENDS, RelationKind.STAYS, RelationKind.SUPERSEDES])
def test_a_suspension_that_was_lifted_leaves_the_license_as_it_was(
    value: Authorization, kind: RelationKind
) -> None:
    suspended = event(value, "2025-03-01", "us-later")
    lifted = act("us-lift", relates=link(kind, "us-later"), public="2025-05-01")
    facts = (rule(), event(), suspended, lifted)

    assert authorization(*facts, as_of="2025-04-30") is value
    assert authorization(*facts, as_of="2025-05-01") is GRANTED


def test_a_suspension_holds_until_its_last_day() -> None:
    """FORMAT §1: "`ends` is the last day"."""
    suspended = event(Authorization.SUSPENDED, "2025-03-01", ends=when("2025-05-31"))

    assert authorization(rule(), event(), suspended, as_of="2025-05-31") is Authorization.SUSPENDED
    assert authorization(rule(), event(), suspended, as_of="2025-06-01") is GRANTED


def test_of_two_events_on_one_day_the_later_in_their_stream_counts() -> None:
    stream = "licenses/us-b-applied"
    applied = event(Authorization.APPLIED, fact_id="us-b-applied", stream=stream)
    granted = event(fact_id="us-a-granted", stream=stream)

    assert authorization(rule(), applied, granted) is GRANTED


@pytest.mark.parametrize("addressee", [None, "BIS"])
def test_an_application_is_its_applicants(addressee: str | None) -> None:
    applied = event(
        Authorization.APPLIED,
        actor="Acme (via press)",
        addressee=addressee,
        issuer_country="US" if addressee else None,
    )

    assert authorization(rule(), applied, exporter="acme") is Authorization.APPLIED
    assert authorization(rule(), applied, exporter="Dell") is NOTHING


def test_a_license_that_an_act_ended_is_revoked() -> None:
    ended = act("us-end", relates=link(RelationKind.ENDS, "us-granted-scoped"))

    assert authorization(rule(), event(), ended) is Authorization.REVOKED


def test_an_assurance_that_an_act_ended_is_none() -> None:
    ended = act("us-end", relates=link(RelationKind.ENDS, "us-assured-not-issued"))

    assert authorization(rule(), event(ASSURED), ended) is NOTHING


def test_an_assurance_whose_end_has_passed_is_none() -> None:
    words = event(ASSURED, ends=when("2025-05-31"))

    assert authorization(rule(), words, as_of="2025-05-31") is ASSURED
    assert authorization(rule(), words, as_of="2025-06-01") is NOTHING


def test_an_exception_is_available_where_the_one_reason_offers_it() -> None:
    assert authorization(offering()) is AVAILABLE


def test_an_exception_cuts_only_the_reasons_that_offer_it() -> None:
    """P3: "only those reasons they name"."""
    answer = World(chip(), offering(), rule("us-letter")).ask()

    assert answer.axes.authorization is NOTHING
    assert answer.flags == ("EXCEPTION_LEAVES_REASONS",)
    assert [o.exception.code for o in answer.offers] == ["NAC"]
    assert answer.notes == ("License exception NAC reaches only some of the provisions that ask.",)


def test_an_exception_that_every_reason_offers_is_available() -> None:
    answer = World(chip(), offering(), offering("us-letter")).ask()

    assert answer.axes.authorization is AVAILABLE
    assert [o.provision_id for o in answer.offers] == ["us-rule#all", "us-letter#all"]


def test_a_requirement_in_doubt_offers_no_exception() -> None:
    limited = rule(addressee="NVIDIA", exceptions=(LicenseException(code="NAC"),))

    assert authorization(limited) is NOTHING


def test_a_license_outranks_an_exception() -> None:
    assert authorization(offering(), event()) is GRANTED


@pytest.mark.parametrize("value", [v for v in EVENTS if v is not GRANTED])
def test_an_exception_helps_where_the_license_does_not(value: Authorization) -> None:
    answer = World(chip(), offering(), event(value)).ask()

    assert answer.axes.authorization is AVAILABLE
    assert fates(answer)[f"us-{value.lower()}"] == "APPLIED"


def test_an_exception_outranks_an_assurance() -> None:
    assert authorization(offering(), event(ASSURED)) is AVAILABLE


def test_a_license_outside_whose_scope_the_question_lies_does_not_decide() -> None:
    """P3: "Authorizations cut requirements only inside their scope"."""
    scoped = event(scope="support of customers at home")

    assert authorization(rule(), scoped) is NOTHING
    assert authorization(rule(), scoped, affirmed=("support of customers at home",)) is GRANTED


def test_a_license_that_another_act_took_the_place_of_has_no_say() -> None:
    """P5: "Later beats earlier"."""
    replaced = act("us-new", relates=link(RelationKind.SUPERSEDES, "us-granted-scoped"))

    assert authorization(rule(), event(), replaced) is NOTHING
