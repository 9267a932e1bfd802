"""Orders against the status, as a person reads them: ranges stay ranges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from rich.console import RenderableType
from rich.text import Text

from ledger.cli.cells import outcome
from ledger.cli.differences import own_day
from ledger.cli.memo import heading, labeled
from ledger.cli.summary import quantity, summary
from ledger.client.client import Proved
from ledger.domain.effects import Quantity
from ledger.v1 import queries_pb2

_LABEL: Final = len("contradicts")
_PASSIVE: Final = {"stays": "stayed", "supersedes": "superseded", "ends": "ended"}


def order_blocks(
    orders: Sequence[queries_pb2.OrderExposure], proved: Mapping[str, Proved]
) -> Iterator[RenderableType]:
    """Each order with its status then, and what acts upon it.

    Args:
        orders: The orders.
        proved: Their entries, by fact id.
    """
    for exposed in orders:
        entry = proved[exposed.order.fact_id].entry
        day = own_day(entry.fact) or exposed.day
        yield Text(f"\n{day}  [{entry.index}]  {entry.fact.id}", style="bold")
        yield labeled([("order", summary(entry.fact)), *_held(exposed)], width=_LABEL)


def status_as_asked(orders: Sequence[queries_pb2.OrderExposure]) -> RenderableType:
    """The status on the day asked about, which all orders have in common."""
    told = {outcome(exposed.at_question): None for exposed in orders}
    return labeled([("as asked", line) for line in told], width=_LABEL)


def _held(exposed: queries_pb2.OrderExposure) -> Iterator[tuple[str, str]]:
    then, now = outcome(exposed.at_order), outcome(exposed.at_question)
    yield "on its day", "as asked" if now == then else then
    for change in exposed.changed_by:
        verb, _, fact_id = change.partition(" ")
        yield _PASSIVE.get(verb, verb), f"by {fact_id}"
    for place, fact_id in enumerate(exposed.contradicts):
        yield "" if place else "contradicts", fact_id


def total_lines(found: Sequence[queries_pb2.QuantityTotal]) -> Iterator[RenderableType]:
    """What the record itself adds up, and what stands alone; sums come first."""
    if not found:
        return
    yield heading("What the record adds up")
    ordered = sorted(found, key=lambda total: -len(total.fact_ids))
    yield labeled([(total_words(total), _members(total)) for total in ordered])
    yield Text("\nWhat no entry adds to another is never summed.", style="dim")


def _members(total: queries_pb2.QuantityTotal) -> str:
    if len(total.fact_ids) == 1:
        return f"{total.fact_ids[0]}, which stands alone"
    return " + ".join(total.fact_ids)


def total_words(total: queries_pb2.QuantityTotal) -> str:
    """A range in words: both ends, or the least of it; about, where a part of it is."""
    most = total.max if total.HasField("max") else None
    return quantity(
        Quantity(min=total.min, max=most, unit=total.unit, approximate=total.approximate)
    )
