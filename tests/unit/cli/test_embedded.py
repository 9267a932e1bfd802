"""A folder is served inside the process by the real server, and let go of afterwards."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import click
import pytest

from ledger.audit.served import verify_log
from ledger.cli.embedded import serving
from ledger.cli.founding import found_with_keys
from ledger.cli.tampering import copy_and_change
from ledger.client.client import LedgerClient
from ledger.client.connection import Connection
from ledger.client.heads import HeadsInMemory
from ledger.client.pins import Pin
from ledger.domain.authorship import Policy
from ledger.errors import KeyFileError, SettingError, StoreError, UnavailableError
from ledger.service.server import Server
from tests.unit.cli.conftest import Command


def _connect(address: str, folder: Path) -> LedgerClient:
    pin = Pin.read(folder / "pin.json")
    return LedgerClient.connect(Connection(target=address), pin, HeadsInMemory())


def test_a_folder_answers_over_grpc_and_then_no_more(empty: Path) -> None:
    before = threading.active_count()
    with serving(empty) as address:
        assert address.startswith("127.0.0.1:")
        with _connect(address, empty) as client:
            assert client.checkpoint().size == 2
    assert threading.active_count() <= before + 1
    with pytest.raises(UnavailableError):
        _connect(address, empty)


def test_two_processes_worth_of_servers_share_a_folder(empty: Path) -> None:
    with (
        serving(empty) as one,
        serving(empty) as two,
        _connect(one, empty) as first,
        _connect(two, empty) as second,
    ):
        assert first.checkpoint() == second.checkpoint()


def test_a_folder_without_a_ledger_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError), serving(tmp_path):
        pass


@pytest.fixture
def locked(tmp_path: Path) -> Path:
    """A ledger whose log key is encrypted."""
    found_with_keys(tmp_path / "locked", policy=Policy(), log_passphrase=b"secret")
    return tmp_path / "locked"


def test_the_log_keys_pass_phrase_is_the_variables_or_asked_for(
    locked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(KeyFileError), serving(locked):
        pass
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(click, "prompt", lambda *_, **__: "secret")
    with serving(locked) as address, _connect(address, locked) as client:
        assert client.checkpoint().size == 1
    monkeypatch.setenv("LEDGER_LOG_KEY_PASSPHRASE", "secret")
    with serving(locked) as address:
        assert address
    monkeypatch.setenv("LEDGER_LOG_KEY_PASSPHRASE", "other")
    with pytest.raises(KeyFileError), serving(locked):
        pass


def test_a_damaged_entry_is_told_at_once_and_an_audit_is_let_in(
    regledger: Command, h20: Path, tmp_path: Path
) -> None:
    with serving(h20) as address, _connect(address, h20) as client:
        entry = client.proved("us-2025-04-09-nvda-h20-letter").entry.data
    copy_and_change(h20, tmp_path / "copy", entry, b"us-2025-04-09", b"us-2025\xff04-09")
    with pytest.raises(StoreError) as refused, serving(tmp_path / "copy"):
        pass
    assert "regledger verify" in refused.value.message
    with (
        serving(tmp_path / "copy", for_audit=True) as address,
        _connect(address, h20) as client,
        pytest.raises(Exception, match="Entry 222"),
    ):
        verify_log(client)
    assert regledger("status", "H20", "CN", "--ledger", tmp_path / "copy").code == 4


def test_a_server_that_cannot_start_is_an_error_and_no_hang(
    empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(_: Server) -> None:
        raise SettingError("The port is taken.")

    monkeypatch.setattr(Server, "start", refuse)
    with pytest.raises(SettingError), serving(empty):
        pass
