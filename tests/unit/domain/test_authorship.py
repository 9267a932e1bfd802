from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from ledger.domain.authorship import Administrator, OutsideRecord, Policy, possession_message
from ledger.domain.dates import MILLISECONDS_END
from tests.builders import LEDGER_ID, enrolled, founded, revoked, rotated, spki


def refuses(reason: str) -> Any:
    return pytest.raises(ValidationError, match=reason)


def test_as_many_administrators_must_sign_as_there_are_at_most() -> None:
    assert founded("ada", "bob", threshold=2).threshold == 2
    with refuses("threshold 3 exceeds the number of administrators"):
        founded("ada", "bob", threshold=3)
    with refuses("greater than or equal to 1"):
        founded("ada", threshold=0)


def test_administrators_differ_in_name_and_in_key() -> None:
    with refuses("two have one name"):
        founded("ada", "ada")
    twin = tuple(Administrator(author=name, spki_der=spki("one")) for name in ("ada", "bob"))
    with refuses("two have one key"):
        founded(administrators=twin)


@pytest.mark.parametrize(
    "origin", ["", "log", "Ledger.example", "ledger example", "/ledger", "a b"]
)
def test_an_origin_is_a_plain_name(origin: str) -> None:
    assert founded(origin="ledger.example/log").origin == "ledger.example/log"
    with refuses("origin"):
        founded(origin=origin)


def test_destinations_outside_the_record_are_named() -> None:
    outside = OutsideRecord(codes=("IR",), citation="15 CFR part 746")
    assert Policy(outside_record=(outside,)).outside_record == (outside,)
    with refuses("at least 1"):
        OutsideRecord(codes=(), citation="15 CFR part 746")
    with refuses("ISO 3166"):
        OutsideRecord(codes=("XX",), citation="15 CFR part 746")


@pytest.mark.parametrize("not_after_ms", [-1, MILLISECONDS_END])
def test_a_key_expires_at_a_time_that_exists(not_after_ms: int) -> None:
    assert enrolled("registrar", not_after_ms=0).not_after_ms == 0
    with refuses("not_after_ms"):
        enrolled("registrar", not_after_ms=not_after_ms)
    with refuses("not_after_ms"):
        rotated("registrar", "newer", not_after_ms=not_after_ms)
    with refuses("compromised_since_ms"):
        revoked("registrar", compromised_since_ms=not_after_ms)


def test_a_key_and_its_proof_have_lengths() -> None:
    with refuses("spki_der"):
        enrolled("registrar", spki_der=bytes(31))
    with refuses("possession"):
        enrolled("registrar", possession=bytes(63))


def test_a_key_id_is_hexadecimal() -> None:
    with refuses("keyid"):
        revoked("registrar", keyid="AB" * 32)


def test_what_a_new_key_signs_is_for_one_ledger_author_and_key() -> None:
    message = possession_message(LEDGER_ID, "registrar", spki("registrar"))
    assert message.startswith(b"\x00\x00\x00\x18ledger-key-possession-v1\x00\x00\x00\x20")
    others = {
        possession_message(bytes(32), "registrar", spki("registrar")),
        possession_message(LEDGER_ID, "registra", b"r" + spki("registrar")),
        possession_message(LEDGER_ID, "registrar", spki("another")),
    }
    assert len(others | {message}) == 4
