"""Sums over the quantities of an order stream, by unit."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple


class Side(StrEnum):
    """What a quantity is the quantity of."""

    ORDERED = "ordered"
    SHIPPED = "shipped"
    CANCELED = "canceled"


ANY_UNIT: Final = ""
"""The unit of an order whose quantity is not public."""


class Count(NamedTuple):
    """What one fact contributes; ``amount`` None is an order without a bound."""

    side: Side
    unit: str
    amount: int | None


class Tally(NamedTuple):
    """The sums in one unit.

    Attributes:
        orders: How many orders count in it.
        unbounded: How many of them have no upper end.
        bound: What was ordered less what was canceled.
        shipped: What was shipped.
    """

    orders: int = 0
    unbounded: int = 0
    bound: int = 0
    shipped: int = 0

    def with_count(self, count: Count, times: int = 1) -> Tally:
        """The sums with one more contribution, or without it where ``times`` is -1."""
        amount = times * (count.amount or 0)
        match count.side:
            case Side.ORDERED:
                return Tally(
                    self.orders + times,
                    self.unbounded + (times if count.amount is None else 0),
                    self.bound + amount,
                    self.shipped,
                )
            case Side.SHIPPED:
                return Tally(self.orders, self.unbounded, self.bound, self.shipped + amount)
            case Side.CANCELED:
                return Tally(self.orders, self.unbounded, self.bound - amount, self.shipped)


NOTHING: Final = Tally()
