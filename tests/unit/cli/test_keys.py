"""Pass phrases come from the variable or the terminal, and only where they are needed."""

from __future__ import annotations

import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from ledger.cli.keys import new_passphrase, open_key, store_key
from ledger.errors import KeyFileError
from ledger.signing.keyfiles import public_path, read_public_key
from ledger.signing.privatekeys import PrivateKey

KEY = PrivateKey.generate()


@pytest.fixture
def typing(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """Sit at the terminal and type one answer to every prompt; gives the prompts."""

    def type_in(answer: str) -> list[str]:
        prompts: list[str] = []

        def prompt(text: str, **how: Any) -> str:
            assert how["hide_input"]
            assert how["err"]
            prompts.append(text)
            return answer

        monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
        monkeypatch.setattr(click, "prompt", prompt)
        return prompts

    return type_in


def test_a_key_is_stored_for_its_owner_alone(tmp_path: Path) -> None:
    store_key(tmp_path / "k", KEY, b"secret")
    assert stat.S_IMODE((tmp_path / "k").stat().st_mode) == 0o600
    assert b"ENCRYPTED" in (tmp_path / "k").read_bytes()
    assert read_public_key(public_path(tmp_path / "k")) == KEY.public


def test_a_bare_key_opens_without_a_pass_phrase_even_if_one_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_key(tmp_path / "k", KEY, None)
    monkeypatch.setenv("LEDGER_KEY_PASSPHRASE", "secret")
    assert open_key(tmp_path / "k").public == KEY.public


def test_an_encrypted_key_opens_by_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_key(tmp_path / "k", KEY, b"secret")
    monkeypatch.setenv("LEDGER_KEY_PASSPHRASE", "secret")
    assert open_key(tmp_path / "k").public == KEY.public


def test_an_encrypted_key_is_asked_for_at_the_terminal(
    tmp_path: Path, typing: Callable[[str], list[str]]
) -> None:
    store_key(tmp_path / "k", KEY, b"secret")
    prompts = typing("secret")
    assert open_key(tmp_path / "k").public == KEY.public
    assert prompts == [f"Pass phrase of {tmp_path / 'k'}"]


def test_an_encrypted_key_without_either_is_refused(tmp_path: Path) -> None:
    store_key(tmp_path / "k", KEY, b"secret")
    with pytest.raises(KeyFileError) as refused:
        open_key(tmp_path / "k")
    assert "LEDGER_KEY_PASSPHRASE" in refused.value.message


def test_a_wrong_pass_phrase_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store_key(tmp_path / "k", KEY, b"secret")
    monkeypatch.setenv("LEDGER_KEY_PASSPHRASE", "other")
    with pytest.raises(KeyFileError):
        open_key(tmp_path / "k")


def test_a_key_that_is_not_there_is_not_asked_about(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError) as refused:
        open_key(tmp_path / "k")
    assert refused.value.rule == "not-found"


def test_new_keys_take_the_variable_or_what_is_typed_or_nothing(
    monkeypatch: pytest.MonkeyPatch, typing: Callable[[str], list[str]]
) -> None:
    prompts = typing("typed")
    assert new_passphrase("the key", bare=False) == b"typed"
    typing("")
    assert new_passphrase("the key", bare=False) is None
    monkeypatch.setenv("LEDGER_KEY_PASSPHRASE", "set")
    assert new_passphrase("the key", bare=False) == b"set"
    assert new_passphrase("the key", bare=True) is None
    assert prompts == ["Pass phrase for the key (empty for none)"]


def test_keys_that_nobody_can_be_asked_about_are_bare_and_it_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert new_passphrase("the key", bare=False) is None
    assert "will not be encrypted" in capsys.readouterr().err
