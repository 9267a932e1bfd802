"""``demo`` shows the whole way, touches nothing of the user's, and would say if it failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.cli import demo as module
from tests.unit.cli.conftest import Command


def test_the_demonstration_shows_every_part(regledger: Command, tmp_path: Path) -> None:
    result = regledger("demo")
    assert (result.code, result.err) == (0, "")
    assert "270 receipts" in result.out
    assert "CAUGHT. Entry 222" in result.out
    assert list(tmp_path.iterdir()) == []


def test_a_tampering_that_nobody_noticed_would_be_an_error(
    regledger: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "verify_log", lambda _: None)
    result = regledger("demo")
    assert result.code == 4
    assert "nobody noticed" in result.err
