from __future__ import annotations

import os
import shutil
import signal
import stat
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.bootstrap import (
    DATABASE_FILE,
    HEAD_FILE,
    MODELS_FILE,
    found_ledger,
    open_ledger,
    open_replica,
    serve_ledger,
    system_clock,
)
from ledger.client.pins import PIN_FILE, Pin
from ledger.client.signer import Author, Place, sign, state
from ledger.domain.authorship import LedgerFounded, OutsideRecord, Policy
from ledger.errors import (
    EnvelopeError,
    KeyFileError,
    LedgerError,
    RefusedError,
    SettingError,
    StoreError,
)
from ledger.log.checkpoint import open_checkpoint
from ledger.logkeyfiles import LOG_KEY_FILE
from ledger.readmodels import saved
from ledger.service.server import Addresses
from ledger.settings import Settings
from ledger.store.follower import Follower
from ledger.store.mapper import open_entry
from tests import builders
from tests.simulator import START_MS, Clock, key_of

ADA = Author("ada", key_of("ada"))
BOB = Author("bob", key_of("bob"))
POLICY = Policy(outside_record=(OutsideRecord(codes=("CU",), citation="15 CFR part 746"),))


def founded(directory: Path, **more: Any) -> Pin:
    fields: dict[str, Any] = {
        "administrators": [ADA],
        "threshold": 1,
        "policy": Policy(),
        "clock": Clock(),
    }
    return found_ledger(directory, **(fields | more))


def founding_of(directory: Path) -> LedgerFounded:
    with open_ledger(directory, clock=Clock()) as ledger:
        fact = open_entry(ledger.parts.reader.receipt(0).entry).statement.fact
    assert isinstance(fact, LedgerFounded)
    return fact


def test_a_ledger_is_founded_in_a_folder_of_its_own(tmp_path: Path) -> None:
    directory = tmp_path / "new" / "ledger"

    pin = founded(directory, administrators=[ADA, BOB], threshold=2, policy=POLICY)

    assert {path.name for path in directory.iterdir()} == {
        DATABASE_FILE,
        HEAD_FILE,
        LOG_KEY_FILE,
        PIN_FILE,
    }
    assert Pin.read(directory / PIN_FILE) == pin
    fact = founding_of(directory)
    assert fact.policy == POLICY
    assert (fact.threshold, [each.author for each in fact.administrators]) == (2, ["ada", "bob"])


def test_the_log_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    founded(tmp_path / "ledger")

    assert stat.S_IMODE((tmp_path / "ledger" / LOG_KEY_FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "ledger").stat().st_mode) == 0o700


def test_an_origin_is_random_unless_given(tmp_path: Path) -> None:
    pins = [founded(tmp_path / name) for name in ("one", "two")]
    named = founded(tmp_path / "three", origin="ledger.example/three")

    assert len({pin.origin for pin in pins}) == 2
    assert all(pin.origin.startswith("regledger/") for pin in pins)
    assert named.origin == "ledger.example/three"


