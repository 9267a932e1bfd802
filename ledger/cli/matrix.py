"""``matrix``: the license status of every item for every destination on record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import click
from rich.console import RenderableType
from rich.text import Text

from ledger.cli.cells import (
    Cell,
    axis_word,
    beside_requirement,
    grouped,
    key_of,
    message_row,
)
from ledger.cli.cutoff import asked_of_many
from ledger.cli.extent import Extent, extent_options, tree_size_option
from ledger.cli.memo import aligned, counted
from ledger.cli.output import Format, output_option, print_rows, show
from ledger.cli.question import question_options
from ledger.cli.session import session
from ledger.cli.where import Where, where_options
from ledger.client.comparing import Comparing, Matrix
from ledger.v1 import queries_pb2

_MANY: Final = 24
"""From so many destinations on, the largest group of an item is told as the others."""

_ALL: Final = "all of the destinations"


@click.command()
@extent_options
@question_options
@tree_size_option
@click.option("--all", "full", is_flag=True, help="List every destination by its code (table).")
@output_option
@where_options
def matrix(
    *,
    where: Where,
    output: Format,
    question: queries_pb2.Question,
    extent: Extent,
    tree_size: int | None,
    full: bool,
) -> None:
    """Show the status of all items for all destinations on record.

    Items that stand alike are told together, and so are the destinations for which they do.
    """
    request = queries_pb2.ListLicenseStatusesRequest(
        question=question,
        items=extent.items,
        destinations=extent.destinations,
        tree_size=tree_size or 0,
    )
    with session(where) as (client, _):
        found = Comparing(client).matrix(request)
    if output is Format.TABLE:
        show(*_screen(question, found, full=full))
        return
    about = {"tree_size": found.head.size, "engine_version": found.engine_version}
    print_rows(output, "cells", map(message_row, found.cells), **about)


def _screen(
    question: queries_pb2.Question, found: Matrix, *, full: bool
) -> Iterator[RenderableType]:
    items = {cell.item for cell in found.cells}
    places = {cell.destination for cell in found.cells}
    extent = f"{counted(len(items), 'item')}, {counted(len(places), 'destination')}"
    yield Text(f"License statuses of {extent}", style="bold")
    yield Text(asked_of_many(question), style="dim")
    for names, rows in _blocks(found.cells):
        yield Text(f"\n{', '.join(names)}", style="bold")
        yield aligned(list(_rows(rows, full=full)))
    yield Text(
        f"\nTree size {found.head.size}; its checkpoint is signed and continues every one seen "
        f"here. Engine {found.engine_version}. Not legal advice.",
        style="dim",
    )


_Outcomes = tuple[tuple[Cell, Sequence[str]], ...]


def _blocks(cells: Sequence[Cell]) -> Iterator[tuple[list[str], _Outcomes]]:
    """Items that stand alike everywhere, with their outcomes, the rarest first."""
    example = {key_of(cell): cell for cell in cells}
    outcomes: dict[str, list[tuple[tuple[object, ...], tuple[str, ...]]]] = {}
    for key, group in grouped((key_of(cell), cell) for cell in cells):
        for item in group.items:
            outcomes.setdefault(item, []).append((key, group.destinations))
    alike: dict[tuple[tuple[tuple[object, ...], tuple[str, ...]], ...], list[str]] = {}
    for item in dict.fromkeys(cell.item for cell in cells):
        rows = sorted(outcomes[item], key=lambda row: (len(row[1]), row[1]))
        alike.setdefault(tuple(rows), []).append(item)
    for shared, names in alike.items():
        yield names, tuple((example[key], codes) for key, codes in shared)


def _rows(outcomes: _Outcomes, *, full: bool) -> Iterator[tuple[str, Text]]:
    """Each outcome: the requirement, the other axes, and below them the destinations."""
    for cell, codes in outcomes:
        is_rest = (cell, codes) == outcomes[-1] and len(codes) >= _MANY
        places = f"the other {len(codes)} destinations" if len(outcomes) > 1 else _ALL
        text = Text(beside_requirement(cell) or "nothing else on record")
        text.append(f"\n{places if is_rest and not full else ', '.join(codes)}", style="dim")
        yield axis_word(cell, "requirement"), text
