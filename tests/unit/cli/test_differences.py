from __future__ import annotations

import pytest

from ledger.cli.cells import Group
from ledger.cli.differences import causes_of, difference_blocks, extent_line, extent_rows, own_day
from ledger.cli.output import show
from ledger.domain.dates import Dates
from ledger.domain.vocabulary import Precision
from ledger.v1 import axes_pb2
from ledger.v1 import queries_pb2 as pb
from tests import builders
from tests.builders import day

MANY = tuple(f"A{letter}" for letter in "ABCDEFG")
OLD, NEW = axes_pb2.Requirement.NO_LICENSE_REQUIRED, axes_pb2.Requirement.LICENSE_REQUIRED


def difference(place: str, *axes: str, missing: tuple[str, ...] = ()) -> pb.StatusDifference:
    before = pb.LicenseStatusCell(item="H20", destination=place, requirement=OLD, missing=["tpp"])
    after = pb.LicenseStatusCell(item="H20", destination=place, requirement=NEW, missing=missing)
    return pb.StatusDifference(before=before, after=after, axes=axes, causes=["rule-2023"])


def test_many_names_are_counted_in_the_line_and_listed_below() -> None:
    group = Group(("H20",), MANY)
    assert extent_line(group) == "H20 to 7 destinations"
    assert list(extent_rows(group)) == [("destinations", "AA, AB, AC, AD, AE, AF, AG")]
    assert list(extent_rows(Group(("H20",), ("CN",)))) == []


def test_what_differs_in_the_evidence_alone_comes_last() -> None:
    evidence = [difference(place, "evidence") for place in MANY]
    blocks = list(difference_blocks([*evidence, difference("CN", "requirement", "evidence")]))
    assert [str(block) for block in blocks[::2]] == ["\nH20 to CN", "\nH20 to 7 destinations"]


def test_facts_that_are_missing_on_one_side_only_are_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show(*difference_blocks([difference("CN", "requirement", missing=("exporter",))]))
    lines = capsys.readouterr().out.splitlines()
    assert "  requirement           NO_LICENSE_REQUIRED -> LICENSE_REQUIRED" in lines
    assert "  newly missing         exporter" in lines
    assert "  no longer missing     tpp" in lines
    assert "  through               rule-2023" in lines


def test_each_cause_is_named_once() -> None:
    assert causes_of([difference("CN", "requirement"), difference("HK")]) == {"rule-2023"}


def test_a_day_is_told_with_its_precision() -> None:
    monday = builders.order("order-1", dates=Dates(public=day("2025-07-21", Precision.WEEK_OF)))
    assert own_day(monday) == "week of 2025-07-21"
    assert own_day(builders.coverage()) == "2022-08-26"
    assert own_day(builders.party("NVIDIA", dates=None)) == ""
