"""One line of JSON, read more strictly than JSON asks (FORMAT: one object a line, in UTF-8).

A key that stands twice, ``NaN``, a number that not every reader keeps, half a surrogate pair: JSON
libraries pass them on, each in its own way, and two readers of one row would then see two facts.
"Empty keys are left out": a null or an empty text is refused, so that nobody takes it for a value;
an empty list says *none*, as FORMAT itself writes ``names: []``.
"""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn, TypeAlias

from ledger.codec.refusals import join, quoted
from ledger.domain.number import DIGITS_MAX
from ledger.errors import RecordFormatError

if TYPE_CHECKING:
    from collections.abc import Iterator

Json: TypeAlias = "str | bool | Decimal | list[Json] | dict[str, Json] | _Flaw | None"
"""What a row is read into: every number is the decimal that was written."""

Row: TypeAlias = dict[str, Json]

DEPTH_MAX: Final = 20
"""Levels of nesting in a row; FORMAT needs eleven."""

_NUMBER_LENGTH_MAX = 40
_MAGNITUDE_MAX = 20


class _Flaw(NamedTuple):
    """What the parser met and cannot refuse itself, because only the walk knows the path."""

    reason: str
    key: str = ""


def read_row(text: str | bytes, *, line: int) -> Row:
    """Read the object on one line.

    Args:
        text: The line, with or without its end.
        line: Its number, for the refusal.

    Raises:
        RecordFormatError: It is no JSON object in UTF-8, or holds what this module refuses;
            ``field`` is a path such as ``provisions[0].items.any_of[1].all_of[0].value``.
    """
    row = _load(_decode(text, line), line)
    if not isinstance(row, dict):
        raise RecordFormatError(
            row.reason if isinstance(row, _Flaw) else "A row is one JSON object.",
            line=line,
            field=row.key if isinstance(row, _Flaw) else "",
            rule="object",
        )
    _check(row, line)
    return row


def _decode(text: str | bytes, line: int) -> str:
    try:
        decoded = text.decode("utf-8") if isinstance(text, bytes) else text
    except UnicodeDecodeError as error:
        raise RecordFormatError("The line is not UTF-8.", line=line, rule="utf-8") from error
    if decoded.startswith("\ufeff"):
        raise RecordFormatError(
            "The file begins with a byte order mark; save it as plain UTF-8.",
            line=line,
            rule="utf-8",
        )
    return decoded


def _load(text: str, line: int) -> Json:
    if not text.strip():
        raise RecordFormatError("The line is empty.", line=line, rule="json")
    try:
        value: Json = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_number,
            parse_float=_number,
            parse_constant=lambda name: _Flaw(f"{name} is not a number of JSON."),
        )
    except json.JSONDecodeError as error:
        reason = f"The line is not JSON: {error.msg} at column {error.colno}."
        raise RecordFormatError(reason, line=line, rule="json") from error
    except RecursionError as error:
        raise _too_deep(line) from error
    return value


def _object(pairs: list[tuple[str, Json]]) -> Json:
    values = dict(pairs)
    if len(values) == len(pairs):
        return values
    keys = [key for key, _ in pairs]
    twice = next(key for key in keys if keys.count(key) > 1)
    return _Flaw(f"The key {quoted(twice)} stands twice.", twice)


def _number(text: str) -> Json:
    """Read a number as the decimal it is, unless a double would change it."""
    too_long = _Flaw(f"{quoted(text)} has more than {DIGITS_MAX} digits or is out of range.")
    if len(text) > _NUMBER_LENGTH_MAX:
        return too_long
    try:
        number = Decimal(text)
    except InvalidOperation:
        return too_long
    digits = "".join(map(str, number.as_tuple().digits)).strip("0")
    exact = len(digits) <= DIGITS_MAX and abs(number.adjusted()) <= _MAGNITUDE_MAX
    return number if exact else too_long


def _check(row: Row, line: int) -> None:
    """Refuse what may stand nowhere in a row."""
    for path, value in _walk(row, line):
        match value:
            case None | "":
                reason = "is null" if value is None else "is empty"
                _refuse(f"{path} {reason}; leave an empty key out.", line, path)
            case _Flaw():
                _refuse(value.reason, line, join(path, value.key))
            case str() if not _is_unicode(value):
                _refuse(f"{path} is not Unicode text.", line, path)


def _walk(row: Row, line: int) -> Iterator[tuple[str, Json]]:
    """Every value of the row with its path, in the order of the text."""
    waiting: list[tuple[str, int, Json]] = [("", 0, row)]
    while waiting:
        path, depth, value = waiting.pop()
        if depth > DEPTH_MAX:
            raise _too_deep(line)
        yield path, value
        if isinstance(value, dict):
            for key in value:
                if not _is_unicode(key):
                    _refuse("A key is not Unicode text.", line, path)
            inner = [(join(path, key), depth + 1, member) for key, member in value.items()]
            waiting.extend(reversed(inner))
        elif isinstance(value, list):
            inner = [(join(path, index), depth + 1, member) for index, member in enumerate(value)]
            waiting.extend(reversed(inner))


def _is_unicode(text: str) -> bool:
    """Whether the text has no half of a surrogate pair, which UTF-8 cannot carry."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _refuse(reason: str, line: int, field: str) -> NoReturn:
    raise RecordFormatError(reason, line=line, field=field, rule="row")


def _too_deep(line: int) -> RecordFormatError:
    return RecordFormatError("The row nests deeper than FORMAT does.", line=line, rule="depth")
