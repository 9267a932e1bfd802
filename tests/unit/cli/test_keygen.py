"""``keygen``: files for both halves of a key, and the request that goes with them."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ledger.cli.requests import EnrollmentRequest
from ledger.client.pins import Pin
from ledger.log.notekeys import SignatureType, VerifierKey
from ledger.signing.keyfiles import read_private_key, read_public_key
from ledger.signing.publickeys import Algorithm
from tests.builders import LEDGER_ID
from tests.unit.cli.conftest import Command


@pytest.mark.parametrize(
    ("name", "algorithm"), [("ed25519", Algorithm.ED25519), ("p256", Algorithm.ECDSA_P256_SHA256)]
)
def test_a_key_pair_lies_in_two_files(
    regledger: Command, tmp_path: Path, name: str, algorithm: Algorithm
) -> None:
    path = tmp_path / "me.pem"
    result = regledger("keygen", path, "--algorithm", name, "--no-passphrase")
    public = read_public_key(tmp_path / "me.pem.pub")
    assert result.out == f"{public.keyid}\n"
    assert public.algorithm is algorithm
    assert read_private_key(path, passphrase=None).public == public
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_variable_encrypts_the_key(
    regledger: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEDGER_KEY_PASSPHRASE", "secret")
    assert regledger("keygen", tmp_path / "me.pem").code == 0
    assert read_private_key(tmp_path / "me.pem", passphrase=b"secret").public.keyid


def test_a_key_is_never_overwritten(regledger: Command, tmp_path: Path) -> None:
    regledger("keygen", tmp_path / "me.pem", "--no-passphrase")
    before = (tmp_path / "me.pem").read_bytes()
    again = regledger("keygen", tmp_path / "me.pem", "--no-passphrase")
    assert again.code == 1
    assert "rule: exists" in again.err
    assert (tmp_path / "me.pem").read_bytes() == before


def test_a_request_names_the_ledger_that_was_given(regledger: Command, tmp_path: Path) -> None:
    regledger("keygen", tmp_path / "me.pem", "--author", "nvidia", "--ledger-id", LEDGER_ID.hex())
    request = EnrollmentRequest.read(tmp_path / "me.pem.enroll.json")
    assert (request.author, request.ledger_id) == ("nvidia", LEDGER_ID.hex())


def test_a_request_names_the_ledger_of_the_context(
    regledger: Command, tmp_path: Path, empty: Path
) -> None:
    regledger("keygen", tmp_path / "me.pem", "--author", "nvidia", "--no-passphrase")
    request = EnrollmentRequest.read(tmp_path / "me.pem.enroll.json")
    assert request.ledger_id == Pin.read(empty / "pin.json").ledger_id.hex()


def test_a_request_for_no_ledger_makes_no_key(regledger: Command, tmp_path: Path) -> None:
    result = regledger("keygen", tmp_path / "me.pem", "--author", "nvidia", "--no-passphrase")
    assert result.code == 2
    assert not (tmp_path / "me.pem").exists()


def test_a_name_that_no_author_can_have_makes_no_key(regledger: Command, tmp_path: Path) -> None:
    asked = ("--author", "N V", "--ledger-id", LEDGER_ID.hex(), "--no-passphrase")
    assert regledger("keygen", tmp_path / "me.pem", *asked).code == 1
    assert list(tmp_path.glob("me.pem*")) == []


def test_what_verifies_a_witness_lies_beside_its_key(regledger: Command, tmp_path: Path) -> None:
    path = tmp_path / "w.pem"
    result = regledger("keygen", path, "--witness", "w.example/1", "--no-passphrase")

    key = VerifierKey.parse((tmp_path / "w.pem.vkey").read_text(encoding="utf-8").strip())
    assert result.code == 0
    assert (key.name, key.signature_type) == ("w.example/1", SignatureType.COSIGNATURE_V1)
    assert key.public_key == read_public_key(tmp_path / "w.pem.pub").raw


@pytest.mark.parametrize(
    ("asked", "code"),
    [(("--witness", "w 1"), 3), (("--witness", "w", "--algorithm", "p256"), 2)],
)
def test_a_witness_that_cannot_be_makes_no_key(
    regledger: Command, tmp_path: Path, asked: tuple[str, ...], code: int
) -> None:
    assert regledger("keygen", tmp_path / "w.pem", *asked, "--no-passphrase").code == code
    assert list(tmp_path.glob("w.pem*")) == []
