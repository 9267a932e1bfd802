"""What does not fit into memory is found on the disk, and nowhere else."""

from __future__ import annotations

from ledger.audit.spill import Spill
from ledger.domain.aggregates import aggregate_for
from ledger.domain.vocabulary import Collection
from tests import builders


def test_values_are_found_whether_they_are_in_memory_or_not() -> None:
    spill: Spill[tuple[int, str]] = Spill(kept=10)
    for number in range(100):
        spill.put(f"key-{number}", (number, "value"))
    assert all(spill.get(f"key-{number}") == (number, "value") for number in range(100))
    assert spill.get("key-100") is None
    assert len(spill._hot) <= 10


def test_a_value_that_is_put_again_replaces_the_one_on_the_disk() -> None:
    spill: Spill[int] = Spill(kept=4)
    for number in range(20):
        spill.put(f"key-{number}", number)
    spill.put("key-0", 1_000)
    assert spill.get("key-0") == 1_000
    for number in range(20, 40):
        spill.put(f"key-{number}", number)
    assert spill.get("key-0") == 1_000
    assert spill.get("key-1") == 1


def test_a_value_of_zero_is_a_value() -> None:
    spill: Spill[int] = Spill(kept=2)
    for number in range(6):
        spill.put(f"key-{number}", 0)
    assert spill.get("key-0") == 0
    assert spill.get("key-5") == 0


def test_a_stream_of_any_kind_is_read_back_as_it_was_put() -> None:
    """Written is what a state's constructor takes, so nothing else may belong to it."""
    states = {collection.value: aggregate_for(collection).initial() for collection in Collection}
    fact = builders.order("order-1", quantity=builders.quantity(5))
    states["orders"] = aggregate_for(Collection.ORDERS).evolve(states["orders"], fact, bytes(32))
    spill: Spill[object] = Spill(kept=1)
    for name, state in states.items():
        spill.put(name, state)
    assert {name: spill.get(name) for name in states} == states


def test_closing_forgets_everything_and_may_be_done_twice() -> None:
    spill: Spill[int] = Spill(kept=1)
    for number in range(5):
        spill.put(f"key-{number}", number)
    spill.close()
    spill.close()
    assert spill.get("key-0") is None
