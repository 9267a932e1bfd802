"""The ``context`` commands."""

from __future__ import annotations

from pathlib import Path

from tests.unit.cli.conftest import Command


def test_without_contexts_the_list_says_how_to_get_one(regledger: Command) -> None:
    result = regledger("context", "list")
    assert (result.code, result.out) == (0, "")
    assert "regledger init" in result.err


def test_contexts_are_added_listed_used_and_removed(regledger: Command, empty: Path) -> None:
    added = regledger(
        "context", "add", "far", "--server", "far.example:443", "--pin", empty / "pin.json"
    )
    assert (added.code, added.err) == (0, "The current context is far.\n")
    listed = regledger("context", "list").out
    assert "*  far    far.example:443" in listed
    assert regledger("context", "use", "empty").code == 0
    assert regledger("context", "list", "-o", "json").json()["current"] == "empty"
    assert regledger("context", "remove", "empty").err == "The current context is none.\n"
    assert list(regledger("context", "list", "-o", "json").json()["contexts"]) == ["far"]


def test_a_context_keeps_the_pin_itself(regledger: Command, empty: Path) -> None:
    regledger("context", "add", "far", "--server", "far:1", "--pin", empty / "pin.json")
    kept = regledger("context", "list", "-o", "json").json()["contexts"]["far"]["pin"]
    assert kept == (empty / "pin.json").read_text(encoding="utf-8")


def test_files_are_kept_by_their_full_path(regledger: Command, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(b"")
    regledger("context", "add", "one", "--ledger", ".", "--key", "key.pem", "--author", "amd")
    one = regledger("context", "list", "-o", "json").json()["contexts"]["one"]
    assert one == {"ledger": str(tmp_path), "key": str(tmp_path / "key.pem"), "author": "amd"}


def test_a_context_is_of_one_ledger(regledger: Command, tmp_path: Path) -> None:
    assert regledger("context", "add", "one").code == 2
    both = regledger("context", "add", "one", "--ledger", tmp_path, "--server", "x:1")
    assert both.code == 2
    assert regledger("context", "add", "one", "--server", "nowhere").code == 2


def test_a_context_that_is_not_there_cannot_be_used(regledger: Command) -> None:
    assert regledger("context", "use", "nowhere").code == 1
    assert regledger("context", "remove", "nowhere").code == 1
