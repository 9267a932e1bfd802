"""Effects: which of them reach the question, and who may set which axis."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ledger.domain.determination.effects import Reach, boundaries, could_reach, effects_on
from ledger.domain.determination.standing import Calendar
from ledger.domain.facts import Fact, ReportedFact
from ledger.domain.scope import PlaceScope
from ledger.domain.vocabulary import (
    UNPUBLISHED,
    Axis,
    Basis,
    Certainty,
    RelationKind,
)
from tests.builders import claim, membership, order, party, submission
from tests.unit.domain.determination.world import (
    World,
    act,
    chip,
    codes,
    dates,
    effect,
    fates,
    grouped,
    link,
    reasons,
    rule,
    when,
)

AUTHORIZATION, MEASURE = Axis.AUTHORIZATION, Axis.DESTINATION_MEASURE
CONDITION = Axis.COMMERCIAL_CONDITION
SAMPLE = {AUTHORIZATION: "GRANTED_SCOPED", MEASURE: "INQUIRY", CONDITION: "TARIFF"}


def having(axis: Axis = MEASURE, value: str = "", **more: Any) -> ReportedFact:
    """An act of January 2025 with one effect; words of a fact go to the fact."""
    of_fact = {"public", "effective", "addressee", "certainty", "fact_id"}
    fields = {name: more.pop(name) for name in of_fact & set(more)}
    fact_id = fields.pop("fact_id", "us-effect")
    return act(fact_id, effects=effect(axis, value or SAMPLE[axis], **more), **fields)


def reached(*facts: Fact, axis: Axis = MEASURE, **asked: Any) -> list[Reach]:
    situation = World(chip(aliases=("Big Chip",)), *facts).situation(**asked)
    day = situation.question.as_of
    return list(effects_on(axis, situation.effects, situation, Calendar(situation.cut), day))


def decides(*facts: Fact, axis: Axis = MEASURE, **asked: Any) -> bool:
    (reach,) = reached(*facts, axis=axis, **asked)
    return reach.decides


@pytest.mark.parametrize(
    ("build", "axis", "sets"),
    [
        (claim, CONDITION, True),
        (claim, AUTHORIZATION, False),
        (claim, MEASURE, False),
        (order, CONDITION, False),
        (order, AUTHORIZATION, False),
        (order, MEASURE, False),
        (submission, CONDITION, False),
        (submission, AUTHORIZATION, False),
        (submission, MEASURE, False),
        (act, CONDITION, True),
        (act, AUTHORIZATION, True),
        (act, MEASURE, True),
    ],
)
def test_a_family_sets_only_its_own_axes(build: Any, axis: Axis, sets: bool) -> None:
    """P11: "Claims may set `commercial_condition` and no other axis"."""
    words: dict[str, Any] = {"effects": effect(axis, SAMPLE[axis])}
    if build is not act:
        words |= {"dates": dates(public="2025-01-01"), "certainty": Certainty.OFFICIAL}
    answer = World(chip(), build("some-fact", **words)).ask()

    assert (getattr(answer.axes, axis.value).value == SAMPLE[axis]) is sets


def test_a_license_requirement_is_never_an_effect() -> None:
    """FORMAT §1: "A license requirement is never an effect; it is a provision"."""
    measures = [having(axis, fact_id=f"us-{axis.value.replace('_', '-')}") for axis in Axis]

    assert World(chip(), *measures).requirement() == "NO_LICENSE_REQUIRED"


def test_an_effect_holds_from_the_day_of_its_fact() -> None:
    assert reached(having(effective="2025-06-16")) == []
    assert len(reached(having(effective="2025-06-15"))) == 1
    assert reached(having(public="2025-06-16")) == []
    assert reached(having(effective="2025-06")) == []


def test_an_effect_names_its_items() -> None:
    """FORMAT §1: "`items` (none = any)"."""
    assert decides(having())
    assert decides(having(items=("big chip",)))
    (other,) = reached(having(items=("Other", "Another")))
    assert (other.decides, other.truth.why) == (False, "it speaks of Other, Another")


def test_an_effect_names_its_places() -> None:
    assert decides(having(destinations=codes("CN")))
    assert not decides(having(destinations=codes("MO")))
    assert decides(having(destinations=grouped("D:5")), membership("CN"))


def test_an_effect_names_where_shipments_leave_from() -> None:
    facts = having(AUTHORIZATION, shipped_from=("TW",))

    assert decides(facts, axis=AUTHORIZATION, shipped_from="TW")
    assert not decides(facts, axis=AUTHORIZATION, shipped_from="US")
    (lacking,) = reached(facts, axis=AUTHORIZATION)
    assert (lacking.decides, lacking.is_possible) == (False, True)


@pytest.mark.parametrize("axis", [AUTHORIZATION, CONDITION])
def test_a_license_is_told_to_its_addressee(axis: Axis) -> None:
    """P7: "Addressee-only acts bind the addressee."."""
    facts = having(axis, addressee=("NVIDIA", "AMD"))

    assert decides(facts, axis=axis, exporter="nvidia")
    assert not decides(facts, axis=axis, exporter="Dell")
    (unknown,) = reached(facts, axis=axis)
    assert unknown.truth.lacks == {"exporter"}


def test_a_license_may_be_told_to_the_consignee() -> None:
    facts = having(AUTHORIZATION, addressee="G42")

    assert decides(facts, axis=AUTHORIZATION, consignee="g42", exporter="Dell")
    assert not decides(facts, axis=AUTHORIZATION, consignee="Acme", exporter="Dell")


def test_a_measure_binds_whomever_it_was_told_to() -> None:
    assert decides(having(addressee="ByteDance"), exporter="Dell")


@pytest.mark.parametrize(
    ("asked", "inside"),
    [
        ({}, False),
        ({"affirmed": ("State-Funded data centers",)}, True),
        ({"affirmed": ("data centers",)}, False),
        ({"consignee": "Acme"}, False),
    ],
)
def test_a_measure_with_a_scope_decides_only_inside_it(asked: dict[str, Any], inside: bool) -> None:
    """Reduction: "A measure or license with a scope decides only for a question inside that scope;
    outside it, it is listed and named as possibly relevant"."""
    answer = World(
        chip(), having(value="BANNED_FOR_CLASS_REPORTED", scope="state-funded data centers")
    ).ask(**asked)

    assert (answer.axes.destination_measure == "BANNED_FOR_CLASS_REPORTED") is inside
    assert (answer.flags == ("POSSIBLY_RELEVANT",)) is not inside
    assert fates(answer)["us-effect"] == ("APPLIED" if inside else "OUT_OF_SCOPE")


