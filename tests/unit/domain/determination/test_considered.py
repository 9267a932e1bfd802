"""The explanation: every entry that was considered, and what became of it (model §4)."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.domain.determination.considered import deciding_facts, explain
from ledger.domain.determination.engine import determine
from ledger.domain.determination.register import NAMING_KEPT
from ledger.domain.facts import Fact
from ledger.domain.provision import Exemption, ReviewLane
from ledger.domain.vocabulary import (
    Axis,
    Basis,
    Certainty,
    Disposition,
    RelationKind,
    Requirement,
    ReviewPolicy,
)
from tests.builders import claim, order, submission
from tests.unit.domain.determination.world import (
    World,
    act,
    chip,
    codes,
    dates,
    effect,
    fates,
    link,
    named,
    provision,
    question,
    reasons,
    rule,
    when,
)

GRANT = act("us-grant", effects=effect(Axis.AUTHORIZATION, "GRANTED_SCOPED"))


def listed(*facts: Fact, **asked: Any) -> dict[str, str]:
    return {name: fate.value for name, fate in fates(World(chip(), *facts).ask(**asked)).items()}


def test_what_decides_is_applied() -> None:
    answer = World(chip(), rule(), GRANT).ask()

    assert fates(answer) == {"us-rule": "APPLIED", "us-grant": "APPLIED"}
    assert reasons(answer) == {
        "us-rule": "us-rule#all: LICENSE_REQUIRED",
        "us-grant": "authorization GRANTED_SCOPED",
    }
    assert [c.recorded.fact.id for c in answer.applied] == ["us-grant", "us-rule"]


def test_a_rule_in_doubt_that_decides_says_what_it_lacks() -> None:
    answer = World(chip(), rule(addressee="NVIDIA")).ask()

    assert fates(answer) == {"us-rule": "APPLIED"}
    assert reasons(answer)["us-rule"] == "us-rule#all: undetermined, lacks exporter"


def test_what_suspends_a_rule_is_applied_with_it() -> None:
    stay = act("us-stay", relates=link(RelationKind.STAYS, "us-rule"))
    answer = World(chip(), rule(), stay).ask()

    assert fates(answer) == {"us-rule": "APPLIED", "us-stay": "APPLIED"}
    assert reasons(answer) == {
        "us-rule": "us-rule#all: STAYED (stayed by us-stay)",
        "us-stay": "us-rule#all: stayed by us-stay",
    }


def test_what_keeps_a_stay_or_a_rule_alive_is_applied_with_it() -> None:
    """The answer would be another one without the extension."""
    stay = act("us-stay", relates=link(RelationKind.STAYS, "us-rule"), ends="2025-03-31")
    longer = [
        act(f"us-longer-{n}", relates=link(RelationKind.EXTENDS, target), ends=ends)
        for n, (target, ends) in enumerate((("us-stay", "2025-04-30"), ("us-longer-0", None)))
    ]
    extended = {"us-longer-0": "APPLIED", "us-longer-1": "APPLIED"}

    assert listed(rule(), stay, *longer) == {"us-rule": "APPLIED", "us-stay": "APPLIED", **extended}
    assert listed(rule(), stay, *longer, as_of="2025-03-31")["us-longer-0"] == "NO_STATUS_EFFECT"
    ending = rule("us-stay", ends=when("2025-03-31"))
    assert listed(ending, *longer) == {"us-stay": "APPLIED", **extended}


@pytest.mark.parametrize(
    ("kind", "ends", "told"),
    [
        (RelationKind.ENDS, None, "REVOKED"),
        (RelationKind.STAYS, None, "SUSPENDED"),
        (RelationKind.EXTENDS, "2025-03-31", "GRANTED_SCOPED"),
    ],
)
def test_what_acts_on_a_license_is_applied_with_it(
    kind: RelationKind, ends: str | None, told: str
) -> None:
    grant = act("us-grant", effects=effect(Axis.AUTHORIZATION, "GRANTED_SCOPED"), ends=ends)
    answer = World(chip(), rule(), grant, act("us-act", relates=link(kind, "us-grant"))).ask()

    assert answer.axes.authorization == told
    assert fates(answer)["us-act"] == "APPLIED"
    assert reasons(answer)["us-act"] == "acts on us-grant: authorization GRANTED_SCOPED"


def test_an_act_whose_exemption_leaves_the_answer_open_is_applied() -> None:
    relief = Exemption(shipped_from=("TW",), also_from=("us-rule#all",))
    savings = act("us-save", provision("us-save#clause", requirement=None, exempt=(relief,)))
    answer = World(chip(), rule(), savings).ask()

    assert answer.axes.requirement is Requirement.INDETERMINATE
    assert fates(answer) == {"us-rule": "APPLIED", "us-save": "APPLIED"}
    assert reasons(answer)["us-save"] == "us-save#clause: may exempt from us-rule#all"


def test_what_says_again_what_does_not_decide_is_not_applied() -> None:
    again = act("us-again", provision("us-again#all", restates="us-rule#all"))
    ended = act("us-end", relates=link(RelationKind.ENDS, "us-rule#all"))

    assert listed(rule(), again)["us-again"] == "APPLIED"
    assert listed(rule(), again, ended)["us-again"] == "NO_STATUS_EFFECT"


def test_a_rule_that_does_not_stand_says_why() -> None:
    """model §4: "SUPERSEDED_BY(id) | … | NOT_YET_EFFECTIVE | ENDED"."""
    facts = (
        rule("us-late", effective=when("2025-07-01")),
        rule("us-ended", ends=when("2025-06-01")),
        rule("us-replaced"),
        act("us-new", relates=link(RelationKind.SUPERSEDES, "us-replaced#all")),
    )

    assert listed(*facts) == {
        "us-late": "NOT_YET_EFFECTIVE",
        "us-ended": "ENDED",
        "us-replaced": "SUPERSEDED_BY",
        "us-new": "APPLIED",
    }


def test_what_ended_a_rule_is_applied_where_the_rule_would_have_reached_the_question() -> None:
    ending = act("us-end", relates=link(RelationKind.ENDS, "us-rule"))
    answer = World(chip(), rule(), ending).ask()

    assert reasons(answer)["us-end"] == "us-rule#all: ended by us-end"
    assert listed(rule(destinations=codes("JP")), ending)["us-end"] == "NO_STATUS_EFFECT"


def test_what_superseded_a_rule_and_was_superseded_in_turn_is_listed_as_such() -> None:
    second = act("us-b", provision("us-b#all"), relates=link(RelationKind.SUPERSEDES, "us-rule"))
    third = act("us-c", provision("us-c#all"), relates=link(RelationKind.SUPERSEDES, "us-b#all"))

    assert listed(rule(), second, third) == {
        "us-rule": "SUPERSEDED_BY",
        "us-b": "SUPERSEDED_BY",
        "us-c": "APPLIED",
    }


def test_a_rule_outside_its_scope_says_why() -> None:
    """model §4: "OUT_OF_SCOPE(reason)"."""
    answer = World(chip(), rule(destinations=codes("JP"))).ask()

    assert fates(answer) == {"us-rule": "OUT_OF_SCOPE"}
    assert reasons(answer)["us-rule"] == "us-rule#all: CN is not among its places"


def test_time_is_told_before_scope() -> None:
    """P1: "then by effective interval"."""
    ended = rule(destinations=codes("JP"), ends=when("2025-06-01"))

    assert listed(ended) == {"us-rule": "ENDED"}


def test_an_outweighed_rule_has_no_status_effect() -> None:
    answer = World(chip(), rule(), rule("us-later", compliance=when("2025-12-01"))).ask()

    assert fates(answer)["us-later"] == "NO_STATUS_EFFECT"
    assert reasons(answer)["us-later"] == "us-later#all: DEFERRED, outweighed"


def test_what_is_not_yet_known_is_listed_only_on_request() -> None:
    """DESIGN §7: "NOT_YET_KNOWN entries are listed only on request (they would leak later
    knowledge)"."""
    late = act("us-late", provision("us-late#all"), public="2025-07-01")
    secret = act("us-secret", provision("us-secret#all"), public=None, notified="2025-01-01")
    world = World(chip(), rule(), late, secret)

    assert fates(world.ask(known_at="2025-06-15")) == {"us-rule": "APPLIED"}
    answer = world.ask(known_at="2025-06-15", include_not_yet_known=True)
    assert fates(answer) == {
        "us-rule": "APPLIED",
        "us-late": "NOT_YET_KNOWN",
        "us-secret": "NOT_YET_KNOWN",
    }
    assert reasons(answer)["us-late"] == "known from 2025-07-01"
    assert reasons(answer)["us-secret"] == "not public"


