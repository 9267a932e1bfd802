"""What became of an import: counts by file on stdout, refused rows and warnings on stderr."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from ledger.cli.memo import aligned, counted
from ledger.cli.output import Format, print_json, say, show, warn
from ledger.client.importer import ImportReport
from ledger.domain.statement import Anchor


def report_import(
    report: ImportReport, output: Format, files: Sequence[str], anchor: Anchor | None
) -> None:
    """Tell what became of every row.

    Args:
        report: The import's report.
        output: How data is printed.
        files: The names of the files, in the order given.
        anchor: The highest verified checkpoint.
    """
    for row in report.refused:
        say(f"refused: {row}")
    for warning in report.warnings:
        warn(warning)
    if output is Format.TABLE:
        show(*_screen(report, files, anchor))
    else:
        print_json(_json(report, anchor))


def _screen(
    report: ImportReport, files: Sequence[str], anchor: Anchor | None
) -> Iterator[RenderableType]:
    counts = {
        "appended": Counter(row.file for row, _ in report.appended),
        "would go in": Counter(row.file for row in report.valid),
        "already in": Counter(row.file for row in report.already_in),
        "refused": Counter(row.file for row in report.refused),
    }
    rows = []
    for file in files:
        told = [f"{count[file]} {words}" for words, count in counts.items() if count[file]]
        rows.append((file, ", ".join(told) or "no rows"))
    yield aligned(rows)
    yield Text(_footer(report, anchor), style="dim")


def _footer(report: ImportReport, anchor: Anchor | None) -> str:
    if not report.appended:
        return "Nothing was appended."
    indexes = [proved.entry.index for _, proved in report.appended]
    return (
        f"{counted(len(indexes), 'entry', 'entries')} appended at index {min(indexes)} to "
        f"{max(indexes)}, each receipt verified here; tree size {anchor.size if anchor else 0}."
    )


def _json(report: ImportReport, anchor: Anchor | None) -> dict[str, Any]:
    return {
        "appended": [
            {
                "fact_id": row.fact.id,
                "index": proved.entry.index,
                "file": row.file,
                "line": row.line,
            }
            for row, proved in report.appended
        ],
        "valid": [row.fact.id for row in report.valid],
        "already_in": [row.fact.id for row in report.already_in],
        "refused": [asdict(row) for row in report.refused],
        "warnings": report.warnings,
        "tree_size": anchor.size if anchor else 0,
    }