def test_a_question_outside_a_scope_names_it() -> None:
    answer = World(chip(), having(value="INQUIRY", scope="state-funded data centers")).ask()

    assert answer.notes == (
        "us-effect (INQUIRY) may be relevant; it turns on the scope: state-funded data centers.",
    )
    assert reasons(answer)["us-effect"].endswith(
        "possibly relevant, not shown (its scope: state-funded data centers)"
    )


@pytest.mark.parametrize(
    ("scope", "consignee", "inside"),
    [
        ("G42 and Humain as consignees", "G42", True),
        ("G42 and Humain as consignees", "humain", True),
        ("G420 as consignee", "G42", False),
        ("AG42 as consignee, then G42", "G42", True),
        ("for G42", "G42", True),
        ("G42", "G42", True),
        ("AG42", "G42", False),
    ],
)
def test_a_scope_that_names_the_consignee_holds(scope: str, consignee: str, inside: bool) -> None:
    facts = having(AUTHORIZATION, scope=scope)

    assert decides(facts, axis=AUTHORIZATION, consignee=consignee) is inside


def test_a_scope_holds_for_a_consignee_by_any_of_its_names() -> None:
    named = party("Group 42", aliases=("G42",))
    facts = having(AUTHORIZATION, scope="G42 as consignee")

    assert decides(facts, named, axis=AUTHORIZATION, consignee="Group 42")


def test_a_license_for_named_consignees_may_be_relevant_while_none_is_named() -> None:
    """Reduction: outside its scope a license "is listed and named as possibly relevant"."""
    scoped = having(AUTHORIZATION, scope="G42 as consignee", addressee="G42")
    asked = World(chip(), scoped).ask(exporter="Dell", consignee_headquarters="AE")
    to_the_exporter = having(AUTHORIZATION, scope="sales of 2025", addressee="NVIDIA")

    assert asked.flags == ("POSSIBLY_RELEVANT",)
    assert asked.notes[0].endswith("may be relevant; it turns on consignee.")
    assert World(chip(), to_the_exporter).ask(exporter="Dell").flags == ()


def test_a_license_addressed_to_the_consignee_holds_inside_its_scope_only() -> None:
    counted = having(AUTHORIZATION, scope="up to 35,000 chips", addressee="G42")
    naming = having(AUTHORIZATION, scope="G42 as consignee", addressee="G42")

    assert not decides(counted, axis=AUTHORIZATION, consignee="G42")
    assert decides(counted, axis=AUTHORIZATION, consignee="G42", affirmed=("up to 35,000 chips",))
    assert decides(naming, axis=AUTHORIZATION, consignee="G42")
    assert not decides(naming, axis=AUTHORIZATION, exporter="G42")


def test_a_common_word_of_a_scope_names_nobody() -> None:
    facts = having(AUTHORIZATION, scope="Tencent as the only consignee")

    assert decides(facts, axis=AUTHORIZATION, consignee="tencent")
    assert not decides(facts, axis=AUTHORIZATION, consignee="only")


def test_an_unpublished_scope_decides_and_warns() -> None:
    answer = World(chip(), rule(), having(AUTHORIZATION, scope=UNPUBLISHED)).ask()

    assert answer.axes.authorization == "GRANTED_SCOPED"
    assert answer.authorization_scope == UNPUBLISHED
    assert answer.flags == ("LICENSE_SCOPE_UNPUBLISHED",)


