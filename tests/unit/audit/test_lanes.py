"""Streams divided among processes give the report that one process gives."""

from __future__ import annotations

import gc
import io
import os
import pickle
import signal
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from ledger.audit.auditing import Options
from ledger.audit.lane import Elsewhere, main
from ledger.audit.lanes import Lanes, cores
from ledger.audit.work import Task, Work
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


def test_a_process_that_cannot_be_started_fails_the_audit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    with pytest.raises(StoreError, match="cannot be started"):
        Lanes(2, PIN.ledger_id)


def test_there_is_at_least_one_core() -> None:
    assert cores() >= 1


def test_a_process_answers_what_it_is_asked_until_nobody_asks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What another process runs, run here: pickles in, pickles out."""
    entries = SignedLog.of(order(1)).entries
    works = [Work(Task.EXAMINE, index, data, None) for index, data in enumerate(entries)]
    asked = [PIN.ledger_id, ("send", works), ("settle",), ("log_keys",)]
    answers = io.BytesIO()
    stdin = io.BytesIO(b"".join(map(pickle.dumps, asked)))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=stdin))
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=answers))
    interrupt, thresholds = signal.getsignal(signal.SIGINT), gc.get_threshold()
    try:
        main()
    finally:
        signal.signal(signal.SIGINT, interrupt)
        gc.set_threshold(*thresholds)
        gc.unfreeze()
    answers.seek(0)
    tally, findings = pickle.load(answers)  # noqa: S301 - written above
    assert (tally.entries["company-order.v1"], findings) == (1, [])
    assert [key.from_size for key in pickle.load(answers)] == [1]  # noqa: S301 - likewise
    assert answers.read() == b""


def test_a_process_imports_nothing_from_the_folder_in_which_an_audit_is_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whoever hands over a ledger hands over a folder, and may have put a program into it."""
    (tmp_path / "ledger").mkdir()
    (tmp_path / "ledger" / "__init__.py").write_text("raise SystemExit('taken over')")
    (tmp_path / "pickle.py").write_text("raise SystemExit('taken over')")
    monkeypatch.chdir(tmp_path)
    with Lanes(2, PIN.ledger_id) as lanes:
        assert lanes.settle()[1] == []
