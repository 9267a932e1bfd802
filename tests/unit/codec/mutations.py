"""Every change of a single field of a message, found through its descriptors."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, cast

from google.protobuf.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from google.protobuf.descriptor import Descriptor, FieldDescriptor

    Change = Callable[[Any], None]

Path = tuple[str | int, ...]
UNKNOWN_NUMBER = 99
ODD_TEXTS = ("", "UNPUBLISHED", "2025-02-30", "-0", "1.50", "01", "1e3")


def mutations(message: Message) -> Iterator[Message]:
    """Copies of the message that differ from it in one field each."""
    for path, holder in holders(message):
        for field in holder.DESCRIPTOR.fields:
            for change in _changes(cast("FieldDescriptor", field), holder):
                mutated = deepcopy(message)
                change(at(mutated, path))
                yield mutated


def holders(message: Message, path: Path = ()) -> Iterator[tuple[Path, Message]]:
    """The message and every message in it that is present, with the way there."""
    yield path, message
    for field, value in message.ListFields():
        if isinstance(value, Message):
            yield from holders(value, (*path, field.name))
        elif field.message_type is not None:
            for index, member in enumerate(value):
                yield from holders(member, (*path, field.name, index))


def at(message: Message, path: Path) -> Any:
    """What stands at a path."""
    value: Any = message
    for part in path:
        value = value[part] if isinstance(part, int) else getattr(value, part)
    return value


def fields_set(message: Message) -> set[tuple[str, str]]:
    """Type and name of every field that is present anywhere in the message."""
    return {
        (holder.DESCRIPTOR.full_name, field.name)
        for _, holder in holders(message)
        for field, _ in holder.ListFields()
    }


def fields_of(descriptor: Descriptor) -> set[tuple[str, str]]:
    """Type and name of every field that a message of this type can hold anywhere."""
    found: set[tuple[str, str]] = set()
    waiting, seen = [descriptor], set()
    while waiting:
        kind = waiting.pop()
        if kind.full_name in seen:
            continue
        seen.add(kind.full_name)
        found |= {(kind.full_name, field.name) for field in kind.fields}
        waiting.extend(field.message_type for field in kind.fields if field.message_type)
    return found


def enum_places(message: Message) -> Iterator[tuple[Path, FieldDescriptor]]:
    """The place of every enum that is present anywhere in the message."""
    for path, holder in holders(message):
        for field, value in holder.ListFields():
            if field.enum_type is None:
                continue
            if isinstance(value, int):
                yield (*path, field.name), field
            else:
                for index in range(len(value)):
                    yield (*path, field.name, index), field


def _changes(field: FieldDescriptor, holder: Message) -> Iterator[Change]:
    value = getattr(holder, field.name)
    if isinstance(value, Message):
        yield _clearing(field.name)
        yield _emptying(field.name)
    elif isinstance(value, bool):
        yield _setting(field.name, not value)
        yield _clearing(field.name)
    elif isinstance(value, int):
        yield from (_setting(field.name, number) for number in (0, 1, UNKNOWN_NUMBER))
        yield _clearing(field.name)
    elif isinstance(value, str):
        yield from (_setting(field.name, text) for text in ODD_TEXTS)
    elif isinstance(value, bytes):
        yield from (_setting(field.name, data) for data in (b"", value[:-1], value + b"\x00"))
    else:
        yield from _list_changes(field)


def _list_changes(field: FieldDescriptor) -> Iterator[Change]:
    yield _replacing(field.name, lambda _: [])
    yield _replacing(field.name, lambda members: members[::-1])
    yield _replacing(field.name, lambda members: members + members)
    if field.message_type is not None:
        yield lambda message: getattr(message, field.name).add()
    else:
        odd = UNKNOWN_NUMBER if field.enum_type is not None else ""
        yield _replacing(field.name, lambda members: [*members, odd])


def _setting(name: str, value: object) -> Change:
    return lambda message: setattr(message, name, value)


def _clearing(name: str) -> Change:
    return lambda message: message.ClearField(name)


def _emptying(name: str) -> Change:
    def change(message: Any) -> None:
        message.ClearField(name)
        getattr(message, name).SetInParent()

    return change


def _replacing(name: str, members: Callable[[list[Any]], list[Any]]) -> Change:
    def change(message: Any) -> None:
        kept = members(list(getattr(message, name)))
        message.ClearField(name)
        getattr(message, name).extend(kept)

    return change
