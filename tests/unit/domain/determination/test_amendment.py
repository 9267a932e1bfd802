"""FORMAT §2: "`amends`: this provision replaces, from its own `effective`, only the fields it
carries of the one named"."""

from __future__ import annotations

from datetime import date
from typing import Any

from ledger.domain.determination.amendment import boundaries, read, turning
from ledger.domain.determination.standing import Calendar, Reading
from ledger.domain.facts import Fact, ReportedFact
from ledger.domain.vocabulary import (
    Basis,
    Certainty,
    RelationKind,
    Requirement,
    ReviewPolicy,
    Transaction,
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

BASE = rule(review_policy=ReviewPolicy.PRESUMPTION_OF_DENIAL, items=at_least(tpp=4800))


def change(
    fact_id: str = "us-change", *, start: str = "2025-04-01", of: str = "us-rule#all", **more: Any
) -> ReportedFact:
    """A correction of April 2025 that makes review case by case."""
    words = {"certainty", "issuer_country", "public"}
    fields = {name: more.pop(name) for name in words & set(more)}
    fields["ends"] = more.pop("ends_act", None)
    carried = more or {"review_policy": ReviewPolicy.CASE_BY_CASE}
    correction = amending(f"{fact_id}#all", of, effective=when(start), **carried)
    return act(fact_id, correction, **({"public": "2025-03-20"} | fields))


def reading(*facts: Fact, as_of: str = "2025-06-15", known_at: str = "2025-12-31") -> Reading:
    situation = World(chip(tpp=5000), *facts).situation(as_of=as_of, known_at=known_at)
    return read(situation.rules[0], Calendar(situation.cut), situation.question.as_of)


def policy(*facts: Fact, **asked: Any) -> ReviewPolicy | None:
    return reading(*facts, **asked).provision.review_policy


def test_an_amendment_replaces_only_what_it_carries() -> None:
    amended = reading(BASE, change()).provision

    assert amended.review_policy is ReviewPolicy.CASE_BY_CASE
    assert amended.items == at_least(tpp=4800)
    assert amended.requirement is Requirement.LICENSE_REQUIRED
    assert amended.id == "us-rule#all"


def test_an_amendment_leaves_in_place_what_it_does_not_carry() -> None:
    base = rule(shipped_from=("TW",), transactions=(Transaction.EXPORT,))

    assert reading(base, change()).provision.shipped_from == ("TW",)
    assert reading(base, change()).provision.transactions == (Transaction.EXPORT,)


def test_an_amendment_works_from_its_own_day() -> None:
    """P5: "a correction amends from its own effective date"."""
    assert policy(BASE, change(), as_of="2025-03-31") is ReviewPolicy.PRESUMPTION_OF_DENIAL
    assert policy(BASE, change(), as_of="2025-04-01") is ReviewPolicy.CASE_BY_CASE


def test_an_amendment_works_only_where_it_is_known() -> None:
    late = change(public="2025-07-01")

    assert policy(BASE, late, known_at="2025-06-30") is ReviewPolicy.PRESUMPTION_OF_DENIAL
    assert policy(BASE, late, known_at="2025-07-01") is ReviewPolicy.CASE_BY_CASE


def test_without_a_day_of_its_own_an_amendment_works_from_its_publication() -> None:
    undated = act(
        "us-change",
        amending("us-change#all", "us-rule#all", review_policy=ReviewPolicy.CASE_BY_CASE),
        public="2025-05-01",
    )

    assert policy(BASE, undated, as_of="2025-04-30") is ReviewPolicy.PRESUMPTION_OF_DENIAL
    assert policy(BASE, undated, as_of="2025-05-01") is ReviewPolicy.CASE_BY_CASE


def test_an_amendment_without_any_day_never_works() -> None:
    secret = act(
        "us-change",
        amending("us-change#all", "us-rule#all", review_policy=ReviewPolicy.CASE_BY_CASE),
        public=None,
        notified="2025-01-01",
        addressee="NVIDIA",
    )
    world = World(chip(tpp=5000), BASE, secret)

    answer = world.ask(basis=Basis.ADDRESSEE, exporter="NVIDIA")
    assert answer.axes.review_policy is ReviewPolicy.PRESUMPTION_OF_DENIAL


def test_of_two_amendments_the_later_counts_whatever_the_order_of_appending() -> None:
    """P5: "Later beats earlier only for the same provision"."""
    early = change("us-early", start="2025-04-01")
    late = change("us-late", start="2025-05-01", review_policy=ReviewPolicy.POLICY_OF_DENIAL)

    for facts in ((BASE, early, late), (BASE, late, early), (late, early, BASE)):
        found = World(chip(tpp=5000), *facts).ask()
        assert found.axes.review_policy is ReviewPolicy.POLICY_OF_DENIAL
    assert [r.fact.id for r in reading(BASE, late, early).amended_by] == ["us-early", "us-late"]


def test_an_amendment_of_an_amendment_amends_the_rule() -> None:
    second = change(
        "us-second",
        of="us-change#all",
        start="2025-05-01",
        review_policy=ReviewPolicy.PRESUMPTION_OF_APPROVAL,
    )

    assert policy(BASE, change(), second) is ReviewPolicy.PRESUMPTION_OF_APPROVAL


def test_amendments_that_amend_each_other_change_nothing() -> None:
    circle = act(
        "us-circle",
        amending("us-circle#a", "us-circle#b", review_policy=ReviewPolicy.CASE_BY_CASE),
        amending("us-circle#b", "us-circle#a", review_policy=ReviewPolicy.CASE_BY_CASE),
    )

    assert World(chip(tpp=5000), BASE, circle).ask().axes.review_policy is (
        ReviewPolicy.PRESUMPTION_OF_DENIAL
    )


def test_an_amendment_is_no_rule_of_its_own() -> None:
    moved = change(destinations=codes("JP"))
    world = World(chip(tpp=5000), BASE, moved)

    assert world.requirement(destination="CN") is Requirement.NO_LICENSE_REQUIRED
    assert world.requirement(destination="JP") is Requirement.LICENSE_REQUIRED
    assert len(world.assessed().findings) == 1


def test_an_amendment_that_was_ended_changes_nothing() -> None:
    undone = act("us-undo", relates=link(RelationKind.ENDS, "us-change#all"), public="2025-05-01")

    assert policy(BASE, change(), undone, as_of="2025-04-30") is ReviewPolicy.CASE_BY_CASE
    assert policy(BASE, change(), undone) is ReviewPolicy.PRESUMPTION_OF_DENIAL


def test_an_amendment_on_weaker_evidence_changes_nothing_and_opens_a_conflict() -> None:
    """P8: "Weaker evidence never overrides stronger; it opens CONFLICT."."""
    answer = World(chip(tpp=5000), BASE, change(certainty=Certainty.PRESS_REPORT)).ask()

    assert answer.axes.review_policy is ReviewPolicy.PRESUMPTION_OF_DENIAL
    assert [c.fact_ids for c in answer.conflicts] == [("us-rule", "us-change")]


def test_an_amendment_on_equal_evidence_works() -> None:
    """P5: "equal or higher rank"."""
    letter = act("us-rule", provision(), certainty=Certainty.COMPANY_FILING)

    assert policy(letter, change(certainty=Certainty.COMPANY_FILING)) is ReviewPolicy.CASE_BY_CASE
    assert policy(letter, change()) is ReviewPolicy.CASE_BY_CASE


def test_one_state_cannot_amend_the_rule_of_another() -> None:
    foreign = change(issuer_country="CN")

    assert policy(BASE, foreign) is ReviewPolicy.PRESUMPTION_OF_DENIAL


def test_an_amendment_that_leaves_out_its_issuer_works() -> None:
    """FORMAT §1: "Empty keys are left out", `issuer_country` among them."""
    assert policy(BASE, change(issuer_country=None)) is ReviewPolicy.CASE_BY_CASE


def test_an_amendment_may_set_an_end() -> None:
    ending = change(ends=when("2025-05-31"))
    world = World(chip(tpp=5000), BASE, ending)

    assert world.requirement(as_of="2025-05-31") is Requirement.LICENSE_REQUIRED
    assert world.requirement(as_of="2025-06-01") is Requirement.NO_LICENSE_REQUIRED


def test_an_amendment_for_a_time_leaves_the_rule_as_it_was() -> None:
    """FORMAT §1: the act's own `ends` is the last day of what it does."""
    limited = change(ends_act="2025-05-31")

    assert policy(BASE, limited, as_of="2025-05-31") is ReviewPolicy.CASE_BY_CASE
    assert policy(BASE, limited, as_of="2025-06-01") is ReviewPolicy.PRESUMPTION_OF_DENIAL


def test_an_amendment_that_bears_on_the_answer_is_applied() -> None:
    answer = World(chip(tpp=5000), BASE, change()).ask()

    assert fates(answer) == {"us-rule": "APPLIED", "us-change": "APPLIED"}


def test_an_amendment_shares_the_fate_of_a_rule_that_does_not_bear_on_it() -> None:
    answer = World(chip(tpp=1000), BASE, change()).ask()

    assert fates(answer) == {"us-rule": "OUT_OF_SCOPE", "us-change": "OUT_OF_SCOPE"}


def test_the_days_of_amendments_are_days_on_which_a_rule_may_turn() -> None:
    situation = World(chip(tpp=5000), BASE, change()).situation()
    (the_rule, *_) = situation.rules
    calendar = Calendar(situation.cut)
    begins = date(2025, 4, 1)

    assert begins in boundaries(the_rule, calendar)
    assert [fact.id for fact in turning(the_rule, calendar, begins)] == ["us-change"]
    assert turning(the_rule, calendar, situation.question.as_of) == []


def test_a_stayed_amendment_changes_nothing_while_the_stay_lasts() -> None:
    stay = act(
        "us-stay",
        relates=link(RelationKind.STAYS, "us-change"),
        effective="2025-06-01",
        public="2025-06-01",
        ends="2025-06-20",
    )
    world = World(chip(tpp=5000), BASE, change(), stay)

    assert world.ask(as_of="2025-05-31").axes.review_policy is ReviewPolicy.CASE_BY_CASE
    assert world.ask(as_of="2025-06-15").axes.review_policy is ReviewPolicy.PRESUMPTION_OF_DENIAL
    assert world.ask(as_of="2025-06-21").axes.review_policy is ReviewPolicy.CASE_BY_CASE


def test_two_acts_that_amend_one_field_differently_from_one_day_conflict() -> None:
    """P8: "Equal rank, contradictory => CONFLICT, list both"."""
    eased = change("us-a")
    tightened = change("us-b", review_policy=ReviewPolicy.POLICY_OF_DENIAL)
    later = change("us-b", start="2025-04-02", review_policy=ReviewPolicy.POLICY_OF_DENIAL)
    of_it = change("us-b", of="us-a#all", review_policy=ReviewPolicy.POLICY_OF_DENIAL)

    def conflicts(*facts: Fact) -> list[tuple[str, ...]]:
        answer = World(chip(tpp=5000), BASE, *facts).ask()
        return [conflict.fact_ids for conflict in answer.conflicts]

    assert conflicts(eased, tightened) == [("us-a", "us-b")]
    assert conflicts(eased, later) == []
    assert conflicts(eased, of_it) == []
    assert conflicts(eased, change("us-b", transactions=(Transaction.EXPORT,))) == []
    assert conflicts(eased, change("us-b")) == []
