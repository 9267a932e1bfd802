from __future__ import annotations

import pytest

from ledger.signing.der import DerError, content_at, with_set_in_order

SET = 0xA0


def element(tag: int, *content: bytes) -> bytes:
    body = b"".join(content)
    length = bytes([len(body)]) if len(body) < 0x80 else b"\x82" + len(body).to_bytes(2)
    return bytes([tag]) + length + body


def number(value: int) -> bytes:
    return element(0x02, bytes([value]))


def test_the_members_of_a_set_are_put_in_order() -> None:
    unordered = element(0x30, number(9), element(SET, number(3), number(1), number(2)))

    ordered = with_set_in_order(unordered, (1,), SET)

    assert ordered == element(0x30, number(9), element(SET, number(1), number(2), number(3)))
    assert with_set_in_order(ordered, (1,), SET) == ordered


def test_order_is_by_encodings_so_a_shorter_member_comes_first() -> None:
    long, short = element(0x30, bytes(200)), element(0x30, bytes(100))

    assert with_set_in_order(element(SET, long, short), (), SET) == element(SET, short, long)


def test_an_element_is_found_by_its_place_or_is_lacking() -> None:
    data = element(0x30, number(9), element(SET, number(3), number(1)))

    assert content_at(data, (1, 0)) == b"\x03"
    assert content_at(data, ()) == data[2:]
    with pytest.raises(DerError):
        content_at(data, (1, 2))


@pytest.mark.parametrize("places", [(0,), (2,), (1, 5)])
def test_where_there_is_no_such_set_nothing_changes(places: tuple[int, ...]) -> None:
    data = element(0x30, number(9), element(SET, number(3), number(1)))

    assert with_set_in_order(data, places, SET) == data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x30",
        b"\x30\x05\x02\x01",
        b"\x30\x80\x00\x00",
        b"\x30\x85\x00\x00\x00\x00\x01\x00",
        b"\x30\x82\x01",
        b"\x1f\x01\x00",
        element(0x30, b"\x02\x09\x01"),
    ],
    ids=[
        "nothing",
        "no length",
        "cut",
        "indefinite",
        "a length of 5 bytes",
        "a cut length",
        "a long tag",
        "cut within",
    ],
)
def test_what_is_not_der_is_refused(data: bytes) -> None:
    with pytest.raises(DerError):
        with_set_in_order(data, (0,), SET)
