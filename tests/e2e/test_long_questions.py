"""A long comparison holds nobody up, and what happens meanwhile does not change it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from ledger.domain.determination.difference import side_by_side
from ledger.domain.determination.survey import Cell
from ledger.service import comparisons
from ledger.v1 import queries_pb2 as pb
from tests import builders
from tests.e2e.world import AS_OF, REQUIRED, WHOLE_SIZE, fill, question
from tests.simulator import CALL_S, Simulator, on_loop

REQUEST = pb.CompareLicenseStatusesRequest(
    question=pb.Question(as_of=AS_OF, exporter="NVIDIA"), before=pb.CutOff(as_of="2025-07-01")
)


class Endless:
    """Makes comparisons go on with their first cell until they are let off."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun = threading.Event()
        self.let_off = threading.Event()
        self.ended = threading.Event()
        self._pairs = side_by_side
        monkeypatch.setattr(comparisons, "side_by_side", self._repeating)

    def _repeating(self, *sides: Any) -> Iterator[tuple[Cell, Cell]]:
        try:
            pairs = self._pairs(*sides)
            before, after = next(pairs)
            self.begun.set()
            while not self.let_off.is_set():
                yield before, before
            yield before, after
            yield from pairs
        finally:
            self.ended.set()


@pytest.fixture
def endless(service: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Endless]:
    fill(service)
    made = Endless(monkeypatch)
    yield made
    made.let_off.set()


def test_a_short_question_is_answered_while_a_comparison_goes_on(
    service: Simulator, endless: Endless
) -> None:
    comparison = service.query.CompareLicenseStatuses.future(REQUEST, timeout=CALL_S)
    assert endless.begun.wait(CALL_S)

    request = pb.GetLicenseStatusRequest(question=question())
    answer = service.query.GetLicenseStatus(request, timeout=CALL_S)
    was_done = comparison.done()
    endless.let_off.set()

    assert answer.requirement == REQUIRED
    assert not was_done
    assert comparison.result().compared == 2


def test_a_comparison_stands_on_the_size_at_which_it_began(
    service: Simulator, endless: Endless
) -> None:
    endless.let_off.set()
    before = service.query.CompareLicenseStatuses(REQUEST, timeout=CALL_S)
    endless.let_off.clear()
    endless.begun.clear()

    future = service.query.CompareLicenseStatuses.future(REQUEST, timeout=CALL_S)
    assert endless.begun.wait(CALL_S)
    # An order is only found; an act makes a register of its own for whoever reads on.
    service.append(builders.order("order-2", items=("H20",)))
    service.append(builders.action("us-end", relates_to=(builders.relation("ends", "rule-2023"),)))
    service.append(builders.membership("FR", "D:5"))
    later = pb.GetLicenseStatusRequest(question=question(), min_tree_size=WHOLE_SIZE + 3)
    answer = service.query.GetLicenseStatus(later, timeout=CALL_S)
    endless.let_off.set()

    assert answer.tree_size == WHOLE_SIZE + 3
    assert answer.requirement != REQUIRED
    assert future.result() == before
    assert before.after_tree_size == WHOLE_SIZE


def test_a_comparison_that_its_caller_gave_up_stops(service: Simulator, endless: Endless) -> None:
    future = service.query.CompareLicenseStatuses.future(REQUEST, timeout=CALL_S)
    assert endless.begun.wait(CALL_S)

    future.cancel()

    assert endless.ended.wait(CALL_S)
    assert not endless.let_off.is_set()


def test_a_server_that_stops_gives_up_comparisons_after_its_grace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Simulator(tmp_path, LEDGER_SHUTDOWN_GRACE_MS="100") as service:
        fill(service)
        endless = Endless(monkeypatch)
        future = service.query.CompareLicenseStatuses.future(REQUEST, timeout=CALL_S)
        assert endless.begun.wait(CALL_S)

        on_loop(service.server.stop())

        assert endless.ended.wait(CALL_S)
        assert isinstance(future.exception(), grpc.RpcError)
