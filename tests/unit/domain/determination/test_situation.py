from __future__ import annotations

from datetime import date

import pytest

from ledger.domain.determination.situation import Party, Situation
from ledger.domain.vocabulary import Axis, Basis
from tests.builders import membership, party
from tests.unit.domain.determination.world import (
    World,
    act,
    chip,
    dates,
    effect,
    provision,
    question,
    rule,
)


def consignee(world: World, **asked: str) -> Party | None:
    return world.situation(**asked).consignee


def test_a_description_that_is_not_yet_known_leaves_the_earlier_one_in_place() -> None:
    """P1: "Cut by knowledge first". Parameters are public from the launch that they came with."""
    world = World(chip(tpp=5000), chip(launch="2025-06-01", tpp=1000, id="item-chip-2"))

    before, after = (world.situation(known_at=day) for day in ("2025-05-31", "2025-06-01"))

    assert before.item is not None
    assert after.item is not None
    assert (before.item.id, before.parameters_are_public) == ("item-chip", True)
    assert (after.item.id, after.parameters_are_public) == ("item-chip-2", True)


def test_the_latest_description_of_an_item_counts() -> None:
    world = World(chip(tpp=1000), chip(tpp=5000, id="item-chip-2", aliases=("Bigger",)))
    situation = world.situation()

    assert situation.item is not None
    assert situation.item.id == "item-chip-2"
    assert situation.item_names == {"chip", "bigger"}


def test_names_resolve_before_the_knowledge_cut() -> None:
    """model §3: "Names resolve before the knowledge cut"."""
    situation = World(chip(launch="2025-06-01")).situation(known_at="2025-01-01")

    assert situation.item is not None
    assert not situation.parameters_are_public


def test_on_basis_ledger_an_item_exists_once_it_is_recorded() -> None:
    """model §3: "on basis LEDGER an item that was not yet recorded answers NO_RECORD"."""
    world = World().add(chip(), on="2025-03-01").add(chip(id="item-chip-2"), on="2025-09-01")

    def described(known_at: str) -> str | None:
        item = world.situation(basis=Basis.LEDGER, known_at=known_at).item
        return item.id if item else None

    assert described("2025-02-28") is None
    assert described("2025-03-01") == "item-chip"
    assert described("2025-09-01") == "item-chip-2"


def test_without_an_item_the_situation_has_none() -> None:
    world = World()
    situation = Situation.of(
        World(chip()).situation().question, world.register, world.register.item_stream("Chip")
    )

    assert situation.item is None
    assert not situation.parameters_are_public


def test_rules_and_effects_are_cut_by_knowledge() -> None:
    """P1: "Cut by knowledge first"."""
    measure = effect(Axis.DESTINATION_MEASURE, "INQUIRY")
    world = World(
        chip(),
        act("us-old", provision("us-old#all"), public="2025-01-01", effects=measure),
        act("us-new", provision("us-new#all"), public="2025-06-01", effects=measure),
    )
    situation = world.situation(known_at="2025-05-31")

    assert [r.provision.id for r in situation.rules] == ["us-old#all"]
    assert [e.fact.id for e in situation.effects] == ["us-old"]


def test_no_consignee_is_nobody() -> None:
    assert consignee(World(chip())) is None


def test_a_party_that_nobody_described_has_unknown_headquarters() -> None:
    """FORMAT §5: "a party that nobody described is an ordinary party of unknown headquarters"."""
    found = consignee(World(chip()), consignee="Acme")

    assert found == Party(names=frozenset({"acme"}))


def test_a_described_party_brings_its_names_and_its_seat() -> None:
    world = World(chip(), party("Acme", aliases=("ACME Inc",), headquarters="DE"))

    assert consignee(world, consignee="acme inc") == Party(
        names=frozenset({"acme", "acme inc"}), seats=frozenset({"DE"}), seats_complete=True
    )


def test_the_ultimate_parent_brings_its_seat_too() -> None:
    """FORMAT §2: headquarters "of the consignee or its ultimate parent"."""
    world = World(
        chip(),
        party("Acme", headquarters="DE", ultimate_parent="Holding"),
        party("Holding", aliases=("The Holding",), headquarters="CN"),
    )

    assert consignee(world, consignee="Acme") == Party(
        names=frozenset({"acme"}),
        parent_names=frozenset({"holding", "the holding"}),
        seats=frozenset({"DE", "CN"}),
        seats_complete=True,
    )


def test_an_undescribed_parent_leaves_the_seats_incomplete() -> None:
    world = World(chip(), party("Acme", headquarters="DE", ultimate_parent="Holding"))
    found = consignee(world, consignee="Acme")

    assert found is not None
    assert found.seats == {"DE"}
    assert not found.seats_complete


def test_a_parent_may_be_given_as_a_country() -> None:
    world = World(chip(), party("Acme", headquarters="DE", ultimate_parent="CN"))
    found = consignee(world, consignee="Acme")

    assert found is not None
    assert found.seats == {"DE", "CN"}
    assert found.seats_complete


def test_a_description_without_headquarters_leaves_the_seats_incomplete() -> None:
    world = World(chip(), party("Acme", headquarters=None))
    found = consignee(world, consignee="Acme")

    assert found is not None
    assert (found.seats, found.seats_complete) == (frozenset(), False)


