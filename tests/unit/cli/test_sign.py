"""``sign``: an envelope is made offline, from a row or a statement, and nothing is sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import json_format

from ledger.client.opened import OpenedEnvelope, open_envelope
from ledger.codec.statements import encode_statement
from ledger.v1 import statement_pb2
from tests.builders import LEDGER_ID, order, statement
from tests.unit.cli.conftest import Command
from tests.unit.client.served import row

LEDGER = ("--ledger-id", LEDGER_ID.hex())


@pytest.fixture
def key(regledger: Command, tmp_path: Path) -> Path:
    regledger("keygen", tmp_path / "me.pem", "--no-passphrase")
    return tmp_path / "me.pem"


def _rows(tmp_path: Path, *rows: dict[str, Any]) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(f"{json.dumps(one)}\n" for one in rows), encoding="utf-8")
    return path


def _opened(path: str | Path) -> OpenedEnvelope:
    return open_envelope(Path(path).read_bytes())


def test_a_row_becomes_an_envelope(regledger: Command, tmp_path: Path, key: Path) -> None:
    rows = _rows(tmp_path, row("co-1"))
    result = regledger(
        "sign", rows, "--author", "nvidia", "--key", key, *LEDGER, "--expected-version", "3"
    )
    assert (result.code, result.out) == (0, "co-1.envelope\n")
    assert "version 4 of orders/co-1" in result.err
    made = _opened(tmp_path / "co-1.envelope").statement
    assert (made.author, made.ledger_id, made.expected_version) == ("nvidia", LEDGER_ID, 3)
    assert made.anchor is None


def test_a_row_is_chosen_by_its_id(regledger: Command, tmp_path: Path, key: Path) -> None:
    rows = _rows(tmp_path, row("co-1"), row("co-2"))
    chosen = regledger("sign", rows, "--id", "co-2", "--key", key, *LEDGER)
    assert _opened(chosen.out.strip()).statement.fact_id == "co-2"
    assert regledger("sign", rows, "--key", key, *LEDGER).code == 1
    assert regledger("sign", rows, "--id", "co-9", "--key", key, *LEDGER).code == 1


def test_a_row_that_does_not_parse_is_refused_by_its_field(
    regledger: Command, tmp_path: Path, key: Path
) -> None:
    result = regledger("sign", _rows(tmp_path, row("co-1", grade="sure")), "--key", key, *LEDGER)
    assert result.code == 1
    assert "field: grade" in result.err


def test_a_statement_says_everything_itself(regledger: Command, tmp_path: Path, key: Path) -> None:
    wanted = statement(order("co-1"), author="nvidia", expected_version=2)
    message = statement_pb2.Statement.FromString(encode_statement(wanted))
    path = tmp_path / "statement.json"
    path.write_text(json_format.MessageToJson(message), encoding="utf-8")
    result = regledger("sign", path, "--key", key, "--out", tmp_path / "made")
    assert (result.code, result.err.count("nvidia")) == (0, 0)
    assert _opened(tmp_path / "made").statement == wanted


@pytest.mark.parametrize(
    "body", [{"author": "a", "fact": 7}, {"author": "a", "fact": {}, "color": "red"}]
)
def test_what_is_nearly_a_statement_is_refused(
    regledger: Command, tmp_path: Path, key: Path, body: dict[str, Any]
) -> None:
    path = tmp_path / "statement.json"
    path.write_text(json.dumps(body), encoding="utf-8")
    result = regledger("sign", path, "--key", key, *LEDGER)
    assert result.code == 1
    assert "Traceback" not in result.err


def test_the_context_says_which_ledger_and_what_was_seen_of_it(
    regledger: Command, tmp_path: Path, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def served(*_: object) -> None:
        raise AssertionError(empty)

    monkeypatch.setattr("ledger.cli.embedded.serving", served)
    monkeypatch.setattr(grpc, "insecure_channel", served)
    result = regledger("sign", _rows(tmp_path, row("co-1")), "--out", tmp_path / "made")
    assert result.code == 0
    made = _opened(tmp_path / "made").statement
    assert made.author == "registrar"
    assert made.anchor is not None
    assert made.anchor.size == 2


def test_a_statement_for_no_ledger_is_not_signed(
    regledger: Command, tmp_path: Path, key: Path
) -> None:
    result = regledger("sign", _rows(tmp_path, row("co-1")), "--key", key)
    assert result.code == 2
    assert "--pin" in result.err


def test_without_a_key_nothing_is_signed(regledger: Command, tmp_path: Path) -> None:
    result = regledger("sign", _rows(tmp_path, row("co-1")), *LEDGER)
    assert result.code == 2
    assert "--key" in result.err


def test_a_second_key_signs_the_same_envelope(
    regledger: Command, tmp_path: Path, key: Path
) -> None:
    regledger("keygen", tmp_path / "other.pem", "--no-passphrase")
    rows = _rows(tmp_path, row("co-1"))
    regledger("sign", rows, "--key", key, *LEDGER)
    envelope = tmp_path / "co-1.envelope"
    added = regledger(
        "sign", "--add-to", envelope, "--key", tmp_path / "other.pem", "--out", tmp_path / "both"
    )
    assert added.code == 0
    assert "signed by 2 keys" in added.err
    assert len(_opened(tmp_path / "both").envelope.signatures) == 2


def test_an_envelope_is_never_overwritten(regledger: Command, tmp_path: Path, key: Path) -> None:
    rows = _rows(tmp_path, row("co-1"))
    regledger("sign", rows, "--key", key, *LEDGER)
    assert regledger("sign", rows, "--key", key, *LEDGER).code == 1


def test_there_is_one_thing_to_sign(regledger: Command, tmp_path: Path, key: Path) -> None:
    rows = _rows(tmp_path, row("co-1"))
    assert regledger("sign", "--key", key).code == 2
    assert regledger("sign", rows, "--add-to", rows, "--key", key).code == 2
