"""A session is with a pinned ledger, wherever it is served."""

from __future__ import annotations

from pathlib import Path

from ledger.cli.embedded import serving
from tests.unit.cli.conftest import Command


def test_a_server_is_spoken_to_only_with_a_pin(regledger: Command, empty: Path) -> None:
    with serving(empty) as address:
        bare = regledger("verify", "--server", address)
        pinned = regledger("verify", "--server", address, "--pin", empty / "pin.json")
    assert bare.code == 2
    assert "--trust-on-first-use" in bare.err
    assert pinned.code == 0


def test_a_first_use_is_said_and_happens_once(regledger: Command, empty: Path) -> None:
    with serving(empty) as address:
        first = regledger("verify", "--server", address, "--trust-on-first-use")
        second = regledger("verify", "--server", address, "--trust-on-first-use")
        third = regledger("verify", "--server", address)
    assert "Warning: from now on" in first.err
    assert (second.code, second.err) == (0, "")
    assert third.code == 0


def test_another_ledger_at_the_address_of_a_first_use_is_refused(
    regledger: Command, empty: Path, tmp_path: Path
) -> None:
    regledger("init", tmp_path / "other", "--no-passphrase")
    with serving(empty) as address:
        regledger("verify", "--server", address, "--trust-on-first-use")
    kept = next((tmp_path / "config" / "pins").iterdir())
    with serving(tmp_path / "other") as elsewhere:
        kept.rename(kept.with_name(elsewhere.replace(":", "%3A") + ".json"))
        result = regledger("verify", "--server", elsewhere, "--trust-on-first-use")
    assert result.code == 3


def test_a_server_that_is_not_there_is_unavailable(
    regledger: Command, empty: Path, tmp_path: Path
) -> None:
    pin = empty / "pin.json"
    result = regledger("verify", "--server", f"unix:{tmp_path}/nobody", "--pin", pin)
    assert result.code == 4
    assert "cannot be reached" in result.err


def test_a_context_names_a_server_with_its_pin(regledger: Command, empty: Path) -> None:
    with serving(empty) as address:
        regledger("context", "add", "far", "--server", address, "--pin", empty / "pin.json")
        assert regledger("verify").code == 0
