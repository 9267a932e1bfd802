"""Record files, row by row: what does not parse is told by file, line and field, and skipped.

A file holds JSON Lines, or it is the table of country groups, known by its header (FORMAT).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from ledger.codec.groups import COLUMNS, parse_groups_csv
from ledger.codec.record import parse_row
from ledger.domain.facts import Fact, ReportedFact
from ledger.errors import LedgerError, RecordFormatError

_GROUPS_HEADER: Final = ",".join(COLUMNS)
FILE_BYTES_MAX: Final = 64 * 2**20
"""Longest record file read; the case file has a quarter of a megabyte."""

_UTF8_MARK: Final = b"\xef\xbb\xbf"


class RecordFile(Protocol):
    """A file on disk or in a package."""

    @property
    def name(self) -> str:
        """What a report calls it."""
        ...

    def read_bytes(self) -> bytes:
        """Return all of it."""
        ...


@dataclass(frozen=True, slots=True)
class Row:
    """A row that parses.

    Attributes:
        file: The file's name.
        line: Its first line, from 1.
        fact: What it says.
    """

    file: str
    line: int
    fact: Fact

    def refused(self, error: LedgerError) -> RefusedRow:
        """The row, and why it cannot go in."""
        return RefusedRow(
            self.file, self.line, self.fact.id, error.field, error.rule, error.message
        )


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that cannot go in.

    Attributes:
        file: The file's name.
        line: Its first line, from 1.
        fact_id: The fact's id, "" where the row does not parse.
        field: Where in the row the fault lies, or "".
        rule: The rule that refuses, or "".
        reason: One sentence.
    """

    file: str
    line: int
    fact_id: str
    field: str
    rule: str
    reason: str

    def __str__(self) -> str:
        named = (f"{self.file}:{self.line}", self.fact_id, self.field)
        rule = f" ({self.rule})" if self.rule else ""
        return f"{': '.join(part for part in named if part)}: {self.reason}{rule}"


def read_rows(file: RecordFile) -> Iterator[Row | RefusedRow]:
    """Read a record file; blank lines say nothing.

    Raises:
        RecordFormatError: The file cannot be read, or is too long.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise RecordFormatError(
            f"{file.name} cannot be read: {error.strerror}.", field="file", rule="file"
        ) from error
    if len(content) > FILE_BYTES_MAX:
        raise RecordFormatError(
            f"{file.name} has {len(content)} bytes; at most {FILE_BYTES_MAX} are read.",
            field="file",
            rule="file-length",
        )
    lines = content.removeprefix(_UTF8_MARK).splitlines()
    if lines and lines[0].strip() == _GROUPS_HEADER.encode():
        yield from _group_rows(file.name, lines)
        return
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _row(file.name, number, line)


def _row(file: str, number: int, line: bytes) -> Row | RefusedRow:
    try:
        return Row(file, number, parse_row(line, line=number))
    except LedgerError as error:
        return RefusedRow(file, number, "", error.field, error.rule, error.message)


def _group_rows(file: str, lines: list[bytes]) -> Iterator[Row | RefusedRow]:
    """One row at a time under the header, so that one that is wrong does not hide the others."""
    for number, record in _records(lines):
        try:
            text = record.decode("utf-8")
            for fact in parse_groups_csv(f"{_GROUPS_HEADER}\n{text}\n"):
                yield Row(file, number, fact)
        except UnicodeDecodeError:
            yield RefusedRow(file, number, "", "", "utf-8", "The line is not UTF-8.")
        except LedgerError as error:
            yield RefusedRow(file, number, "", error.field, error.rule, error.message)


def _records(lines: list[bytes]) -> Iterator[tuple[int, bytes]]:
    """The lines of each record after the header: a quoted cell may hold line ends."""
    reader = csv.reader(line.decode("utf-8", "replace") + "\n" for line in lines)
    begin = 0
    try:
        for cells in reader:
            if any(cells) and begin:
                yield begin + 1, b"\n".join(lines[begin : reader.line_num])
            begin = reader.line_num
    except csv.Error:
        yield begin + 1, b"\n".join(lines[begin : reader.line_num])


def items_named(fact: Fact) -> Iterable[str]:
    """The items that a fact names: as its subject, in an effect, or in a provision's scope."""
    if not isinstance(fact, ReportedFact):
        return
    yield from fact.items
    for effect in fact.effects:
        yield from effect.items
    for provision in fact.provisions:
        if provision.items is not None:
            yield from provision.items.names
