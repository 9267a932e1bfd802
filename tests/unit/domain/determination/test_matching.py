"""Scope (FORMAT §2): "It applies where all its tests hold; a test left out holds."."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ledger.domain.determination.truth import Truth
from ledger.domain.facts import ItemDescribed
from ledger.domain.provision import Provision
from ledger.domain.scope import (
    Alternative,
    ConsigneeScope,
    ItemScope,
    ParameterTest,
    PlaceScope,
)
from ledger.domain.vocabulary import (
    UNPUBLISHED,
    EndUse,
    Operator,
    Parameter,
    Requirement,
    Transaction,
)
from tests.builders import membership, party
from tests.unit.domain.determination.world import (
    ANY_ITEM,
    ANYWHERE,
    World,
    alternative,
    at_least,
    chip,
    codes,
    grouped,
    named,
    rule,
)

ALL = tuple(Transaction)
HIDDEN = ConsigneeScope(names=UNPUBLISHED)


def reached(
    tests: dict[str, Any], *facts: Any, item: ItemDescribed | None = None, **q: Any
) -> Truth:
    """Whether a rule with these tests, and no other, reaches the question."""
    world = World(item or chip(), rule(**({"destinations": None} | tests)), *facts)
    (finding,) = world.assessed(**q).findings
    return finding.truth


def lacked(truth: Truth) -> frozenset[str]:
    """What an undetermined test lacks."""
    assert truth.value is None
    return truth.lacks


def assumed_away(truth: Truth) -> frozenset[str]:
    """The assumptions on which a failed test rests."""
    assert truth.value is False
    return truth.assumed


def compared(operator: Operator, threshold: int | bool, value: Any) -> bool | None:
    parameter = Parameter.DATACENTER if isinstance(threshold, bool) else Parameter.TPP
    limit = threshold if isinstance(threshold, bool) else Decimal(threshold)
    scope = ItemScope(
        any_of=(Alternative(all_of=(ParameterTest(param=parameter, op=operator, value=limit),)),)
    )
    item = chip(datacenter=value) if isinstance(threshold, bool) else chip(tpp=value)
    return reached({"items": scope}, item=item).value


def test_a_provision_without_tests_reaches_everything() -> None:
    assert reached({}).value is True


@pytest.mark.parametrize("scope", [ANY_ITEM, named("chip"), named("Other", "CHIP")])
def test_items_match_by_name_without_regard_to_case(scope: ItemScope) -> None:
    assert reached({"items": scope}).value is True


def test_items_match_by_alias() -> None:
    item = chip(aliases=("Big Chip",))

    assert reached({"items": named("big chip")}, item=item).value is True


def test_an_item_that_is_neither_named_nor_tested_is_outside() -> None:
    truth = reached({"items": named("Other")})

    assert truth.value is False
    assert truth.why == "the item is not of its class (the class of items)"


def test_names_that_are_empty_beside_a_description_meet_no_item() -> None:
    """FORMAT §2: "no item meets it until one is named"."""
    truth = reached({"items": ItemScope(described_as="dies of 7 nm or less")})

    assert truth.value is False
    assert truth.why == "the item is not of its class (dies of 7 nm or less)"


@pytest.mark.parametrize(
    ("operator", "value", "holds"),
    [
        (Operator.AT_LEAST, 4799, False),
        (Operator.AT_LEAST, 4800, True),
        (Operator.BELOW, 4799, True),
        (Operator.BELOW, 4800, False),
        (Operator.EQUAL, 4800, True),
        (Operator.EQUAL, 4801, False),
    ],
)
def test_a_parameter_is_compared_with_its_threshold(
    operator: Operator, value: int, holds: bool
) -> None:
    assert compared(operator, 4800, value) is holds


def test_design_for_datacenters_is_a_parameter_too() -> None:
    assert compared(Operator.EQUAL, True, True) is True
    assert compared(Operator.EQUAL, True, False) is False


@pytest.mark.parametrize(
    ("bounds", "outcome"), [((1000, 4799), False), ((4800, 6000), True), ((4799, 4800), None)]
)
def test_a_range_decides_where_both_its_ends_agree(
    bounds: tuple[int, int], outcome: bool | None
) -> None:
    """FORMAT §3: "A test on a range is decided if both ends agree, otherwise undetermined"."""
    truth = reached({"items": at_least(tpp=4800)}, item=chip(tpp=bounds))

    assert truth.value is outcome
    assert truth.lacks == ({"tpp"} if outcome is None else frozenset())


def test_an_unpublished_parameter_is_undetermined() -> None:
    """model §3: "Items without published parameters are legal items"."""
    truth = reached({"items": at_least(tpp=4800)}, item=chip(unpublished=("tpp",)))

    assert lacked(truth) == {"tpp"}


def test_parameters_are_not_known_before_the_launch() -> None:
    """FORMAT §3: "An item's parameters are public from its launch"."""
    item = chip(launch="2025-06-01", tpp=5000)

    assert reached({"items": at_least(tpp=4800)}, item=item, known_at="2025-05-31").value is None
    assert reached({"items": at_least(tpp=4800)}, item=item, known_at="2025-06-01").value is True


def test_every_test_of_an_alternative_must_hold() -> None:
    both = at_least(tpp=4800, datacenter=True)

    assert reached({"items": both}, item=chip(tpp=5000, datacenter=True)).value is True
    assert reached({"items": both}, item=chip(tpp=5000, datacenter=False)).value is False


def test_one_alternative_suffices() -> None:
    scope = ItemScope(any_of=(alternative(tpp=4800), alternative(mem_bw_gbs=1400)))
    truth = reached({"items": scope}, item=chip(tpp=1000, mem_bw_gbs=4000))

    assert truth.value is True


def test_a_technical_test_that_fails_says_so() -> None:
    truth = reached({"items": at_least(tpp=4800)}, item=chip(tpp=1000))

    assert truth.why == "the item's parameters do not meet its technical test"


def test_what_meets_nothing_of_a_partly_unpublished_class_is_undetermined() -> None:
    """FORMAT §2: "part of the class is not published, so an item that meets nothing else is
    undetermined"."""
    scope = ItemScope(names=("Other",), unpublished=True)
    truth = reached({"items": scope})

    assert lacked(truth) == {"us-rule#all items UNPUBLISHED"}
    assert reached({"items": ItemScope(names=("Chip",), unpublished=True)}).value is True


