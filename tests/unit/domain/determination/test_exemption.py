"""FORMAT §2, `exempt`: "where all tests of one hold, the provision does not apply, nor do those in
`also_from` to what the provision covers"."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.domain.facts import Fact
from ledger.domain.provision import Exemption
from ledger.domain.scope import ConsigneeScope
from ledger.domain.vocabulary import UNPUBLISHED, EndUse, RelationKind, Requirement
from tests.builders import party
from tests.unit.domain.determination.world import (
    ANY_ITEM,
    World,
    act,
    amending,
    chip,
    codes,
    fates,
    link,
    provision,
    reasons,
    rule,
    when,
)

LICENSE, NONE = Requirement.LICENSE_REQUIRED, Requirement.NO_LICENSE_REQUIRED
OPEN = Requirement.INDETERMINATE


def exempting(*exemptions: Exemption, **more: Any) -> Fact:
    return rule(exempt=exemptions, **more)


def requirement(*facts: Fact, **asked: Any) -> Requirement:
    return World(chip(), *facts).requirement(**asked)


def test_where_an_exemption_holds_the_provision_does_not_apply() -> None:
    world = World(chip(), exempting(Exemption(shipped_from=("TW",))))
    answer = world.ask(shipped_from="TW")

    assert answer.axes.requirement is NONE
    assert reasons(answer)["us-rule"] == "us-rule#all: exempts from us-rule#all"
    assert world.requirement(shipped_from="US") is LICENSE


def test_an_exemption_that_lacks_a_fact_leaves_the_requirement_open() -> None:
    """FORMAT §2: "A test that lacks a fact is undetermined"."""
    answer = World(chip(), exempting(Exemption(shipped_from=("TW",)))).ask()

    assert answer.axes.requirement is OPEN
    assert answer.missing == ("shipped_from",)


def test_whoever_is_not_supplied_is_assumed_not_to_be_exempt() -> None:
    world = World(chip(), exempting(Exemption(consignees=ConsigneeScope(names=("Acme",)))))
    answer = world.ask()

    assert answer.axes.requirement is LICENSE
    assert "no exempt party" in answer.assumed
    assert world.requirement(consignee="acme") is NONE
    assert world.requirement(consignee="Other") is LICENSE
    assert "no exempt party" not in world.ask(consignee="Other").assumed


def test_an_unpublished_exemption_leaves_the_requirement_open() -> None:
    """P9: "Unpublished scope => INDETERMINATE for anyone not named."."""
    hidden = Exemption(consignees=ConsigneeScope(names=UNPUBLISHED))
    answer = World(chip(), exempting(hidden)).ask(consignee="Acme")

    assert answer.axes.requirement is OPEN
    assert answer.missing == ("us-rule#all exempt consignees UNPUBLISHED",)


@pytest.mark.parametrize("on_scope", [True, False])
def test_subsidiaries_of_an_exempt_party_may_count_too(on_scope: bool) -> None:
    """FORMAT §2: "`subsidiaries`: those of the named count too"."""
    daughter = party("Daughter", headquarters="DE", ultimate_parent="Acme")
    named = ConsigneeScope(names=("Acme",), subsidiaries=on_scope)
    counting = Exemption(consignees=named, subsidiaries=not on_scope)
    plain = Exemption(consignees=ConsigneeScope(names=("Acme",)))

    assert requirement(daughter, exempting(counting), consignee="Daughter") is NONE
    assert requirement(daughter, exempting(plain), consignee="Daughter") is LICENSE


def test_every_test_of_an_exemption_must_hold() -> None:
    narrow = Exemption(shipped_from=("TW",), consignees=ConsigneeScope(names=("Acme",)))

    assert requirement(exempting(narrow), shipped_from="TW", consignee="Acme") is NONE
    assert requirement(exempting(narrow), shipped_from="US", consignee="Acme") is LICENSE


def test_one_of_several_exemptions_suffices() -> None:
    facts = exempting(Exemption(shipped_from=("TW",)), Exemption(shipped_from=("KR",)))

    assert requirement(facts, shipped_from="KR") is NONE


def test_an_exemption_reaches_other_provisions_that_it_names() -> None:
    """FORMAT §2: "nor do those in `also_from` to what the provision covers"."""
    other = rule("us-other")
    relief = Exemption(shipped_from=("TW",), also_from=("us-other#all",))
    world = World(chip(), exempting(relief), other)
    answer = world.ask(shipped_from="TW")

    assert answer.axes.requirement is NONE
    assert reasons(answer)["us-other"] == "us-other#all: exempt under us-rule#all"
    assert fates(answer) == {"us-rule": "APPLIED", "us-other": "OUT_OF_SCOPE"}
    assert requirement(exempting(Exemption(shipped_from=("TW",))), other, shipped_from="TW") is (
        LICENSE
    )


def test_an_exemption_reaches_others_only_for_what_its_own_provision_covers() -> None:
    """FORMAT §2: "to what the provision covers"."""
    other = rule("us-other")
    relief = Exemption(shipped_from=("TW",), also_from=("us-other#all",))
    elsewhere = exempting(relief, destinations=codes("JP"))

    assert requirement(elsewhere, other, shipped_from="TW") is LICENSE


def test_where_it_is_open_what_a_provision_covers_its_exemption_is_open_too() -> None:
    relief = Exemption(also_from=("us-other#all",), destinations=codes("CN"))
    answer = World(chip(), exempting(relief, addressee="NVIDIA"), rule("us-other")).ask()

    assert answer.axes.requirement is OPEN
    assert answer.missing == ("exporter",)


def test_a_requirement_that_does_not_reach_is_not_exempted() -> None:
    relief = Exemption(shipped_from=("TW",), also_from=("us-other#all",))
    other = rule("us-other", destinations=codes("JP"))
    answer = World(chip(), exempting(relief), other).ask(shipped_from="TW")

    assert reasons(answer)["us-other"] == "us-other#all: CN is not among its places"


@pytest.mark.parametrize(
    ("day", "expected"), [("2025-03-31", LICENSE), ("2025-04-01", NONE), ("2025-05-31", NONE)]
)
def test_an_exemption_may_begin_later(day: str, expected: Requirement) -> None:
    late = Exemption(shipped_from=("TW",), effective=when("2025-04-01"))

    assert requirement(exempting(late), shipped_from="TW", as_of=day) is expected


def test_an_exemption_that_has_passed_flips_the_status_and_says_so() -> None:
    """P10: "Scheduled end passes without a recorded extension => status flips, flagged
    IN_FORCE_UNLESS_EXTENSION_RECORDED"."""
    world = World(chip(), exempting(Exemption(shipped_from=("TW",), ends=when("2025-05-31"))))
    last = world.ask(shipped_from="TW", as_of="2025-05-31")
    after = world.ask(shipped_from="TW", as_of="2025-06-01")

    assert (last.axes.requirement, last.flags) == (NONE, ())
    assert after.axes.requirement is LICENSE
    assert after.flags == ("IN_FORCE_UNLESS_EXTENSION_RECORDED",)


