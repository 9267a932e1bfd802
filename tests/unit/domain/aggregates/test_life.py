from __future__ import annotations

from typing import Any

import pytest

from ledger.domain.aggregates.life import (
    is_correction,
    names_its_stream,
    speaker,
)
from ledger.domain.effects import ClaimText, RequestedOutcome, Signatories
from ledger.domain.facts import ReportedFact
from ledger.domain.vocabulary import Family, OutcomeKind
from tests.builders import (
    action,
    authorization,
    claim,
    digest_of,
    exactly,
    license_event,
    license_requirement,
    order,
    relation,
    reported,
    submission,
)
from tests.unit.domain.aggregates.folding import fold, refusal

RULE = action("us-rule", provisions=(license_requirement("us-rule#place"),))
STREAMS_OF_REPORTS = {
    "instruments": action,
    "licenses": license_event,
    "orders": order,
    "submissions": submission,
    "claims": claim,
}


@pytest.mark.parametrize(
    ("stream", "family"),
    [
        ("instruments/x-1", Family.COMPANY_ORDER),
        ("licenses/x-1", Family.CLAIM),
        ("orders/x-1", Family.REGULATORY_ACTION),
        ("submissions/x-1", Family.CLAIM),
        ("claims/x-1", Family.ADVOCACY_SUBMISSION),
    ],
)
def test_a_collection_refuses_another_family(stream: str, family: Family) -> None:
    refused = refusal(reported("x-1", family, stream))

    assert (refused.rule, refused.field) == ("family-fits-collection", "family")


def test_a_fact_opens_the_stream_that_bears_its_id() -> None:
    state = fold(RULE)

    assert (state.version, state.opening_id, state.opening_actor) == (1, "us-rule", "BIS")
    assert state.opening_digest == digest_of(RULE)


@pytest.mark.parametrize("collection", STREAMS_OF_REPORTS)
def test_a_bare_fact_does_not_open_a_stream_of_another_name(collection: str) -> None:
    stray = STREAMS_OF_REPORTS[collection]("some-fact", f"{collection}/something-else")

    refused = refusal(stray)

    assert (refused.rule, refused.field) == ("opens-its-own-stream", "stream")


@pytest.mark.parametrize(
    ("family", "stream", "subject"),
    [
        (
            Family.REGULATORY_ACTION,
            "instruments/life",
            {"provisions": (license_requirement("brings-it#place"),)},
        ),
        (Family.REGULATORY_ACTION, "licenses/life", {"effects": (authorization("APPLIED"),)}),
        (Family.COMPANY_ORDER, "orders/life", {"quantity": exactly(1)}),
        (
            Family.ADVOCACY_SUBMISSION,
            "submissions/life",
            {"signatories": Signatories(names=("A",))},
        ),
        (
            Family.ADVOCACY_SUBMISSION,
            "submissions/life",
            {"requested_outcome": RequestedOutcome(kind=OutcomeKind.KEEP, text="Keep it.")},
        ),
        (
            Family.CLAIM,
            "claims/life",
            {"claims": (ClaimText(text="It sells.", subject="H20", kind="sales"),)},
        ),
    ],
)
def test_a_fact_that_brings_the_subject_opens_a_stream(
    family: Family, stream: str, subject: dict[str, Any]
) -> None:
    assert fold(reported("brings-it", family, stream, **subject)).opening_id == "brings-it"


def test_a_change_may_come_before_what_it_changes() -> None:
    correction = action(
        "us-correction", "instruments/us-rule", relates_to=(relation("corrects", "us-rule#place"),)
    )

    state = fold(correction, RULE)

    assert (state.version, state.opening_id) == (2, "us-rule")
    assert state.opening_digest == digest_of(RULE)


def test_a_fact_that_changes_another_stream_still_goes_where_it_is_filed() -> None:
    elsewhere = action("us-other", "instruments/us-rule", subtype="guidance")

    assert fold(RULE, elsewhere).opening_id == "us-rule"


@pytest.mark.parametrize("collection", STREAMS_OF_REPORTS)
@pytest.mark.parametrize(
    "withdrawing",
    [{"subtype": "withdrawal"}, {"relates_to": (relation("ends", "the-life"),)}],
    ids=["by subtype", "by relation"],
)
def test_nothing_follows_a_withdrawal(collection: str, withdrawing: dict[str, Any]) -> None:
    build, stream = STREAMS_OF_REPORTS[collection], f"{collection}/the-life"
    opening, withdrawal = build("the-life"), build("its-end", stream, **withdrawing)

    refused = refusal(opening, withdrawal, build("too-late", stream))

    assert refused.rule == "nothing-follows-withdrawal"
    assert "its-end" in refused.message


@pytest.mark.parametrize(
    "correcting",
    [{"subtype": "correction_rule"}, {"relates_to": (relation("corrects", "us-rule"),)}],
    ids=["by subtype", "by relation"],
)
def test_a_correction_follows_a_withdrawal(correcting: dict[str, Any]) -> None:
    withdrawal = action("us-end", "instruments/us-rule", subtype="withdrawal")
    correction = action("us-correction", "instruments/us-rule", **correcting)

    state = fold(RULE, withdrawal, correction)

    assert (state.version, state.withdrawn_by) == (3, "us-end")


def test_a_correction_does_not_reopen_a_withdrawn_life() -> None:
    withdrawal = action("us-end", "instruments/us-rule", subtype="withdrawal")
    correction = action("us-fix", "instruments/us-rule", subtype="correction")
    amendment = action("us-more", "instruments/us-rule")

    assert refusal(RULE, withdrawal, correction, amendment).rule == "nothing-follows-withdrawal"


@pytest.mark.parametrize(
    "link",
    [
        relation("ends", "us-rule#place"),
        relation("ends", "us-other-rule"),
        relation("stays", "us-rule"),
        relation("not_enforced", "us-rule"),
    ],
    ids=["one provision", "another act", "a stay", "non-enforcement"],
)
def test_a_life_outlives_whatever_does_not_end_the_whole_of_it(link: Any) -> None:
    change = action("us-change", "instruments/us-rule", relates_to=(link,))

    assert fold(RULE, change, action("us-after", "instruments/us-rule")).withdrawn_by == ""


def test_an_end_that_names_the_fact_which_came_first_withdraws_the_life() -> None:
    first = order("first-report", "orders/the-order", quantity=exactly(1))
    end = order("the-end", "orders/the-order", relates_to=(relation("ends", "first-report"),))

    assert fold(first, end).withdrawn_by == "the-end"


def test_an_act_that_withdraws_another_has_a_life_of_its_own() -> None:
    rescission = action(
        "us-rescission", subtype="withdrawal", relates_to=(relation("ends", "us-rule"),)
    )

    state = fold(rescission, action("us-notice", "instruments/us-rescission"))

    assert state.withdrawn_by == ""


def test_the_opening_fact_may_come_after_a_withdrawal_that_was_filed_first() -> None:
    early = action("us-end", "instruments/us-rule", relates_to=(relation("ends", "us-rule"),))

    state = fold(early, RULE)

    assert (state.opening_id, state.withdrawn_by) == ("us-rule", "us-end")


def test_a_statement_is_no_correction_and_a_correction_is() -> None:
    fact: ReportedFact = claim("cl-1")

    assert not is_correction(fact)
    assert is_correction(claim("cl-2", subtype="correction"))
    assert names_its_stream(fact)


def test_who_carried_a_sentence_is_no_part_of_the_speaker() -> None:
    assert speaker("NVIDIA (via press)") == speaker("Nvidia")
