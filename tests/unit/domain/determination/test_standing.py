"""Standing: P4 and P5, who may end, stay or extend what, and P10, what a scheduled end brings."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ledger.domain.dates import OutsideDate
from ledger.domain.determination.requirement import Finding
from ledger.domain.determination.standing import WORDS_ONLY, Calendar, State
from ledger.domain.facts import Fact, ReportedFact
from ledger.domain.vocabulary import Basis, Certainty, Precision, RelationKind, Requirement
from tests.builders import claim, order, submission
from tests.unit.domain.determination.world import (
    World,
    act,
    chip,
    dates,
    fates,
    link,
    provision,
    rule,
    when,
)

ENDS, SUPERSEDES = RelationKind.ENDS, RelationKind.SUPERSEDES
STAYS, NOT_ENFORCED = RelationKind.STAYS, RelationKind.NOT_ENFORCED
EXTENDS = RelationKind.EXTENDS


def acting(kind: RelationKind, fact_id: str = "us-act", **more: Any) -> ReportedFact:
    """An official act that does this to the rule from March 2025 on."""
    fields: dict[str, Any] = {"relates": link(kind, "us-rule#all"), "public": "2025-03-01"}
    return act(fact_id, **(fields | more))


def found(*facts: Fact, **asked: Any) -> Finding:
    """The first rule of these facts against the question."""
    return World(chip(), *facts).assessed(**asked).findings[0]


def state(*facts: Fact, **asked: Any) -> State:
    return found(*facts, **asked).standing.state


def dated(value: str, precision: Precision) -> ReportedFact:
    return act("us-rule", provision(effective=OutsideDate(value=value, precision=precision)))


def test_a_rule_is_in_force_from_its_effective_day() -> None:
    late = act("us-rule", provision(), effective="2025-06-01")

    assert state(late, as_of="2025-05-31") is State.NOT_YET_EFFECTIVE
    assert state(late, as_of="2025-06-01") is State.IN_FORCE


def test_a_provision_may_begin_on_a_day_of_its_own() -> None:
    """model §1: "tiered effective dates inside one rule"."""
    tiered = act(
        "us-rule",
        provision("us-rule#soon"),
        provision("us-rule#late", effective=when("2025-07-01")),
        effective="2025-06-01",
    )
    soon, late = World(chip(), tiered).assessed().findings

    assert soon.standing.state is State.IN_FORCE
    assert late.standing.state is State.NOT_YET_EFFECTIVE
    assert late.standing.why == "effective 2025-07-01"


def test_without_an_effective_day_a_rule_holds_from_its_publication() -> None:
    """FORMAT §1: "Without `effective`, an effect or relation holds from `public`"."""
    assert state(act("us-rule", provision(), public="2025-06-15")) is State.IN_FORCE
    assert state(act("us-rule", provision(), public="2025-06-16")) is State.NOT_YET_EFFECTIVE


def test_a_rule_without_any_beginning_is_never_in_force() -> None:
    told = act("us-rule", provision(), public=None, notified="2025-01-01", addressee="NVIDIA")

    assert state(told, exporter="NVIDIA", basis=Basis.ADDRESSEE) is State.NOT_YET_EFFECTIVE


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2025-06-30", State.NOT_YET_EFFECTIVE),
        ("2025-07-01", State.UNCERTAIN),
        ("2025-07-30", State.UNCERTAIN),
        ("2025-07-31", State.IN_FORCE),
    ],
)
def test_a_month_is_certain_only_from_its_last_day(day: str, expected: State) -> None:
    """FORMAT §1: "`month` (YYYY-MM: certain only from the month's last day)"."""
    standing = found(dated("2025-07", Precision.MONTH), as_of=day).standing

    assert standing.state is expected
    assert (standing.imprecise is not None) is (expected is State.UNCERTAIN)


@pytest.mark.parametrize(
    ("day", "expected", "open_"),
    [
        ("2025-07-13", State.NOT_YET_EFFECTIVE, False),
        ("2025-07-14", State.UNCERTAIN, True),
        ("2025-07-20", State.IN_FORCE, False),
    ],
)
def test_a_week_is_certain_from_its_sunday(day: str, expected: State, open_: bool) -> None:
    """FORMAT §1: "`week-of` (value is the Monday)"."""
    standing = found(dated("2025-07-14", Precision.WEEK_OF), as_of=day).standing

    assert standing.state is expected
    assert (standing.imprecise is not None) is open_


@pytest.mark.parametrize(
    ("day", "expected", "open_"),
    [
        ("2025-07-13", State.NOT_YET_EFFECTIVE, True),
        ("2025-07-14", State.IN_FORCE, False),
    ],
)
def test_on_or_before_holds_from_its_value(day: str, expected: State, open_: bool) -> None:
    """FORMAT §1: "`on-or-before` (holds from the value; earlier days are not asserted)"."""
    standing = found(dated("2025-07-14", Precision.ON_OR_BEFORE), as_of=day).standing

    assert standing.state is expected
    assert (standing.imprecise is not None) is open_


@pytest.mark.parametrize(
    ("day", "expected", "open_"),
    [
        ("2025-07-13", State.NOT_YET_EFFECTIVE, False),
        ("2025-07-14", State.IN_FORCE, True),
    ],
)
def test_on_or_after_holds_from_its_value_and_stays_open(
    day: str, expected: State, open_: bool
) -> None:
    """FORMAT §1: "`on-or-after` (not before the value)"."""
    standing = found(dated("2025-07-14", Precision.ON_OR_AFTER), as_of=day).standing

    assert standing.state is expected
    assert (standing.imprecise is not None) is open_


def test_the_last_day_is_inclusive() -> None:
    """FORMAT §1: "All days are inclusive: `ends` is the last day"."""
    ending = act("us-rule", provision(), ends="2025-06-15")

    assert state(ending, as_of="2025-06-15") is State.IN_FORCE
    last = found(ending, as_of="2025-06-16").standing
    assert (last.state, last.why, last.expired) == (State.ENDED, "ended after 2025-06-15", True)


def test_a_provision_may_end_on_a_day_of_its_own() -> None:
    ending = act("us-rule", provision(ends=when("2025-06-01")), ends="2025-12-31")

    assert state(ending) is State.ENDED


def test_the_month_of_an_end_leaves_its_days_open() -> None:
    """FORMAT §1: "`month` (YYYY-MM: certain only from the month's last day)"."""
    ending = act("us-rule", provision(), ends="2025-06")

    assert state(ending, as_of="2025-06-01") is State.IN_FORCE
    assert state(ending, as_of="2025-06-15") is State.UNCERTAIN
    assert state(ending, as_of="2025-07-01") is State.ENDED


def test_compliance_defers_a_rule() -> None:
    """FORMAT §2: "`compliance` (deferred until then)"."""
    world = World(chip(), act("us-rule", provision(), compliance="2025-07-01"))

    assert world.requirement(as_of="2025-06-30") is Requirement.DEFERRED
    assert world.requirement(as_of="2025-07-01") is Requirement.LICENSE_REQUIRED


def test_a_provision_may_be_deferred_on_its_own() -> None:
    deferred = act("us-rule", provision(compliance=when("2025-07-01")), compliance="2025-02-01")

    assert state(deferred) is State.DEFERRED


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        (ENDS, State.IN_FORCE, State.ENDED),
        (SUPERSEDES, State.IN_FORCE, State.SUPERSEDED),
        (STAYS, State.IN_FORCE, State.STAYED),
        (NOT_ENFORCED, State.IN_FORCE, State.NOT_ENFORCED),
    ],
)
def test_an_act_works_from_its_own_day(kind: RelationKind, before: State, after: State) -> None:
    """FORMAT §1: "A relation works from the relating fact's own effective date"."""
    facts = (rule(), acting(kind, effective="2025-04-01"))

    assert state(*facts, as_of="2025-03-31") is before
    assert state(*facts, as_of="2025-04-01") is after


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (ENDS, "ended by us-act"),
        (SUPERSEDES, "superseded by us-act"),
        (STAYS, "stayed by us-act"),
        (NOT_ENFORCED, "not enforced by us-act"),
    ],
)
def test_a_standing_names_what_brought_it_about(kind: RelationKind, words: str) -> None:
    standing = found(rule(), acting(kind)).standing

    assert (standing.by, standing.why) == (("us-act",), words)


def test_a_relation_works_only_where_its_fact_is_known() -> None:
    """FORMAT §1: "and only where that fact is known"."""
    facts = (rule(), acting(ENDS, public="2025-08-01", effective="2025-03-01"))

    assert state(*facts, known_at="2025-07-31") is State.IN_FORCE
    assert state(*facts, known_at="2025-08-01") is State.ENDED


def test_a_relation_to_a_provision_touches_that_provision_alone() -> None:
    """FORMAT §1: "To a provision it touches that provision alone"."""
    two = act("us-rule", provision("us-rule#all"), provision("us-rule#more"))
    first, second = World(chip(), two, acting(ENDS)).assessed().findings

    assert (first.standing.state, second.standing.state) == (State.ENDED, State.IN_FORCE)


def test_a_relation_to_a_fact_touches_all_its_provisions() -> None:
    two = act("us-rule", provision("us-rule#all"), provision("us-rule#more"))
    ended = acting(ENDS, relates=link(ENDS, "us-rule"))

    assert {f.standing.state for f in World(chip(), two, ended).assessed().findings} == {
        State.ENDED
    }


@pytest.mark.parametrize("words", sorted(WORDS_ONLY))
@pytest.mark.parametrize("kind", [ENDS, SUPERSEDES, STAYS])
def test_words_never_end_or_suspend_a_requirement(kind: RelationKind, words: str) -> None:
    """P4: "Assurance, announcement, press report, advocacy and non-enforcement never end it"."""
    assert state(rule(), acting(kind, subtype=words)) is State.IN_FORCE


@pytest.mark.parametrize("words", sorted(WORDS_ONLY))
def test_that_a_rule_is_not_enforced_is_itself_only_said(words: str) -> None:
    """P4: "non-enforcement sets CODIFIED_NOT_ENFORCED", in whatever words it is announced."""
    assert state(rule(), acting(NOT_ENFORCED, subtype=words)) is State.NOT_ENFORCED


@pytest.mark.parametrize("kind", [ENDS, SUPERSEDES, STAYS, NOT_ENFORCED])
@pytest.mark.parametrize("build", [claim, order, submission])
def test_only_regulatory_acts_end_or_suspend_a_requirement(build: Any, kind: RelationKind) -> None:
    """P4: "A requirement ends only by amendment, withdrawal, expiry or court order"."""
    said = build(
        "some-words",
        dates=dates(public="2025-03-01"),
        relates_to=link(kind, "us-rule#all"),
        certainty=Certainty.OFFICIAL,
    )

    assert state(rule(), said) is State.IN_FORCE


def test_non_enforcement_never_ends_a_requirement() -> None:
    """P4: "non-enforcement sets CODIFIED_NOT_ENFORCED"."""
    world = World(chip(), rule(), acting(NOT_ENFORCED))

    assert world.requirement() is Requirement.CODIFIED_NOT_ENFORCED


def test_a_stay_outweighs_non_enforcement() -> None:
    facts = (rule(), acting(NOT_ENFORCED), acting(STAYS, "us-stay", public="2025-04-01"))

    standing = found(*facts).standing
    assert (standing.state, standing.by) == (State.STAYED, ("us-stay",))


def test_two_stays_are_both_named() -> None:
    standing = found(rule(), acting(STAYS, "us-b"), acting(STAYS, "us-a")).standing

    assert (standing.by, standing.why) == (("us-a", "us-b"), "stayed by us-a, us-b")


@pytest.mark.parametrize(
    "weaker", [Certainty.COMPANY_FILING, Certainty.PRESS_REPORT, Certainty.ATTRIBUTED_CLAIM]
)
@pytest.mark.parametrize("kind", [ENDS, SUPERSEDES, STAYS, NOT_ENFORCED])
def test_weaker_evidence_never_overrides_stronger(kind: RelationKind, weaker: Certainty) -> None:
    """P8: "Weaker evidence never overrides stronger; it opens CONFLICT."."""
    world = World(chip(), rule(), acting(kind, certainty=weaker))
    answer = world.ask()

    assert answer.axes.requirement is Requirement.LICENSE_REQUIRED
    assert [c.fact_ids for c in answer.conflicts] == [("us-rule", "us-act")]


def test_later_beats_earlier_at_equal_rank() -> None:
    """P5: "Later beats earlier only for the same provision and equal or higher rank"."""
    letter = act("us-rule", provision(), certainty=Certainty.COMPANY_FILING)

    assert state(letter, acting(ENDS, certainty=Certainty.COMPANY_FILING)) is State.ENDED
    assert state(letter, acting(ENDS, certainty=Certainty.OFFICIAL)) is State.ENDED


def test_one_state_cannot_end_the_rule_of_another() -> None:
    """model §1: "Destination state: … These never alter the US axis"."""
    assert state(rule(), acting(ENDS, issuer_country="CN")) is State.IN_FORCE
    assert state(rule(), acting(ENDS, issuer_country="US")) is State.ENDED


def test_a_rule_whose_issuer_is_not_stated_may_be_ended() -> None:
    anonymous = act("us-rule", provision(), issuer_country=None)

    assert state(anonymous, acting(ENDS)) is State.ENDED


def test_an_act_that_was_itself_ended_does_nothing() -> None:
    undone = act("us-undo", relates=link(ENDS, "us-act"), public="2025-05-01")

    assert state(rule(), acting(STAYS), undone, as_of="2025-04-30") is State.STAYED
    assert state(rule(), acting(STAYS), undone, as_of="2025-05-01") is State.IN_FORCE


def test_an_act_that_was_itself_stayed_does_nothing() -> None:
    stayed = act("us-stay", relates=link(STAYS, "us-act"), public="2025-05-01")

    assert state(rule(), acting(ENDS), stayed) is State.IN_FORCE


@pytest.mark.parametrize("kind", [ENDS, SUPERSEDES, STAYS])
def test_what_was_superseded_does_not_come_back_when_its_successor_goes(
    kind: RelationKind,
) -> None:
    """P4: the earlier rule ended by amendment; that the later one goes too restores nothing."""
    later = act("us-later", relates=link(kind, "us-act"), public="2025-05-01")

    assert state(rule(), acting(SUPERSEDES), later) is State.SUPERSEDED


def test_a_rule_that_was_superseded_for_a_time_applies_again() -> None:
    """FORMAT §1: "`ends` is the last day"."""
    facts = (rule(), acting(SUPERSEDES, ends="2025-05-31"))

    assert state(*facts, as_of="2025-05-31") is State.SUPERSEDED
    assert state(*facts, as_of="2025-06-01") is State.IN_FORCE


def test_of_acts_that_end_each_other_none_ends_the_rule() -> None:
    one = acting(ENDS, "us-one", relates=(*link(ENDS, "us-rule#all"), *link(ENDS, "us-two")))
    two = act("us-two", relates=link(ENDS, "us-one"), public="2025-03-01")

    assert state(rule(), one, two) is State.IN_FORCE


def test_a_rule_applies_again_once_a_stay_has_run_out() -> None:
    """P10: "Scheduled end passes without a recorded extension => status flips, flagged
    IN_FORCE_UNLESS_EXTENSION_RECORDED"."""
    facts = (rule(), acting(STAYS, ends="2025-06-01"))

    assert state(*facts, as_of="2025-06-01") is State.STAYED
    again = found(*facts, as_of="2025-06-02").standing
    assert (again.state, again.lapsed) == (State.IN_FORCE, ("us-act",))


