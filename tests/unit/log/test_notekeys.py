from __future__ import annotations

import base64
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from ledger.errors import NoteError, SettingError, VerificationError
from ledger.log.notekeys import NoteSigner, SignatureType, VerifierKey
from tests.unit.log.builders import (
    ORIGIN,
    TEXT,
    TIME_S,
    WITNESS,
    cosigner_of,
    flipped,
    signer_of,
)

KEY = signer_of().key
COSIGNER = cosigner_of()

# What libsodium must refuse as a key: torsion points, encodings with y >= p, points off the curve.
NO_KEYS = {
    "the identity": b"\x01" + bytes(31),
    "the identity with a sign": b"\x01" + bytes(30) + b"\x80",
    "the point of order 2": b"\xec" + b"\xff" * 30 + b"\x7f",
    "a point of order 4": bytes(32),
    "y = p": b"\xed" + b"\xff" * 30 + b"\x7f",
    "y = p + 1": b"\xee" + b"\xff" * 30 + b"\x7f",
    "off the curve": b"\x02" + bytes(31),
    "31 bytes": KEY.public_key[:31],
    "33 bytes": KEY.public_key + b"\x00",
    "nothing": b"",
}


@pytest.mark.parametrize("signer", [signer_of(), COSIGNER], ids=["note", "cosignature"])
def test_a_key_id_is_the_start_of_the_hash_c2sp_names(signer: NoteSigner) -> None:
    key = signer.key
    hashed = key.name.encode() + b"\n" + bytes([key.signature_type]) + key.public_key

    assert key.key_id == sha256(hashed).digest()[:4]


@given(
    seed=st.binary(min_size=32, max_size=32),
    kind=st.sampled_from(SignatureType),
    name=st.text(min_size=1).filter(
        lambda text: not any(sign.isspace() or sign == "+" or sign < " " for sign in text)
    ),
)
def test_a_vkey_comes_back_as_it_went(seed: bytes, kind: SignatureType, name: str) -> None:
    key = VerifierKey(name, kind, bytes(SigningKey(seed).verify_key))

    assert VerifierKey.parse(key.vkey()) == key


def vkey(name: str = ORIGIN, key_id: str = KEY.key_id.hex(), kind: int = 1) -> str:
    return f"{name}+{key_id}+{base64.b64encode(bytes([kind]) + KEY.public_key).decode()}"


def test_the_vkey_builder_of_these_tests_makes_a_good_one() -> None:
    assert VerifierKey.parse(vkey()) == KEY


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        pytest.param("", "vkey", id="nothing"),
        pytest.param(vkey(name=""), "vkey", id="no name"),
        pytest.param(vkey().rpartition("+")[0], "vkey", id="no key"),
        pytest.param(vkey(key_id=KEY.key_id.hex().upper()), "vkey", id="upper-case id"),
        pytest.param(vkey(key_id=KEY.key_id.hex()[:7]), "vkey", id="short id"),
        pytest.param(vkey(key_id="00000000"), "key-id", id="id of another key"),
        pytest.param(vkey(name="other.example"), "key-id", id="name of another key"),
        pytest.param(vkey(kind=4), "key-id", id="type of another key"),
        pytest.param(vkey(kind=2), "signature-type", id="type not known here"),
        pytest.param(f"{ORIGIN}+00000000+=", "base64", id="no base64"),
        pytest.param(f"{ORIGIN}+00000000+AQ==", "public-key", id="type only"),
        pytest.param(vkey() + "\n", "base64", id="newline after"),
        pytest.param(vkey(name="a b"), "key-name", id="space in the name"),
    ],
)
def test_a_vkey_in_another_form_is_refused(text: str, rule: str) -> None:
    with pytest.raises(NoteError) as caught:
        VerifierKey.parse(text)

    assert caught.value.rule == rule


@pytest.mark.parametrize(
    "name",
    ["", "a b", "a+b", "a\u00a0b", "a\u2003b", "a\u3000b", "a\nb", "a\x01b", "a\x85b", "\ud800"],
)
def test_a_name_with_spaces_plus_or_controls_is_refused(name: str) -> None:
    with pytest.raises(NoteError) as caught:
        VerifierKey(name, SignatureType.ED25519, KEY.public_key)

    assert caught.value.field == "name"


