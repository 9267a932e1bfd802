from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.aggregates.order import CANCELED, ORDERED, ORDERS, SHIPPED
from ledger.domain.effects import Money, Quantity
from ledger.domain.facts import ReportedFact
from ledger.errors import RuleError
from tests.builders import digest_of, exactly, order, quantity, relation
from tests.unit.domain.aggregates.folding import fold, refusal

STREAM = "orders/co-order"
ORDER = order("co-order", subtype="foundry_purchase_order", quantity=exactly(300_000))


def follow(fact_id: str, subtype: str, amount: Quantity | None, **more: Any) -> ReportedFact:
    return order(fact_id, STREAM, subtype=subtype, quantity=amount, **more)


def shipment(fact_id: str, amount: Quantity, **more: Any) -> ReportedFact:
    return follow(fact_id, "shipment", amount, **more)


def test_all_that_was_ordered_may_be_shipped() -> None:
    assert fold(ORDER, shipment("co-s-1", exactly(300_000))).version == 2


@pytest.mark.parametrize("subtype", sorted(SHIPPED))
def test_one_more_than_was_ordered_is_refused(subtype: str) -> None:
    refused = refusal(ORDER, follow("co-s-1", subtype, exactly(300_001)))

    assert (refused.rule, refused.field) == ("shipped-exceeds-ordered", "quantity")
    assert "300001 chips" in refused.message


def test_shipments_add_up() -> None:
    shipped = [shipment(f"co-s-{n}", exactly(100_000)) for n in range(3)]

    assert refusal(ORDER, *shipped, shipment("co-s-3", exactly(1))).rule == (
        "shipped-exceeds-ordered"
    )


@pytest.mark.parametrize("subtype", sorted(ORDERED))
def test_whatever_orders_makes_room_for_a_shipment(subtype: str) -> None:
    more = follow("co-more", subtype, exactly(50))

    assert fold(ORDER, more, shipment("co-s-1", exactly(300_050))).version == 3


@pytest.mark.parametrize("subtype", sorted(CANCELED))
def test_a_cancellation_takes_room_away(subtype: str) -> None:
    canceled = follow("co-less", subtype, exactly(100_000))

    refused = refusal(ORDER, canceled, shipment("co-s-1", exactly(200_001)))

    assert refused.rule == "shipped-exceeds-ordered"


def test_what_was_shipped_cannot_be_canceled() -> None:
    shipped = shipment("co-s-1", exactly(250_000))

    refused = refusal(ORDER, shipped, follow("co-less", "cancellation", exactly(50_001)))

    assert refused.rule == "shipped-exceeds-ordered"


def test_more_may_be_canceled_than_was_ordered_while_nothing_was_shipped() -> None:
    assert fold(ORDER, follow("co-less", "cancellation", exactly(300_001))).version == 2


def test_orders_count_at_their_upper_end_and_shipments_at_their_lower_one() -> None:
    ordered = order("co-order", quantity=quantity(10, 20))

    assert fold(ordered, shipment("co-s-1", quantity(20, 30))).version == 2
    assert refusal(ordered, shipment("co-s-1", quantity(21, 30))).rule == "shipped-exceeds-ordered"


@pytest.mark.parametrize(
    "unbounded",
    [quantity(2_000_000), quantity(1, 2, approximate=True), None],
    ids=["an open upper end", "an approximate quantity", "no quantity"],
)
def test_an_order_without_a_bound_is_never_exceeded(unbounded: Quantity | None) -> None:
    ordered = order("co-order", subtype="customer_orders", quantity=unbounded)

    assert fold(ordered, shipment("co-s-1", exactly(10**9))).version == 2


@pytest.mark.parametrize("subtype", ["shipment", "cancellation"])
def test_an_approximate_quantity_is_neither_refused_nor_counted(subtype: str) -> None:
    about = follow("co-about", subtype, quantity(400_000, 400_000, approximate=True))

    assert fold(ORDER, about, shipment("co-s-1", exactly(300_000))).version == 3


