"""As much of DER as it takes to find an element, and to put a set in order (X.690)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

_LONG: Final = 0x80
_LENGTH_BYTES_MAX: Final = 4
_MULTIBYTE_TAG: Final = 0x1F


class DerError(ValueError):
    """The bytes are not DER, or not of the form that is asked for."""


class _Element(NamedTuple):
    """One element: its tag, where it begins, where its content begins, and where it ends."""

    tag: int
    start: int
    content: int
    end: int


def with_set_in_order(data: bytes, places: Sequence[int], tag: int) -> bytes:
    """The same bytes with the members of one set in DER's order, by their encodings (11.6).

    Args:
        data: One element, which is the root.
        places: The way down from the root: the place of each element inside the one before it.
        tag: The set's tag. Where the way ends early, or at another element, there is no such
            set, and the bytes stay as they are.

    Raises:
        DerError: The bytes are not DER.
    """
    element = _at(data, places)
    if element is None or element.tag != tag:
        return data
    members = sorted(data[member.start : member.end] for member in _inside(data, element))
    return data[: element.content] + b"".join(members) + data[element.end :]


def content_at(data: bytes, places: Sequence[int]) -> bytes:
    """The content of the element at the end of a way down from the root.

    Raises:
        DerError: The bytes are not DER, or the way ends early.
    """
    element = _at(data, places)
    if element is None:
        message = "it lacks an element"
        raise DerError(message)
    return data[element.content : element.end]


def _at(data: bytes, places: Sequence[int]) -> _Element | None:
    """The element at the end of a way down; None where the way ends early."""
    element = _read(data, 0, len(data))
    for place in places:
        inside = list(_inside(data, element))
        if place >= len(inside):
            return None
        element = inside[place]
    return element


def _inside(data: bytes, outer: _Element) -> Iterator[_Element]:
    """The elements that the content of one consists of."""
    place = outer.content
    while place < outer.end:
        element = _read(data, place, outer.end)
        yield element
        place = element.end


def _read(data: bytes, start: int, end: int) -> _Element:
    """The element that begins at a place, of definite length and within an end."""
    if start + 2 > end or data[start] & _MULTIBYTE_TAG == _MULTIBYTE_TAG:
        message = f"there is no element at {start}"
        raise DerError(message)
    length, content = data[start + 1], start + 2
    if length & _LONG:
        count = length ^ _LONG
        if not 0 < count <= _LENGTH_BYTES_MAX or content + count > end:
            message = f"the length at {start} is not a definite one"
            raise DerError(message)
        length, content = int.from_bytes(data[content : content + count]), content + count
    if content + length > end:
        message = f"the element at {start} is cut short"
        raise DerError(message)
    return _Element(data[start], start, content, content + length)
