from __future__ import annotations

import pytest

from ledger.domain.aggregates.tally import Count, Side, Tally


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (Count(Side.ORDERED, "chips", 5), Tally(orders=1, bound=5)),
        (Count(Side.ORDERED, "chips", None), Tally(orders=1, unbounded=1)),
        (Count(Side.SHIPPED, "chips", 5), Tally(shipped=5)),
        (Count(Side.CANCELED, "chips", 5), Tally(bound=-5)),
    ],
    ids=["an order", "an order without a bound", "a shipment", "a cancellation"],
)
def test_a_count_enters_a_tally_and_leaves_it_without_a_trace(
    count: Count, expected: Tally
) -> None:
    entered = Tally().with_count(count)

    assert entered == expected
    assert entered.with_count(count, -1) == Tally()