@pytest.mark.parametrize("scope", [codes("CN"), codes("MO", "CN"), ANYWHERE])
def test_a_place_is_reached_by_code(scope: PlaceScope) -> None:
    assert reached({"destinations": scope}).value is True


def test_another_place_is_outside() -> None:
    truth = reached({"destinations": codes("MO")})

    assert (truth.value, truth.why) == (False, "CN is not among its places")


def test_macau_is_no_part_of_a_group_that_does_not_list_it() -> None:
    """FORMAT §4: "Macau (MO) is its own destination and not in D:5"."""
    memberships = (membership("CN"), membership("HK"))

    def macau(scope: PlaceScope) -> bool | None:
        return reached({"destinations": scope}, *memberships, destination="MO").value

    assert macau(grouped("D:5")) is False
    assert macau(grouped("D:5", codes=("MO",))) is True


def test_a_group_counts_on_the_day_asked_about() -> None:
    member = membership("VN", since="2025-03-01")
    place = {"destinations": grouped("D:5")}

    assert reached(place, member, destination="VN", as_of="2025-02-28").value is False
    assert reached(place, member, destination="VN", as_of="2025-03-01").value is True


def test_exclusions_cut_groups() -> None:
    """FORMAT §2: "`any_group` less `not_group` and `not_codes`"."""
    facts = (membership("IL", "D:4"), membership("IL", "A:6"), membership("AE", "D:4"))

    def at(country: str, **less: Any) -> bool | None:
        place = grouped("D:4", **less)
        return reached({"destinations": place}, *facts, destination=country).value

    assert at("IL") is True
    assert at("IL", not_group=("A:6",)) is False
    assert at("AE", not_group=("A:6",)) is True
    assert at("AE", not_codes=("AE",)) is False


def test_codes_count_whatever_is_excluded() -> None:
    """FORMAT §2: "`codes`, which always count"."""
    place = grouped("D:4", codes=("IL",), not_group=("A:6",), not_codes=("IL",))
    facts = (membership("IL", "D:4"), membership("IL", "A:6"))

    assert reached({"destinations": place}, *facts, destination="IL").value is True


def test_unpublished_places_are_undetermined_everywhere() -> None:
    """FORMAT §2: "`"unpublished":true`: undetermined everywhere"."""
    hidden = PlaceScope(codes=("RU",), unpublished=True)
    truth = reached({"destinations": hidden})

    assert lacked(truth) == {"us-rule#all destinations UNPUBLISHED"}
    assert reached({"destinations": hidden}, destination="RU").value is True


