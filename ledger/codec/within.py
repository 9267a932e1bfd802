"""Where in a message a fault lies: each level adds its own name on the way out.

Converters raise with the path inside their own message, or let a ``ValidationError`` of the
domain through; whoever called them knows the name of the field that held the message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from pydantic import ValidationError

from ledger.codec.refusals import VALUE_ERROR, explain, join, own_path
from ledger.errors import EnvelopeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from types import TracebackType

    from google.protobuf.message import Message
    from pydantic_core import ErrorDetails

    from ledger.codec.refusals import Path

_ValueT = TypeVar("_ValueT")
_MessageT = TypeVar("_MessageT", bound="Message")

# Names that differ between the domain and the wire.
_ON_THE_WIRE = {"addressee": "addressees", "from": "from_day", "to": "to_day"}


class within:  # noqa: N801 - reads as a statement: `with within("fact"):`
    """Put a name in front of the path of every refusal raised inside.

    Raises:
        EnvelopeError: Something inside was refused, by a converter or by the domain.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, ValidationError):
            raise _refusal(error, self._name) from error
        if isinstance(error, EnvelopeError):
            error.field = join(self._name, error.field)


def one(message: Message, name: str, convert: Callable[[Any], _ValueT]) -> _ValueT:
    """Convert a message field that must be present.

    Raises:
        EnvelopeError: It is absent, or what it holds is refused.
    """
    if not message.HasField(name):
        raise missing(name)
    return _inside(name, convert, getattr(message, name))


def maybe(message: Message, name: str, convert: Callable[[Any], _ValueT]) -> _ValueT | None:
    """Convert a message field if it is present.

    Raises:
        EnvelopeError: What it holds is refused.
    """
    if not message.HasField(name):
        return None
    return _inside(name, convert, getattr(message, name))


def each(
    messages: Sequence[_MessageT], name: str, convert: Callable[[_MessageT], _ValueT]
) -> tuple[_ValueT, ...]:
    """Convert every message of a repeated field.

    Raises:
        EnvelopeError: What one of them holds is refused.
    """
    if not messages:
        return ()
    return tuple(
        [_inside(f"{name}[{index}]", convert, message) for index, message in enumerate(messages)]
    )


Reader: TypeAlias = "Callable[[Any, str], Any]"
"""Turns what a field holds into a value of the domain; it is told the field's name as well."""


def present(message: Message, readers: Mapping[str, tuple[str, Reader]]) -> dict[str, Any]:
    """Read the fields of a message that are there, and ask for no other.

    Args:
        message: The message.
        readers: By a field's name on the wire its name in the domain, and what reads it.

    Returns:
        The values, by their names in the domain.

    Raises:
        EnvelopeError: What one of them holds is refused.
    """
    found = {}
    for field, value in message.ListFields():
        name, read = readers[field.name]
        found[name] = read(value, field.name)
    return found


def as_it_is(value: _ValueT, _: str) -> _ValueT:
    """Read a text, a number or a flag, which need no converting."""
    return value


def listed(values: Iterable[_ValueT], _: str) -> tuple[_ValueT, ...]:
    """Read a list of texts or numbers."""
    return tuple(values)


def a(convert: Callable[[Any], _ValueT]) -> Callable[[Any, str], _ValueT]:
    """A reader of a field that holds a message."""
    return lambda message, name: _inside(name, convert, message)


def many(convert: Callable[[Any], _ValueT]) -> Callable[[Any, str], tuple[_ValueT, ...]]:
    """A reader of a field that holds messages."""
    return lambda messages, name: each(messages, name, convert)


def given(**fields: Any) -> dict[str, Any]:
    """The optional fields that say something, by name: neither absent, nor empty, nor false.

    Handed on to a model, the others take the time of checking what is nothing, and the memory of
    being known as set.
    """
    return {name: value for name, value in fields.items() if value}


def _inside(name: str, convert: Callable[[_MessageT], _ValueT], message: _MessageT) -> _ValueT:
    """What ``within`` does, for what is done a dozen times a statement."""
    try:
        return convert(message)
    except ValidationError as error:
        raise _refusal(error, name) from error
    except EnvelopeError as error:
        error.field = join(name, error.field)
        raise


def missing(name: str) -> EnvelopeError:
    """The refusal of a message that lacks a field it needs."""
    return EnvelopeError(f"{name} is missing.", field=name, rule="missing")


def _refusal(error: ValidationError, name: str) -> EnvelopeError:
    """Turn the domain's objection into ours, keeping its place."""
    errors = error.errors(include_url=False)
    path, reason = explain([(_path(each, name), each) for each in errors])
    return EnvelopeError(reason, field=path, rule="value")


def _path(error: ErrorDetails, name: str) -> Path:
    """Where an error stands: an attribute and the places in its lists.

    The rest of a location names members of a union, and the wire has no unions.
    """
    attribute = [_ON_THE_WIRE.get(str(part), part) for part in error["loc"][:1]]
    places = [part for part in error["loc"][1:] if isinstance(part, int)]
    own = own_path(error)[0] if error["type"] == VALUE_ERROR else ""
    return tuple(part for part in (name, *attribute, *places, own) if part != "")
