"""``serve``: options and variables make the settings, and the log goes where it should."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.service.server import Addresses
from ledger.settings import Address, LogFormat, Part, Settings
from tests.unit.cli.conftest import Command


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """What the server would be told; nothing is served."""
    told: list[Settings] = []

    def serve(settings: Settings, *, started: Callable[[Addresses], None]) -> None:
        told.append(settings)
        started(Addresses(settings.listen, settings.http_listen))

    monkeypatch.setattr("ledger.cli.serve.serve_ledger", serve)
    return told


@pytest.fixture(autouse=True)
def formats(monkeypatch: pytest.MonkeyPatch) -> list[LogFormat]:
    """How the log would be written; the other tests' stderr is left alone."""
    told: list[LogFormat] = []
    monkeypatch.setattr("ledger.service.logs.configure", told.append)
    return told


def test_a_folder_is_served_where_the_settings_say(
    regledger: Command, served: list[Settings], formats: list[LogFormat], tmp_path: Path
) -> None:
    result = regledger("serve", tmp_path)
    assert served[0].directory == tmp_path
    assert formats == [LogFormat.JSON]
    assert "127.0.0.1:7443, HTTP on 127.0.0.1:7480" in result.err


def test_options_go_before_variables(
    regledger: Command,
    served: list[Settings],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LEDGER_LISTEN", "127.0.0.1:1")
    monkeypatch.setenv("LEDGER_DIRECTORY", "/nowhere")
    regledger("serve", "--ledger", tmp_path, "--listen", "[::1]:2", "--http-listen", "off")
    assert served[0].directory == tmp_path
    assert served[0].listen == Address("::1", 2)
    assert served[0].http_listen is None
    regledger("serve", "--http-listen", "127.0.0.1:3")
    assert served[1].directory == Path("/nowhere")
    assert served[1].listen == Address("127.0.0.1", 1)
    assert served[1].http_listen == Address("127.0.0.1", 3)


def test_a_core_is_kept_to_where_one_is_named(
    regledger: Command,
    served: list[Settings],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept: list[int] = []
    monkeypatch.setattr("ledger.cli.serve.keep_to_core", kept.append)
    regledger("serve", tmp_path)
    assert kept == []
    regledger("serve", tmp_path, "--core", "0")
    monkeypatch.setenv("LEDGER_CORE", "3")
    regledger("serve", tmp_path)
    assert kept == [0, 3]
    assert served[-1].core == 3


@pytest.mark.usefixtures("served")
def test_settings_that_are_not_safe_are_refused(regledger: Command, tmp_path: Path) -> None:
    result = regledger("serve", tmp_path, "--listen", "0.0.0.0:7443")
    assert result.code == 2
    assert "LEDGER_TLS_CERT" in result.err


@pytest.mark.usefixtures("served")
def test_two_folders_or_an_address_that_is_none_are_refused(
    regledger: Command, tmp_path: Path
) -> None:
    assert regledger("serve", tmp_path, "--ledger", tmp_path).code == 2
    assert regledger("serve", tmp_path, "--listen", "here").code == 2
    assert regledger("serve", tmp_path / "nothing").code == 2


def test_without_a_folder_there_is_nothing_to_serve(regledger: Command) -> None:
    result = regledger("serve")
    assert result.code == 2
    assert "LEDGER_DIRECTORY" in result.err


def test_a_folder_without_a_ledger_is_refused(regledger: Command, tmp_path: Path) -> None:
    assert regledger("serve", tmp_path).code == 2


def test_the_database_is_taken_from_the_option(
    regledger: Command, served: list[Settings], tmp_path: Path
) -> None:
    regledger("serve", tmp_path, "--database", "postgresql://writer@host/ledger")

    assert served[0].database is not None
    assert served[0].database.get_secret_value() == "postgresql://writer@host/ledger"


def test_a_worker_leaves_the_telling_to_its_supervisor(
    regledger: Command, served: list[Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEDGER_PART", "worker")

    assert "Serving" not in regledger("serve", tmp_path).err
    assert served[0].part is Part.WORKER


def test_several_workers_are_supervised(
    regledger: Command, served: list[Settings], tmp_path: Path
) -> None:
    refused = regledger("serve", tmp_path, "--workers", "2", "--listen", "unix:/nowhere")

    assert refused.code == 2
    assert "Several workers share a TCP port" in refused.err
    assert served == []


def test_a_replica_is_asked_for_by_an_option(
    regledger: Command, served: list[Settings], tmp_path: Path
) -> None:
    regledger("serve", tmp_path, "--read-only")
    regledger("serve", tmp_path)

    assert [settings.read_only for settings in served] == [True, False]
