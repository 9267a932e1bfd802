"""``matrix``: every status on record, items that stand alike told together."""

from __future__ import annotations

import json

from tests.unit.cli.conftest import Command

Where = tuple[str, ...]

DAY = ("--as-of", "2025-08-15", "--exporter", "NVIDIA")


def test_json_has_a_cell_for_every_item_and_destination(
    regledger: Command, served_h20: Where
) -> None:
    found = regledger("matrix", *DAY, *served_h20, "-o", "json").json()
    cells = found["cells"]
    assert len(cells) == 31 * 94
    assert len({(cell["item"], cell["destination"]) for cell in cells}) == len(cells)
    (ours,) = [cell for cell in cells if (cell["item"], cell["destination"]) == ("H20", "CN")]
    assert ours["authorization"] == "GRANTED_SCOPED"
    assert found["tree_size"] == 270


def test_jsonl_has_a_cell_a_line(regledger: Command, served_h20: Where) -> None:
    some = ("--items", "H20", "--destinations", "CN,SG")
    out = regledger("matrix", *DAY, *some, *served_h20, "-o", "jsonl").out
    assert [json.loads(line)["destination"] for line in out.splitlines()] == ["CN", "SG"]


def test_each_item_stands_once_and_the_largest_group_is_the_others(
    regledger: Command, served_h20: Where
) -> None:
    out = regledger("matrix", *DAY, *served_h20).out
    assert out.startswith("License statuses of 31 items, 94 destinations\n")
    assert out.splitlines().count("H20") == 1
    ours = out.partition("\nH20\n")[2].partition("\n\n")[0].splitlines()
    assert "GRANTED_SCOPED" in ours[0]
    assert any(line.strip() == "CN" for line in ours)
    assert ours[-1].strip() == "the other 69 destinations"


def test_all_lists_every_code(regledger: Command, served_h20: Where) -> None:
    out = regledger("matrix", *DAY, "--items", "H20", "--all", *served_h20).out
    assert "the other" not in out
    assert " ZA" in out


def test_items_that_stand_alike_stand_together(regledger: Command, served_h20: Where) -> None:
    some = ("--items", "H20,L20,L2", "--destinations", "SG")
    out = regledger("matrix", *DAY, *some, *served_h20).out
    assert "\nL20, L2\n" in out


def test_one_outcome_for_all_is_told_as_such(regledger: Command, served_h20: Where) -> None:
    out = regledger("matrix", "--as-of", "2019-01-01", "--items", "A100", *served_h20).out
    assert "NO_RECORD  nothing else on record" in out
    assert "all of the destinations" in out
