from __future__ import annotations

import asyncio
import os
import subprocess
import sys

import pytest

from ledger.errors import SettingError
from ledger.service.running import keep_to_core, loop_factory

_A_LIFE = """
import asyncio, gc, os, signal
from ledger.service.running import run_until_signal

async def start():
    asyncio.get_running_loop().call_later(0.01, os.kill, os.getpid(), signal.SIGTERM)

async def stop():
    print(gc.get_freeze_count() > 1_000, gc.get_threshold()[0] > 700)

run_until_signal(start, stop, lambda _: print("started"))
"""


def test_the_loop_is_uvloop_s_where_that_is_installed() -> None:
    loop = loop_factory()()
    loop.close()

    assert type(loop).__module__ == "uvloop"


def test_the_loop_is_the_standard_one_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)

    assert loop_factory() is asyncio.new_event_loop


def test_a_server_lives_until_the_signal_and_its_collector_spares_what_was_loaded() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _A_LIFE], capture_output=True, text=True, check=True
    )

    assert ended.stdout.split() == ["started", "True", "True"]


def test_a_process_keeps_to_a_core_of_those_it_has() -> None:
    told = (
        "import os; from ledger.service.running import keep_to_core; had = os.sched_getaffinity(0);"
        "keep_to_core(max(had) + 1_000); has = os.sched_getaffinity(0); print(len(has), has <= had)"
    )
    ended = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)

    assert ended.stdout.split() == ["1", "True"]


@pytest.mark.parametrize("failure", [AttributeError, PermissionError])
def test_where_no_core_can_be_kept_to_that_is_said(
    failure: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise failure

    monkeypatch.setattr(os, "sched_setaffinity", fails, raising=False)
    with pytest.raises(SettingError) as refusal:
        keep_to_core(0)

    assert refusal.value.rule == "core"
