from __future__ import annotations

import asyncio
import sys

import pytest

from ledger.service.server import SERVICES, loop_factory


def test_the_loop_is_uvloop_s_where_that_is_installed() -> None:
    loop = loop_factory()()
    loop.close()

    assert type(loop).__module__ == "uvloop"


def test_the_loop_is_the_standard_one_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)

    assert loop_factory() is asyncio.new_event_loop


def test_the_services_are_those_of_the_proto() -> None:
    assert set(SERVICES) == {
        "ledger.v1.LedgerService",
        "ledger.v1.LogService",
        "ledger.v1.QueryService",
        "ledger.v1.StreamService",
    }
