"""Proved entries on the screen, in JSON, and as receipt files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from ledger.cli.files import write_file
from ledger.cli.memo import aligned, counted
from ledger.cli.output import Format, print_rows, show
from ledger.client.client import Proved
from ledger.client.receiptfiles import receipt_to_file
from ledger.log.tlogproof import FILE_EXTENSION


def proof_row(proved: Proved) -> dict[str, Any]:
    """What an entry's receipt says, as JSON."""
    entry = proved.entry
    return {
        "fact_id": entry.statement.fact_id,
        "stream": entry.statement.stream,
        "version": entry.statement.expected_version + 1,
        "index": entry.index,
        "author": entry.statement.author,
        "recorded": instant(entry.recorded_ms),
        "statement_digest": entry.digest.hex(),
        "tree_size": proved.head.size,
    }


def proof_table(entries: Sequence[Proved]) -> Iterator[RenderableType]:
    """Proved entries, one a line, and what was verified."""
    if entries:
        yield aligned(
            [
                (
                    f"[{proved.entry.index}]",
                    proved.entry.statement.fact_id,
                    _place(proved),
                )
                for proved in entries
            ],
            bold=1,
        )
    yield Text(
        f"{counted(len(entries), 'entry', 'entries')} appended, each receipt verified here.",
        style="dim",
    )


def print_appended(output: Format, entries: Sequence[Proved], *, tree_size: int) -> None:
    """Print what was appended and verified, in the form that was asked for."""
    if output is Format.TABLE:
        show(*proof_table(entries))
    else:
        rows = [proof_row(proved) for proved in entries]
        print_rows(output, "appended", rows, tree_size=tree_size)


def save_receipt(folder: Path, proved: Proved) -> Path:
    """Write a receipt file, named by its fact; one that is there already is replaced.

    Raises:
        InputError: It cannot be written.
    """
    path = folder / f"{proved.entry.statement.fact_id}{FILE_EXTENSION}"
    write_file(path, receipt_to_file(proved.receipt))
    return path


def instant(recorded_ms: int) -> str:
    """A recorded time as ISO 8601 in UTC, to the millisecond."""
    moment = datetime.fromtimestamp(recorded_ms / 1_000, tz=UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _place(proved: Proved) -> str:
    statement = proved.entry.statement
    return f"version {statement.expected_version + 1} of {statement.stream}"
