"""P1: "Cut by knowledge first (basis PUBLIC/ADDRESSEE/LEDGER), then by effective interval."."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.domain.dates import OutsideDate
from ledger.domain.determination.knowledge import Knowledge, recorded_day
from ledger.domain.facts import Fact
from ledger.domain.statement import Recorded
from ledger.domain.vocabulary import Basis, Precision, Requirement
from tests.builders import coverage, founded, membership, party
from tests.unit.domain.determination.world import World, act, chip, dates, provision, when

LETTER = act(
    "us-letter",
    provision("us-letter#all", addressee="NVIDIA"),
    notified="2025-04-09",
    public="2025-04-15",
    effective="2025-04-09",
    addressee="NVIDIA",
)


def recorded(fact: Fact, on: str = "2026-01-15") -> Recorded:
    return World(covered=False).add(fact, on=on).records[-1]


def known_from(fact: Fact, basis: Basis = Basis.PUBLIC, exporter: str = "nvidia") -> date | None:
    return Knowledge(basis, date.max, frozenset({exporter})).known_from(recorded(fact))


def test_the_recorded_day_is_the_utc_day() -> None:
    entry = recorded(LETTER).model_copy(update={"recorded_ms": 86_400_000 * 2 - 1})

    assert recorded_day(entry) == date(1970, 1, 2)


def test_the_public_knows_a_fact_from_its_publication() -> None:
    assert known_from(LETTER) == date(2025, 4, 15)


def test_the_addressee_knows_a_letter_from_its_notice() -> None:
    assert known_from(LETTER, Basis.ADDRESSEE) == date(2025, 4, 9)


def test_whoever_is_not_the_addressee_learns_of_a_letter_with_the_public() -> None:
    assert known_from(LETTER, Basis.ADDRESSEE, "dell") == date(2025, 4, 15)


def test_a_letter_that_was_never_published_is_known_to_its_addressee_only() -> None:
    secret = act("us-secret", public=None, notified="2025-04-09", addressee="NVIDIA")

    assert known_from(secret) is None
    assert known_from(secret, Basis.ADDRESSEE) == date(2025, 4, 9)


def test_an_addressee_without_a_notice_learns_of_it_with_the_public() -> None:
    told = act("us-told", public="2025-04-15", addressee="NVIDIA")

    assert known_from(told, Basis.ADDRESSEE) == date(2025, 4, 15)


def test_a_publication_before_the_notice_counts() -> None:
    leaked = act("us-leaked", public="2025-04-01", notified="2025-04-09", addressee="NVIDIA")

    assert known_from(leaked, Basis.ADDRESSEE) == date(2025, 4, 1)


def test_the_ledger_knows_an_entry_from_its_recording() -> None:
    entry = recorded(LETTER, "2026-03-02")
    knowledge = Knowledge(Basis.LEDGER, date.max)

    assert knowledge.known_from(entry) == date(2026, 3, 2)


@pytest.mark.parametrize(
    ("fact", "day"),
    [
        (chip(launch="2024-02"), date(2024, 2, 29)),
        (chip(launch=None, reported=when("2025-08-01")), date(2025, 8, 1)),
        (chip(launch=None), date.min),
        (membership(since="2024-03-15"), date(2024, 3, 15)),
        (membership(), date.min),
        (party(dates=dates(public="2025-05-01")), date(2025, 5, 1)),
        (party(dates=dates(effective="2025-05-01")), date.min),
        (party(), date.min),
        (coverage(), date.min),
        (founded(), date.min),
    ],
)
def test_descriptions_are_public_from_their_own_day(fact: Fact, day: date) -> None:
    """FORMAT §3: "An item's parameters are public from its launch, a group from its `from_date` or
    always"."""
    assert known_from(fact) == day


def test_a_cut_off_is_inclusive() -> None:
    entry = recorded(LETTER)

    assert Knowledge(Basis.PUBLIC, date(2025, 4, 15)).has(entry)
    assert not Knowledge(Basis.PUBLIC, date(2025, 4, 14)).has(entry)


def test_what_is_never_public_is_never_known() -> None:
    secret = recorded(act("us-secret", public=None, notified="2025-04-09"))

    assert not Knowledge(Basis.PUBLIC, date.max).has(secret)


@pytest.mark.parametrize(
    ("precision", "known_at", "turns"),
    [
        (Precision.MONTH, date(2025, 3, 31), False),
        (Precision.MONTH, date(2025, 4, 1), True),
        (Precision.MONTH, date(2025, 4, 29), True),
        (Precision.MONTH, date(2025, 4, 30), False),
    ],
)
def test_a_month_of_publication_leaves_its_days_open(
    precision: Precision, known_at: date, turns: bool
) -> None:
    """FORMAT §1: "`month` (YYYY-MM: certain only from the month's last day)"."""
    entry = recorded(act("us-rule", public=OutsideDate(value="2025-04", precision=precision)))

    assert Knowledge(Basis.PUBLIC, known_at).turns_on_imprecision(entry) is turns


def test_what_the_ledger_recorded_is_never_imprecise() -> None:
    entry = recorded(act("us-rule", public="2025-04"))

    assert not Knowledge(Basis.LEDGER, date(2025, 4, 5)).turns_on_imprecision(entry)


@pytest.mark.parametrize(
    "fact", [chip(launch="2025-04"), act("us-x", public=None, notified="2025-04")]
)
def test_descriptions_and_secrets_turn_on_no_publication(fact: Fact) -> None:
    assert not Knowledge(Basis.PUBLIC, date(2025, 4, 5)).turns_on_imprecision(recorded(fact))


def test_knowledge_cuts_before_the_effective_interval() -> None:
    """P1: the H20 letter bound from 9 April and was public on the 15th."""
    world = World(chip(), LETTER)

    def asked(known_at: str, basis: Basis = Basis.PUBLIC, exporter: str = "NVIDIA") -> Requirement:
        return world.requirement(
            as_of="2025-04-10", known_at=known_at, basis=basis, exporter=exporter
        )

    assert asked("2025-04-14") is Requirement.NO_LICENSE_REQUIRED
    assert asked("2025-04-15") is Requirement.LICENSE_REQUIRED
    assert asked("2025-04-10", Basis.ADDRESSEE) is Requirement.LICENSE_REQUIRED
    assert asked("2025-04-10", Basis.ADDRESSEE, "Dell") is Requirement.NO_LICENSE_REQUIRED


def test_a_later_effective_day_holds_back_what_is_known() -> None:
    """P1: known on the day asked about, and yet not in force."""
    world = World(chip(), act("us-rule", provision(), public="2025-01-01", effective="2025-07-01"))

    assert world.requirement(as_of="2025-06-30") is Requirement.NO_LICENSE_REQUIRED
    assert world.requirement(as_of="2025-07-01") is Requirement.LICENSE_REQUIRED


def test_the_addressee_is_known_by_any_of_its_names() -> None:
    world = World(chip(), party("NVIDIA", aliases=("Nvidia Corp",)), LETTER)

    requirement = world.requirement(
        as_of="2025-04-10", known_at="2025-04-10", basis=Basis.ADDRESSEE, exporter="nvidia corp"
    )

    assert requirement is Requirement.LICENSE_REQUIRED
