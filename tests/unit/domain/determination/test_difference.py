"""Differences between two cut-offs, over the real record."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.domain.determination.difference import EVIDENCE, Difference, Side, compare
from ledger.domain.determination.question import Question
from ledger.domain.vocabulary import Authorization, DestinationMeasure, Requirement
from ledger.errors import NotFoundError
from tests.casebook import asking, casebook


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