@pytest.mark.parametrize("public_key", NO_KEYS.values(), ids=NO_KEYS)
def test_a_point_that_is_no_key_is_refused(public_key: bytes) -> None:
    with pytest.raises(NoteError) as caught:
        VerifierKey(ORIGIN, SignatureType.ED25519, public_key)

    assert caught.value.rule == "public-key"


def test_an_ed25519_signature_is_made_over_the_text_alone() -> None:
    signature = signer_of().signature_over(TEXT)

    assert len(signature) == 64
    assert KEY.verify(TEXT, signature) is None
    SigningKey(b"\x01" * 32).verify_key.verify(TEXT.encode(), signature)


def test_a_cosignature_is_made_over_its_header_time_and_text() -> None:
    signature = COSIGNER.signature_over(TEXT, time_s=TIME_S)

    assert signature[:8] == TIME_S.to_bytes(8, "big")
    assert COSIGNER.key.verify(TEXT, signature) == TIME_S
    message = f"cosignature/v1\ntime {TIME_S}\n{TEXT}".encode()
    SigningKey(b"\x09" * 32).verify_key.verify(message, signature[8:])


@given(st.integers(0, 511))
def test_a_note_signature_with_a_bit_changed_is_refused(bit: int) -> None:
    with pytest.raises(VerificationError) as caught:
        KEY.verify(TEXT, flipped(signer_of().signature_over(TEXT), bit))

    assert caught.value.rule == "note-signature"


@given(st.integers(0, 575))
def test_a_cosignature_with_a_bit_changed_is_refused_time_included(bit: int) -> None:
    with pytest.raises(VerificationError):
        COSIGNER.key.verify(TEXT, flipped(COSIGNER.signature_over(TEXT, time_s=TIME_S), bit))


@pytest.mark.parametrize("length", [0, 1, 8, 63, 65, 72])
def test_a_note_signature_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(VerificationError):
        KEY.verify(TEXT, (signer_of().signature_over(TEXT) + bytes(8))[:length])


@pytest.mark.parametrize("length", [0, 7, 8, 64, 71, 73])
def test_a_cosignature_of_another_length_is_refused(length: int) -> None:
    signature = COSIGNER.signature_over(TEXT, time_s=TIME_S) + bytes(8)

    with pytest.raises(VerificationError):
        COSIGNER.key.verify(TEXT, signature[:length])


def test_a_cosignature_of_a_time_beyond_63_bits_is_refused() -> None:
    time_s = 2**63
    secret = SigningKey(b"\x09" * 32)
    signed = secret.sign(f"cosignature/v1\ntime {time_s}\n{TEXT}".encode()).signature

    with pytest.raises(VerificationError):
        COSIGNER.key.verify(TEXT, time_s.to_bytes(8, "big") + signed)


def test_a_signature_of_one_type_does_not_pass_for_the_other() -> None:
    """The header of a cosignature is what keeps the two apart under one key."""
    secret = SigningKey(b"\x07" * 32)
    note_key, cosign_key = (
        VerifierKey(WITNESS, kind, bytes(secret.verify_key)) for kind in SignatureType
    )
    signed = secret.sign(TEXT.encode()).signature

    assert note_key.verify(TEXT, signed) is None
    with pytest.raises(VerificationError):
        cosign_key.verify(TEXT, TIME_S.to_bytes(8, "big") + signed)


@pytest.mark.parametrize(
    ("signer", "time_s"),
    [
        pytest.param(signer_of(), TIME_S, id="note signature with a time"),
        pytest.param(COSIGNER, None, id="cosignature without one"),
        pytest.param(COSIGNER, -1, id="time before 1970"),
        pytest.param(COSIGNER, 2**63, id="time beyond 63 bits"),
    ],
)
def test_a_time_that_does_not_fit_is_refused(signer: NoteSigner, time_s: int | None) -> None:
    with pytest.raises(SettingError) as caught:
        signer.signature_over(TEXT, time_s=time_s)

    assert caught.value.rule == "cosignature-time"


def test_a_signer_set_up_with_another_public_half_is_found_out() -> None:
    wrong = NoteSigner(signer_of(seed=1).key, signer_of(seed=2).sign)

    with pytest.raises(VerificationError):
        wrong.signature_over(TEXT)