def test_an_empty_folder_may_be_there_already(tmp_path: Path) -> None:
    founded(tmp_path)

    assert (tmp_path / PIN_FILE).exists()


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_nothing_that_exists_is_founded_over(tmp_path: Path, kind: str) -> None:
    directory = tmp_path / "ledger"
    if kind == "folder":
        directory.mkdir()
        (directory / "notes.txt").touch()
    else:
        directory.touch()

    with pytest.raises(RefusedError) as caught:
        founded(directory)

    assert caught.value.rule == "directory-is-new"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StoreError) as caught:
        founded(tmp_path / "file" / "ledger")

    assert (caught.value.field, caught.value.rule) == ("directory", "directory")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"origin": "Not An Origin"}, "origin"),
        ({"threshold": 2}, ""),
        ({"administrators": [ADA, ADA]}, "administrators"),
    ],
)
def test_a_founding_that_is_refused_leaves_nothing_behind(
    tmp_path: Path, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(EnvelopeError) as caught:
        founded(tmp_path / "ledger", **change)

    assert caught.value.field == field
    assert list(tmp_path.iterdir()) == []


def test_an_encrypted_log_key_asks_for_its_pass_phrase(tmp_path: Path) -> None:
    founded(tmp_path / "ledger", passphrase=b"correct horse")

    with pytest.raises(KeyFileError) as caught:
        open_ledger(tmp_path / "ledger", clock=Clock())
    assert caught.value.rule == "passphrase"
    open_ledger(tmp_path / "ledger", passphrase=b"correct horse", clock=Clock()).close()


def order(ledger_id: bytes, author: Author = ADA) -> bytes:
    place = Place(ledger_id=ledger_id, expected_version=0, signed_at_ms=START_MS)
    fact = builders.revoked(
        "ada", keyid=author.signer.public.keyid, stream="authors/ada", reason="A rehearsal."
    )
    return sign(state(fact, author.name, place), [author.signer])


def test_an_open_ledger_signs_with_the_key_that_is_pinned(tmp_path: Path) -> None:
    pin = founded(tmp_path / "ledger")
    with open_ledger(tmp_path / "ledger", clock=Clock()) as ledger:
        note = ledger.parts.reader.latest_checkpoint().note
        assert ledger.pin == pin
        assert ledger.parts.opened_size == 1
        assert ledger.parts.today().isoformat() == "2025-10-09"

    assert open_checkpoint(note, origin=pin.origin, verifiers=pin.log_keys).size == 1


def test_appending_works_without_a_server(tmp_path: Path) -> None:
    pin = founded(tmp_path / "ledger", administrators=[ADA, BOB])
    with open_ledger(tmp_path / "ledger", clock=Clock()) as ledger:
        receipt = ledger.parts.appender.append(order(pin.ledger_id))
        assert receipt.index == 1


def test_a_ledger_takes_nothing_once_it_is_closed(tmp_path: Path) -> None:
    pin = founded(tmp_path / "ledger")
    ledger = open_ledger(tmp_path / "ledger", clock=Clock())
    ledger.close()

    with pytest.raises(LedgerError) as caught:
        ledger.parts.appender.append(order(pin.ledger_id))
    assert caught.value.rule == "shutting-down"


def test_read_models_being_built_or_failing_are_told(tmp_path: Path) -> None:
    founded(tmp_path / "ledger")
    with open_ledger(tmp_path / "ledger", clock=Clock()) as ledger:
        behind = replace(ledger.parts, opened_size=9)
        failing = replace(ledger.parts, failure=lambda: RuntimeError("broken"))
        while ledger.parts.models.tree_size == 0:
            threading.Event().wait(0.001)

        assert ledger.parts.trouble() == ""
        assert behind.trouble() == "The read models are being built."
        assert failing.trouble() == "The read models cannot go on."


def test_a_folder_without_a_ledger_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(SettingError) as caught:
        open_ledger(tmp_path)

    assert caught.value.rule == "ledger-in-directory"


@pytest.mark.parametrize("name", [PIN_FILE, LOG_KEY_FILE, DATABASE_FILE])
def test_files_of_two_ledgers_are_not_opened_together(tmp_path: Path, name: str) -> None:
    for each in ("one", "two"):
        founded(tmp_path / each, origin="ledger.example/same")
    shutil.copy(tmp_path / "two" / name, tmp_path / "one" / name)

    with pytest.raises(SettingError) as caught:
        open_ledger(tmp_path / "one", clock=Clock())

    assert caught.value.rule == "one-ledger"


def test_a_database_older_than_what_was_released_is_not_opened(tmp_path: Path) -> None:
    directory = tmp_path / "ledger"
    pin = founded(directory, administrators=[ADA, BOB])
    shutil.copy(directory / DATABASE_FILE, tmp_path / "backup")
    with open_ledger(directory, clock=Clock()) as ledger:
        ledger.parts.appender.append(order(pin.ledger_id))
    shutil.copy(tmp_path / "backup", directory / DATABASE_FILE)

    with pytest.raises(StoreError) as caught:
        open_ledger(directory, clock=Clock())

    assert caught.value.rule == "database-behind-head"


def test_serving_needs_a_folder() -> None:
    with pytest.raises(SettingError) as caught:
        serve_ledger(Settings.of({}))

    assert caught.value.field == "LEDGER_DIRECTORY"


def test_serving_ends_by_a_signal_and_lets_go_of_the_folder(tmp_path: Path) -> None:
    founded(tmp_path / "ledger", passphrase=b"correct horse")
    served: list[Addresses] = []

    def started(addresses: Addresses) -> None:
        served.append(addresses)
        os.kill(os.getpid(), signal.SIGTERM)

    settings = Settings.of(
        {
            "LEDGER_DIRECTORY": str(tmp_path / "ledger"),
            "LEDGER_LISTEN": "127.0.0.1:0",
            "LEDGER_HTTP_LISTEN": "off",
            "LEDGER_LOG_KEY_PASSPHRASE": "correct horse",
        }
    )

    serve_ledger(settings, started=started, clock=Clock())

    (addresses,) = served
    assert addresses.grpc.port != 0
    open_ledger(tmp_path / "ledger", passphrase=b"correct horse", clock=Clock()).close()


def test_the_system_s_clock_is_in_milliseconds() -> None:
    assert START_MS < system_clock() < 10 * START_MS


def grown(directory: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """A ledger whose read models were saved when it was closed; its tree size."""
    monkeypatch.setattr(saved, "LEAST_ENTRIES", saved.LEAST_SHARE)
    pin = founded(directory, administrators=[ADA, BOB])
    with open_ledger(directory, clock=Clock()) as ledger:
        ledger.parts.appender.append(order(pin.ledger_id))
        size = ledger.parts.reader.tree_size()
        while ledger.parts.models.tree_size < size:
            time.sleep(0.01)
    return size


def test_read_models_stand_where_they_stood_before_anything_is_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = grown(tmp_path / "ledger", monkeypatch)
    monkeypatch.setattr(Follower, "start", lambda _: None)

    with open_ledger(tmp_path / "ledger", clock=Clock()) as ledger:
        assert ledger.parts.models.tree_size == size
        assert ledger.parts.progress.tree_size == size
        assert ledger.parts.trouble() == ""


def test_another_ledgers_read_models_are_not_taken_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("one", "other"):
        grown(tmp_path / name, monkeypatch)
    shutil.copy(tmp_path / "other" / MODELS_FILE, tmp_path / "one" / MODELS_FILE)
    monkeypatch.setattr(Follower, "start", lambda _: None)

    with open_ledger(tmp_path / "one", clock=Clock()) as ledger:
        assert ledger.parts.models.tree_size == 0
    assert "its seal is not this ledger's" in caplog.text


def test_a_replica_keeps_read_models_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = grown(tmp_path / "ledger", monkeypatch)
    with open_replica(tmp_path / "ledger", clock=Clock()) as replica:
        while replica.parts.models.tree_size < size:
            time.sleep(0.01)
    monkeypatch.setattr(Follower, "start", lambda _: None)

    with open_replica(tmp_path / "ledger", clock=Clock()) as replica:
        assert replica.parts.models.tree_size == size
    key = tmp_path / "ledger" / "replica-readmodels.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    key.write_bytes(bytes(32))
    with open_replica(tmp_path / "ledger", clock=Clock()) as replica:
        assert replica.parts.models.tree_size == 0
    key.write_bytes(b"short")
    with open_replica(tmp_path / "ledger", clock=Clock()) as replica:
        assert replica.parts.models.tree_size == 0
