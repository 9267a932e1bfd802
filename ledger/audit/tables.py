"""Entries as rows for people with data tools: JSON lines, or Parquet with the extra ``parquet``."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO, Final

from ledger.audit.report import moment
from ledger.audit.source import Piece, Source
from ledger.codec.facts import event_type
from ledger.codec.record import fact_to_row
from ledger.domain.facts import Fact
from ledger.domain.statement import Statement
from ledger.errors import RecordFormatError, SettingError, VerificationError
from ledger.log.merkle import leaf_hash
from ledger.readmodels.timeline import day_of
from ledger.store.mapper import open_entry

Row = dict[str, Any]

TEXT: Final = "text"
NUMBER: Final = "number"

COLUMNS: Final = {
    "index": NUMBER,
    "recorded_ms": NUMBER,
    "recorded_at": TEXT,
    "signed_at_ms": NUMBER,
    "stream": TEXT,
    "version": NUMBER,
    "author": TEXT,
    "fact_id": TEXT,
    "event_type": TEXT,
    "day": TEXT,
    "effective": TEXT,
    "compliance": TEXT,
    "notified": TEXT,
    "public": TEXT,
    "ends": TEXT,
    "fact": TEXT,
    "statement_digest": TEXT,
    "leaf_hash": TEXT,
}
"""The columns, in order. Times are ms since 1970 (UTC) or ISO 8601; days are ISO 8601, in the
record's own precision where it is none; ``fact`` is JSON in the record's file format; hashes are
hex."""

_DATES: Final = ("effective", "compliance", "notified", "public", "ends")
_GROUP: Final = 10_000
"""Rows in a row group of Parquet."""


def rows_of(source: Source, size: int, told: Callable[[int, int], None]) -> Iterator[Row]:
    """The first entries of a log as rows, in order.

    Raises:
        VerificationError: An entry is missing.
        StoreError: One does not read.
    """
    done = 0
    for page in source.pages(0, size):
        for piece in page:
            yield _row(piece)
        done += len(page)
        told(done, size)
    if done != size:
        raise VerificationError(
            f"Entry {done} is missing: audit the ledger.",
            field=f"entries[{done}]",
            rule="entry-missing",
        )


def write_jsonl(rows: Iterable[Row], file: BinaryIO) -> None:
    """Write one JSON object a line; the fact is an object in it."""
    for row in rows:
        line = {**row, "fact": json.loads(row["fact"])}
        file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")


def write_parquet(rows: Iterable[Row], file: BinaryIO) -> None:
    """Write a Parquet file; the fact is JSON in a text column.

    Raises:
        SettingError: pyarrow is not installed, which the extra ``parquet`` brings.
    """
    arrow, parquet = _pyarrow()
    types = {TEXT: arrow.string(), NUMBER: arrow.int64()}
    schema = arrow.schema([(name, types[kind]) for name, kind in COLUMNS.items()])
    remaining = iter(rows)
    with parquet.ParquetWriter(file, schema) as writer:
        while group := list(islice(remaining, _GROUP)):
            writer.write_table(arrow.Table.from_pylist(group, schema=schema))


def require_parquet() -> None:
    """See that Parquet can be written, before a long export begins.

    Raises:
        SettingError: pyarrow is not installed, which the extra ``parquet`` brings.
    """
    _pyarrow()


def _pyarrow() -> tuple[Any, Any]:
    try:
        return importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise SettingError(
            "Parquet needs pyarrow, which the extra brings: pip install "
            "'regulatory-ledger[parquet]'. --jsonl needs nothing.",
            field="parquet",
            rule="extra-missing",
        ) from error


def _row(piece: Piece) -> Row:
    if piece.data is None:
        raise VerificationError(
            f"Entry {piece.index} is missing: audit the ledger.",
            field=f"entries[{piece.index}]",
            rule="entry-missing",
        )
    opened = open_entry(piece.data)
    statement, fact = opened.statement, opened.statement.fact
    day = day_of(fact)
    return {
        "index": piece.index,
        "recorded_ms": opened.recorded_ms,
        "recorded_at": moment(opened.recorded_ms),
        "signed_at_ms": statement.signed_at_ms,
        "stream": statement.stream,
        "version": statement.expected_version + 1,
        "author": statement.author,
        "fact_id": statement.fact_id,
        "event_type": event_type(fact),
        "day": day.isoformat() if day else None,
        **_dates(fact),
        "fact": json.dumps(_fact(statement), ensure_ascii=False),
        "statement_digest": opened.digest.hex(),
        "leaf_hash": leaf_hash(piece.data).hex(),
    }


def _dates(fact: Fact) -> Row:
    dates = getattr(fact, "dates", None)
    told = {name: getattr(dates, name, None) for name in _DATES}
    return {name: str(date) if date is not None else None for name, date in told.items()}


def _fact(statement: Statement) -> Row:
    """The fact in the record's file format; what concerns keys has none and is written alike."""
    try:
        return fact_to_row(statement.fact)
    except RecordFormatError:
        dumped = statement.fact.model_dump(by_alias=True, exclude_defaults=True)
        written: Row = json.loads(json.dumps(dumped, default=_plain))
        return written


def _plain(value: object) -> str:
    """Bytes in hex; whatever else JSON does not know as its text."""
    return value.hex() if isinstance(value, bytes) else str(value)


__all__: Sequence[str] = ("COLUMNS", "require_parquet", "rows_of", "write_jsonl", "write_parquet")
