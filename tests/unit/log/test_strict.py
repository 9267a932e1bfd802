from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import NoteError
from ledger.log.strict import (
    SIZE_MAX,
    decode_base64,
    decode_decimal,
    decode_hash,
    encode_base64,
    encode_text,
)


@given(st.binary(max_size=80))
def test_base64_comes_back_as_it_went(data: bytes) -> None:
    assert decode_base64(encode_base64(data), field="x") == data


@given(st.text(max_size=12))
def test_any_text_is_canonical_base64_or_refused(text: str) -> None:
    try:
        data = decode_base64(text, field="x")
    except NoteError:
        return

    assert encode_base64(data) == text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("QQ", id="no padding"),
        pytest.param("QQ=", id="half the padding"),
        pytest.param("QQ===", id="too much padding"),
        pytest.param("QR==", id="unused bits set"),
        pytest.param("QQ==\n", id="newline after"),
        pytest.param(" QQ==", id="space before"),
        pytest.param("Q Q==", id="space within"),
        pytest.param("QQ==QQ==", id="two of them"),
        pytest.param("-_8=", id="url alphabet"),
        pytest.param("ＱＱ==", id="full width letters"),  # noqa: RUF001 - that is the point
        pytest.param("=", id="padding only"),
    ],
)
def test_base64_in_another_spelling_is_refused(text: str) -> None:
    with pytest.raises(NoteError) as caught:
        decode_base64(text, field="root")

    assert (caught.value.field, caught.value.rule) == ("root", "base64")


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_hash_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(NoteError) as caught:
        decode_hash(encode_base64(bytes(length)), field="root")

    assert caught.value.rule == "hash-length"


@given(st.integers(0, SIZE_MAX))
def test_every_number_in_range_is_read(number: int) -> None:
    assert decode_decimal(str(number), field="size") == number


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("00", id="two zeros"),
        pytest.param("01", id="leading zero"),
        pytest.param("+1", id="plus"),
        pytest.param("-1", id="minus"),
        pytest.param("1_0", id="underscore"),
        pytest.param(" 1", id="space"),
        pytest.param("1\n", id="newline"),
        pytest.param("1.0", id="point"),
        pytest.param("0x1", id="hexadecimal"),
        pytest.param("\u0661", id="Arabic digit"),
        pytest.param("\u00b2", id="superscript"),
        pytest.param(str(SIZE_MAX + 1), id="beyond the largest"),
        pytest.param("9" * 5000, id="beyond what Python converts"),
    ],
)
def test_a_number_in_another_spelling_is_refused(text: str) -> None:
    with pytest.raises(NoteError) as caught:
        decode_decimal(text, field="size")

    assert (caught.value.field, caught.value.rule) == ("size", "decimal")


def test_half_a_surrogate_pair_is_no_text() -> None:
    with pytest.raises(NoteError) as caught:
        encode_text("\ud800", field="origin")

    assert (caught.value.field, caught.value.rule) == ("origin", "utf-8")
