"""``exposure``: orders against the status, in ranges that stay ranges."""

from __future__ import annotations

import json

from tests.unit.cli.conftest import Command

Where = tuple[str, ...]

DAY = ("--as-of", "2025-09-01", "--exporter", "NVIDIA")
ORDER, STOCK, CHAIN = (
    "co-2025-07-28-nvda-tsmc-300k",
    "st-2025-07-28-h20-stock",
    "st-2025-07-h20-chain-1m",
)


def _block(out: str, fact_id: str) -> list[str]:
    """The lines about one order."""
    blocks = [block.splitlines() for block in out.split("\n\n")]
    return next(block for block in blocks if block[0].endswith(fact_id))


def test_each_order_has_the_status_of_its_day_and_what_acts_upon_it(
    regledger: Command, served_h20: Where
) -> None:
    result = regledger("exposure", "H20", "CN", *DAY, *served_h20)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("H20 to CN: 9 orders on record.\n")
    block = _block(result.out, ORDER)
    assert block[0] == f"week of 2025-07-21  [244]  {ORDER}"
    assert "ASSURED_NOT_ISSUED" in "".join(block)
    assert block[-1].split() == ["stayed", "by", "co-2025-08-22-nvda-h20-stop"]
    assert _block(result.out, STOCK)[-1].split() == ["contradicts", CHAIN]


def test_an_order_of_the_same_status_says_so(regledger: Command, served_h20: Where) -> None:
    out = regledger("exposure", "H20", "CN", *DAY, *served_h20).out
    assert "  on its day   as asked" in _block(out, "co-2025-08-27-nvda-q2")


def test_only_what_the_record_adds_up_is_summed_and_ranges_stay_ranges(
    regledger: Command, served_h20: Where
) -> None:
    out = regledger("exposure", "H20", "CN", *DAY, *served_h20).out
    totals = out.partition("What the record adds up\n")[2].splitlines()
    assert totals[0].split("  ")[1] == "900,000 to 1,000,000 chips"
    assert ORDER in totals[0]
    assert any("about 700,000 to 1,000,000 chips" in t and "stands alone" in t for t in totals)
    assert "What no entry adds to another is never summed." in totals


def test_a_range_without_an_upper_end_stays_open(regledger: Command, served_h20: Where) -> None:
    demand = ("--as-of", "2025-12-31", *served_h20)
    out = regledger("exposure", "H200", "CN", *demand).out
    assert "2,000,000 or more chips" in out
    assert "about 700,000 chips" in out


def test_an_item_without_orders_says_so(regledger: Command, served_h20: Where) -> None:
    out = regledger("exposure", "A100", "CN", *DAY, *served_h20).out
    assert out.startswith("A100 to CN: no orders on record.\n")
    assert "adds up" not in out


def test_json_is_the_answer_with_its_proto_field_names(
    regledger: Command, served_h20: Where
) -> None:
    command = ("exposure", "H20", "CN", *DAY, *served_h20)
    answer = regledger(*command, "-o", "json").json()
    orders = {order["order"]["fact_id"]: order for order in answer["orders"]}
    assert orders[ORDER]["at_question"]["authorization"] == "GRANTED_SCOPED"
    assert orders[STOCK]["contradicts"] == [CHAIN]
    assert answer["tree_size"] == "270"
    assert json.loads(regledger(*command, "-o", "jsonl").out) == answer


def test_an_unknown_item_is_told_in_a_sentence(regledger: Command, served_h20: Where) -> None:
    result = regledger("exposure", "H21", "CN", *DAY, *served_h20)
    assert (result.code, result.out) == (1, "")
    assert "H21" in result.err
