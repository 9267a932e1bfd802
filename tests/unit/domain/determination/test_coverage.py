"""Coverage: "Outside it the answer is NO_RECORD" (FORMAT §5)."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.domain.authorship import OutsideRecord
from ledger.domain.determination.coverage import covering, declared, outside_record
from ledger.domain.facts import CoverageDeclared
from ledger.domain.vocabulary import Basis, Requirement
from tests.builders import coverage
from tests.unit.domain.determination.world import World, chip, rule


def span(fact_id: str, first: str, last: str, stream: str = "coverage/one") -> CoverageDeclared:
    return coverage(
        fact_id,
        **{"from": date.fromisoformat(first), "to": date.fromisoformat(last)},
        stream=stream,
    )


@pytest.mark.parametrize(
    ("day", "covered"),
    [
        ("2022-08-25", False),
        ("2022-08-26", True),
        ("2025-12-31", True),
        ("2026-01-01", False),
    ],
)
def test_outside_coverage_there_is_no_record(day: str, covered: bool) -> None:
    """model §3: "2022-08-26 to 2025-12-31 for the shipped record. Outside it: NO_RECORD"."""
    answer = World(chip(), rule(destinations=None)).ask(as_of=day)

    assert (answer.axes.requirement is not Requirement.NO_RECORD) is covered
    assert ("OUTSIDE_COVERAGE" in answer.flags) is not covered


def test_an_answer_outside_coverage_names_what_is_covered() -> None:
    answer = World(chip()).ask(as_of="2026-02-01")

    (note,) = answer.notes
    assert note.startswith("The record is declared complete for 2022-08-26 to 2025-12-31")
    assert note.endswith("2026-02-01 lies outside.")
    assert answer.since is None


def test_without_any_coverage_there_is_no_record() -> None:
    answer = World(chip(), rule(), covered=False).ask()

    assert answer.axes.requirement is Requirement.NO_RECORD
    assert "no day at all" in answer.notes[0]


@pytest.mark.parametrize(("last", "covered"), [("2024-12-31", False), ("2026-12-31", True)])
def test_the_latest_declaration_of_a_stream_counts(last: str, covered: bool) -> None:
    """FORMAT §5: "Facts of one stream extend or shorten it, the latest known one counts"."""
    world = World(chip(), covered=False)
    world.add(span("first", "2022-01-01", "2025-12-31"), span("second", "2022-01-01", last))

    assert (world.requirement() is not Requirement.NO_RECORD) is covered


def test_streams_cover_side_by_side() -> None:
    world = World(chip(), covered=False)
    world.add(
        span("first", "2024-01-01", "2024-12-31", "coverage/one"),
        span("second", "2025-01-01", "2025-12-31", "coverage/two"),
    )
    situation = world.situation()

    assert [c.id for c in declared(situation)] == ["first", "second"]
    assert [c.id for c in covering(situation, date(2024, 6, 1))] == ["first"]
    assert [c.id for c in covering(situation, date(2025, 6, 1))] == ["second"]
    assert covering(situation, date(2023, 6, 1)) == []


def test_on_basis_ledger_coverage_is_known_once_recorded() -> None:
    world = World(covered=False).add(chip(), on="2025-01-01")
    world.add(span("first", "2022-01-01", "2025-12-31"), on="2025-09-01")

    def requirement(known_at: str) -> Requirement:
        return world.requirement(basis=Basis.LEDGER, known_at=known_at)

    assert requirement("2025-08-31") is Requirement.NO_RECORD
    assert requirement("2025-09-01") is Requirement.NO_LICENSE_REQUIRED


def test_rules_outside_the_record_are_found_by_destination() -> None:
    outside = (
        OutsideRecord(codes=("RU", "SY"), citation="15 CFR part 746"),
        OutsideRecord(codes=("RU",), citation="another"),
    )
    world = World(chip(), outside_record=outside)

    assert [o.citation for o in outside_record(world.situation(destination="RU"))] == [
        "15 CFR part 746",
        "another",
    ]
    assert outside_record(world.situation(destination="JP")) == []
