from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from ledger.client.client import LedgerClient
from ledger.client.connection import Connection
from ledger.client.heads import HeadsInMemory
from ledger.client.timing import timing_alone, timing_of
from ledger.domain.statement import Anchor
from ledger.domain.timing import TimeFlag
from ledger.errors import VerificationError
from tests import builders
from tests.simulator import FOUNDED_SIZE, START_MS, Simulator

HOUR_MS = 3_600_000


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """An order with an honest time, and one back-dated to a time before its anchor."""
    with Simulator(tmp_path_factory.mktemp("timing")) as running:
        running.append(builders.order("order-1"))
        running.clock.now_ms += 2 * HOUR_MS
        root = running.verify(running.opened.parts.reader.receipt(FOUNDED_SIZE)).root
        anchor = Anchor(size=FOUNDED_SIZE + 1, root=root)
        running.append(builders.order("order-2"), anchor=anchor)
        running.append(builders.order("order-3"), anchor=anchor, signed_at_ms=START_MS - HOUR_MS)
        running.caught_up()
        yield running


@pytest.fixture
def client(service: Simulator) -> Iterator[LedgerClient]:
    connection = Connection(target=str(service.addresses.grpc))
    with LedgerClient.connect(connection, service.pin, HeadsInMemory()) as connected:
        yield connected


def test_an_anchor_bounds_the_signing_from_below(client: LedgerClient) -> None:
    timing = timing_of(client, client.proved("order-2").entry)

    assert (timing.not_before_ms, timing.signed_at_ms) == (START_MS, START_MS + 2 * HOUR_MS)
    assert TimeFlag.SIGNED_BEFORE_ANCHOR not in timing.flags


def test_without_an_anchor_there_is_the_author_s_word_alone(client: LedgerClient) -> None:
    timing = timing_of(client, client.proved("order-1").entry)

    assert (timing.not_before_ms, timing.signed_at_ms) == (None, START_MS)


def test_a_time_before_the_anchor_is_found_out(client: LedgerClient) -> None:
    entry = client.proved("order-3").entry

    assert TimeFlag.SIGNED_BEFORE_ANCHOR in timing_of(client, entry).flags
    assert TimeFlag.SIGNED_BEFORE_ANCHOR not in timing_alone(entry).flags


@pytest.mark.parametrize(
    ("anchor", "rule"),
    [
        (Anchor(size=FOUNDED_SIZE + 1, root=bytes(32)), "consistency-proof"),
        (Anchor(size=99, root=bytes(32)), "anchor-from-the-future"),
    ],
)
def test_an_anchor_of_another_history_does_not_hold(
    client: LedgerClient, anchor: Anchor, rule: str
) -> None:
    entry = client.proved("order-2").entry
    forged = replace(entry, statement=entry.statement.model_copy(update={"anchor": anchor}))

    with pytest.raises(VerificationError) as found:
        timing_of(client, forged)

    assert found.value.rule == rule


def test_lists_carry_what_is_odd(client: LedgerClient) -> None:
    (record,) = client.stream("orders/order-3").facts

    assert (record.signed_at_ms, record.anchor_size) == (START_MS - HOUR_MS, FOUNDED_SIZE + 1)
    assert 1 in record.time_flags
    assert client.proved_record(record).entry.index == FOUNDED_SIZE + 2


def test_a_list_that_hides_what_is_odd_is_found_out(client: LedgerClient) -> None:
    (record,) = client.stream("orders/order-3").facts
    assert len(record.time_flags) == 2
    del record.time_flags[:]

    with pytest.raises(VerificationError) as found:
        client.proved_record(record)

    assert found.value.field == "order-3.time_flags"
