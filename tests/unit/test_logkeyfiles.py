"""The log's keys in a folder: every state of a change opens, from whatever point it was cut off."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.bootstrap import Ledger, found_ledger, open_ledger
from ledger.client.keyfacts import log_key_retirement, log_key_rotation
from ledger.client.pins import PIN_FILE, Pin
from ledger.client.signer import Author, Place, sign, state
from ledger.domain.authorship import Policy
from ledger.domain.facts import Fact
from ledger.errors import KeyFileError, SettingError, StoreError
from ledger.log.note import SignedNote
from ledger.logkeyfiles import LOG_KEY_FILE, NEXT_LOG_KEY_FILE, next_log_key
from ledger.signing.keyfiles import read_private_key
from tests.simulator import Clock, key_of

ADA = Author("ada", key_of("ada"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A ledger's folder with one administrator."""
    place = tmp_path / "ledger"
    found_ledger(place, administrators=[ADA], threshold=1, policy=Policy(), clock=Clock())
    return place


def append(ledger: Ledger, fact: Fact, version: int) -> bytes:
    """Append a fact of the administrator's; gives the note of its batch."""
    place = Place(
        ledger_id=ledger.pin.ledger_id, expected_version=version, signed_at_ms=Clock().now_ms
    )
    return ledger.parts.appender.append(sign(state(fact, ADA.name, place), [ADA.signer])).checkpoint


def keyid_in(folder: Path, name: str = LOG_KEY_FILE) -> str:
    """The key in a file of the folder."""
    return read_private_key(folder / name, passphrase=None).public.keyid


def announce(folder: Path) -> bytes:
    """Announce the key that lies ready."""
    new, old = next_log_key(folder, None), keyid_in(folder)
    with open_ledger(folder, clock=Clock()) as ledger:
        return append(ledger, log_key_rotation(ledger.pin.ledger_id, old, new), 1)


def retire(folder: Path) -> bytes:
    """Retire the old key."""
    with open_ledger(folder, clock=Clock()) as ledger:
        return append(ledger, log_key_retirement(keyid_in(folder)), 2)


def announce_and_retire(folder: Path) -> None:
    announce(folder)
    retire(folder)


def reopened(folder: Path) -> Pin:
    """Open and close the ledger; gives the pin that it leaves."""
    open_ledger(folder, clock=Clock()).close()
    return Pin.read(folder / PIN_FILE)


def signatures(note: bytes) -> int:
    return len(SignedNote.parse(note).signatures)


def test_a_key_that_lies_ready_signs_nothing_and_is_made_once(folder: Path) -> None:
    key = next_log_key(folder, None)

    assert next_log_key(folder, None).public == key.public
    pin = reopened(folder)
    assert len(pin.log_keys) == 1
    with open_ledger(folder, clock=Clock()) as ledger:
        assert signatures(ledger.parts.reader.latest_checkpoint().note) == 1


def test_the_whole_change_from_the_first_key_to_the_second(folder: Path) -> None:
    old, new = keyid_in(folder), next_log_key(folder, None).public.keyid
    assert signatures(announce(folder)) == 2
    pin = reopened(folder)
    assert [(key.from_size, key.until_size) for key in pin.log_keys] == [(0, None), (2, None)]
    assert (keyid_in(folder), keyid_in(folder, NEXT_LOG_KEY_FILE)) == (old, new)

    assert signatures(retire(folder)) == 1
    pin = reopened(folder)
    assert [(key.from_size, key.until_size) for key in pin.log_keys] == [(0, 2), (2, None)]
    assert keyid_in(folder) == new
    assert not (folder / NEXT_LOG_KEY_FILE).exists()


def test_a_second_change_follows_the_first(folder: Path) -> None:
    announce(folder)
    retire(folder)
    reopened(folder)
    old, new = keyid_in(folder), next_log_key(folder, None)
    with open_ledger(folder, clock=Clock()) as ledger:
        append(ledger, log_key_rotation(ledger.pin.ledger_id, old, new), 3)

    assert len(reopened(folder).log_keys) == 3


@pytest.mark.parametrize("lost", ["pin", "draft"])
def test_a_pin_that_a_crash_left_behind_is_brought_up_to_date(folder: Path, lost: str) -> None:
    before = (folder / PIN_FILE).read_bytes()
    announce(folder)
    (folder / PIN_FILE).write_bytes(before)
    if lost == "draft":
        (folder / f".{PIN_FILE}.draft").write_text("{", encoding="utf-8")

    assert len(reopened(folder).log_keys) == 2


def test_the_key_that_signs_now_must_be_there(folder: Path) -> None:
    announce(folder)
    (folder / NEXT_LOG_KEY_FILE).rename(folder / "elsewhere")
    with pytest.raises(SettingError) as caught:
        reopened(folder)
    assert caught.value.rule == "one-ledger"

    (folder / "elsewhere").rename(folder / NEXT_LOG_KEY_FILE)
    retire(folder)
    (folder / NEXT_LOG_KEY_FILE).unlink()
    with pytest.raises(SettingError):
        reopened(folder)


def test_a_retired_key_that_is_put_back_does_not_open_the_ledger(folder: Path) -> None:
    shutil.copy(folder / LOG_KEY_FILE, folder / "old.pem")
    announce(folder)
    retire(folder)
    reopened(folder)
    (folder / LOG_KEY_FILE).unlink()
    shutil.copy(folder / "old.pem", folder / LOG_KEY_FILE)

    with pytest.raises(SettingError):
        reopened(folder)


def test_both_keys_have_one_pass_phrase(tmp_path: Path) -> None:
    place = tmp_path / "locked"
    found_ledger(
        place,
        administrators=[ADA],
        threshold=1,
        policy=Policy(),
        passphrase=b"secret",
        clock=Clock(),
    )
    next_log_key(place, b"secret")

    open_ledger(place, passphrase=b"secret", clock=Clock()).close()
    with pytest.raises(KeyFileError):
        open_ledger(place, clock=Clock())


@pytest.mark.parametrize(
    ("step", "rule"),
    [
        pytest.param(announce, "pin-file", id="the pin"),
        pytest.param(announce_and_retire, "log-key-file", id="the key"),
    ],
)
def test_a_file_that_cannot_take_its_place_is_told_and_nothing_is_lost(
    folder: Path, monkeypatch: pytest.MonkeyPatch, step: Callable[[Path], object], rule: str
) -> None:
    step(folder)
    with monkeypatch.context() as broken:
        broken.setattr(Path, "replace", refuse)
        with pytest.raises(StoreError, match="No space left") as caught:
            reopened(folder)
    assert caught.value.rule == rule

    assert len(reopened(folder).log_keys) == 2


def refuse(_: Path, __: Path) -> Path:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
