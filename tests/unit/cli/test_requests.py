"""An enrollment request is public, small, and shows that its maker holds the key."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ledger.cli.requests import EnrollmentRequest, ledger_id_of
from ledger.domain.authorship import possession_message
from ledger.errors import InputError
from ledger.signing.privatekeys import PrivateKey
from tests.builders import LEDGER_ID

KEY = PrivateKey.generate()


def _write(path: Path, **change: object) -> Path:
    request = EnrollmentRequest.make(LEDGER_ID, "nvidia", KEY)
    path.write_text(json.dumps(request.model_dump() | change), encoding="utf-8")
    return path


def test_a_request_shows_possession_of_its_key(tmp_path: Path) -> None:
    request = EnrollmentRequest.read(_write(tmp_path / "r"))
    assert (request.author, request.ledger_id) == ("nvidia", LEDGER_ID.hex())
    assert request.key() == KEY.public
    message = possession_message(LEDGER_ID, "nvidia", KEY.public.spki_der)
    request.key().verify(request.proof(), message)


@pytest.mark.parametrize("author", ["", "N V", "a" * 65])
def test_a_name_that_no_author_can_have_is_refused(author: str) -> None:
    with pytest.raises(InputError) as refused:
        EnrollmentRequest.make(LEDGER_ID, author, KEY)
    assert refused.value.field == "author"


@pytest.mark.parametrize(
    "change", [{"author": 7}, {"ledger_id": "00"}, {"color": "red"}, {"public_key": None}]
)
def test_what_is_no_request_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    with pytest.raises(InputError) as refused:
        EnrollmentRequest.read(_write(tmp_path / "r", **change))
    assert refused.value.rule == "request-form"


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        EnrollmentRequest.read(tmp_path / "nothing")


@pytest.mark.parametrize("field", ["public_key", "possession"])
def test_bytes_that_are_not_base64_are_refused(tmp_path: Path, field: str) -> None:
    request = EnrollmentRequest.read(_write(tmp_path / "r", **{field: "!"}))
    with pytest.raises(InputError) as refused:
        (request.key if field == "public_key" else request.proof)()
    assert refused.value.field == field


def test_a_ledger_id_is_64_digits() -> None:
    assert ledger_id_of(LEDGER_ID.hex()) == LEDGER_ID


@pytest.mark.parametrize("text", ["", "00", "zz" * 32, "AB" * 32, f" {'00' * 32}"])
def test_what_is_no_ledger_id_is_refused(text: str) -> None:
    with pytest.raises(InputError) as refused:
        ledger_id_of(text)
    assert refused.value.field == "ledger_id"