@pytest.mark.parametrize(
    ("axis", "value"), [(AUTHORIZATION, "ASSURED_NOT_ISSUED"), (CONDITION, "EXPECTED_UNCODIFIED")]
)
def test_only_measures_and_licenses_are_cut_by_their_scope(axis: Axis, value: str) -> None:
    facts = having(axis, value, scope="licenses are to be granted")

    assert decides(facts, axis=axis)


def test_an_effect_is_over_after_its_own_end() -> None:
    ending = having(ends=when("2025-06-14"))

    assert not reached(ending, as_of="2025-06-14")[0].over
    assert reached(ending, as_of="2025-06-15")[0].over


def test_an_effect_is_over_after_the_end_of_its_fact() -> None:
    ending = act("us-effect", effects=effect(MEASURE, "INQUIRY"), ends="2025-06-14")
    later = act(
        "us-effect", effects=effect(MEASURE, "INQUIRY", ends=when("2025-12-31")), ends="2025-06-14"
    )

    assert reached(ending)[0].over
    assert not reached(later)[0].over


def test_an_effect_may_be_extended() -> None:
    ending = having(ends=when("2025-06-14"))
    extension = act("us-more", relates=link(RelationKind.EXTENDS, "us-effect"))

    assert not reached(ending, extension)[0].over


@pytest.mark.parametrize(
    ("kind", "fate"),
    [
        (RelationKind.ENDS, ("ENDED", "")),
        (RelationKind.SUPERSEDES, ("SUPERSEDED_BY", "us-close")),
    ],
)
def test_an_effect_is_closed_by_what_ends_its_fact(
    kind: RelationKind, fate: tuple[str, str]
) -> None:
    closing = act("us-close", relates=link(kind, "us-effect"), public="2025-06-15")
    answer = World(chip(), having(), closing).ask()

    assert reached(having(), closing)[0].closed_by == "us-close"
    assert reached(having(), closing, as_of="2025-06-14")[0].closed_by == ""
    assert answer.axes.destination_measure == "NONE_ON_RECORD"
    (entry,) = (c for c in answer.considered if c.recorded.fact.id == "us-effect")
    assert (entry.disposition, entry.superseded_by) == fate


def test_an_effect_may_be_stayed() -> None:
    stay = act("us-stay", relates=link(RelationKind.STAYS, "us-effect"))

    assert reached(having(), stay)[0].stayed_by == "us-stay"


def test_an_assurance_closes_no_license() -> None:
    words = act("us-words", relates=link(RelationKind.ENDS, "us-effect"), subtype="assurance")

    assert decides(having(AUTHORIZATION), words, axis=AUTHORIZATION)
    assert reached(having(AUTHORIZATION), words, axis=AUTHORIZATION)[0].closed_by == ""


def test_what_does_not_reach_the_question_is_not_looked_into() -> None:
    closing = act("us-close", relates=link(RelationKind.ENDS, "us-effect"))
    (reach,) = reached(having(items=("Other",)), closing)

    assert (reach.closed_by, reach.is_possible) == ("", False)


def test_effects_stand_in_the_order_of_their_days_whatever_the_order_of_appending() -> None:
    one = having(fact_id="us-one", public="2025-03-01")
    two = having(fact_id="us-two", public="2025-02-01")
    three = having(fact_id="us-three", public="2025-02-01")

    for facts in ((one, two, three), (three, one, two)):
        assert [r.fact.id for r in reached(*facts)] == ["us-three", "us-two", "us-one"]


@pytest.mark.parametrize(
    ("limits", "could"),
    [
        ({}, True),
        ({"destinations": codes("CN")}, True),
        ({"destinations": codes("MO")}, False),
        ({"destinations": PlaceScope(any=True)}, True),
        ({"destinations": grouped("D:5")}, True),
        ({"destinations": PlaceScope(unpublished=True)}, True),
        ({"items": ("Other",)}, False),
    ],
)
def test_what_can_never_reach_the_question_is_told_apart(
    limits: dict[str, Any], could: bool
) -> None:
    situation = World(chip(), having(**limits)).situation()

    assert could_reach(situation.effects[0], situation) is could


def test_the_days_of_an_effect_are_those_of_its_fact_and_its_own() -> None:
    both = act(
        "us-effect",
        effects=effect(MEASURE, "INQUIRY", ends=when("2025-05-31")),
        effective="2025-02-01",
        ends="2025-06-30",
    )
    (effected,) = World(chip(), both).situation().effects

    assert boundaries(effected) == {date(2025, 2, 1), date(2025, 6, 1), date(2025, 7, 1)}


def test_an_effect_without_any_beginning_has_no_day_and_never_holds() -> None:
    told = act(
        "us-effect",
        effects=effect(MEASURE, "INQUIRY"),
        public=None,
        notified="2025-01-01",
        addressee="NVIDIA",
    )
    world = World(chip(), told)
    situation = world.situation(basis=Basis.ADDRESSEE, exporter="NVIDIA")

    assert boundaries(situation.effects[0]) == set()
    assert world.ask(basis=Basis.ADDRESSEE, exporter="NVIDIA").axes.destination_measure == (
        "NONE_ON_RECORD"
    )
