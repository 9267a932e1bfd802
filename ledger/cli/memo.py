"""Pieces of a screen that reads like a memo: headings, and lines with their labels in a column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

_INDENT: Final = 2


def heading(words: str) -> Text:
    """A heading, with a blank line before it."""
    return Text(f"\n{words}", style="bold")


def labeled(rows: Iterable[tuple[str, str]], *, width: int = 0) -> Padding:
    """Lines with a label each; an empty label continues the line above.

    Args:
        rows: Label and text.
        width: Least width of the labels, so that two blocks can line up.
    """
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, min_width=width, style="dim")
    grid.add_column(overflow="fold")
    for label, text in rows:
        grid.add_row(label, text)
    return Padding(grid, (0, 0, 0, _INDENT))


def aligned(rows: Iterable[Sequence[str | Text]], *, bold: int = -1) -> Padding:
    """Rows of several columns without lines between them; the last column wraps.

    Args:
        rows: The cells.
        bold: The column that stands out, or -1.
    """
    grid = Table.grid(padding=(0, 2))
    body = [list(row) for row in rows]
    columns = max((len(row) for row in body), default=0)
    for place in range(columns):
        last = place == columns - 1
        grid.add_column(no_wrap=not last, overflow="fold", style="bold" if place == bold else "")
    for row in body:
        grid.add_row(*row)
    return Padding(grid, (0, 0, 0, _INDENT))


def counted(number: int, one: str, several: str = "") -> str:
    """A number with its noun: ``1 entry``, ``2 entries``."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"
