"""Country groups: ``country_groups.csv`` of the record format (FORMAT §4).

A membership's id follows from its row alone: ``group-<group>-<code>``, with the day it began and
``until-<day>`` where it has them. So a later file that adds a period, or ends one that was open,
brings a new id, and a row that is imported twice brings the same one.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from ledger.codec.refusals import explain
from ledger.domain.facts import GroupMembership
from ledger.errors import RecordFormatError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

COLUMNS: Final = (
    "group",
    "iso3166_alpha2",
    "name",
    "from_date",
    "until_date",
    "grade",
    "source",
    "note",
)
_ATTRIBUTE_OF = {"iso3166_alpha2": "country"}
_COLUMN_OF = {attribute: column for column, attribute in _ATTRIBUTE_OF.items()}


def parse_groups_csv(text: str | bytes) -> list[GroupMembership]:
    """Read the memberships of a CSV file whose first line names the columns.

    Args:
        text: The file, in UTF-8; an empty cell is an absent value.

    Returns:
        One fact a row, in the stream ``destinations/<code>``, in the order of the file.

    Raises:
        RecordFormatError: A row does not follow FORMAT, or repeats one; ``line`` is the line it
            begins on, ``field`` its column.
    """
    memberships: dict[str, int] = {}
    facts = []
    for line, row in _rows(_decode(text)):
        fact = _membership(row, line)
        if fact.id in memberships:
            raise RecordFormatError(
                f"This period of {fact.country} in {fact.group} stands on line "
                f"{memberships[fact.id]} already.",
                line=line,
                field="group",
                rule="row-twice",
            )
        memberships[fact.id] = line
        facts.append(fact)
    return facts


def _decode(text: str | bytes) -> str:
    try:
        decoded = text.decode("utf-8") if isinstance(text, bytes) else text
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise RecordFormatError("The file is not UTF-8.", line=line, rule="utf-8") from error
    if decoded.startswith("\ufeff"):
        raise RecordFormatError(
            "The file begins with a byte order mark; save it as plain UTF-8.",
            line=1,
            rule="utf-8",
        )
    return decoded


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Every row with the line it begins on, the header checked and left out."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begins = 1
    try:
        for cells in reader:
            if begins == 1:
                _check_header(cells)
            elif len(cells) != len(COLUMNS):
                raise RecordFormatError(
                    f"The row has {len(cells)} cells, not {len(COLUMNS)}.",
                    line=begins,
                    rule="columns",
                )
            else:
                yield begins, dict(zip(COLUMNS, cells, strict=True))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise RecordFormatError(f"The row is not CSV: {error}.", line=begins, rule="csv") from error
    if begins == 1:
        raise RecordFormatError("The file is empty.", line=1, rule="columns")


def _check_header(cells: list[str]) -> None:
    if tuple(cells) != COLUMNS:
        raise RecordFormatError(
            f"The first line must name the columns {','.join(COLUMNS)}.", line=1, rule="columns"
        )


def _membership(row: Mapping[str, str], line: int) -> GroupMembership:
    code = row["iso3166_alpha2"]
    cells = {_ATTRIBUTE_OF.get(column, column): cell for column, cell in row.items() if cell}
    place = {"id": _id(row), "stream": f"destinations/{code.lower()}"}
    try:
        return GroupMembership.model_validate_json(json.dumps(cells | place))
    except ValidationError as error:
        raise _refusal(error, line) from error


def _id(row: Mapping[str, str]) -> str:
    group = row["group"].lower().replace(":", "-")
    parts = ["group", group, row["iso3166_alpha2"].lower()]
    if row["from_date"]:
        parts.append(row["from_date"])
    if row["until_date"]:
        parts += ["until", row["until_date"]]
    return "-".join(parts)


def _refusal(error: ValidationError, line: int) -> RecordFormatError:
    """The objection to a cell; the id and stream that were made of it come second."""
    errors = [(tuple(map(_column, each["loc"])), each) for each in error.errors(include_url=False)]
    cells = [(path, each) for path, each in errors if path[:1] not in {("id",), ("stream",)}]
    column, reason = explain(cells or errors)
    return RecordFormatError(reason, line=line, field=column, rule="value")


def _column(attribute: str | int) -> str | int:
    return _COLUMN_OF.get(str(attribute), attribute)
