"""``enroll``: an author comes in by the administrators' signatures and its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.builders import LEDGER_ID
from tests.unit.cli.conftest import Command
from tests.unit.client.served import row

COMPANY = ("--role", "company", "--party", "NVIDIA")


@pytest.fixture
def request_file(regledger: Command, tmp_path: Path, empty: Path) -> Path:
    """A request for the ledger of the context."""
    key = tmp_path / "nvidia.pem"
    made = regledger("keygen", key, "--author", "nvidia", "--no-passphrase", "--ledger", empty)
    assert made.code == 0
    return tmp_path / "nvidia.pem.enroll.json"


def _import(regledger: Command, tmp_path: Path, fact_id: str = "co-1") -> int:
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps(row(fact_id)), encoding="utf-8")
    key = tmp_path / "nvidia.pem"
    return regledger("import", rows, "--author", "nvidia", "--key", key).code


def test_an_enrolled_author_signs_its_own_facts(
    regledger: Command, tmp_path: Path, request_file: Path
) -> None:
    assert _import(regledger, tmp_path) == 1
    result = regledger("enroll", request_file, *COMPANY)
    assert result.code == 0
    assert "nvidia is enrolled as company for NVIDIA." in result.err
    assert _import(regledger, tmp_path) == 0
    shown = regledger("show", "co-1", "-o", "json").json()["facts"][0]
    assert shown["provenance"]["attribution"] == "FIRST_PARTY"


def test_an_author_gets_a_second_key(
    regledger: Command, tmp_path: Path, request_file: Path
) -> None:
    regledger("enroll", request_file, *COMPANY)
    regledger("keygen", tmp_path / "new.pem", "--author", "nvidia", "--no-passphrase")
    again = regledger("enroll", tmp_path / "new.pem.enroll.json", *COMPANY, "-o", "json")
    assert again.json()["appended"][0]["version"] == 2


def test_a_key_that_expired_signs_nothing(
    regledger: Command, tmp_path: Path, request_file: Path
) -> None:
    past = regledger("enroll", request_file, *COMPANY, "--not-after", "2020-01-01")
    assert past.code == 1
    assert "key-already-expired" in past.err
    assert regledger("enroll", request_file, *COMPANY, "--not-after", "2999-01-01").code == 0
    assert _import(regledger, tmp_path) == 0


def test_a_request_for_another_ledger_is_refused(
    regledger: Command, tmp_path: Path, empty: Path
) -> None:
    key = tmp_path / "far.pem"
    far = ("--author", "far", "--ledger-id", LEDGER_ID.hex(), "--no-passphrase")
    regledger("keygen", key, *far)
    result = regledger("enroll", tmp_path / "far.pem.enroll.json", *COMPANY, "--ledger", empty)
    assert result.code == 1
    assert "other-ledger" in result.err


def test_a_request_that_was_changed_is_refused(regledger: Command, request_file: Path) -> None:
    body = json.loads(request_file.read_text(encoding="utf-8")) | {"author": "amd"}
    request_file.write_text(json.dumps(body), encoding="utf-8")
    result = regledger("enroll", request_file, *COMPANY)
    assert result.code == 1
    assert "possession" in result.err


def test_whoever_is_no_administrator_enrolls_nobody(
    regledger: Command, request_file: Path, empty: Path
) -> None:
    registrar = ("--administrator", "registrar", "--admin-key", empty / "keys" / "registrar.pem")
    result = regledger("enroll", request_file, *COMPANY, *registrar)
    assert result.code == 1


def test_an_enrollment_travels_as_an_envelope(
    regledger: Command, tmp_path: Path, request_file: Path
) -> None:
    out = tmp_path / "enroll.envelope"
    made = regledger("enroll", request_file, *COMPANY, "--out", out)
    assert (made.code, made.out) == (0, f"{out}\n")
    assert regledger("append", out).code == 0
    assert _import(regledger, tmp_path) == 0
