from __future__ import annotations

from typing import Any

from ledger.cli.cells import Group, axis_word, grouped, key_of, outcome
from ledger.v1 import axes_pb2
from ledger.v1 import queries_pb2 as pb

REQUIRED = axes_pb2.Requirement.LICENSE_REQUIRED


def cell(item: str, destination: str, **more: Any) -> pb.LicenseStatusCell:
    fields: dict[str, Any] = {
        "requirement": REQUIRED,
        "review_policy": axes_pb2.ReviewPolicy.N_A,
        "authorization": axes_pb2.Authorization.NONE_ON_RECORD,
    }
    return pb.LicenseStatusCell(item=item, destination=destination, **(fields | more))


def test_an_outcome_leaves_out_what_says_nothing() -> None:
    assert outcome(cell("H20", "CN")) == "LICENSE_REQUIRED"


def test_an_outcome_names_every_other_axis_and_what_is_missing() -> None:
    told = outcome(
        cell("H20", "CN", evidence=axes_pb2.Evidence.PRESS_SINGLE, missing=["exporter", "tpp"])
    )
    assert told == "LICENSE_REQUIRED, evidence PRESS_SINGLE, missing: exporter, tpp"


def test_no_evidence_has_a_word() -> None:
    assert axis_word(cell("H20", "CN"), "evidence") == "NONE"


def test_items_with_the_same_places_are_grouped_and_others_are_not() -> None:
    cells = [
        cell(item, place) for item, place in (("A", "CN"), ("A", "HK"), ("B", "HK"), ("B", "CN"))
    ]
    cells.append(cell("C", "CN"))
    groups = [group for _, group in grouped((key_of(one), one) for one in cells)]
    assert groups == [Group(("A", "B"), ("CN", "HK")), Group(("C",), ("CN",))]
    assert [group.size for group in groups] == [4, 1]


def test_cells_that_lack_different_facts_are_kept_apart() -> None:
    assert key_of(cell("A", "CN", missing=["tpp"])) != key_of(cell("A", "CN"))
