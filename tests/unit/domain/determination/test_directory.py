from __future__ import annotations

import pytest

from ledger.domain.determination.directory import OwnDirectory, is_only_found
from ledger.domain.facts import Fact
from ledger.domain.statement import Recorded
from ledger.domain.vocabulary import RelationKind
from tests import builders
from tests.unit.domain.determination.world import World, link, rule


def recorded(*facts: Fact) -> list[Recorded]:
    return [*World(*facts, covered=False).register.facts.values()][-len(facts) :]


@pytest.mark.parametrize(
    ("fact", "only_found"),
    [
        (builders.order("order-1", items=("H20",)), True),
        (builders.order("order-1", relates_to=link(RelationKind.ADDS_TO, "order-2")), False),
        (builders.claim("claim-1"), True),
        (builders.submission("submission-1"), False),
        (rule("rule-1"), False),
        (builders.item("H20"), False),
        (builders.enrolled("registrar"), False),
    ],
)
def test_only_reports_that_do_no_more_than_name_items_are_only_found(
    fact: Fact, *, only_found: bool
) -> None:
    assert is_only_found(fact) is only_found


def test_facts_are_found_by_item_and_counted_by_stream() -> None:
    first, second = recorded(
        builders.order("order-1", items=("H20",)),
        builders.order("order-2", "orders/order-1", items=("h20", "A100")),
    )
    directory = OwnDirectory()
    directory.add(first)
    directory.add(second)

    assert list(directory.naming("h20")) == [first, second]
    assert list(directory.naming("b300")) == []
    assert directory.named_at("h20") == second.index + 1
    assert directory.named_at("b300") == 0
    assert directory.length("orders/order-1") == 2
    assert directory.length("orders/order-9") == 0


def test_a_directory_over_another_grows_by_itself() -> None:
    first, second, third = recorded(
        builders.order("order-1", items=("H20",)),
        builders.order("order-2", items=("A100",)),
        builders.order("order-3", "orders/order-1", items=("H20",)),
    )
    below = OwnDirectory()
    below.add(first)
    below.add(second)
    above = OwnDirectory(below)
    above.add(third)

    assert list(above.facts) == ["order-1", "order-2", "order-3"]
    assert list(above.naming("h20")) == [first, third]
    assert list(above.naming("a100")) == [second]
    assert above.named_at("h20") == third.index + 1
    assert above.named_at("a100") == second.index + 1
    assert above.length("orders/order-1") == 2
    assert list(below.facts) == ["order-1", "order-2"]
    assert list(below.naming("h20")) == [first]
    assert below.length("orders/order-1") == 1
