from __future__ import annotations

import pytest

from ledger.domain.statement import Recorded
from ledger.domain.vocabulary import Collection, Role
from ledger.errors import NotFoundError, QuestionError, StoreError
from ledger.readmodels.catalog import Catalog
from tests import builders
from tests.unit.readmodels.records import ledger_of, recorded


def catalog_of(records: list[Recorded]) -> Catalog:
    catalog = Catalog()
    for record in records:
        catalog.apply(record)
    return catalog


def test_an_empty_catalog_has_no_entries() -> None:
    view = Catalog().at()

    assert view.tree_size == 0
    assert list(view.streams(Collection.ORDERS)) == []
    assert view.authors() == []


def test_entries_come_in_the_order_of_the_log() -> None:
    catalog = Catalog()
    later = recorded([builders.order("order-1"), builders.order("order-2")])[1]

    with pytest.raises(StoreError) as caught:
        catalog.apply(later)

    assert caught.value.rule == "entries-in-order"
    assert catalog.tree_size == 0


def test_a_fact_is_found_by_its_id_from_its_index_on() -> None:
    catalog = catalog_of(ledger_of(builders.order("order-1")))

    found = catalog.at().find("order-1")

    assert found is not None
    assert found.index == 2
    assert catalog.at(2).find("order-1") is None
    assert catalog.at().find("order-9") is None


def test_a_stream_holds_what_came_before_the_tree_size() -> None:
    first, second = builders.order("order-1"), builders.order("order-2", "orders/order-1")
    catalog = catalog_of(ledger_of(first, second))

    assert [record.fact.id for record in catalog.at().stream("orders/order-1")] == [
        "order-1",
        "order-2",
    ]
    assert [record.fact.id for record in catalog.at(3).stream("orders/order-1")] == ["order-1"]


@pytest.mark.parametrize(("name", "size"), [("orders/order-1", 2), ("orders/unknown", 0)])
def test_a_stream_that_was_not_opened_is_not_found(name: str, size: int) -> None:
    catalog = catalog_of(ledger_of(builders.order("order-1")))

    with pytest.raises(NotFoundError) as caught:
        catalog.at(size).stream(name)

    assert caught.value.rule == "stream-on-record"


def test_streams_stand_in_the_order_of_their_opening() -> None:
    catalog = catalog_of(
        ledger_of(
            builders.order("order-b"),
            builders.order("order-a"),
            builders.order("order-c", "orders/order-b"),
        )
    )

    assert list(catalog.at().streams(Collection.ORDERS)) == ["orders/order-b", "orders/order-a"]
    assert list(catalog.at(3).streams(Collection.ORDERS)) == ["orders/order-b"]
    assert list(catalog.at().streams(Collection.CLAIMS)) == []


def test_a_view_does_not_grow_with_the_log() -> None:
    *before, last = ledger_of(builders.order("order-1"), builders.order("order-2"))
    catalog = catalog_of(before)
    view = catalog.at()

    catalog.apply(last)

    assert view.tree_size == 3
    assert view.find("order-2") is None
    assert list(view.streams(Collection.ORDERS)) == ["orders/order-1"]
    assert [record.index for record in view.records()] == [0, 1, 2]


@pytest.mark.parametrize("size", [-1, 3, 2**63])
def test_a_tree_size_beyond_the_log_is_refused(size: int) -> None:
    with pytest.raises(QuestionError) as caught:
        catalog_of(ledger_of()).at(size)

    assert (caught.value.field, caught.value.rule) == ("tree_size", "tree-size-on-record")


def test_authors_stand_in_the_order_of_their_enrollment_and_once() -> None:
    recovered = builders.enrolled("registrar", id="recovered", spki_der=builders.spki("new"))
    catalog = catalog_of(
        ledger_of(("ada", builders.enrolled("nvidia", Role.COMPANY)), ("ada", recovered))
    )

    assert catalog.at().authors() == ["ada", "registrar", "nvidia"]
    assert catalog.at(1).authors() == ["ada"]


def test_the_keyring_is_the_one_of_the_tree_size() -> None:
    catalog = catalog_of(
        ledger_of(builders.order("order-1"), ("ada", builders.revoked("registrar")))
    )
    keyid = builders.keyid("registrar")

    revoked_at = [
        key.revoked_at_index if (key := catalog.at(size).keyring().find(keyid)) else "unknown"
        for size in (1, 2, 3, 4)
    ]

    assert revoked_at == ["unknown", None, None, 3]


def test_a_fact_is_attributed_to_whoever_signed_it() -> None:
    catalog = catalog_of(
        ledger_of(
            builders.order("order-1"),
            ("ada", builders.enrolled("nvidia-corp", Role.COMPANY, party="NVIDIA")),
            ("nvidia-corp", builders.order("order-2")),
        )
    )
    view = catalog.at()

    attributions = [
        view.attribution(record) for record in (*view.records()[2:3], *view.records()[4:])
    ]

    assert attributions == ["TRANSCRIBED_BY registrar", "FIRST_PARTY"]


def test_the_founding_has_an_author_too() -> None:
    view = catalog_of(ledger_of()).at()

    assert view.attribution(view.records()[0]) == "TRANSCRIBED_BY ada"


def test_relations_to_what_is_not_on_record_are_named() -> None:
    relations = (
        builders.relation("amends", "rule-1"),
        builders.relation("amends", "rule-1#place"),
        builders.relation("ends", "rule-1#nowhere"),
        builders.relation("confirms", "rule-9"),
        builders.relation("extends", "rule-9"),
    )
    provision = builders.license_requirement("rule-1#place")
    first = builders.action("rule-1", provisions=(provision,))
    second = builders.action("rule-2", relates_to=relations)
    view = catalog_of(ledger_of(second, first)).at()

    assert view.unresolved(second) == ("rule-1#nowhere", "rule-9")


def test_a_relation_to_a_later_fact_resolves_once_that_is_on_record() -> None:
    first = builders.action("rule-2", relates_to=(builders.relation("amends", "rule-1"),))
    catalog = catalog_of(ledger_of(first, builders.action("rule-1")))

    assert catalog.at(3).unresolved(first) == ("rule-1",)
    assert catalog.at(4).unresolved(first) == ()


def test_what_is_no_report_relates_to_nothing() -> None:
    assert catalog_of(ledger_of()).at().unresolved(builders.item()) == ()