def test_an_act_binds_its_addressee_alone() -> None:
    """P7: "Addressee-only acts bind the addressee."."""
    letter = {"addressee": ("NVIDIA", "AMD")}

    assert reached(letter, exporter="nvidia").value is True
    assert reached(letter, exporter="Dell").value is False
    assert reached(letter, exporter="Dell").why == "it binds NVIDIA, AMD only"


def test_without_an_exporter_an_addressed_act_is_undetermined() -> None:
    truth = reached({"addressee": "NVIDIA"})

    assert lacked(truth) == {"exporter"}


def test_an_exporter_is_known_by_its_other_names() -> None:
    alias = party("NVIDIA", aliases=("Nvidia Corp",))

    assert reached({"addressee": "NVIDIA"}, alias, exporter="NVIDIA Corp").value is True


def test_a_transaction_is_taken_for_an_export() -> None:
    reexport = {"transactions": (Transaction.REEXPORT, Transaction.IN_COUNTRY)}
    truth = reached(reexport)

    assert assumed_away(truth) == {"transaction is an export"}
    assert truth.why == "it reaches reexport or in-country only"
    assert reached({"transactions": (Transaction.EXPORT,)}).value is True


def test_a_supplied_transaction_is_tested() -> None:
    exports = {"transactions": (Transaction.EXPORT,)}
    truth = reached(exports, transaction=Transaction.REEXPORT)

    assert assumed_away(truth) == frozenset()
    assert reached({"transactions": ALL}, transaction=Transaction.REEXPORT).value is True


def test_the_place_of_shipment_is_never_assumed() -> None:
    scope = {"shipped_from": ("US", "TW")}

    assert reached(scope).lacks == {"shipped_from"}
    assert reached(scope, shipped_from="TW").value is True
    assert reached(scope, shipped_from="DE").why == "it reaches shipments from US, TW only"


def test_no_end_use_is_assumed() -> None:
    """model §3: "Unless supplied, "no part-744 end use" [is] assumed"."""
    truth = reached({"end_uses": ("supercomputer",)})

    assert assumed_away(truth) == {"no part-744 end use"}


@pytest.mark.parametrize(
    ("covered", "supplied", "reaches"),
    [
        (("supercomputer",), EndUse.SUPERCOMPUTER, True),
        (("Supercomputer in D:5", "military"), EndUse.MILITARY, True),
        (("training AI models",), EndUse.AI_TRAINING, True),
        (("supercomputer",), EndUse.MILITARY, False),
        (("supercomputer",), EndUse.NONE, False),
        (("AI accelerator or GPU",), EndUse.NONE, False),
        (("AI accelerator or GPU",), EndUse.SEMICONDUCTOR, False),
    ],
)
def test_end_uses_are_tested_once_one_is_supplied(
    covered: tuple[str, ...], supplied: EndUse, reaches: bool
) -> None:
    truth = reached({"end_uses": covered}, end_use=supplied)

    assert truth.value is reaches
    assert truth.assumed == frozenset()


def test_no_listed_party_is_assumed() -> None:
    """model §3: "Unless supplied, … "no listed party" [is] assumed"."""
    listed = {"consignees": ConsigneeScope(names=("Biren",))}

    assert reached(listed).assumed == {"no listed party"}
    assert reached(listed, consignee="biren").value is True
    assert assumed_away(reached(listed, consignee="Acme")) == frozenset()


def test_headquarters_alone_name_no_consignee() -> None:
    listed = {"consignees": ConsigneeScope(names=("Biren",))}

    assert reached(listed, consignee_headquarters="CN").assumed == {"no listed party"}


def test_whoever_is_not_named_on_an_incomplete_list_is_assumed_not_to_be_on_it() -> None:
    """FORMAT §2: "`"complete":false`…: more are covered than are named"."""
    listed = {"consignees": ConsigneeScope(names=("Biren",), complete=False, listed_in="88 FR")}

    assert reached(listed, consignee="Acme").assumed == {"no listed party"}
    assert reached(listed, consignee="Biren").value is True


