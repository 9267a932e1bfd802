"""Entries become events and come back; a row that says something else is the store's fault."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace

import pytest
from eventsourcing.persistence import StoredEvent

from ledger.codec.entries import encode_entry
from ledger.domain.statement import Entry, Recorded
from ledger.errors import StoreError
from ledger.store.mapper import LedgerMapper, StatementRecorded, open_entry, recorded_of
from ledger.store.rows import StoredEntry
from tests import builders
from tests.unit.store.builders import START_MS, digest_in, key_of, order

MAPPER = LedgerMapper()
ENVELOPE = order(1)
ENTRY = encode_entry(Entry(recorded_ms=START_MS, envelope=ENVELOPE))
EVENT = StatementRecorded(
    originator_id="orders/order-1",
    originator_version=1,
    fact=builders.order("order-1"),
    digest=digest_in(ENVELOPE),
    entry=ENTRY,
)
STORED = StoredEvent("orders/order-1", 1, "company-order.v1", ENTRY)


@dataclass(frozen=True)
class OtherEvent:
    originator_id: str = "orders/order-1"
    originator_version: int = 1


def test_an_event_is_stored_as_its_entry_under_a_registered_name() -> None:
    assert MAPPER.to_stored_event(EVENT) == STORED


def test_a_stored_event_comes_back() -> None:
    assert MAPPER.to_domain_event(STORED) == EVENT


def test_no_other_event_is_stored() -> None:
    with pytest.raises(StoreError) as refusal:
        MAPPER.to_stored_event(OtherEvent())

    assert refusal.value.rule == "stored-event"


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(replace(STORED, originator_id="orders/order-2"), id="another stream"),
        pytest.param(replace(STORED, originator_version=2), id="another version"),
        pytest.param(replace(STORED, topic="regulatory-action.v1"), id="another type"),
        pytest.param(replace(STORED, topic="antigravity:fly"), id="a type to import"),
        pytest.param(replace(STORED, state=ENTRY[:-1]), id="a cut entry"),
        pytest.param(replace(STORED, state=b""), id="no entry"),
        pytest.param(replace(STORED, state=ENTRY[:9] + b"\x08\x01"), id="no envelope"),
    ],
)
def test_a_row_that_was_changed_is_the_stores_fault(row: StoredEvent) -> None:
    with pytest.raises(StoreError):
        MAPPER.to_domain_event(row)
    assert "antigravity" not in sys.modules


def test_an_entry_is_taken_apart() -> None:
    opened = open_entry(ENTRY)

    assert opened.recorded_ms == START_MS
    assert opened.statement.fact == builders.order("order-1")
    assert opened.digest == digest_in(ENVELOPE)


def test_read_models_get_what_was_recorded() -> None:
    assert recorded_of(StoredEntry(7, 1, ENTRY)) == Recorded(
        index=7,
        version=1,
        recorded_ms=START_MS,
        author="registrar",
        digest=digest_in(ENVELOPE),
        fact=builders.order("order-1"),
        signed_at_ms=1_760_000_000_000,
        signers=(key_of("registrar").public.keyid,),
    )