def test_a_recorded_extension_keeps_a_stay_alive() -> None:
    """P10: "without a recorded extension"."""
    extension = act("us-more", relates=link(EXTENDS, "us-act"), public="2025-05-01")
    facts = (rule(), acting(STAYS, ends="2025-06-01"), extension)

    assert state(*facts, as_of="2025-06-15") is State.STAYED


def test_an_extension_has_an_end_of_its_own() -> None:
    extension = act(
        "us-more", relates=link(EXTENDS, "us-act"), public="2025-05-01", ends="2025-08-01"
    )
    facts = (rule(), acting(STAYS, ends="2025-06-01"), extension)

    assert state(*facts, as_of="2025-08-01") is State.STAYED
    assert state(*facts, as_of="2025-08-02") is State.IN_FORCE


def test_a_rule_may_be_extended_too() -> None:
    ending = act("us-rule", provision(), ends="2025-06-01")

    assert state(ending, acting(EXTENDS)) is State.IN_FORCE
    assert state(ending, acting(EXTENDS, certainty=Certainty.PRESS_REPORT)) is State.ENDED


def test_a_stay_by_a_weaker_source_has_not_lapsed_either() -> None:
    weaker = acting(STAYS, ends="2025-06-01", certainty=Certainty.PRESS_REPORT)

    assert found(rule(), weaker).standing.lapsed == ()


