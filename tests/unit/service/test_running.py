from __future__ import annotations

import asyncio
import sys

import pytest

from ledger.service.running import loop_factory


def test_the_loop_is_uvloop_s_where_that_is_installed() -> None:
    loop = loop_factory()()
    loop.close()

    assert type(loop).__module__ == "uvloop"


def test_the_loop_is_the_standard_one_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)

    assert loop_factory() is asyncio.new_event_loop
