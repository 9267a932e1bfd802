from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from ledger.cli import witness
from ledger.cli.clock import now_ms
from ledger.client.pins import PIN_FILE, Pin
from ledger.log.notekeys import SignatureType, VerifierKey
from ledger.settings import Address
from ledger.signing.privatekeys import PrivateKey
from tests.unit.cli.conftest import Command

KEY = VerifierKey(
    "w.example/1",
    SignatureType.COSIGNATURE_V1,
    bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
)


@pytest.fixture(autouse=True)
def _own_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other tests' stderr is left alone."""
    monkeypatch.setattr("ledger.service.logs.configure", lambda _: None)


@pytest.fixture
def key(regledger: Command) -> Path:
    assert regledger("keygen", "w.pem", "--no-passphrase").code == 0
    return Path("w.pem")


def options(key: Path, founded_casefile: Path) -> list[str | Path]:
    pin = founded_casefile / PIN_FILE
    return ["--state", "state", "--key", key, "--name", KEY.name, "--log", pin]


def test_what_is_needed_to_use_the_witness_is_printed(
    regledger: Command, key: Path, founded_casefile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[object] = []

    def serve(
        _: PrivateKey,
        name: str,
        pins: Sequence[Pin],
        *,
        state: Path,
        listen: Address,
        started: Callable[[Address, VerifierKey], None],
        clock: Callable[[], int],
    ) -> None:
        assert clock is now_ms
        told.extend([name, pins, state, listen])
        started(listen, KEY)

    monkeypatch.setattr(witness, "serve_witness", serve)
    result = regledger("witness", *options(key, founded_casefile))

    assert (result.code, result.out) == (0, f"{KEY.vkey()}\n")
    assert "state is new" in result.err
    assert "Witnessing on 127.0.0.1:7490." in result.err
    pin = Pin.read(founded_casefile / PIN_FILE)
    assert told == [KEY.name, [pin], Path("state"), Address("127.0.0.1", 7490)]


def test_a_key_that_cannot_cosign_is_refused(regledger: Command, founded_casefile: Path) -> None:
    assert regledger("keygen", "p.pem", "--algorithm", "p256", "--no-passphrase").code == 0

    result = regledger("witness", *options(Path("p.pem"), founded_casefile))

    assert result.code == 2
    assert "rule: witness-key" in result.err


def test_an_address_that_cannot_be_listened_on_is_told(
    regledger: Command, key: Path, founded_casefile: Path
) -> None:
    (Path("state")).touch()

    result = regledger(
        "witness", *options(key, founded_casefile), "--listen", "unix:nowhere/w.sock"
    )

    assert result.code == 2
    assert "rule: listen" in result.err
    assert "is new" not in result.err
