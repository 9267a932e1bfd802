from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ledger.domain.determination.answer import Axes
from ledger.domain.determination.engine import ENGINE_VERSION
from ledger.domain.facts import ReportedFact
from ledger.domain.scope import ConsigneeScope
from ledger.domain.vocabulary import (
    Authorization,
    Axis,
    Basis,
    Certainty,
    CommercialCondition,
    DestinationMeasure,
    EndUse,
    RelationKind,
    Requirement,
    ReviewPolicy,
    Transaction,
)
from ledger.errors import NotFoundError
from tests.builders import claim
from tests.unit.domain.determination.world import (
    World,
    act,
    at_least,
    chip,
    codes,
    dates,
    effect,
    fates,
    link,
    rule,
    when,
)


def test_an_item_that_is_not_on_record_is_refused_with_its_neighbors() -> None:
    with pytest.raises(NotFoundError, match=r"on record: chip$") as error:
        World(chip()).ask(item="Chpi")

    assert (error.value.field, error.value.rule) == ("question.item", "item-on-record")


def test_an_item_that_resembles_none_is_refused_without_a_hint() -> None:
    with pytest.raises(NotFoundError, match="no item named 'Zzzz' is on record") as error:
        World(chip()).ask(item="Zzzz")

    assert "nearest" not in error.value.message


def test_an_item_that_the_ledger_had_not_recorded_answers_no_record() -> None:
    """model §3: "on basis LEDGER an item that was not yet recorded answers NO_RECORD, never an
    error"."""
    answer = (
        World(rule()).add(chip(), on="2025-07-01").ask(basis=Basis.LEDGER, known_at="2025-06-30")
    )

    assert answer.axes.requirement is Requirement.NO_RECORD
    assert answer.flags == ("ITEM_NOT_YET_RECORDED",)
    assert answer.notes == ("Chip was not yet recorded at 2025-06-30.",)
    assert answer.item_record is None


def test_no_record_says_nothing_on_any_axis() -> None:
    """DESIGN §7: "Silence is never consent: no record is NO_RECORD"."""
    answer = World(chip(), rule(), covered=False).ask(exporter="Dell")

    assert answer.axes == Axes(
        requirement=Requirement.NO_RECORD,
        review_policy=ReviewPolicy.N_A,
        authorization=Authorization.NONE_ON_RECORD,
        destination_measure=DestinationMeasure.NONE_ON_RECORD,
        commercial_condition=CommercialCondition.NONE,
    )
    assert (answer.evidence, answer.since, answer.considered) == (None, None, ())
    assert answer.supplied == ("item=Chip", "destination=CN", "exporter=Dell")
    assert answer.item_record is not None


def test_an_answer_names_the_version_of_item_and_engine_and_the_tree_it_stands_on() -> None:
    """DESIGN §7: "`item_version`, `tree_size`, `checkpoint`, `engine_version`"."""
    world = World(chip(), chip(id="item-chip-2", tpp=5000), rule())
    answer = world.ask()

    assert answer.item_record is not None
    assert (answer.item_record.version, answer.item_record.fact.id) == (2, "item-chip-2")
    assert answer.tree_size == len(world.records)
    assert answer.engine_version == ENGINE_VERSION


def test_what_was_not_supplied_is_assumed_and_named() -> None:
    """model §3: "Unless supplied, … are assumed, and named in `assumed`"."""
    world = World(chip(), rule())

    assert world.ask().assumed == (
        "no listed party",
        "no part-744 end use",
        "transaction is an export",
    )
    supplied = world.ask(consignee="Acme", end_use=EndUse.NONE, transaction=Transaction.REEXPORT)
    assert supplied.assumed == ()


def test_of_a_consignee_that_a_list_names_nothing_is_assumed_about_lists() -> None:
    """The other lists, which are not carried in full, no longer matter."""
    lists = [
        rule(fact_id, consignees=ConsigneeScope(names=names, complete=False))
        for fact_id, names in (("us-list", ("Acme",)), ("us-other", ()))
    ]
    world = World(chip(), *lists)

    assert "no listed party" not in world.ask(consignee="Acme").assumed
    assert "no listed party" in world.ask(consignee="Other").assumed


def test_exporter_and_headquarters_are_never_assumed() -> None:
    """model §3: "Exporter and consignee headquarters are never assumed"."""
    asked = World(chip(), rule(addressee="NVIDIA", headquarters=codes("CN"))).ask()

    assert asked.axes.requirement is Requirement.INDETERMINATE
    assert asked.missing == ("consignee_headquarters", "exporter")


def test_an_unknown_exporter_is_an_ordinary_exporter() -> None:
    """DESIGN §7: "Unknown exporters are ordinary exporters"."""
    world = World(chip(), rule(addressee="NVIDIA"))

    assert world.requirement(exporter="Never Heard Of") is Requirement.NO_LICENSE_REQUIRED


def test_deciding_reasons_come_first() -> None:
    world = World(chip(), rule("us-a", compliance=when("2025-12-01")), rule("us-b"))

    assert [r.finding.id for r in world.ask().reasons] == ["us-b#all", "us-a#all"]


