from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import EnvelopeError
from ledger.signing.dsse import PAYLOAD_TYPE, pae, statement_digest


def test_the_payload_type_is_the_one_of_the_format() -> None:
    assert PAYLOAD_TYPE == "application/vnd.ledger.statement.v1+protobuf"


def test_type_and_body_stand_after_their_lengths() -> None:
    assert pae("a/b", b"hello world") == b"DSSEv1 3 a/b 11 hello world"
    assert pae("", b"") == b"DSSEv1 0  0 "


def test_lengths_count_bytes_and_not_characters() -> None:
    assert pae("\u00e9", "\u20ac".encode()) == b"DSSEv1 2 \xc3\xa9 3 \xe2\x82\xac"


def test_the_body_is_taken_as_it_is() -> None:
    assert pae("t", b"\x00 \n\xff").endswith(b" 4 \x00 \n\xff")


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
bodies = st.binary(max_size=40)


@given(words, bodies, words, bodies)
def test_two_pairs_of_type_and_body_never_share_an_encoding(
    type1: str, body1: bytes, type2: str, body2: bytes
) -> None:
    same = (type1, body1) == (type2, body2)

    assert (pae(type1, body1) == pae(type2, body2)) is same


def test_moving_a_byte_from_type_to_body_changes_the_encoding() -> None:
    assert pae("ab", b"c") != pae("a", b"bc")
    assert pae("a 1 b", b"c") != pae("a", b"b 1 c")


def test_the_digest_is_that_of_the_encoding() -> None:
    expected = sha256(b"DSSEv1 44 application/vnd.ledger.statement.v1+protobuf 1 x").digest()

    assert statement_digest(PAYLOAD_TYPE, b"x") == expected


def test_a_type_that_is_no_text_is_refused() -> None:
    with pytest.raises(EnvelopeError) as caught:
        pae("\ud800", b"")

    assert (caught.value.field, caught.value.rule) == ("payload_type", "utf-8")
