"""Whoever wants a statement to look older than it is, and a server that helps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ledger.audit.auditing import Options, audit
from ledger.audit.served import ServerSource
from ledger.client.client import LedgerClient
from ledger.client.connection import Connection
from ledger.client.heads import HeadsInMemory
from ledger.client.timing import timing_of
from ledger.domain.statement import Anchor
from ledger.domain.timing import TimeFlag
from ledger.errors import VerificationError
from ledger.v1 import queries_pb2, services_pb2
from tests import builders
from tests.e2e.refusals import refusal_of
from tests.simulator import FOUNDED_SIZE, START_MS, Simulator
from tests.unit.client.served import changing, lying

YEAR_MS = 365 * 24 * 3_600_000
BACK_DATED = FOUNDED_SIZE + 1


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """An order, and one whose author claims to have signed it a year before its own anchor."""
    with Simulator(tmp_path_factory.mktemp("times")) as running:
        running.append(builders.order("order-1"))
        running.append(
            builders.order("order-2"), anchor=anchor(running), signed_at_ms=START_MS - YEAR_MS
        )
        running.caught_up()
        yield running


def anchor(service: Simulator) -> Anchor:
    """The log as it stood after the first order."""
    size = FOUNDED_SIZE + 1
    return Anchor(
        size=size, root=service.verify(service.opened.parts.reader.receipt(size - 1)).root
    )


def connected(service: Simulator, address: str = "") -> LedgerClient:
    connection = Connection(target=address or str(service.addresses.grpc))
    return LedgerClient.connect(connection, service.pin, HeadsInMemory())


def test_a_back_dated_statement_is_recorded_and_shown_for_what_it_is(service: Simulator) -> None:
    with connected(service) as client:
        (record,) = client.stream("orders/order-2").facts
        timing = timing_of(client, client.proved("order-2").entry)

    assert queries_pb2.TIME_FLAG_SIGNED_BEFORE_ANCHOR in record.time_flags
    assert timing.flags[0] is TimeFlag.SIGNED_BEFORE_ANCHOR
    assert timing.not_before_ms == START_MS


def test_an_audit_names_it(service: Simulator) -> None:
    with connected(service) as client:
        source = ServerSource(client, str(service.addresses.grpc), with_models=False)
        report = audit(source, service.pin, Options(processes=1))

    assert report.holds
    (odd,) = report.times.odd
    assert (odd.index, odd.fact_id) == (BACK_DATED, "order-2")
    assert odd.said.startswith("BACK-DATED")


def test_a_server_that_hides_it_is_contradicted_by_the_entry(service: Simulator) -> None:
    def hide(reply: queries_pb2.GetOrderResponse) -> None:
        del reply.order.facts[0].time_flags[:]

    change = changing("GetOrder", queries_pb2.GetOrderResponse, hide)
    with (
        lying(str(service.addresses.grpc), change) as address,
        connected(service, address) as client,
    ):
        (record,) = client.stream("orders/order-2").facts
        assert not record.time_flags
        with pytest.raises(VerificationError) as found:
            client.proved_record(record)
        timing = timing_of(client, client.proved("order-2").entry)

    assert found.value.rule == "record-differs"
    assert TimeFlag.SIGNED_BEFORE_ANCHOR in timing.flags


@pytest.mark.parametrize(
    ("size", "rule"),
    [(FOUNDED_SIZE + 1, "anchor-root"), (FOUNDED_SIZE + 9, "anchor-from-the-future")],
)
def test_an_anchor_of_another_fork_or_of_the_future_is_refused(
    service: Simulator, size: int, rule: str
) -> None:
    forged = Anchor(size=size, root=bytes(32))
    envelope = service.envelope(builders.order("order-3"), anchor=forged)

    refusal = refusal_of(service.ledger.Append, services_pb2.AppendRequest(envelope=envelope))

    assert refusal.rule == rule