def test_not_yet_known_are_the_entries_that_could_matter() -> None:
    late = dates(public="2025-07-01")
    world = World(
        chip(),
        claim("cl-about", dates=late, items=("chip",)),
        claim("cl-other", dates=late, items=("Other",)),
        act("us-empty", public="2025-07-01"),
        act("us-effect", public="2025-07-01", effects=effect(Axis.DESTINATION_MEASURE, "INQUIRY")),
    )
    answer = world.ask(known_at="2025-06-15", include_not_yet_known=True)

    assert fates(answer) == {"cl-about": "NOT_YET_KNOWN", "us-effect": "NOT_YET_KNOWN"}


def test_on_basis_ledger_the_day_of_recording_is_named() -> None:
    world = World(covered=True)
    world.records[1] = world.records[1].model_copy(update={"recorded_ms": 0})
    world.add(chip(), on="2025-01-01").add(rule(), on="2025-07-02")
    answer = world.ask(basis=Basis.LEDGER, known_at="2025-06-15", include_not_yet_known=True)

    assert reasons(answer) == {"us-rule": "known from 2025-07-02"}


def test_regulatory_acts_are_always_considered_and_others_where_they_speak_of_the_item() -> None:
    public = dates(public="2025-01-01")
    facts = (
        act("us-guidance", subtype="agency_guidance"),
        claim("cl-about", dates=public, items=("CHIP",)),
        claim("cl-other", dates=public, items=("Other",)),
        order("co-about", dates=public, items=("Chip",)),
        submission("ad-other", dates=public),
    )

    assert listed(*facts) == {
        "us-guidance": "NO_STATUS_EFFECT",
        "cl-about": "NO_STATUS_EFFECT",
        "co-about": "NO_STATUS_EFFECT",
    }
    assert reasons(World(chip(), *facts).ask())["us-guidance"] == "agency guidance"