def test_a_lapsed_stay_is_remembered_while_a_rule_is_deferred_or_uncertain() -> None:
    stay = acting(STAYS, ends="2025-04-01")
    deferred = act("us-rule", provision(), compliance="2025-07-01")
    uncertain = act("us-rule", provision(effective=when("2025-06")))

    for rule_, expected in ((deferred, State.DEFERRED), (uncertain, State.UNCERTAIN)):
        standing = found(rule_, stay).standing
        assert (standing.state, standing.lapsed) == (expected, ("us-act",))


def test_the_order_of_two_endings_does_not_depend_on_their_appending() -> None:
    one = acting(SUPERSEDES, "us-one", public="2025-03-01")
    two = acting(ENDS, "us-two", public="2025-04-01")

    assert found(rule(), one, two).standing == found(rule(), two, one).standing
    assert found(rule(), two, one).standing.by == ("us-one",)


def test_a_superseded_rule_is_listed_as_such() -> None:
    answer = World(chip(), rule(), acting(SUPERSEDES)).ask()
    (entry,) = (c for c in answer.considered if c.recorded.fact.id == "us-rule")

    assert (entry.disposition, entry.superseded_by) == ("SUPERSEDED_BY", "us-act")
    assert fates(answer)["us-act"] == "APPLIED"