def test_an_exemption_that_never_reached_the_question_has_not_lapsed() -> None:
    facts = exempting(Exemption(shipped_from=("TW",), ends=when("2025-05-31")))

    assert World(chip(), facts).ask(shipped_from="US").flags == ()


@pytest.mark.parametrize("kind", [RelationKind.ENDS, RelationKind.STAYS])
def test_a_provision_that_has_ended_or_is_stayed_exempts_from_nothing(kind: RelationKind) -> None:
    relief = Exemption(shipped_from=("TW",), also_from=("us-other#all",))
    stopped = act("us-stop", relates=link(kind, "us-rule"))

    assert requirement(exempting(relief), rule("us-other"), stopped, shipped_from="TW") is LICENSE


def test_an_exemption_may_name_an_amendment_of_the_other_provision() -> None:
    relief = Exemption(shipped_from=("TW",), also_from=("us-change#all",))
    amended = act("us-change", amending("us-change#all", "us-other#all", items=ANY_ITEM))

    assert requirement(exempting(relief), rule("us-other"), amended, shipped_from="TW") is NONE


def test_a_provision_that_asks_nothing_may_exempt() -> None:
    relief = Exemption(shipped_from=("TW",), also_from=("us-other#all",))
    savings = act("us-save", provision("us-save#clause", requirement=None, exempt=(relief,)))

    assert requirement(savings, rule("us-other"), shipped_from="TW") is NONE
    assert requirement(savings, rule("us-other"), shipped_from="US") is LICENSE


def test_two_exemptions_in_doubt_name_all_that_they_lack() -> None:
    facts = exempting(Exemption(shipped_from=("TW",)), Exemption(addressee="NVIDIA"))

    assert World(chip(), facts).ask().missing == ("exporter", "shipped_from")


def test_an_exemption_may_turn_on_an_end_use() -> None:
    military = Exemption(end_uses=("military",))

    assert requirement(exempting(military)) is LICENSE
    assert "no part-744 end use" in World(chip(), exempting(military)).ask().assumed
    assert requirement(exempting(military), end_use=EndUse.MILITARY) is NONE