@pytest.mark.parametrize("subtype", ["shipment_statement", "inventory_estimate", "sales_estimate"])
def test_statements_and_estimates_are_not_counted(subtype: str) -> None:
    assert fold(ORDER, follow("co-estimate", subtype, exactly(10**9))).version == 2


def test_a_shipment_without_a_quantity_is_not_counted() -> None:
    money = Money(min=1, currency="USD")

    assert fold(ORDER, follow("co-s-1", "shipment", None, money=money)).version == 2


def test_units_are_not_compared_with_each_other() -> None:
    assert fold(ORDER, shipment("co-s-1", exactly(400_000, unit="racks"))).version == 2


def test_units_are_one_in_either_case() -> None:
    ordered = order("co-order", quantity=exactly(10, unit="CHIPS"))
    shipped = shipment("co-s-1", exactly(10, unit="Chips"))

    assert fold(ordered, shipped).tallies.keys() == {"chips"}
    assert refusal(ordered, shipped, shipment("co-s-2", exactly(1))).rule == (
        "shipped-exceeds-ordered"
    )


@pytest.mark.parametrize("subtype", ["shipment", "cancellation"])
def test_what_comes_before_any_order_is_not_counted_against_a_later_one(subtype: str) -> None:
    early = order("co-order", subtype=subtype, quantity=exactly(500))
    later = follow("co-later", "purchase_order", exactly(100))

    assert fold(early, later, shipment("co-s-1", exactly(100))).version == 3


@pytest.mark.parametrize("kind", ["corrects", "supersedes"])
def test_a_quantity_takes_the_place_of_the_one_it_corrects(kind: str) -> None:
    less = follow("co-fix", "purchase_order", exactly(10), relates_to=(relation(kind, "co-order"),))

    assert fold(ORDER, less, shipment("co-s-1", exactly(10))).version == 3
    assert refusal(ORDER, less, shipment("co-s-1", exactly(11))).rule == "shipped-exceeds-ordered"


def test_a_bare_correction_counts_on_the_side_of_what_it_corrects() -> None:
    shipped = shipment("co-s-1", exactly(300_000))
    fix = follow("co-fix", "correction", exactly(1), relates_to=(relation("corrects", "co-s-1"),))

    assert fold(ORDER, shipped, fix, shipment("co-s-2", exactly(299_999))).version == 4


@pytest.mark.parametrize("named", ["co-order", "co-fix-1"])
def test_a_second_correction_takes_the_same_place(named: str) -> None:
    first = follow(
        "co-fix-1", "correction", exactly(10), relates_to=(relation("corrects", "co-order"),)
    )
    second = follow(
        "co-fix-2", "correction", exactly(20), relates_to=(relation("corrects", named),)
    )

    assert fold(ORDER, first, second, shipment("co-s-1", exactly(20))).version == 4
    assert refusal(ORDER, first, second, shipment("co-s-1", exactly(21))).rule == (
        "shipped-exceeds-ordered"
    )


def test_one_order_may_take_the_place_of_two() -> None:
    other = follow("co-other", "order_increase", exactly(5))
    both = follow(
        "co-both",
        "purchase_order",
        exactly(7),
        relates_to=(relation("supersedes", "co-order"), relation("supersedes", "co-other")),
    )

    assert refusal(ORDER, other, both, shipment("co-s-1", exactly(8))).rule == (
        "shipped-exceeds-ordered"
    )


def test_a_correction_of_an_order_that_was_merged_into_another_counts_nothing() -> None:
    merging = follow(
        "co-both",
        "purchase_order",
        exactly(7),
        relates_to=(relation("supersedes", "co-order"), relation("supersedes", "co-other")),
    )
    before = (ORDER, follow("co-other", "order_increase", exactly(5)), merging)
    late = follow(
        "co-fix", "correction", exactly(9), relates_to=(relation("corrects", "co-other"),)
    )

    assert fold(*before, late).tallies == fold(*before).tallies