def test_the_days_on_which_a_rule_may_turn_are_those_of_all_that_acts_on_it() -> None:
    facts = (
        act("us-rule", provision(compliance=when("2025-02-01")), effective="2025-01-10"),
        acting(STAYS, effective="2025-03-05", ends="2025-06-01"),
        act("us-more", relates=link(EXTENDS, "us-act"), public="2025-05-01", ends="2025-08-01"),
    )
    situation = World(chip(), *facts).situation()
    calendar = Calendar(situation.cut)
    (the_rule,) = situation.rules

    assert calendar.boundaries(the_rule) == {
        date(2025, 1, 10),
        date(2025, 2, 1),
        date(2025, 3, 5),
        date(2025, 6, 2),
        date(2025, 5, 1),
        date(2025, 8, 2),
    }
    assert [f.id for f in calendar.turning(the_rule, date(2025, 3, 5))] == ["us-act"]
    assert [f.id for f in calendar.turning(the_rule, date(2025, 8, 2))] == ["us-more"]
    assert [f.id for f in calendar.turning(the_rule, date(2025, 1, 10))] == ["us-rule"]
    assert calendar.turning(the_rule, date(2025, 7, 7)) == []


def test_acts_that_act_on_each_other_are_each_looked_at_once() -> None:
    facts = (
        rule(),
        acting(STAYS, "us-one", relates=(*link(STAYS, "us-rule#all"), *link(STAYS, "us-two"))),
        act("us-two", relates=link(STAYS, "us-one"), public="2025-04-01"),
    )
    situation = World(chip(), *facts).situation()

    assert Calendar(situation.cut).boundaries(situation.rules[0]) == {
        date(2025, 1, 1),
        date(2025, 3, 1),
        date(2025, 4, 1),
    }
