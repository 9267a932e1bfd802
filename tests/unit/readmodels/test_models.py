from __future__ import annotations

import pytest

from ledger.errors import StoreError
from ledger.readmodels.models import ReadModels
from tests import builders
from tests.unit.readmodels.records import ledger_of


def test_all_models_take_in_a_page() -> None:
    models = ReadModels()
    page = ledger_of(builders.item())

    models.apply(page)

    assert models.tree_size == models.catalog.tree_size == 3
    with models.register.reading() as register:
        assert register.item_stream("H20") == "items/h20"


def test_a_page_that_failed_half_way_may_come_again() -> None:
    models = ReadModels()
    page = ledger_of(builders.item())
    models.catalog.apply(page[0])
    models.catalog.apply(page[1])

    models.apply(page)

    assert models.tree_size == models.catalog.tree_size == 3


def test_a_page_out_of_order_is_refused() -> None:
    models = ReadModels()

    with pytest.raises(StoreError):
        models.apply(ledger_of(builders.item())[1:])

    assert models.tree_size == 0
