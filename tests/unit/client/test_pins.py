"""A pin is one ledger, and nothing else passes for it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.client.pins import Pin, pin_from_founding
from ledger.client.signer import Author, Place, sign, state
from ledger.client.transport import finished
from ledger.codec.entries import encode_entry
from ledger.domain.authorship import FOUNDING_FACT_ID, Administrator, LedgerFounded, Policy
from ledger.domain.statement import Entry
from ledger.errors import EnvelopeError, SettingError, VerificationError
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.merkle import leaf_hash, root_of
from ledger.log.notekeys import NoteSigner, SignatureType, VerifierKey
from ledger.log.receipts import Receipt
from ledger.signing.privatekeys import PrivateKey
from tests.unit.client.served import Served

LOG_KEY = PrivateKey.generate()
ADMINISTRATOR = PrivateKey.generate()


def _pin(origin: str = "ledger.example/one") -> Pin:
    key = VerifierKey(origin, SignatureType.ED25519, LOG_KEY.public.raw)
    return Pin(origin, bytes(range(32)), (key,))


def _founding(origin: str = "ledger.example/one", **more: object) -> LedgerFounded:
    founding = LedgerFounded(
        id=FOUNDING_FACT_ID,
        stream="authors/administrators",
        origin=origin,
        policy=Policy(),
        log_key=LOG_KEY.public.spki_der,
        administrators=(Administrator(author="ada", spki_der=ADMINISTRATOR.public.spki_der),),
        threshold=1,
    )
    return founding.model_copy(update=more)


def _receipt(founding: LedgerFounded, *, key: PrivateKey = LOG_KEY) -> Receipt:
    """The receipt of a log with one entry, signed by a key."""
    author = Author("ada", ADMINISTRATOR)
    place = Place(ledger_id=b"", expected_version=0, signed_at_ms=1)
    envelope = sign(state(founding, author.name, place), [author.signer])
    entry = encode_entry(Entry(recorded_ms=1, envelope=envelope))
    origin = founding.origin
    signer = NoteSigner(VerifierKey(origin, SignatureType.ED25519, key.public.raw), key.sign)
    checkpoint = Checkpoint(origin, 1, root_of([leaf_hash(entry)]))
    return Receipt(entry, 0, (), sign_checkpoint(checkpoint, [signer]))


def test_a_pin_survives_its_file(tmp_path: Path) -> None:
    path = tmp_path / "pin.json"
    path.write_text(_pin().to_json(), encoding="utf-8")
    assert Pin.read(path) == _pin()


def test_a_pin_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError) as refused:
        Pin.read(tmp_path / "pin.json")
    assert refused.value.rule == "pin-file"


@pytest.mark.parametrize(
    "change",
    [
        {"ledger_id": "00"},
        {"ledger_id": "Z" * 64},
        {"log_keys": []},
        {"log_keys": ["ledger.example/one+00000000+AA=="]},
        {"color": "red"},
    ],
)
def test_what_is_not_quite_a_pin_is_refused(change: dict[str, object]) -> None:
    body = json.loads(_pin().to_json()) | change
    with pytest.raises(SettingError) as refused:
        Pin.parse(json.dumps(body))
    assert refused.value.rule == "pin-form"


def test_text_that_is_no_json_is_no_pin() -> None:
    with pytest.raises(SettingError):
        Pin.parse(b"\xff\x00")


def test_the_pin_of_a_first_use_is_that_of_the_founding() -> None:
    receipt = _receipt(_founding())
    pin = pin_from_founding(receipt)
    assert (pin.origin, pin.log_keys[0].public_key) == ("ledger.example/one", LOG_KEY.public.raw)
    assert len(pin.ledger_id) == 32


def test_a_first_use_of_a_log_that_its_own_key_did_not_sign_is_refused() -> None:
    with pytest.raises(VerificationError):
        pin_from_founding(_receipt(_founding(), key=PrivateKey.generate()))


def test_a_first_use_of_another_entry_is_refused() -> None:
    with pytest.raises(VerificationError) as refused:
        pin_from_founding(replace(_receipt(_founding()), index=1))
    assert refused.value.rule == "founding"


def test_a_first_use_of_an_entry_that_founds_nothing_is_refused(ledger: Served) -> None:
    enrollment = replace(finished(ledger.client.steps.calls.receipt(1)), index=0)
    with pytest.raises(VerificationError) as refused:
        pin_from_founding(enrollment)
    assert refused.value.rule == "founding"


def test_a_first_use_of_bytes_that_are_no_entry_is_refused() -> None:
    with pytest.raises(EnvelopeError):
        pin_from_founding(Receipt(b"\x01", 0, (), b""))