def test_what_has_no_effect_names_its_links() -> None:
    about = claim(
        "cl-about",
        dates=dates(public="2025-01-01"),
        items=("Chip",),
        relates_to=link(RelationKind.CLAIMS_ABOUT, "us-rule"),
    )

    assert reasons(World(chip(), rule(), about).ask())["cl-about"] == (
        "attributed claim: claims_about us-rule"
    )


def test_what_has_no_effect_and_has_not_begun_says_so() -> None:
    answer = World(chip(), act("us-guidance", effective="2025-07-01")).ask()

    assert fates(answer) == {"us-guidance": "NOT_YET_EFFECTIVE"}
    assert reasons(answer)["us-guidance"] == "interim_final_rule: from 2025-07-01"


def test_what_has_no_effect_and_no_longer_stands_says_so() -> None:
    public = dates(public="2025-01-01")
    facts = (
        act("us-guidance", ends="2025-06-01"),
        claim("cl-old", dates=public, items=("Chip",)),
        act("us-ended"),
        act("us-new", relates=link(RelationKind.SUPERSEDES, "cl-old")),
        act("us-end", relates=link(RelationKind.ENDS, "us-ended")),
    )
    answer = World(chip(), *facts).ask()
    fate = fates(answer)

    assert fate["us-guidance"] == "ENDED"
    assert (fate["cl-old"], fate["us-ended"]) == ("SUPERSEDED_BY", "ENDED")
    assert reasons(answer)["us-guidance"] == "its scheduled end (2025-06-01) has passed"
    assert reasons(answer)["cl-old"] == "superseded by us-new"
    assert reasons(answer)["us-ended"] == "ended by us-end"


def test_an_effect_that_has_not_begun_is_not_yet_effective() -> None:
    late = act(
        "cn-late", effects=effect(Axis.DESTINATION_MEASURE, "INQUIRY"), effective="2025-07-01"
    )

    assert listed(late) == {"cn-late": "NOT_YET_EFFECTIVE"}


def test_a_fact_that_was_told_to_somebody_only_has_no_beginning_and_no_effect() -> None:
    told = act("us-told", public=None, notified="2025-01-01", addressee="NVIDIA")
    answer = World(chip(), told).ask(basis=Basis.ADDRESSEE, exporter="NVIDIA")

    assert fates(answer) == {"us-told": "NO_STATUS_EFFECT"}


