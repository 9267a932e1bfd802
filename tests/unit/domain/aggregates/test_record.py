"""The shipped record, and what may be reported next, pass every rule."""

from __future__ import annotations

import csv
import json
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from ledger import casefile
from ledger.domain.aggregates import aggregate_for
from ledger.domain.effects import Effect
from ledger.domain.facts import (
    CoverageDeclared,
    Fact,
    GroupMembership,
    ItemDescribed,
    ReportedFact,
    slug,
)
from ledger.domain.scope import PlaceScope
from ledger.domain.vocabulary import Axis
from tests.builders import (
    action,
    authorization,
    claim,
    coverage,
    digest_of,
    exactly,
    license_event,
    license_requirement,
    order,
    quantity,
    relation,
    submission,
)

if TYPE_CHECKING:
    from collections.abc import Iterable


def reported_facts() -> list[Fact]:
    lines = casefile.path(casefile.RECORD).read_text(encoding="utf-8").splitlines()
    return [_fact(json.loads(line)) for line in lines]


def _fact(row: dict[str, Any]) -> Fact:
    if row["family"] == "coverage":
        rest = {key: value for key, value in row.items() if key not in {"family", "subtype"}}
        return CoverageDeclared.model_validate_json(json.dumps(rest))
    return ReportedFact.model_validate_json(json.dumps(row))


def items() -> list[Fact]:
    lines = casefile.path(casefile.ITEMS).read_text(encoding="utf-8").splitlines()
    return [
        ItemDescribed.model_validate_json(
            json.dumps(row | {"id": f"item-{slug(row['name'])}", "stream": _items(row)})
        )
        for row in map(json.loads, lines)
    ]


def _items(row: dict[str, Any]) -> str:
    return f"items/{slug(row['name'])}"


def memberships() -> list[Fact]:
    text = casefile.path(casefile.GROUPS).read_text(encoding="utf-8")
    facts: list[Fact] = []
    for place, row in enumerate(csv.DictReader(text.splitlines())):
        country = row.pop("iso3166_alpha2")
        named = {
            "id": f"group-{place}",
            "stream": f"destinations/{country.lower()}",
            "country": country,
        }
        filled = {key: value for key, value in row.items() if value}
        facts.append(GroupMembership.model_validate_json(json.dumps(filled | named)))
    return facts


def admit_all(facts: Iterable[Fact], states: dict[str, Any] | None = None) -> dict[str, Any]:
    """The state of each stream after all of these facts, decided in their order."""
    states = dict(states or {})
    for fact in facts:
        aggregate = aggregate_for(fact.collection)
        state = states.get(fact.stream, aggregate.initial())
        aggregate.decide(state, fact)
        states[fact.stream] = aggregate.evolve(state, fact, digest_of(fact))
    return states


def test_every_row_of_the_record_is_admitted_in_file_order() -> None:
    facts = reported_facts()

    states = admit_all(facts)

    assert sum(state.version for state in states.values()) == len(facts) == 75


@pytest.mark.parametrize("seed", range(10))
def test_every_row_of_the_record_is_admitted_in_any_order(seed: int) -> None:
    facts = reported_facts()
    Random(seed).shuffle(facts)  # noqa: S311 - an order, not a secret

    states = admit_all(facts)

    assert sum(state.version for state in states.values()) == 75


def test_every_item_and_every_place_in_a_group_is_admitted() -> None:
    facts = items() + memberships()

    states = admit_all(facts)

    assert sum(state.version for state in states.values()) == len(facts)


H200 = "licenses/us-2025-12-08-h200-announce"
ORDER = "orders/co-2025-07-28-nvda-tsmc-300k"
NEXT = [
    action("us-rule-1", provisions=(license_requirement("us-rule-1#place"),)),
    action(
        "us-proclamation",
        subtype="proclamation",
        effects=(Effect(axis=Axis.COMMERCIAL_CONDITION, value="TARIFF", items=("H200",)),),
    ),
    action(
        "cn-customs-block",
        subtype="foreign_countermeasure",
        actor="China Customs",
        effects=(
            Effect(
                axis=Axis.DESTINATION_MEASURE,
                value="CUSTOMS_BLOCK_REPORTED",
                destinations=PlaceScope(codes=("CN",)),
            ),
        ),
    ),
    license_event("us-h200-applied", H200, actor="NVIDIA", effects=(authorization("APPLIED"),)),
    license_event(
        "us-h200-granted",
        H200,
        addressee="NVIDIA",
        relates_to=(relation("grants", "us-2025-12-08-h200-announce"),),
        effects=(authorization("GRANTED_SCOPED", "H200", codes=("CN",)),),
    ),
    license_event(
        "us-h200-amd-denied",
        H200,
        addressee="AMD",
        effects=(authorization("DENIED", "H200"),),
    ),
    license_event(
        "us-uae-suspended",
        "licenses/us-2025-11-uae-ksa",
        addressee="G42",
        effects=(authorization("SUSPENDED", "GB300", codes=("AE",)),),
    ),
    action(
        "us-diffusion-rescinded",
        "instruments/us-2025-01-13-ai-diffusion",
        subtype="rescission",
        relates_to=(relation("ends", "us-2025-01-13-ai-diffusion"),),
    ),
    action(
        "us-affiliates-extended",
        "instruments/us-2025-09-29-affiliates",
        subtype="stay",
        relates_to=(relation("extends", "us-2025-11-10-affiliates-stay"),),
    ),
    order("co-tsmc-shipped", ORDER, subtype="shipment", quantity=exactly(300_000)),
    order("co-h200-first-shipment", subtype="shipment", quantity=quantity(40_000, 80_000)),
    order(
        "co-h200-shipped",
        "orders/co-2025-12-31-h200-demand",
        subtype="shipment",
        quantity=exactly(82_000),
    ),
    order("co-canceled", "orders/co-2025-12-31-h200-tsmc", subtype="cancellation"),
    submission("ad-bill", subtype="legislation_step", actor="US House"),
    claim("cl-2026-denial", actor="NVIDIA"),
    coverage(
        "coverage-2022-2026",
        regime=(
            "US export controls on advanced computing items, "
            "with foreign counter-measures, orders and advocacy about them"
        ),
    ),
]


@pytest.mark.parametrize("fact", NEXT, ids=lambda fact: fact.id)
def test_what_may_be_reported_next_is_admitted_on_top_of_the_record(fact: Fact) -> None:
    states = admit_all([*reported_facts(), *NEXT[: NEXT.index(fact)]])

    after = admit_all([fact], states)

    assert after[fact.stream].version == getattr(states.get(fact.stream), "version", 0) + 1
