"""What is not kept in memory is read again, and nobody sees a difference."""

from __future__ import annotations

import pytest

from ledger.domain.vocabulary import Collection
from ledger.errors import StoreError
from ledger.readmodels.models import ReadModels
from ledger.readmodels.records import Records
from tests import builders
from tests.unit.readmodels.records import Store, ledger_of

FACTS = (
    builders.item("H20"),
    builders.action("rule-1"),
    *(builders.order(f"order-{number}", items=("h20",)) for number in range(5)),
)
ENTRIES = ledger_of(*FACTS)


def test_the_ones_asked_for_lately_are_kept_and_the_others_read_again() -> None:
    store = Store(ENTRIES)
    records = Records(store, kept=2)
    for entry in ENTRIES[:3]:
        records.add(entry)

    assert records[1] is ENTRIES[1]
    assert records[2] is ENTRIES[2]
    assert store.read == []
    assert records[0] is ENTRIES[0]
    assert records[2] is ENTRIES[2]
    assert store.read == [0]
    assert records[1] is ENTRIES[1]
    assert store.read == [0, 1]


def test_without_a_store_all_are_kept() -> None:
    records = Records(kept=1)
    for entry in ENTRIES:
        records.add(entry)

    assert [records[index] for index in range(len(ENTRIES))] == ENTRIES
    with pytest.raises(IndexError):
        records[len(ENTRIES)]


def test_what_is_held_is_not_read_again_however_much_comes_after_it() -> None:
    store = Store(ENTRIES)
    records = Records(store, kept=1)
    for entry in ENTRIES:
        records.add(entry, held=entry.index == 0)

    assert records[0] is ENTRIES[0]
    assert records.find(ENTRIES[0].fact.id, 1) == 0
    assert store.read == []


@pytest.mark.parametrize("store", [None, Store(ENTRIES)])
def test_facts_and_streams_are_found_below_a_tree_size(store: Store | None) -> None:
    records = Records(store, kept=1)
    for entry in ENTRIES:
        records.add(entry)

    assert records.find("order-1", 6) == 5
    assert records.find("order-1", 5) is None
    assert records.find("order-9", 9) is None
    assert list(records.stream("orders/order-1", 6)) == [5]
    assert list(records.stream("orders/order-1", 5)) == []


class Misplacing(Store):
    """Names the entry behind the one that was asked for."""

    def find_fact(self, fact_id: str) -> int | None:
        return (super().find_fact(fact_id) or 0) + 1

    def indexes_of_stream(self, name: str) -> list[int]:
        return [index + 1 for index in super().indexes_of_stream(name)]


def test_a_database_that_names_another_entry_is_not_believed() -> None:
    records = Records(Misplacing(ENTRIES), kept=1)

    for ask in (lambda: records.fact("order-1", 9), lambda: records.events("orders/order-1", 9)):
        with pytest.raises(StoreError) as caught:
            ask()
        assert caught.value.rule == "entry-misplaced"


def test_read_models_over_a_store_answer_as_those_in_memory() -> None:
    held, lean = ReadModels(), ReadModels(Store(ENTRIES), kept=1)
    for models in (held, lean):
        models.apply(ENTRIES)

    for size in (6, len(ENTRIES)):
        expected, view = held.catalog.at(size), lean.catalog.at(size)
        assert view.records() == expected.records()
        assert view.find("order-1") == expected.find("order-1")
        assert list(view.streams(Collection.ORDERS)) == list(expected.streams(Collection.ORDERS))
        assert view.stream("orders/order-0") == expected.stream("orders/order-0")
        with held.register.reading(size) as want, lean.register.reading(size) as register:
            assert dict(register.facts) == dict(want.facts)
            assert register.naming_any(["h20"]) == want.naming_any(["h20"])
            assert register.revision_of(["h20"]) == want.revision_of(["h20"]) == size