def test_a_fact_of_several_parts_is_listed_once_with_what_weighs_most() -> None:
    many = act(
        "us-rule",
        provision("us-rule#china"),
        provision("us-rule#japan", destinations=codes("JP")),
        provision("us-rule#late", effective=when("2025-07-01")),
        provision("us-rule#also"),
    )
    (entry,) = World(chip(), many).ask().considered

    assert entry.disposition is Disposition.APPLIED
    assert entry.reason == "us-rule#china: LICENSE_REQUIRED; us-rule#also: LICENSE_REQUIRED"


def test_the_weights_of_the_parts_of_a_fact() -> None:
    """A part that ended is told before one that is out of scope, and that before one without
    effect."""
    parts = {
        "ENDED": provision("us-rule#a", ends=when("2025-06-01")),
        "NOT_YET_EFFECTIVE": provision("us-rule#b", effective=when("2025-07-01")),
        "OUT_OF_SCOPE": provision("us-rule#c", destinations=codes("JP")),
        "NO_STATUS_EFFECT": provision("us-rule#d", requirement=None),
    }
    order_ = list(parts)

    for index, expected in enumerate(order_):
        fact = act("us-rule", *(parts[name] for name in order_[index:]))
        assert listed(fact) == {"us-rule": expected}


def test_entries_stand_in_the_order_of_their_days_whatever_the_order_of_appending() -> None:
    facts = (
        act("us-b", public="2025-02-01"),
        act("us-a", public="2025-02-01"),
        act("us-c", public="2025-01-02", effective="2025-03-01"),
        act("us-d", public="2025-01-01"),
    )

    for appended in (facts, facts[::-1]):
        assert list(listed(*appended)) == ["us-d", "us-a", "us-b", "us-c"]


def test_a_fact_without_a_beginning_stands_at_its_notice() -> None:
    told = act("us-told", public=None, notified="2025-01-15", addressee="NVIDIA")
    answer = World(chip(), rule(), told, act("us-z", public="2025-02-01")).ask(
        basis=Basis.ADDRESSEE, exporter="NVIDIA"
    )

    assert list(fates(answer)) == ["us-rule", "us-told", "us-z"]


GUIDANCE = rule(
    "us-guidance", declares_from=when("2024-01-01"), effective=when("2025-05-01"), requirement=None
)


def test_declaratory_guidance_is_applied_as_an_annotation() -> None:
    """P11: "Declaratory guidance is APPLIED from the date it declares, as an annotation, once
    known"."""
    world = World(chip(), GUIDANCE)
    answer = world.ask(as_of="2024-06-01")

    assert fates(answer) == {"us-guidance": "APPLIED"}
    assert reasons(answer)["us-guidance"] == (
        "us-guidance#all: declares what holds from 2024-01-01"
    )
    assert fates(world.ask(as_of="2023-12-31")) == {"us-guidance": "NOT_YET_EFFECTIVE"}
    assert fates(world.ask(as_of="2024-06-01", known_at="2024-12-31")) == {}


def test_declaratory_guidance_never_re_dates() -> None:
    """P5: "declaratory guidance annotates, it does not re-date"."""
    declares = rule("us-guidance", declares_from=when("2024-01-01"), effective=when("2025-05-01"))
    world = World(chip(), declares)

    assert world.requirement(as_of="2024-06-01") is Requirement.NO_LICENSE_REQUIRED
    assert world.requirement(as_of="2025-06-01") is Requirement.NO_LICENSE_REQUIRED


def test_declaratory_guidance_outside_its_scope_annotates_nothing() -> None:
    elsewhere = rule(
        "us-guidance",
        declares_from=when("2024-01-01"),
        requirement=None,
        destinations=codes("JP"),
    )

    assert listed(elsewhere) == {"us-guidance": "OUT_OF_SCOPE"}


def test_an_act_that_opens_a_lane_is_applied() -> None:
    lane = ReviewLane(on_provision="us-rule#all", policy=ReviewPolicy.CASE_BY_CASE)
    answer = World(chip(), rule(), rule("us-lane", requirement=None, review_lanes=(lane,))).ask()

    assert fates(answer)["us-lane"] == "APPLIED"
    assert reasons(answer)["us-lane"] == "us-lane#all: its review lane on us-rule#all is open"


