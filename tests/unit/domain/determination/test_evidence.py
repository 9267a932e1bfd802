"""The fifth axis: "Evidence: the weakest applied link decides"."""

from __future__ import annotations

import pytest

from ledger.domain.determination.evidence import ORDER, evidence_of, weakest
from ledger.domain.effects import Source
from ledger.domain.facts import ReportedFact
from ledger.domain.vocabulary import Axis, Certainty, Evidence, ItemCertainty
from tests.unit.domain.determination.world import World, act, at_least, chip, effect, rule

SAID = {
    Certainty.OFFICIAL: Evidence.OFFICIAL_TEXT,
    Certainty.COMPANY_FILING: Evidence.COMPANY_FILING,
    Certainty.PRESS_REPORT: Evidence.PRESS_SINGLE,
    Certainty.ATTRIBUTED_CLAIM: Evidence.ATTRIBUTED_CLAIM,
}


def reported(certainty: Certainty, *publishers: str) -> ReportedFact:
    sources = tuple(Source(publisher=name, title="A report") for name in publishers)
    made = effect(Axis.DESTINATION_MEASURE, "INQUIRY")
    return act("cn-measure", effects=made, certainty=certainty, sources=sources)


def test_grades_stand_weakest_first() -> None:
    assert [e.value for e in ORDER] == [
        "ATTRIBUTED_CLAIM",
        "PRESS_SINGLE",
        "PRESS_MULTI",
        "COMPANY_FILING",
        "OFFICIAL_TEXT",
    ]


@pytest.mark.parametrize("certainty", list(Certainty))
def test_a_fact_is_as_strong_as_its_source(certainty: Certainty) -> None:
    assert evidence_of(reported(certainty, "One")) is SAID[certainty]


def test_two_publishers_are_stronger_than_one_that_says_it_twice() -> None:
    assert evidence_of(reported(Certainty.PRESS_REPORT, "One", "One")) is Evidence.PRESS_SINGLE
    assert evidence_of(reported(Certainty.PRESS_REPORT, "One", "Two")) is Evidence.PRESS_MULTI
    assert evidence_of(reported(Certainty.PRESS_REPORT)) is Evidence.PRESS_SINGLE


@pytest.mark.parametrize("certainty", list(Certainty))
def test_the_weakest_applied_link_decides(certainty: Certainty) -> None:
    answer = World(chip(), rule(), reported(certainty)).ask()

    assert answer.evidence is SAID[certainty]


def test_what_is_not_applied_weakens_nothing() -> None:
    made = effect(Axis.DESTINATION_MEASURE, "INQUIRY", items=("Other",))
    rumor = act("cn-measure", effects=made, certainty=Certainty.ATTRIBUTED_CLAIM)

    assert World(chip(), rule(), rumor).ask().evidence is Evidence.OFFICIAL_TEXT


def test_nothing_on_record_carries_no_evidence() -> None:
    assert weakest([], None, item_was_tested=True) is None
    assert weakest([], chip(), item_was_tested=False) is None


CLAIMED = chip(certainty=ItemCertainty.ATTRIBUTED_CLAIM, tpp=5000)


def test_claimed_figures_are_a_link_where_a_test_reads_them() -> None:
    tested = World(CLAIMED, rule(items=at_least(tpp=4800))).ask()
    named = World(CLAIMED, rule()).ask()

    assert tested.evidence is Evidence.ATTRIBUTED_CLAIM
    assert named.evidence is Evidence.OFFICIAL_TEXT


@pytest.mark.parametrize("certainty", [ItemCertainty.VENDOR_SPECIFICATION, ItemCertainty.MIXED])
def test_a_vendors_figures_weaken_nothing(certainty: ItemCertainty) -> None:
    answer = World(chip(certainty=certainty, tpp=5000), rule(items=at_least(tpp=4800))).ask()

    assert answer.evidence is Evidence.OFFICIAL_TEXT


def test_an_answer_on_figures_alone_is_worth_the_vendors_specification() -> None:
    answer = World(chip(tpp=1000), rule(items=at_least(tpp=4800))).ask()

    assert answer.evidence is Evidence.COMPANY_FILING
