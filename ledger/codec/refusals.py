"""What pydantic refuses, in words for people and with the place where it stands.

pydantic speaks of tuples, patterns and union members; whoever wrote the input knows lists, forms
and alternatives. Nothing outside this package sees a ``ValidationError``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pydantic_core import ErrorDetails

Path: TypeAlias = tuple[str | int, ...]
"""The keys and places that lead to a value."""

VALUE_ERROR: Final = "value_error"
"""pydantic's type of an error that a validator of the domain raised in its own words."""

FORMS: Final = {
    r"^[a-z0-9-]{3,80}$": "3 to 80 of a-z, 0-9 and hyphen",
    r"^[a-z0-9-]{2,64}$": "2 to 64 of a-z, 0-9 and hyphen",
    r"^[a-z0-9-]{3,80}#[a-z0-9-]{1,60}$": "an id and a name within it, such as rule-2023#place",
    r"^[a-z0-9-]{3,80}(#[a-z0-9-]{1,60})?$": "the id of a fact, or of a provision (fact#name)",
    r"^[A-Z]{3}$": "a currency in three capitals, such as USD",
    r"^\d{4}(-\d{2}(-\d{2})?)?$": "YYYY, YYYY-MM or YYYY-MM-DD",
    r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$": "a language such as en or zh-Hant",
    r"^[0-9a-f]{64}$": "64 lower-case hexadecimal digits",
    r"^[a-z0-9][a-z0-9./-]{3,120}$": "4 to 121 of a-z, 0-9, dot, slash and hyphen",
    r"^[a-z0-9.+-]+/[a-z0-9.+-]+$": "a media type such as application/pdf",
}
"""The patterns of the domain, in words."""

_STREAM_PATTERN = re.compile(r"\^\((?P<collections>[a-z|]+)\)/")

_PREDICATES: Final = {
    "missing": "is missing",
    "extra_forbidden": "is not a key known here",
    "string_type": "must be text",
    "string_too_short": "is empty",
    "string_too_long": "has more than {max_length} characters",
    "string_unicode": "is not Unicode text",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "is_instance_of": "must be a number",
    "finite_number": "must be a number",
    "decimal_max_digits": "has more than {max_digits} digits",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be below {lt}",
    "tuple_type": "must be a list",
    "too_short": "needs at least {min_length} member",
    "too_long": "has more than {max_length} members",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "enum": "must be {expected}",
    "literal_error": "must be {expected}",
    "date_type": "must be a day written YYYY-MM-DD",
    "bytes_too_short": "has fewer than {min_length} bytes",
    "bytes_too_long": "has more than {max_length} bytes",
}

_OF_ANOTHER_KIND: Final = frozenset(
    {"bool_type", "dict_type", "is_instance_of", "model_type", "string_type", "tuple_type"}
)

_OWN_PATH = re.compile(r"([a-z_]+(?:\[\d+\])?(?:\.[a-z_]+)*): ")


def join(*parts: str | int) -> str:
    """Write a path: ``join("provisions", 0, "effective")`` is ``provisions[0].effective``."""
    path = ""
    for part in parts:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part:
            path += f".{part}" if path else part
    return path


def quoted(value: object) -> str:
    """A value as a message may show it: on one line, and not too much of it."""
    text = ascii(value)
    return text if len(text) <= 60 else f"{text[:56]}...{text[-1]}"  # noqa: PLR2004 - half a line


def own_path(error: ErrorDetails) -> tuple[str, str]:
    """Take apart what a validator of the domain said: the place it names first, and the reason."""
    reason = error["msg"].removeprefix("Value error, ")
    match = _OWN_PATH.match(reason)
    return (match[1], reason[match.end() :]) if match else ("", reason)


def explain(placed: Sequence[tuple[Path, ErrorDetails]]) -> tuple[str, str]:
    """Choose what to say of all that was found, and say it in one sentence.

    Args:
        placed: Every error with its path, in pydantic's order.

    Returns:
        The path, and the sentence. Of the members of a union those count that followed the value
        deepest, and of those the ones that took its kind and object to its content.
    """
    first = placed[0][0]
    deepest = max((path for path, _ in placed if path[: len(first)] == first), key=len)
    errors = [error for path, error in placed if path == deepest]
    errors = [error for error in errors if error["type"] not in _OF_ANOTHER_KIND] or errors
    field = join(*deepest)
    name = field.rpartition(".")[2]
    if errors[0]["type"] == VALUE_ERROR:
        reason = own_path(errors[0])[1]
        return field, f"{name}: {reason}." if name else f"{reason}."
    predicate = _alternatives(map(_predicate, errors))
    shown = _shown(errors[0]["input"]) if predicate.startswith("must") else ""
    return field, f"{name or 'this'} {predicate}{shown}."


def _predicate(error: ErrorDetails) -> str:
    context: dict[str, Any] = error.get("ctx", {})
    if error["type"] == "string_pattern_mismatch":
        return f"must be {_form(context['pattern'])}"
    template = _PREDICATES.get(error["type"])
    return template.format(**context) if template else f"is refused: {error['msg']}"


def _form(pattern: str) -> str:
    if stream := _STREAM_PATTERN.match(pattern):
        collections = ", ".join(stream["collections"].split("|"))
        return f"<collection>/<id>, the collection being one of {collections}"
    return FORMS.get(pattern, f"of the form {pattern}")


def _alternatives(predicates: Iterable[str]) -> str:
    """Join what each member of a union asks: "must be true or false, a number, or an object"."""
    first, *others = dict.fromkeys(predicates)
    asked = [first, *(other.removeprefix("must be ") for other in others)]
    return ", or ".join(filter(None, (", ".join(asked[:-1]), asked[-1])))


def _shown(value: object) -> str:
    """The refused value itself, where it is short."""
    return f", not {quoted(value)}" if isinstance(value, str | int | float) else ""