def test_details_of_equal_measures_are_told_once() -> None:
    measures = [
        act(f"cn-{n}", effects=effect(Axis.DESTINATION_MEASURE, "INQUIRY", detail=detail))
        for n, detail in enumerate(("asked", "asked", "asked again"))
    ]
    silent = act("cn-silent", effects=effect(Axis.DESTINATION_MEASURE, "INQUIRY"))

    assert World(chip(), *measures, silent).ask().measure_detail == "asked; asked again"


def contradicting(fact_id: str = "cl-against", **more: Any) -> ReportedFact:
    fields: dict[str, Any] = {"relates_to": link(RelationKind.CONTRADICTS, "us-rule")}
    return claim(fact_id, dates=dates(public="2025-02-01"), **(fields | more))


def test_a_claim_against_an_applied_act_opens_a_conflict_and_changes_nothing() -> None:
    """P8: "Weaker evidence never overrides stronger; it opens CONFLICT."."""
    answer = World(chip(), rule(), contradicting(items=("Chip",))).ask()

    assert answer.axes.requirement is Requirement.LICENSE_REQUIRED
    assert [(c.fact_ids, c.about) for c in answer.conflicts] == [
        (("us-rule", "cl-against"), "cl-against (attributed_claim) contradicts us-rule")
    ]


def test_equal_evidence_that_contradicts_opens_a_conflict_too() -> None:
    """P8: "Equal rank, contradictory => CONFLICT, list both"."""
    against = act("us-against", relates=link(RelationKind.CONTRADICTS, "us-rule"))
    answer = World(chip(), rule(), against).ask()

    assert [c.fact_ids for c in answer.conflicts] == [("us-rule", "us-against")]


def test_what_contradicts_a_deciding_provision_contradicts_its_act() -> None:
    against = contradicting(relates_to=link(RelationKind.CONTRADICTS, "us-rule#all"))
    answer = World(chip(), rule(), against).ask()

    assert [c.fact_ids for c in answer.conflicts] == [("us-rule", "cl-against")]


def test_a_contradiction_counts_where_it_is_known_and_speaks_of_the_item() -> None:
    def conflicts(known_at: str = "2025-12-31", **more: Any) -> int:
        return len(World(chip(), rule(), contradicting(**more)).ask(known_at=known_at).conflicts)

    assert conflicts() == 1
    assert conflicts(items=("CHIP",)) == 1
    assert conflicts(items=("Other",)) == 0
    assert conflicts(known_at="2025-01-31") == 0
    assert conflicts(relates_to=link(RelationKind.OPPOSES, "us-rule")) == 0


def test_both_sides_of_a_conflict_are_among_what_was_considered() -> None:
    """model §4: an "ordered list of every event considered"; P8: "list both"."""
    answer = World(chip(), rule(), contradicting()).ask()

    assert [conflict.fact_ids for conflict in answer.conflicts] == [("us-rule", "cl-against")]
    assert fates(answer) == {"us-rule": "APPLIED", "cl-against": "NO_STATUS_EFFECT"}


def test_a_contradiction_of_what_is_not_applied_is_none() -> None:
    answer = World(chip(), rule(destinations=codes("JP")), contradicting()).ask()

    assert answer.conflicts == ()


def test_an_overruled_act_counts_only_where_its_target_bears_on_the_question() -> None:
    weaker = act(
        "us-weak", relates=link(RelationKind.ENDS, "us-rule"), certainty=Certainty.PRESS_REPORT
    )

    assert len(World(chip(), rule(), weaker).ask().conflicts) == 1
    assert World(chip(), rule(destinations=codes("JP")), weaker).ask().conflicts == ()


def test_a_conflict_over_a_license_says_why() -> None:
    granted = act("us-grant", effects=effect(Axis.AUTHORIZATION, "GRANTED_SCOPED"))
    words = act("us-words", relates=link(RelationKind.ENDS, "us-grant"), subtype="announcement")
    answer = World(chip(), rule(), granted, words).ask()

    assert [(c.fact_ids, c.about) for c in answer.conflicts] == [
        (("us-grant", "us-words"), "us-words changes nothing on us-grant: words end no requirement")
    ]


def test_conflicts_stand_in_order_whatever_the_order_of_appending() -> None:
    one, two = contradicting("cl-a"), contradicting("cl-b")
    block = act("cn-a", effects=effect(Axis.DESTINATION_MEASURE, "ORDERED_STOP_REPORTED"))
    approval = act(
        "cn-b", effects=effect(Axis.DESTINATION_MEASURE, "CONDITIONAL_APPROVAL_REPORTED")
    )
    facts = (rule(), one, two, block, approval)

    first = World(chip(), *facts).ask()
    second = World(chip(), *facts[::-1]).ask()
    assert first.conflicts == second.conflicts
    assert first.axes.destination_measure is DestinationMeasure.CONFLICT
    assert [c.fact_ids for c in first.conflicts] == [
        ("cn-a", "cn-b"),
        ("us-rule", "cl-a"),
        ("us-rule", "cl-b"),
    ]


def test_the_same_question_to_the_same_record_gives_the_same_answer() -> None:
    """DESIGN §7: "same entries, question and engine version: same answer, byte for byte"."""
    world = World(chip(tpp=5000), rule(items=at_least(tpp=4800)), contradicting())

    assert world.ask() == world.ask()


def test_an_answer_keeps_its_question() -> None:
    answer = World(chip()).ask(as_of="2025-03-04")

    assert answer.question.as_of == date(2025, 3, 4)
