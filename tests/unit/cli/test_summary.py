"""Every kind of fact is told in a line."""

from __future__ import annotations

import pytest

from ledger.cli.summary import money, places, quantity, summary
from ledger.codec.facts import _KINDS
from ledger.domain.effects import Money, RequestedOutcome
from ledger.domain.facts import Fact
from ledger.domain.scope import PlaceScope
from ledger.domain.vocabulary import OutcomeKind
from tests import builders

LINES = [
    (
        builders.order(
            "co-1",
            subtype="purchase_order",
            addressee="TSMC",
            items=("H20",),
            destinations=PlaceScope(codes=("TW",)),
            quantity=builders.exactly(300_000),
        ),
        "NVIDIA, purchase order to TSMC; H20 for TW; 300,000 chips",
    ),
    (
        builders.submission(
            "ad-1",
            addressed_to="Howard Lutnick",
            requested_outcome=RequestedOutcome(kind=OutcomeKind.KEEP, text="Keep it."),
        ),
        "Twenty experts, open letter to Howard Lutnick; asks to keep",
    ),
    (
        builders.claim("cl-1", money=Money(min=5, max=9, currency="USD", approximate=True)),
        "NVIDIA, attributed claim; USD about 5 to 9",
    ),
    (
        builders.coverage(),
        "registrar declares the record complete from 2022-08-26 to 2025-12-31",
    ),
    (builders.party(), "the party NVIDIA, headquartered in US"),
    (builders.item(), "the item H20 of NVIDIA"),
    (
        builders.membership(since="2020-01-01", until="2021-01-01"),
        "CN in group D:5 from 2020-01-01 until 2021-01-01",
    ),
    (builders.co_signature("cs-1", "submissions/ad-1", bytes(32)), "A Further Expert co-signs"),
    (builders.founded(), "the ledger ledger.example/tests is founded"),
    (builders.enrolled("amd"), "amd is enrolled as registrar for amd"),
    (builders.rotated("amd", "new"), "amd replaces its key"),
    (builders.revoked("amd"), "a key of amd is revoked: The key was lost."),
    (
        builders.delegated("amd", "feed"),
        "amd delegates to a key until 2027-01-15: company order in orders",
    ),
    (
        builders.log_key_rotated(),
        "the log's key d9bc2de35a04359a… gets a successor, which signs beside it",
    ),
    (builders.log_key_retired(), "the log's old key d9bc2de35a04359a… signs no more"),
    (
        builders.erased("a letter"),
        "the attachment 755f4124bccfdce4… is erased: It names a person.",
    ),
]


@pytest.mark.parametrize(("fact", "line"), LINES, ids=[type(fact).__name__ for fact, _ in LINES])
def test_a_fact_is_told_in_a_line(fact: Fact, line: str) -> None:
    assert summary(fact) == line


def test_no_kind_of_fact_is_forgotten() -> None:
    assert {type(fact) for fact, _ in LINES} == set(_KINDS)
    assert summary(Fact(id="x-1", stream="orders/x-1")) == "x-1"


@pytest.mark.parametrize(
    ("scope", "told"),
    [
        (PlaceScope(any=True), "anywhere"),
        (PlaceScope(codes=("CN",), any_group=("D:5",)), "CN, D:5"),
        (PlaceScope(unpublished=True), "unpublished places"),
        (PlaceScope(unpublished=True, described_as="the East"), "the East"),
    ],
)
def test_places_in_a_few_words(scope: PlaceScope, told: str) -> None:
    assert places(scope) == told


def test_amounts_may_be_open_and_approximate() -> None:
    assert quantity(builders.quantity(5)) == "5 or more chips"
    assert quantity(builders.quantity(5, 9, approximate=True)) == "about 5 to 9 chips"
    assert money(Money(min=7, max=7, currency="EUR")) == "EUR 7"
