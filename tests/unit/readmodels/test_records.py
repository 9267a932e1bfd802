"""What is not kept in memory is read again, and nobody sees a difference."""

from __future__ import annotations

import pytest

from ledger.domain.statement import Recorded
from ledger.domain.vocabulary import Collection
from ledger.readmodels.models import ReadModels
from ledger.readmodels.records import FactsByIndex, Records
from tests import builders
from tests.unit.readmodels.records import ledger_of

FACTS = (
    builders.item("H20"),
    builders.action("rule-1"),
    *(builders.order(f"order-{number}", items=("h20",)) for number in range(5)),
)
ENTRIES = ledger_of(*FACTS)


class Store:
    """Reads entries, and counts."""

    def __init__(self) -> None:
        self.read: list[int] = []

    def __call__(self, index: int) -> Recorded:
        self.read.append(index)
        return ENTRIES[index]


def test_the_ones_asked_for_lately_are_kept_and_the_others_read_again() -> None:
    store = Store()
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


def test_facts_are_a_mapping_that_reads_no_entry_before_it_must() -> None:
    store = Store()
    facts = FactsByIndex(Records(store, kept=1))
    for entry in ENTRIES[2:4]:
        facts[entry.fact.id] = entry

    assert list(facts) == ["item-h20", "rule-1"]
    assert "rule-1" in facts
    assert len(facts) == 2
    assert store.read == []
    assert facts["rule-1"] is ENTRIES[3]
    del facts["rule-1"]
    assert facts.get("rule-1") is None


def test_read_models_over_a_store_answer_as_those_in_memory() -> None:
    held, lean = ReadModels(), ReadModels(Store(), kept=1)
    for models in (held, lean):
        models.apply(ENTRIES)

    for size in (6, len(ENTRIES)):
        expected, view = held.catalog.at(size), lean.catalog.at(size)
        assert view.records() == expected.records()
        assert view.find("order-1") == expected.find("order-1")
        assert view.streams(Collection.ORDERS) == expected.streams(Collection.ORDERS)
        assert view.stream("orders/order-0") == expected.stream("orders/order-0")
        with held.register.reading(size) as want, lean.register.reading(size) as register:
            assert dict(register.facts) == dict(want.facts)
            assert register.naming_any(["h20"]) == want.naming_any(["h20"])
            assert register.revision_of(["h20"]) == want.revision_of(["h20"]) == size
