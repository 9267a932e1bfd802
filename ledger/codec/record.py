"""Rows of the record format and the facts they carry, in both directions (FORMAT).

``id`` and ``stream`` of an item are left out where they follow from its name. FORMAT gives items
neither; a row that corrects an item needs an ``id`` of its own, because ids are unique in the log,
and the ``stream`` of the item it corrects if it also renames it.
"""

from __future__ import annotations

import json
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from ledger.codec.groups import parse_groups_csv
from ledger.codec.refusals import VALUE_ERROR, explain, join, own_path, quoted
from ledger.codec.rows import read_row
from ledger.codec.schema import (
    FORM_OF_FAMILY,
    ITEM,
    ROW_FORMS,
    RowForm,
    json_schema,
    keys_known_at,
)
from ledger.domain.facts import ItemDescribed, slug
from ledger.domain.number import json_number
from ledger.errors import RecordFormatError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic_core import ErrorDetails

    from ledger.codec.refusals import Path
    from ledger.codec.rows import Json, Row
    from ledger.domain.facts import Fact

__all__ = ["fact_to_row", "json_schema", "parse_groups_csv", "parse_row", "parse_rows"]


def parse_rows(data: str | bytes) -> list[Fact]:
    """Read a file of rows, one object a line.

    Raises:
        RecordFormatError: A row is refused; ``line`` counts from 1.
    """
    lines = _lines(data)
    rows = lines if lines[-1] else lines[:-1]
    return [parse_row(row, line=line) for line, row in enumerate(rows, start=1)]


def parse_row(text: str | bytes, *, line: int) -> Fact:
    """Read one row.

    Args:
        text: The row, in UTF-8.
        line: Its number in the file, for the refusal.

    Returns:
        The fact; numbers keep the decimal value that was written.

    Raises:
        RecordFormatError: The row does not follow FORMAT; it carries the line, the path as
            ``field`` and a reason.
    """
    row = read_row(text, line=line)
    form = _form_of(row, line)
    body = {key: value for key, value in row.items() if key not in form.constants}
    if form is ITEM:
        body = {**_place_of_item(row, line), **body}
    try:
        return form.model.model_validate_json(json.dumps(body, default=json_number))
    except ValidationError as error:
        raise _refusal(error, row, form, line) from error


def fact_to_row(fact: Fact) -> dict[str, Any]:
    """Write a fact as a row, the exact inverse of ``parse_row``.

    Returns:
        A JSON object whose numbers are exact, with empty keys left out. Empty lists stand where
        FORMAT writes them: the names of consignees, of signatories and of an item scope that is
        only described, and the preconditions of an exception.

    Raises:
        RecordFormatError: FORMAT has no row for a fact of this kind.
    """
    form = next((form for form in ROW_FORMS if form.model is type(fact)), None)
    if form is None:
        raise RecordFormatError(
            f"FORMAT has no row for a {type(fact).__name__}.", field="family", rule="family"
        )
    row: dict[str, Any] = fact.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    _spell_out(row)
    if isinstance(fact, ItemDescribed):
        follows = _place(fact.name)
        return {key: value for key, value in row.items() if follows.get(key) != value}
    return {"id": row.pop("id"), **form.constants, **row}


def _lines(data: str | bytes) -> Sequence[str | bytes]:
    """Cut at line feeds and nowhere else: ``splitlines()`` also cuts inside texts of JSON."""
    if isinstance(data, bytes):
        return data.split(b"\n")
    return data.split("\n")


def _form_of(row: Row, line: int) -> RowForm:
    """Tell what a row is, by its family; an item has a name and a vendor instead."""
    if "family" not in row and "name" in row and {"vendor", "parameters"} & row.keys():
        return ITEM
    family = row.get("family")
    form = FORM_OF_FAMILY.get(family) if isinstance(family, str) else None
    if form is None:
        given = f", not {quoted(family)}" if isinstance(family, str) else ""
        known = ", ".join(FORM_OF_FAMILY)
        reason = f"family must be one of {known}{given}; an item has a name and a vendor instead."
        raise _flaw(reason, line, "family")
    for key, value in form.constants.items():
        if row.get(key) != value:
            raise _flaw(f"{key} of a row of family {family} is {value}.", line, key)
    return form


def _place_of_item(row: Row, line: int) -> dict[str, str]:
    """Id and stream of an item's row, as far as they follow from the name."""
    name = row["name"]
    if not isinstance(name, str):
        raise _flaw("name must be text.", line, "name")
    place = _place(name)
    if not place and not {"id", "stream"} <= row.keys():
        reason = f"{quoted(name)} cannot name a stream; the row needs an id and a stream."
        raise _flaw(reason, line, "name")
    return place


def _place(item_name: str) -> dict[str, str]:
    """The id and stream that follow from an item's name, if it has enough of the alphabet."""
    try:
        return {"id": f"item-{slug(item_name)}", "stream": f"items/{slug(item_name)}"}
    except ValueError:
        return {}


def _spell_out(value: Any) -> None:
    """Put in the empty lists that FORMAT writes."""
    if isinstance(value, list):
        for member in value:
            _spell_out(member)
    if not isinstance(value, dict):
        return
    for key, member in value.items():
        _spell_out(member)
        if key in {"consignees", "signatories"} or (
            key == "items" and isinstance(member, dict) and member.keys() == {"described_as"}
        ):
            member.setdefault("names", [])
        if key == "exceptions":
            for exception in member:
                exception.setdefault("preconditions", [])


def _flaw(reason: str, line: int, field: str) -> RecordFormatError:
    return RecordFormatError(reason, line=line, field=field, rule="row")


def _refusal(error: ValidationError, row: Row, form: RowForm, line: int) -> RecordFormatError:
    """Turn the domain's objection into one sentence and a path that exists in the row."""
    errors = [(_path(each, row), each) for each in error.errors(include_url=False)]
    for path, each in errors:
        if each["type"] == "extra_forbidden":
            return RecordFormatError(
                _unknown_key(path, form), line=line, field=join(*path), rule="unknown-key"
            )
    field, reason = explain(errors)
    return RecordFormatError(reason, line=line, field=field, rule="value")


def _path(error: ErrorDetails, row: Row) -> Path:
    """Follow a location through the row, past the names that pydantic gives to union members."""
    path: list[str | int] = []
    value: Json = row
    for part in error["loc"]:
        if isinstance(value, dict) and part in value:
            value = value[str(part)]
        elif isinstance(value, list) and isinstance(part, int):
            value = value[part]
        else:
            continue
        path.append(part)
    if error["type"] == "missing":
        path.append(error["loc"][-1])
    if error["type"] == VALUE_ERROR and (own := own_path(error)[0]):
        path.append(own)
    return tuple(path)


def _unknown_key(path: Path, form: RowForm) -> str:
    *parents, key = path
    known = keys_known_at(form, parents)
    nearest = get_close_matches(str(key), known, n=1)
    hint = f"did you mean {nearest[0]}?" if nearest else f"known are {', '.join(known)}."
    return f"{quoted(key)} is not a key known here; {hint}"
