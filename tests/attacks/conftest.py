"""One ledger that many attacks are tried on; none of them changes it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.client.served import COVERAGE, LETTER, Served, item_row, row, served


@pytest.fixture(scope="session")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A chip, a letter about it, and orders, of which one lives on over three facts."""
    rows = [
        item_row(),
        COVERAGE,
        LETTER,
        row("order-1", items=["H20"]),
        row("order-1-stock", stream="orders/order-1", subtype="inventory_estimate", items=["H20"]),
        row("order-2", items=["H20"]),
        row(
            "order-1-stop",
            stream="orders/order-1",
            subtype="production_suspension",
            items=["H20"],
            relates_to=[{"id": "order-1", "relation": "stays"}],
        ),
        row("order-3"),
        item_row("H100", aliases=["Hopper 100"]),
        item_row("H100", aliases=["Hopper"]),
    ]
    with served(tmp_path_factory.mktemp("attacked")) as running:
        # In two batches, so that the log also stood at the size between them.
        for batch in (rows[:6], rows[6:]):
            assert not running.import_rows(*batch).refused
        yield running
