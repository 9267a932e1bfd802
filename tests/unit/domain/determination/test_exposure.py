"""Orders against the status: ranges stay ranges, and only what the record adds is added."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ledger.domain.determination.exposure import Exposure, Total, exposure
from ledger.domain.effects import Quantity
from ledger.domain.facts import ReportedFact
from ledger.domain.steps import finished
from ledger.domain.vocabulary import Authorization, Requirement
from ledger.errors import NotFoundError
from tests.builders import order, quantity, relation
from tests.casebook import asking, casebook
from tests.unit.domain.determination.world import dates

ORDER = "co-2025-07-28-nvda-tsmc-300k"
STOCK = "st-2025-07-28-h20-stock"
CHAIN = "st-2025-07-h20-chain-1m"


def _held(*more: ReportedFact, **supplied: object) -> Exposure:
    return finished(exposure(asking(**supplied), casebook(*more)))


def _order(fact_id: str, counted: Quantity, **more: Any) -> ReportedFact:
    return order(fact_id, items=("H20",), quantity=counted, **more)


def _total(held: Exposure, fact_id: str) -> Total:
    (total,) = [total for total in held.totals if fact_id in total.fact_ids]
    return total


def test_an_order_that_adds_to_a_stock_makes_one_range() -> None:
    total = _total(_held(), ORDER)

    assert (total.min, total.max, total.unit) == (900_000, 1_000_000, "chips")
    assert total.fact_ids == (ORDER, STOCK)


def test_quantities_that_contradict_each_other_are_never_added() -> None:
    held = _held()

    assert _total(held, CHAIN).fact_ids == (CHAIN,)
    (stock,) = [entry for entry in held.orders if entry.fact.id == STOCK]
    assert stock.contradicts == (CHAIN,)


def test_what_nothing_connects_is_not_added() -> None:
    held = _held(_order("co-further", quantity(5, 7)))

    assert _total(held, "co-further").fact_ids == ("co-further",)


def test_units_that_differ_are_not_added_even_where_the_record_says_adds_to() -> None:
    further = _order(
        "co-boards", quantity(5, 7, unit="boards"), relates_to=(relation("adds_to", ORDER),)
    )

    assert _total(_held(further), "co-boards").fact_ids == ("co-boards",)


def test_an_open_upper_end_keeps_the_sum_open() -> None:
    further = _order(
        "co-open", Quantity(min=10, unit="chips"), relates_to=(relation("adds_to", ORDER),)
    )

    total = _total(_held(further), ORDER)

    assert (total.min, total.max) == (900_010, None)


def test_one_approximate_member_makes_the_sum_approximate() -> None:
    further = _order(
        "co-about", quantity(1, 2, approximate=True), relates_to=(relation("adds_to", ORDER),)
    )

    assert _total(_held(further), ORDER).approximate


def test_a_superseded_quantity_counts_no_more() -> None:
    further = _order("co-instead", quantity(8, 9), relates_to=(relation("supersedes", STOCK),))

    held = _held(further)

    assert _total(held, ORDER).fact_ids == (ORDER, "co-instead")
    assert all(STOCK not in total.fact_ids for total in held.totals)


def test_two_orders_that_contradict_each_other_are_not_added_through_what_both_add_to() -> None:
    """Conflicts never sum: the stock is added to the first of them, the other stands alone."""
    other = _order(
        "co-other-source",
        quantity(250_000, 350_000),
        relates_to=(relation("adds_to", STOCK), relation("contradicts", ORDER)),
    )
    held = _held(other)

    assert _total(held, ORDER).fact_ids == (ORDER, STOCK)
    assert _total(held, "co-other-source").fact_ids == ("co-other-source",)


@pytest.mark.parametrize("kind", ["supersedes", "corrects"])
def test_what_adds_to_a_quantity_adds_to_the_one_that_took_its_place(kind: str) -> None:
    recount = _order("st-recount", quantity(650_000, 650_000), relates_to=(relation(kind, STOCK),))
    total = _total(_held(recount), ORDER)

    assert (total.min, total.max) == (950_000, 950_000)
    assert total.fact_ids == (ORDER, "st-recount")


def test_an_order_that_was_canceled_counts_no_more_from_that_day() -> None:
    canceled = order(
        "co-canceled",
        items=("H20",),
        dates=dates(public="2025-08-20"),
        relates_to=(relation("ends", ORDER),),
    )

    before, after = (_held(canceled, as_of=day) for day in ("2025-08-19", "2025-08-20"))
    assert _total(before, ORDER).fact_ids == (ORDER, STOCK)
    assert [total.fact_ids for total in after.totals if ORDER in total.fact_ids] == []


def test_what_is_canceled_in_part_still_counts() -> None:
    """How much is left no entry says."""
    in_part = _order("co-less", quantity(100_000, 100_000), relates_to=(relation("ends", ORDER),))

    assert _total(_held(in_part), ORDER).fact_ids == (ORDER, STOCK)


def test_an_order_meets_the_status_of_its_own_day_and_of_the_day_asked_about() -> None:
    (placed,) = [entry for entry in _held().orders if entry.fact.id == ORDER]

    assert placed.day == date(2025, 7, 21)
    assert placed.then.axes.authorization is Authorization.ASSURED_NOT_ISSUED
    assert placed.now.axes.authorization is Authorization.GRANTED_SCOPED
    assert placed.then.axes.requirement is Requirement.LICENSE_REQUIRED
    assert placed.changed_by == ("stays co-2025-08-22-nvda-h20-stop",)


def test_orders_stand_in_the_order_of_their_days() -> None:
    days = [entry.day for entry in _held().orders]

    assert days == sorted(days)


def test_an_order_that_was_not_yet_known_is_not_held_against_anything() -> None:
    known = [entry.fact.id for entry in _held(known_at="2025-07-27").orders]

    assert ORDER not in known
    assert "co-2025-04-15-nvda-5500m" in known


def test_orders_of_other_items_stay_out() -> None:
    assert all("H20" in entry.fact.items for entry in _held().orders)


def test_an_item_that_is_not_on_record_is_refused() -> None:
    with pytest.raises(NotFoundError, match="H21"):
        _held(item="H21")
