"""``init``: a ledger with keys, a registrar and a context, or nothing at all."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ledger.client.pins import Pin
from ledger.signing.keyfiles import read_private_key
from tests.unit.cli.conftest import Command


def test_a_ledger_has_keys_that_only_its_owner_reads(empty: Path) -> None:
    keys = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (empty / "keys").iterdir()}
    private = {name: mode for name, mode in keys.items() if name.endswith(".pem")}
    assert private == {"administrator.pem": 0o600, "registrar.pem": 0o600}
    assert stat.S_IMODE((empty / "log.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE((empty / "keys").stat().st_mode) == 0o700


def test_later_commands_find_the_ledger(regledger: Command, empty: Path) -> None:
    assert regledger("verify", "-o", "json").json()["tree_size"] == 2
    assert f"*  empty  {empty}" in regledger("context", "list").out


def test_the_case_file_goes_in(regledger: Command, tmp_path: Path) -> None:
    result = regledger("init", "--casefile", tmp_path / "h20", "--no-passphrase")
    assert result.code == 0
    assert "record.jsonl        75 appended" in result.out
    assert "each receipt verified here; tree size 270" in result.out


def test_the_report_is_json_where_asked(regledger: Command, tmp_path: Path) -> None:
    result = regledger("init", "--casefile", tmp_path / "h20", "--no-passphrase", "-o", "json")
    assert len(result.json()["appended"]) == 268


def test_a_second_ledger_of_the_same_name_gets_another_context(
    regledger: Command, tmp_path: Path, empty: Path
) -> None:
    other = tmp_path / "elsewhere" / "empty"
    result = regledger("init", other, "--no-passphrase")
    named = f"empty-{Pin.read(other / 'pin.json').ledger_id.hex()[:8]}"
    assert f"The context {named} names this ledger" in result.err
    contexts = regledger("context", "list", "-o", "json").json()["contexts"]
    assert contexts["empty"]["ledger"] == str(empty)
    assert contexts[named]["ledger"] == str(other)


def test_a_context_may_be_named(regledger: Command, tmp_path: Path) -> None:
    regledger("init", tmp_path / "one", "--name", "mine", "--no-passphrase")
    assert regledger("context", "list", "-o", "json").json()["current"] == "mine"


def test_a_folder_that_is_not_empty_is_left_alone(regledger: Command, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_bytes(b"mine")
    result = regledger("init", tmp_path / "full", "--no-passphrase")
    assert result.code == 1
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["file"]
    assert regledger("context", "list").out == ""


def test_origin_and_policy_may_be_chosen(regledger: Command, tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text('{"outside_record": []}', encoding="utf-8")
    chosen = ("--origin", "ledger.example/mine", "--policy", tmp_path / "policy.json")
    assert regledger("init", tmp_path / "one", *chosen, "--no-passphrase").code == 0
    assert Pin.read(tmp_path / "one" / "pin.json").origin == "ledger.example/mine"
    founding = regledger("show", "ledger-founded", "-o", "json").json()["facts"][0]["fact"]
    assert founding["founded"]["policy"] == {}


@pytest.mark.parametrize("policy", ["{", '{"color": "red"}'])
def test_a_policy_that_is_none_founds_nothing(
    regledger: Command, tmp_path: Path, policy: str
) -> None:
    (tmp_path / "policy.json").write_text(policy, encoding="utf-8")
    result = regledger("init", tmp_path / "one", "--policy", tmp_path / "policy.json")
    assert result.code == 1
    assert not (tmp_path / "one").exists()


def test_an_origin_that_is_none_founds_nothing(regledger: Command, tmp_path: Path) -> None:
    result = regledger("init", tmp_path / "one", "--origin", "NO ORIGIN", "--no-passphrase")
    assert result.code == 1
    assert "Traceback" not in result.err
    assert not (tmp_path / "one").exists()


def test_pass_phrases_encrypt_the_keys(
    regledger: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEDGER_KEY_PASSPHRASE", "one")
    monkeypatch.setenv("LEDGER_LOG_KEY_PASSPHRASE", "two")
    assert regledger("init", tmp_path / "one").code == 0
    registrar, log = tmp_path / "one" / "keys" / "registrar.pem", tmp_path / "one" / "log.pem"
    keys = {read_private_key(registrar, passphrase=b"one").public.keyid}
    assert read_private_key(log, passphrase=b"two").public.keyid not in keys
    assert regledger("verify").code == 0
    monkeypatch.delenv("LEDGER_LOG_KEY_PASSPHRASE")
    refused = regledger("verify")
    assert refused.code == 1
    assert "pass phrase" in refused.err


def test_keys_that_cannot_be_stored_leave_no_ledger(
    regledger: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEDGER_KEY_PASSPHRASE", "x" * 2_000)
    assert regledger("init", tmp_path / "one").code == 1
    assert not (tmp_path / "one").exists()
