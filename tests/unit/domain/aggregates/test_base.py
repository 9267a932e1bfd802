from __future__ import annotations

from functools import reduce

import pytest

from ledger.domain.aggregates import aggregate_for
from ledger.domain.aggregates.base import tail
from ledger.domain.facts import Fact
from ledger.domain.vocabulary import Collection
from ledger.errors import RuleError
from tests.builders import (
    action,
    claim,
    co_signature,
    coverage,
    digest_of,
    enrolled,
    erased,
    item,
    license_event,
    membership,
    order,
    party,
    submission,
)
from tests.unit.domain.aggregates.folding import fold

OWN: dict[Collection, Fact] = {
    Collection.INSTRUMENTS: action("us-rule"),
    Collection.LICENSES: license_event("us-license"),
    Collection.ORDERS: order("co-order"),
    Collection.SUBMISSIONS: submission("ad-letter"),
    Collection.CLAIMS: claim("cl-claim"),
    Collection.ITEMS: item(),
    Collection.DESTINATIONS: membership(),
    Collection.PARTIES: party(),
    Collection.AUTHORS: enrolled("ada"),
    Collection.COVERAGE: coverage(),
    Collection.ATTACHMENTS: erased("a letter"),
}


@pytest.mark.parametrize("collection", Collection)
def test_every_collection_has_an_aggregate_that_takes_its_own_facts(
    collection: Collection,
) -> None:
    aggregate = aggregate_for(collection)

    assert aggregate.collection is collection
    assert fold(OWN[collection]).version == 1


@pytest.mark.parametrize("collection", Collection)
def test_a_fact_of_another_kind_is_refused(collection: Collection) -> None:
    aggregate = aggregate_for(collection)
    stranger = item() if collection is Collection.PARTIES else party()
    misfiled = stranger.model_copy(update={"stream": f"{collection}/somewhere"})

    with pytest.raises(RuleError) as refused:
        aggregate.decide(aggregate.initial(), misfiled)

    assert (refused.value.rule, refused.value.field) == ("fact-fits-collection", "stream")


def test_an_aggregate_refuses_its_kind_of_fact_in_another_collection() -> None:
    orders = aggregate_for(Collection.ORDERS)

    with pytest.raises(RuleError, match="licenses/us-license") as refused:
        orders.evolve(orders.initial(), OWN[Collection.LICENSES], bytes(32))

    assert refused.value.rule == "fact-fits-collection"


def test_a_co_signature_is_no_fact_of_a_claim() -> None:
    claims = aggregate_for(Collection.CLAIMS)
    stray = co_signature("co-sign", "claims/cl-claim", bytes(32))

    with pytest.raises(RuleError) as refused:
        claims.decide(claims.initial(), stray)

    assert refused.value.rule == "fact-fits-collection"


def test_folding_is_a_reduction_over_the_facts() -> None:
    orders = aggregate_for(Collection.ORDERS)
    facts = [order("co-1"), order("co-2", "orders/co-1"), order("co-3", "orders/co-1")]

    reduced = reduce(
        lambda state, fact: orders.evolve(state, fact, digest_of(fact)), facts, orders.initial()
    )

    assert reduced == fold(*facts)


def test_evolving_leaves_the_state_before_as_it_was() -> None:
    orders = aggregate_for(Collection.ORDERS)
    before = orders.initial()

    orders.evolve(before, order("co-1"), bytes(32))

    assert before == orders.initial()


def test_the_tail_of_a_stream_is_what_follows_the_collection() -> None:
    assert tail("orders/co-1") == "co-1"
