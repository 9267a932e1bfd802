from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from ledger.domain.authorship import OutsideRecord
from ledger.domain.determination.register import Register
from ledger.domain.vocabulary import (
    Axis,
    Collection,
    DestinationMeasure,
    RelationKind,
    ReviewPolicy,
)
from tests.builders import claim, enrolled, membership, order, party
from tests.unit.domain.determination.world import (
    World,
    act,
    amending,
    chip,
    effect,
    link,
    provision,
    rule,
)


def test_an_empty_register_has_no_item() -> None:
    assert Register().item_stream("Chip") is None
    assert Register.of([]).tree_size == 0


def test_the_tree_size_counts_the_entries() -> None:
    assert World(chip(), covered=False).register.tree_size == 2


def test_an_item_is_found_by_name_and_alias_without_regard_to_case() -> None:
    """FORMAT §3: "names and aliases match without regard to case"."""
    register = World(chip("Chip", aliases=("Big Chip",))).register

    assert register.item_stream("chip") == "items/chip"
    assert register.item_stream("BIG CHIP") == "items/chip"


def test_a_name_stays_with_the_item_that_bore_it_first() -> None:
    register = World(chip("Chip"), chip("Other", aliases=("Chip",))).register

    assert register.item_stream("Chip") == "items/chip"


def test_a_mistyped_name_finds_its_neighbors() -> None:
    assert World(chip("Chip"), chip("Quite Different")).register.nearest_items("Chpi") == ["chip"]


def test_every_description_of_a_party_is_kept_under_every_name() -> None:
    register = World(party("Acme", aliases=("ACME Inc",)), party("Acme", id="party-2")).register

    assert [r.fact.id for r in register.party_versions("acme")] == ["party-acme", "party-2"]
    assert [r.fact.id for r in register.party_versions("acme inc")] == ["party-acme"]
    assert list(register.party_versions("nobody")) == []


def test_provisions_amendments_links_and_effects_are_indexed() -> None:
    base = rule("us-base")
    change = act(
        "us-change",
        amending("us-change#all", "us-base#all", review_policy=ReviewPolicy.CASE_BY_CASE),
        relates=link(RelationKind.CORRECTS, "us-base#all"),
        effects=effect(Axis.DESTINATION_MEASURE, DestinationMeasure.INQUIRY),
    )
    register = World(base, change).register

    assert register.rules["us-base#all"].fact == base
    assert [r.fact.id for r in register.amendments["us-base#all"]] == ["us-change"]
    (found,) = register.links["us-base#all"]
    assert (found.kind, found.fact) == (RelationKind.CORRECTS, change)
    assert [e.fact.id for e in register.effects] == ["us-change"]


def test_memberships_are_found_by_group_and_country() -> None:
    register = World(membership("CN", "D:5"), membership("CN", "D:1")).register

    assert [r.fact.id for r in register.memberships["D:5", "CN"]] == ["group-d-5-cn-always"]


def test_the_founding_sets_the_policy() -> None:
    outside = OutsideRecord(codes=("RU",), citation="part 746")
    register = World(outside_record=(outside,)).register

    assert register.policy.outside_record == (outside,)


def test_facts_about_authors_are_counted_and_change_no_index() -> None:
    register = World(enrolled("registrar")).register

    assert register.tree_size == 3
    assert not register.rules
    assert not register.effects


def test_facts_are_grouped_by_the_kind_of_their_stream() -> None:
    grouped = World(chip(), rule(), claim("cl-one"), claim("cl-two")).register.by_collection()

    assert [r.fact.id for r in grouped[Collection.CLAIMS]] == ["cl-one", "cl-two"]
    assert [r.fact.id for r in grouped[Collection.INSTRUMENTS]] == ["us-rule"]
    assert set(grouped) == {
        Collection.AUTHORS,
        Collection.COVERAGE,
        Collection.ITEMS,
        Collection.INSTRUMENTS,
        Collection.CLAIMS,
    }


def test_provision_ids_point_at_their_rule() -> None:
    both = act("us-rule", provision("us-rule#one"), provision("us-rule#two"))

    assert set(World(both).register.rules) == {"us-rule#one", "us-rule#two"}


def test_a_copy_holds_the_same_and_grows_by_itself() -> None:
    register = World(chip(), act("rule-1", provision("rule-1#a"))).register
    before = _content(register)
    copied = register.copy()
    assert _content(copied) == before

    (added, *_) = World(order("order-1", items=("Chip",)), covered=False).register.facts.values()
    copied.add(added.model_copy(update={"index": copied.tree_size, "fact": order("order-1")}))

    assert _content(register) == before
    assert "order-1" in copied.facts
    assert copied.directory.length("orders/order-1") == 1


def _content(register: Register) -> dict[str, object]:
    names = (field.name for field in fields(register) if field.name != "directory")
    return {
        name: dict(value) if isinstance(value := getattr(register, name), Mapping) else value
        for name in names
    } | {
        "effects": list(register.effects),
        "bearing": list(register.bearing),
        "facts": dict(register.facts),
        "naming": dict(register.naming_any(["chip"])),
    }
