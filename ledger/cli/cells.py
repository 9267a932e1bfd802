"""Cells of the matrix in words: an outcome in a line, and many cells grouped by what they share."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message

from ledger.v1 import axes_pb2, queries_pb2

Cell = queries_pb2.LicenseStatusCell
_KeyT = TypeVar("_KeyT", bound=Hashable)

AXES: Final[Mapping[str, Callable[[Any], str]]] = {
    "requirement": axes_pb2.Requirement.Value.Name,
    "review_policy": axes_pb2.ReviewPolicy.Value.Name,
    "authorization": axes_pb2.Authorization.Value.Name,
    "destination_measure": axes_pb2.DestinationMeasure.Value.Name,
    "evidence": axes_pb2.Evidence.Value.Name,
    "commercial_condition": axes_pb2.CommercialCondition.Value.Name,
}
"""The fields of a cell that bear an axis or the side fact, with the words of each."""

_SILENT: Final = frozenset({"N_A", "NONE_ON_RECORD", "NONE", "UNSPECIFIED"})
"""Values that add nothing to a line; the requirement is never left out."""


class Group(NamedTuple):
    """Items that stand alike, and the destinations for which they do."""

    items: tuple[str, ...]
    destinations: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many cells these are."""
        return len(self.items) * len(self.destinations)


def axis_word(cell: Message, axis: str) -> str:
    """The value of an axis, as the record's word; NONE where there is no evidence."""
    word = AXES[axis](getattr(cell, axis))
    return "NONE" if word == "UNSPECIFIED" else word


def axis_name(axis: str) -> str:
    """An axis in a person's words."""
    return axis.replace("_", " ")


def beside_requirement(cell: Message) -> str:
    """The other axes in a line, less those that say nothing."""
    told = [
        f"{axis_name(axis)} {word}"
        for axis in AXES
        if axis != "requirement" and (word := axis_word(cell, axis)) not in _SILENT
    ]
    missing: Sequence[str] = getattr(cell, "missing", ())
    if missing:
        told.append(f"missing: {', '.join(missing)}")
    return ", ".join(told)


def outcome(cell: Message) -> str:
    """All axes in a line, the requirement first."""
    return ", ".join(filter(None, (axis_word(cell, "requirement"), beside_requirement(cell))))


def grouped(
    cells: Iterable[tuple[_KeyT, Cell]],
) -> Iterator[tuple[_KeyT, Group]]:
    """Group cells by a key: for each item its destinations, then items with the same ones.

    Args:
        cells: Each cell with what it must share to be told together.

    Yields:
        Each key with items and destinations; keys and items in the order in which they come.
    """
    places: dict[tuple[_KeyT, str], list[str]] = {}
    for key, cell in cells:
        places.setdefault((key, cell.item), []).append(cell.destination)
    items: dict[tuple[_KeyT, tuple[str, ...]], list[str]] = {}
    for (key, item), codes in places.items():
        items.setdefault((key, tuple(sorted(codes))), []).append(item)
    for (key, destinations), names in items.items():
        yield key, Group(tuple(names), destinations)


def key_of(cell: Cell) -> tuple[Any, ...]:
    """What two cells share that stand alike: every axis, and what is missing."""
    return (*(getattr(cell, axis) for axis in AXES), tuple(cell.missing))


def message_row(message: Message) -> dict[str, Any]:
    """A message as a JSON object with its proto field names, nothing left out."""
    row: dict[str, Any] = json_format.MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    return row
