"""Streams divided among processes give the report that one process gives."""

from __future__ import annotations

import os
import signal

import pytest

from ledger.audit.auditing import Options
from ledger.audit.lane import Elsewhere
from ledger.audit.lanes import Lanes, cores
from ledger.audit.work import Task
from ledger.domain.vocabulary import Role
from ledger.errors import StoreError
from tests.unit.audit.ledgers import PIN, SignedLog, audited, with_bad_signature
from tests.unit.store.builders import enrollment, order, revocation


def test_two_processes_report_what_one_reports() -> None:
    """Keys come and go meanwhile, and the findings lie in streams of both."""
    orders = [order(number) for number in range(12)]
    orders[3], orders[8] = map(with_bad_signature, (orders[3], orders[8]))
    log = SignedLog.of(
        *orders[:6], enrollment("nvidia", Role.COMPANY), *orders[6:10], revocation("registrar")
    )
    for late in orders[10:]:
        log.add(late)
    log.add(b"no envelope")
    one, two = (audited(log, Options(processes=count)) for count in (1, 2))
    assert one.findings.count == 5
    assert list(one.findings) == list(two.findings)
    assert one.tally == two.tally
    assert one.keys == two.keys
    assert (one.processes, two.processes) == (1, 2)


def test_a_process_that_dies_fails_the_audit() -> None:
    entries = SignedLog.of(order(1)).entries
    with Lanes(2, PIN.ledger_id) as lanes:
        for index, data in enumerate(entries):
            lanes.put(Task.EXAMINE, index, "authors/ada", data, None)
        lanes.settle()
        for lane in lanes._lanes:
            assert isinstance(lane, Elsewhere)
            os.kill(lane._process.pid, signal.SIGKILL)
        lanes.put(Task.EXAMINE, 2, "orders/order-1", entries[2], None)
        with pytest.raises(StoreError, match="died"):
            lanes.settle()


def test_there_is_at_least_one_core() -> None:
    assert cores() >= 1
