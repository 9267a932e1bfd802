from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.codec.entries import MAX_ENVELOPE_BYTES
from ledger.codec.envelopes import decode_envelope, encode_envelope
from ledger.domain.statement import Envelope, EnvelopeSignature
from ledger.errors import EnvelopeError
from ledger.v1 import statement_pb2
from tests.unit.codec.mutations import mutations
from tests.unit.codec.strategies import keyids

if TYPE_CHECKING:
    from collections.abc import Callable

TYPE = "application/vnd.ledger.statement.v1+protobuf"
KEYID = "ab" * 32


def envelope(*keys: str, payload: bytes = b"statement") -> Envelope:
    return Envelope(
        payload=payload,
        payload_type=TYPE,
        signatures=tuple(
            EnvelopeSignature(sig=b"signature", keyid=key) for key in keys or (KEYID,)
        ),
    )


def refusal(data: bytes) -> EnvelopeError:
    with pytest.raises(EnvelopeError) as caught:
        decode_envelope(data)
    return caught.value


@given(st.lists(keyids, min_size=1, max_size=4, unique=True), st.binary(min_size=1))
def test_an_envelope_survives_and_has_one_spelling(keys: list[str], payload: bytes) -> None:
    original = envelope(*keys, payload=payload)
    data = encode_envelope(original)
    assert decode_envelope(data) == original
    assert encode_envelope(decode_envelope(data)) == data


def test_an_envelope_is_dsse_in_protobuf() -> None:
    signature = b"\x0a\x09signature" + b"\x12\x40" + KEYID.encode()
    assert encode_envelope(envelope()) == (
        b"\x0a\x09statement"
        b"\x12" + bytes([len(TYPE)]) + TYPE.encode() + b"\x1a" + bytes([len(signature)]) + signature
    )


def test_whatever_decodes_encodes_to_the_same_bytes() -> None:
    original = statement_pb2.Envelope.FromString(encode_envelope(envelope(KEYID, "cd" * 32)))
    outcomes = set()
    for mutated in mutations(original):
        data = mutated.SerializeToString(deterministic=True)
        try:
            assert encode_envelope(decode_envelope(data)) == data
            outcomes.add("decoded")
        except EnvelopeError:
            outcomes.add("refused")
    assert outcomes == {"decoded", "refused"}


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda data: data + b"\x0a\x05other", id="a second payload"),
        pytest.param(lambda data: data + b"\x22\x00", id="an unknown field"),
        pytest.param(lambda data: data[11:] + data[:11], id="fields out of order"),
        pytest.param(lambda data: b"\x0a\x89\x00" + data[2:], id="an odd length"),
    ],
)
def test_another_spelling_is_refused(spoil: Callable[[bytes], bytes]) -> None:
    data = encode_envelope(envelope())
    assert statement_pb2.Envelope.FromString(spoil(data)).payload
    assert refusal(spoil(data)).rule == "canonical"


def test_bytes_that_are_no_envelope_are_refused() -> None:
    assert refusal(b"\xff").rule == "protobuf"
    assert refusal(b"").field == "payload"


def test_an_envelope_too_long_for_an_entry_is_neither_read_nor_written() -> None:
    assert refusal(b"\xff" * (MAX_ENVELOPE_BYTES + 1)).rule == "size"
    with pytest.raises(EnvelopeError, match="at most 65526"):
        encode_envelope(envelope(payload=bytes(MAX_ENVELOPE_BYTES)))


@pytest.mark.parametrize(
    ("signatures", "field"),
    [
        ((), "signatures"),
        ((EnvelopeSignature(b"x", KEYID),) * 65, "signatures"),
        ((EnvelopeSignature(b"", KEYID),), "signatures[0].sig"),
        ((EnvelopeSignature(bytes(257), KEYID),), "signatures[0].sig"),
        ((EnvelopeSignature(b"x", KEYID), EnvelopeSignature(b"x", "ab")), "signatures[1].keyid"),
    ],
)
def test_an_envelope_whose_signatures_have_no_form_is_not_written(
    signatures: tuple[EnvelopeSignature, ...], field: str
) -> None:
    with pytest.raises(EnvelopeError) as caught:
        encode_envelope(envelope()._replace(signatures=signatures))
    assert caught.value.field == field


def test_a_key_that_signs_twice_is_refused() -> None:
    error = refusal(encode_envelope(envelope(KEYID, "cd" * 32, KEYID)))
    assert (error.field, error.rule) == ("signatures[2].keyid", "signature-twice")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda m: m.ClearField("payload"), "payload"),
        (lambda m: m.ClearField("payload_type"), "payload_type"),
        (lambda m: m.ClearField("signatures"), "signatures"),
        (lambda m: m.signatures.extend([m.signatures[0]] * 64), "signatures"),
        (lambda m: m.signatures[0].ClearField("sig"), "signatures[0].sig"),
        (lambda m: setattr(m.signatures[0], "keyid", KEYID.upper()), "signatures[0].keyid"),
    ],
)
def test_an_envelope_that_lacks_something_is_refused(
    change: Callable[[statement_pb2.Envelope], object], field: str
) -> None:
    message = statement_pb2.Envelope.FromString(encode_envelope(envelope()))
    change(message)
    assert refusal(message.SerializeToString(deterministic=True)).field == field