def test_a_later_license_event_is_told_from_the_one_it_replaced() -> None:
    applied = act("us-applied", effects=effect(Axis.AUTHORIZATION, "APPLIED"))
    answer = World(
        chip(), rule(), applied, GRANT.model_copy(update={"dates": dates(public="2025-02-01")})
    ).ask()
    (entry,) = (c for c in answer.considered if c.recorded.fact.id == "us-applied")

    assert (entry.disposition, entry.superseded_by) == ("SUPERSEDED_BY", "us-grant")


def test_an_effect_that_a_claim_may_not_set_is_no_effect() -> None:
    said = claim(
        "cl-says",
        dates=dates(public="2025-01-01"),
        items=("Chip",),
        effects=effect(Axis.AUTHORIZATION, "GRANTED_SCOPED"),
    )

    assert listed(said) == {"cl-says": "NO_STATUS_EFFECT"}


def test_an_effect_out_of_reach_says_why() -> None:
    other = act("cn-other", effects=effect(Axis.DESTINATION_MEASURE, "INQUIRY", items=("Other",)))

    assert reasons(World(chip(), other).ask())["cn-other"] == (
        "destination_measure INQUIRY: it speaks of Other"
    )


def test_an_effect_that_lacks_a_fact_is_named_as_possible() -> None:
    told = act("us-grant", effects=effect(Axis.AUTHORIZATION, "DENIED"), addressee="NVIDIA")

    assert reasons(World(chip(), rule(), told).ask())["us-grant"] == (
        "authorization DENIED: possibly relevant, not shown (exporter)"
    )


def test_the_deciding_facts_are_those_applied_in_the_order_of_their_days() -> None:
    world = World(
        chip(),
        GRANT,
        rule(),
        rule("us-other", items=named("Other")),
        act("us-early", provision("us-early#all"), public="2024-12-01"),
    )

    assert [f.id for f in deciding_facts(explain(world.situation(), world.assessed()))] == [
        "us-early",
        "us-grant",
        "us-rule",
    ]


def test_a_weaker_license_event_is_conflicting_with_a_reason() -> None:
    rumor = act(
        "us-rumor",
        effects=effect(Axis.AUTHORIZATION, "REVOKED"),
        public="2025-03-01",
        certainty=Certainty.ATTRIBUTED_CLAIM,
    )
    answer = World(chip(), rule(), GRANT, rumor).ask()

    assert reasons(answer)["us-rumor"] == (
        "authorization REVOKED: on weaker evidence than the license event"
    )


@pytest.mark.parametrize("count", [3, NAMING_KEPT + 1])
def test_each_claim_about_the_item_is_listed_from_the_day_on_which_it_is_public(count: int) -> None:
    """Whoever asked the register before, and however many claims there are."""
    claims = [
        claim(f"claim-{n}", items=("Chip",), dates=dates(public=f"2025-0{2 + n % 4}-10"))
        for n in range(count)
    ]
    register = World(chip(), rule(), *claims).register

    def told(known_at: str) -> set[str]:
        asked = question(as_of="2025-06-15", known_at=known_at)
        considered = determine(asked, register).considered
        return {c.recorded.fact.id for c in considered} - {"us-rule"}

    for known_at in ("2025-12-31", "2025-01-15", "2025-03-20", "2025-02-09", "2025-04-10"):
        until = known_at[:7] if known_at[8:] >= "10" else "2025-01"
        assert told(known_at) == {
            f.id for f in claims if f.dates.public and f.dates.public.value[:7] <= until
        }


def test_a_claim_about_the_item_begins_for_each_asker_on_its_own_day() -> None:
    later = claim(
        "claim-later", items=("Chip",), dates=dates(public="2025-01-05", effective="2025-05-01")
    )
    register = World(chip(), rule(), later).register

    def fate(as_of: str) -> Disposition:
        return fates(determine(question(as_of=as_of), register))["claim-later"]

    assert fate("2025-04-30") is Disposition.NOT_YET_EFFECTIVE
    assert fate("2025-05-01") is Disposition.NO_STATUS_EFFECT
    assert fate("2025-04-29") is Disposition.NOT_YET_EFFECTIVE
