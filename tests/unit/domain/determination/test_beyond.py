"""Silence is never consent: what lies beyond the record is never taken for freedom."""

from __future__ import annotations

from ledger.domain.authorship import OutsideRecord
from ledger.domain.vocabulary import Basis, EndUse, Requirement
from tests.unit.domain.determination.world import World, chip, codes, rule

FREE = Requirement.NO_LICENSE_REQUIRED
OPEN = Requirement.INDETERMINATE
ELSEWHERE = rule(destinations=codes("JP"))


def test_where_nothing_asks_and_nothing_is_unheard_no_license_is_required() -> None:
    assert World(chip(), ELSEWHERE).requirement() is FREE


def test_a_destination_under_rules_that_are_not_on_record_is_never_free() -> None:
    """model: "for BY, CU, IR, KP, RU, SY never NO_LICENSE_REQUIRED"."""
    outside = (OutsideRecord(codes=("CN",), citation="15 CFR part 746"),)
    answer = World(chip(), ELSEWHERE, outside_record=outside).ask()

    assert answer.axes.requirement is OPEN
    assert answer.missing == ("15 CFR part 746",)


def test_what_lies_beyond_is_named_beside_what_else_is_missing() -> None:
    """Whoever supplied the exporter alone would still not know."""
    outside = (OutsideRecord(codes=("CN",), citation="15 CFR part 746"),)
    answer = World(chip(), rule(addressee="NVIDIA"), outside_record=outside).ask()

    assert answer.missing == ("15 CFR part 746", "exporter")


def test_a_requirement_on_record_stands_whatever_lies_beyond() -> None:
    outside = (OutsideRecord(codes=("CN",), citation="15 CFR part 746"),)

    asked = World(chip(), rule(), outside_record=outside).ask(end_use=EndUse.MILITARY)

    assert asked.axes.requirement is Requirement.LICENSE_REQUIRED
    assert asked.missing == ()


def test_a_supplied_end_use_that_no_rule_speaks_of_is_never_free() -> None:
    answer = World(chip(), ELSEWHERE).ask(end_use=EndUse.MILITARY)

    assert answer.axes.requirement is OPEN
    assert answer.missing == ("rules on end use military",)


def test_an_end_use_that_a_rule_on_record_speaks_of_is_answered_by_it() -> None:
    speaking = rule(destinations=codes("JP"), end_uses=("military end use",))

    assert World(chip(), speaking).requirement(end_use=EndUse.MILITARY) is FREE


def test_an_end_use_that_is_denied_leaves_nothing_unheard() -> None:
    assert World(chip(), ELSEWHERE).requirement(end_use=EndUse.NONE) is FREE


def test_on_basis_addressee_an_unnamed_exporter_may_have_been_told() -> None:
    world = World(chip(), ELSEWHERE)
    unnamed = world.ask(basis=Basis.ADDRESSEE, exporter=None)

    assert unnamed.axes.requirement is OPEN
    assert unnamed.missing == ("exporter",)
    assert world.requirement(basis=Basis.ADDRESSEE, exporter="Dell") is FREE
    assert world.requirement(basis=Basis.PUBLIC, exporter=None) is FREE