@pytest.mark.parametrize("words", ["listed_in", "test"])
def test_the_words_of_a_list_may_be_affirmed(words: str) -> None:
    """A list that is not carried, or a test of ownership: only the asker can tell."""
    scope = ConsigneeScope.model_validate({"names": (), "complete": False, words: "88 FR 71991"})

    assert reached({"consignees": scope}, consignee="Acme", affirmed=("88 fr 71991",)).value is True
    assert reached({"consignees": scope}, consignee="Acme", affirmed=("88 FR",)).value is False


def test_a_party_is_listed_under_any_of_its_names() -> None:
    listed = {"consignees": ConsigneeScope(names=("Biren",))}
    described = party("Shanghai Biren", aliases=("Biren",), headquarters="CN")

    assert reached(listed, described, consignee="Shanghai Biren").value is True


def test_a_subsidiary_is_listed_only_where_subsidiaries_count() -> None:
    """FORMAT §2: "`subsidiaries`: those of the named count too"."""
    daughter = party("Daughter", headquarters="DE", ultimate_parent="Biren")

    def listed(*, subsidiaries: bool) -> bool | None:
        scope = ConsigneeScope(names=("Biren",), subsidiaries=subsidiaries)
        return reached({"consignees": scope}, daughter, consignee="Daughter").value

    assert listed(subsidiaries=False) is False
    assert listed(subsidiaries=True) is True


def test_unpublished_consignees_leave_everybody_undetermined() -> None:
    """P9: "Unpublished scope => INDETERMINATE for anyone not named."."""
    world = World(chip(), rule(consignees=HIDDEN))
    hidden = {"consignees": HIDDEN}

    assert reached(hidden, consignee="Acme").lacks == {"us-rule#all consignees UNPUBLISHED"}
    assert world.requirement() is Requirement.INDETERMINATE
    assert world.requirement(consignee="Acme") is Requirement.INDETERMINATE


def test_headquarters_are_never_assumed() -> None:
    """model §3: "Exporter and consignee headquarters are never assumed"."""
    seat = {"headquarters": codes("CN")}

    assert reached(seat).lacks == {"consignee_headquarters"}
    assert reached(seat, consignee="Acme").lacks == {"consignee_headquarters"}
    assert reached(seat, consignee_headquarters="CN").value is True
    assert reached(seat, consignee_headquarters="JP").value is False
    assert reached({"headquarters": ANYWHERE}).value is True


def test_the_seat_of_a_parent_counts() -> None:
    """model §1: "headquartered-in / ultimate-parent-in D:5 or Macau, anywhere in the world"."""
    daughter = party("Daughter", headquarters="DE", ultimate_parent="Holding")
    holding = party("Holding", headquarters="CN")
    seat = {"headquarters": grouped("D:5")}

    truth = reached(seat, daughter, holding, membership("CN"), consignee="Daughter")

    assert truth.value is True


def test_a_seat_that_is_known_counts_although_another_is_not() -> None:
    daughter = party("Daughter", headquarters="CN", ultimate_parent="Nobody Knows")

    assert reached({"headquarters": codes("CN")}, daughter, consignee="Daughter").value is True
    assert reached({"headquarters": codes("RU")}, daughter, consignee="Daughter").lacks == {
        "consignee_headquarters"
    }


def test_a_seat_among_unpublished_places_is_undetermined() -> None:
    hidden = {"headquarters": PlaceScope(unpublished=True)}

    assert reached(hidden, consignee_headquarters="JP").lacks == {
        "us-rule#all destinations UNPUBLISHED"
    }


def test_all_tests_must_hold() -> None:
    tests = Provision(
        id="us-rule#all",
        destinations=codes("CN"),
        addressee="NVIDIA",
        shipped_from=("US",),
        transactions=(Transaction.EXPORT,),
        end_uses=("military",),
        headquarters=codes("CN"),
        consignees=ConsigneeScope(names=("Biren",)),
        items=named("Chip"),
    ).model_dump(exclude_defaults=True, exclude={"id"})
    met: dict[str, Any] = {
        "exporter": "NVIDIA",
        "shipped_from": "US",
        "end_use": EndUse.MILITARY,
        "consignee_headquarters": "CN",
        "consignee": "Biren",
    }
    unmet: dict[str, Any] = {
        "exporter": "Dell",
        "shipped_from": "DE",
        "end_use": EndUse.NONE,
        "consignee_headquarters": "JP",
        "consignee": "Acme",
        "destination": "JP",
        "transaction": Transaction.REEXPORT,
    }

    assert reached(tests, **met).value is True
    for name, value in unmet.items():
        assert reached(tests, **(met | {name: value})).value is False, name
