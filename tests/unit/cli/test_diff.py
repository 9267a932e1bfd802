"""``diff``: what changed, for which items and places, and through which entries."""

from __future__ import annotations

import json

import pytest

from tests.unit.cli.conftest import Command

Where = tuple[str, ...]

GRANT = "us-2025-08-08-h20-licenses"
LETTER = "us-2025-04-09-nvda-h20-letter"
BEFORE, AFTER = "2025-07-20@2025-07-29", "2025-08-15@2025-09-01"


def test_a_change_is_told_with_its_axes_and_the_entries_behind_it(
    regledger: Command, served_h20: Where
) -> None:
    sides = ("--from", BEFORE, "--to", AFTER, "--exporter", "NVIDIA")
    result = regledger("diff", "H2O", "cn", *sides, *served_h20)
    assert (result.code, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[0] == "1 status compared: 1 changed."
    assert "from 2025-07-20, known on 2025-07-29, tree size 270" in lines
    assert "H20 to CN" in lines
    assert "  authorization         ASSURED_NOT_ISSUED -> GRANTED_SCOPED" in lines
    assert any(line.startswith("  2025-08-08  [250]  " + GRANT) for line in lines)
    assert "each proved to be in the log" in result.out


def test_an_empty_difference_says_so(regledger: Command, served_h20: Where) -> None:
    sides = ("--from", "2025-04-20", "--to", "2025-04-21")
    out = regledger("diff", "H20", *sides, *served_h20).out
    assert out.startswith("94 statuses compared: nothing changed.\n")
    assert "No axis of any status differs between the two sides." in out


def test_hindsight_alone_is_compared_by_what_was_known(
    regledger: Command, served_h20: Where
) -> None:
    sides = ("--as-of", "2025-04-12", "--from", "@2025-04-12", "--to", "@2025-04-16")
    command = ("diff", "H20", "CN", *sides, "--exporter", "NVIDIA", *served_h20, "-o", "json")
    found = regledger(*command).json()
    (difference,) = found["differences"]
    assert difference["before"]["requirement"] == "NO_LICENSE_REQUIRED"
    assert difference["after"]["requirement"] == "LICENSE_REQUIRED"
    assert LETTER in difference["causes"]
    assert found["compared"] == 1


def test_each_side_may_have_a_basis_and_a_tree_of_its_own(
    regledger: Command, served_h20: Where
) -> None:
    day = ("--as-of", "2025-04-12", "--known-at", "2025-04-12", "--exporter", "NVIDIA")
    bases = ("--from-basis", "public", "--to-basis", "addressee")
    out = regledger("diff", "H20", "CN", *day, *bases, *served_h20).out
    assert "requirement           NO_LICENSE_REQUIRED -> LICENSE_REQUIRED" in out
    assert "to   2025-04-12, known to those told on 2025-04-12" in out


def test_two_sizes_of_the_log_are_compared(regledger: Command, served_h20: Where) -> None:
    day = ("--as-of", "2025-05-01", "--exporter", "NVIDIA")
    found = regledger(
        "diff", "H20", "CN", *day, "--from-tree", "202", *served_h20, "-o", "json"
    ).json()
    (difference,) = found["differences"]
    assert difference["before"]["requirement"] == "NO_LICENSE_REQUIRED"
    assert difference["after"]["requirement"] == "LICENSE_REQUIRED"
    assert (found["before_tree_size"], found["after_tree_size"]) == ("202", "270")


def test_the_whole_matrix_is_compared_and_what_changes_alike_told_once(
    regledger: Command, served_h20: Where
) -> None:
    sides = ("--from", "2025-04-08", "--to", "2025-04-20", "--exporter", "NVIDIA")
    out = regledger("diff", *sides, *served_h20).out
    assert out.startswith("2,914 statuses compared: ")
    changes = [block for block in out.split("\n\n") if "  through  " in block]
    assert 1 < len(changes) < 20
    assert len(changes) == len(set(changes))
    assert "  destinations " in out


def test_many_items_and_places_are_named_by_options(regledger: Command, served_h20: Where) -> None:
    sides = ("--from", "2025-04-08", "--to", "2025-04-20", "--exporter", "NVIDIA")
    some = ("--items", "H20,A100", "--items", "L20", "--destinations", "cn,hk")
    found = regledger("diff", *sides, *some, *served_h20, "-o", "json").json()
    assert found["compared"] == 6
    lines = regledger("diff", *sides, *some, *served_h20, "-o", "jsonl").out.splitlines()
    assert [json.loads(line) for line in lines] == found["differences"]


@pytest.mark.parametrize("sides", [(), ("--from", "2025-04-08", "--to", "2025-04-08")])
def test_two_sides_that_are_the_same_are_a_usage_error(
    sides: tuple[str, ...], regledger: Command, served_h20: Where
) -> None:
    result = regledger("diff", *sides, *served_h20)
    assert result.code == 2
    assert "The two sides are the same" in result.err


@pytest.mark.parametrize("day", ["2025-13-01", "2025-07-20@soon", "@@"])
def test_a_side_that_is_no_day_is_a_usage_error(
    day: str, regledger: Command, served_h20: Where
) -> None:
    result = regledger("diff", "--from", day, *served_h20)
    assert result.code == 2
    assert "is not a day such as 2025-08-15" in result.err
