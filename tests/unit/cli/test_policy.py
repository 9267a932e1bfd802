"""``--policy``: what is demanded of witnesses, by option, by context, online and offline."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.client.pins import PIN_FILE, Pin
from ledger.client.receiptfiles import read_receipt
from ledger.log.policy import TrustPolicy
from ledger.service import witnessing
from ledger.service.witness import Witness, WitnessServer
from ledger.settings import Address
from ledger.store.witnessstate import WitnessState
from tests.simulator import Clock, on_loop
from tests.unit.cli.conftest import Command
from tests.witnessed import cosigner

LETTER = "us-2025-04-09-nvda-h20-letter"


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def policy(h20: Path, tmp_path: Path) -> Iterator[Path]:
    """A policy of one witness, who answers."""
    pin = Pin.read(h20 / PIN_FILE)
    state = WitnessState(tmp_path / "state")
    server = WitnessServer(Witness(cosigner("w1"), {pin.origin: pin.log_keys}, state, Clock()))
    address = on_loop(server.start(Address("127.0.0.1", 0)))
    text = f"witness w1 {cosigner('w1').key.vkey()} http://{address}/\nquorum w1\n"
    yield written(tmp_path / "policy", text)
    on_loop(server.stop())


@pytest.fixture
def stricter(tmp_path: Path) -> Path:
    """A policy of a witness whom nobody asks."""
    text = f"witness s {cosigner('stranger').key.vkey()}\nquorum s\n"
    return written(tmp_path / "stricter", text)


def test_a_receipt_is_had_with_its_quorum_and_verified_by_it_offline(
    regledger: Command, h20: Path, policy: Path, stricter: Path
) -> None:
    saved = regledger("show", LETTER, "--ledger", h20, "--policy", policy, "--receipts", ".")
    receipt = Path(f"{LETTER}.tlog-proof")
    assert saved.code == 0
    TrustPolicy.parse(policy.read_bytes()).require_quorum(read_receipt(receipt).checkpoint)

    offline = ("verify", "--offline", "--pin", h20 / PIN_FILE, receipt)
    assert regledger(*offline).code == 0
    assert regledger(*offline, "--policy", policy).code == 0
    below = regledger(*offline, "--policy", stricter)
    assert (below.code, below.out) == (3, "")
    assert "rule: quorum" in below.err


def test_a_receipt_in_a_file_has_to_carry_the_quorum_itself(
    regledger: Command, h20: Path, policy: Path
) -> None:
    assert regledger("show", LETTER, "--ledger", h20, "--receipts", ".").code == 0
    online = ("verify", "--ledger", h20, f"{LETTER}.tlog-proof")

    assert regledger(*online).code == 0
    below = regledger(*online, "--policy", policy)
    assert (below.code, below.out) == (3, "")
    assert "rule: quorum" in below.err


def test_below_the_quorum_a_command_fails_with_the_code_of_verification(
    regledger: Command, h20: Path, stricter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witnessing, "WAIT_S", 0.01)

    result = regledger("show", LETTER, "--ledger", h20, "--policy", stricter)

    assert (result.code, result.out) == (3, "")
    assert "rule: quorum" in result.err


def test_a_context_may_demand_a_quorum(
    regledger: Command, served_h20: tuple[str, ...], stricter: Path
) -> None:
    _, address, _, pin = served_h20
    added = regledger(
        *("context", "add", "far", "--server", address, "--pin", pin), "--policy", stricter
    )

    result = regledger("show", LETTER)

    assert added.code == 0
    assert (result.code, result.out) == (3, "")
    assert "no policy of witnesses" in result.err


def test_a_context_keeps_no_policy_that_is_none(regledger: Command, tmp_path: Path) -> None:
    broken = written(tmp_path / "policy", "quorum all\n")

    result = regledger("context", "add", "far", "--server", "h:1", "--policy", broken)

    assert result.code == 2
    assert "field: policy:1" in result.err
    assert regledger("context", "list", "-o", "json").json() == {"contexts": {}}