def test_parties_that_own_each_other_come_to_an_end() -> None:
    world = World(
        chip(),
        party("Acme", headquarters="DE", ultimate_parent="Holding"),
        party("Holding", headquarters="CN", ultimate_parent="Acme"),
    )
    found = consignee(world, consignee="Acme")

    assert found is not None
    assert found.names == {"acme"}
    assert found.parent_names == {"holding"}
    assert found.seats == {"DE", "CN"}


def test_only_the_known_description_of_a_party_counts() -> None:
    world = World(
        chip(),
        party("Acme", headquarters="DE"),
        party("Acme", id="party-acme-2", headquarters="CN", dates=dates(public="2025-06-01")),
    )

    def seats(known_at: str) -> frozenset[str]:
        found = world.situation(consignee="Acme", known_at=known_at).consignee
        return found.seats if found else frozenset()

    assert seats("2025-05-31") == {"DE"}
    assert seats("2025-06-01") == {"CN"}


def test_the_names_of_a_party_resolve_before_the_knowledge_cut() -> None:
    """model §3: "Names resolve before the knowledge cut"; where it is seated does not."""
    later = party(
        "Acme", aliases=("ACME Inc",), headquarters="CN", dates=dates(public="2025-06-01")
    )
    found = consignee(World(chip(), later), consignee="acme inc", known_at="2025-05-31")

    assert found == Party(names=frozenset({"acme", "acme inc"}))


def test_supplied_headquarters_stand_for_the_consignee_and_its_parent() -> None:
    found = consignee(World(chip()), consignee_headquarters="JP")

    assert found == Party(seats=frozenset({"JP"}), seats_complete=True)


def test_supplied_headquarters_do_not_hide_those_on_record() -> None:
    world = World(chip(), party("Acme", headquarters="CN"))
    found = consignee(world, consignee="Acme", consignee_headquarters="JP")

    assert found is not None
    assert found.seats == {"CN", "JP"}


@pytest.mark.parametrize(
    ("day", "member"),
    [
        (date(2025, 3, 14), False),
        (date(2025, 3, 15), True),
        (date(2025, 9, 9), True),
        (date(2025, 9, 10), False),
    ],
)
def test_membership_is_dated(day: date, member: bool) -> None:
    """FORMAT §4: "`from_date` inclusive, `until_date` the first day out"."""
    world = World(chip(), membership("CN", since="2025-03-15", until="2025-09-10"))

    assert world.situation().in_group("CN", "D:5", day) is member


def test_absence_from_the_groups_on_record_is_non_membership() -> None:
    """model §3: "absence from the groups on record is non-membership"."""
    assert not World(chip()).situation().in_group("CN", "D:5", date(2025, 6, 15))


def test_an_end_of_membership_after_the_cut_is_not_yet_known() -> None:
    world = World(chip(), membership("CN", until="2025-03-01"))
    day = date(2025, 6, 15)

    assert world.situation(known_at="2025-02-28").in_group("CN", "D:5", day)
    assert not world.situation(known_at="2025-03-01").in_group("CN", "D:5", day)


def test_a_membership_that_begins_after_the_cut_is_not_yet_known() -> None:
    world = World(chip(), membership("CN", since="2025-03-01"))

    assert not world.situation(known_at="2025-02-28").in_group("CN", "D:5", date(2025, 6, 15))


def test_a_period_described_anew_replaces_the_older_description() -> None:
    world = World(
        chip(),
        membership("CN", since="2025-01-01"),
        membership("CN", since="2025-01-01", until="2025-03-01", id="group-d-5-cn-2"),
    )

    assert not world.situation().in_group("CN", "D:5", date(2025, 6, 15))


def test_a_country_may_return_to_a_group() -> None:
    world = World(
        chip(), membership("CN", until="2023-01-01"), membership("CN", since="2025-01-01")
    )

    assert world.situation().in_group("CN", "D:5", date(2022, 6, 15))
    assert not world.situation().in_group("CN", "D:5", date(2024, 6, 15))
    assert world.situation().in_group("CN", "D:5", date(2025, 6, 15))


def test_renaming_an_item_changes_no_answer() -> None:
    """DESIGN §7: "blanking the item names of every technical rule changes no answer, nor does
    renaming an item"."""
    world = World(chip("Chip", tpp=5000), rule())
    renamed = World(chip("Quite Another Name", tpp=5000), rule())

    assert world.ask().axes == renamed.ask(item="Quite Another Name").axes


def test_days_and_cuts_with_the_same_memberships_are_one_placing() -> None:
    register = World(
        chip(), membership("CN", since="2025-03-01"), membership("JP", since="2025-05-01")
    ).register
    # That another country joins tells nothing apart, neither as a day nor as what is known.
    asked, earlier = (
        Situation.of(question(known_at=day), register, register.item_stream("Chip"))
        for day in ("2025-12-31", "2025-04-01")
    )

    assert asked.placing(date(2025, 4, 1)) is asked.placing(date(2025, 6, 1))
    assert asked.placing(date(2025, 6, 1)) is earlier.placing(date(2025, 6, 1))
    assert asked.placing(date(2025, 2, 1)) is not asked.placing(date(2025, 4, 1))


def test_the_consignees_seats_are_part_of_a_placing() -> None:
    world = World(chip(), membership("CN"), membership("JP", since="2025-05-01"))
    seated = world.situation(consignee_headquarters="JP", known_at="2025-12-31")

    assert seated.placing(date(2025, 4, 1)) is not seated.placing(date(2025, 6, 1))