def test_a_correction_without_a_quantity_leaves_the_sums_alone() -> None:
    fix = follow("co-fix", "correction", None, relates_to=(relation("corrects", "co-s-1"),))
    shipped = shipment("co-s-1", exactly(300_000))

    assert refusal(ORDER, shipped, fix, shipment("co-s-2", exactly(1))).rule == (
        "shipped-exceeds-ordered"
    )


def test_a_correction_of_something_that_never_counted_counts_nothing() -> None:
    fix = follow("co-fix", "correction", exactly(9), relates_to=(relation("corrects", "co-x"),))

    assert fold(ORDER, fix).tallies == fold(ORDER).tallies


def test_a_shipment_never_takes_the_place_of_an_order() -> None:
    odd = shipment("co-s-1", exactly(300_000), relates_to=(relation("supersedes", "co-order"),))

    assert fold(ORDER, odd).tallies["chips"].bound == 300_000


def test_an_order_corrected_below_what_was_shipped_is_refused() -> None:
    shipped = shipment("co-s-1", exactly(200))
    fix = follow(
        "co-fix", "correction", exactly(100), relates_to=(relation("corrects", "co-order"),)
    )

    assert refusal(ORDER, shipped, fix).rule == "shipped-exceeds-ordered"


@pytest.mark.parametrize("kind", ["confirms", "part_of", "contradicts"])
def test_another_report_of_one_shipment_is_not_counted_again(kind: str) -> None:
    shipped = shipment("co-s-1", exactly(300_000))
    again = shipment("co-s-2", exactly(200_000), relates_to=(relation(kind, "co-s-1"),))

    assert fold(ORDER, shipped, again).tallies["chips"].shipped == 300_000


@pytest.mark.parametrize(("kind", "bound"), [("confirms", 300_000), ("contradicts", 500_000)])
def test_an_order_reported_otherwise_raises_the_bound_and_a_confirmed_one_does_not(
    kind: str, bound: int
) -> None:
    report = follow("co-r", "order", exactly(200_000), relates_to=(relation(kind, "co-order"),))

    assert fold(ORDER, report).tallies["chips"].bound == bound


def test_a_shipment_that_is_part_of_the_order_is_counted() -> None:
    part = shipment("co-s-1", exactly(300_001), relates_to=(relation("part_of", "co-order"),))

    assert refusal(ORDER, part).rule == "shipped-exceeds-ordered"


def test_an_order_that_gets_its_quantity_later_bounds_every_unit_again() -> None:
    unknown = order("co-order", quantity=None)
    shipped = shipment("co-s-1", exactly(10))
    known = follow("co-fix", "order", exactly(9), relates_to=(relation("corrects", "co-order"),))

    assert refusal(unknown, shipped, known).rule == "shipped-exceeds-ordered"


AMOUNTS = st.integers(min_value=0, max_value=50)
MOVES = st.lists(
    st.tuples(
        st.sampled_from(["purchase_order", "order_increase", "shipment", "cancellation"]),
        AMOUNTS,
        AMOUNTS,
    ),
    max_size=30,
)


@given(MOVES)
def test_whatever_is_reported_shipments_stay_within_orders(
    moves: list[tuple[str, int, int]],
) -> None:
    """Against a model that adds plain integers, over whatever the aggregate let in."""
    state = fold(order("co-order", quantity=exactly(40)))
    ordered, canceled, shipped = 40, 0, 0
    for place, (subtype, low, more) in enumerate(moves):
        fact = follow(f"co-move-{place}", subtype, quantity(low, low + more))
        after = (
            ordered + (low + more if "order" in subtype else 0),
            canceled + (low if subtype == "cancellation" else 0),
            shipped + (low if subtype == "shipment" else 0),
        )
        try:
            ORDERS.decide(state, fact)
        except RuleError:
            assert after[2] > max(after[0] - after[1], 0)
        else:
            state = ORDERS.evolve(state, fact, digest_of(fact))
            ordered, canceled, shipped = after
            assert shipped <= max(ordered - canceled, 0)
