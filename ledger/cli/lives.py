"""``orders`` and ``submissions``: the lives in a collection, each with its facts in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import click
from rich.console import RenderableType
from rich.text import Text

from ledger.cli.memo import aligned, counted
from ledger.cli.outcomes import show_outcomes
from ledger.cli.output import Format, output_option, print_rows, show
from ledger.cli.provenance import fact_json, provenance_json
from ledger.cli.session import session
from ledger.cli.summary import summary
from ledger.cli.where import Where, where_options
from ledger.cli.whole import proved_line, whole_option
from ledger.client.client import Proved
from ledger.client.comparing import Comparing
from ledger.client.rows import items_named
from ledger.domain.vocabulary import Collection
from ledger.readmodels.timeline import day_of
from ledger.v1 import queries_pb2

Life = tuple[str, Sequence[Proved]]
"""A stream's name, and its facts in order."""

_DAY: Final = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--item", metavar="NAME", help="Only orders that name this item.")
@click.option("--tree-size", type=click.IntRange(min=1), help="As the log stood at this size.")
@whole_option
@output_option
@where_options
def orders(
    *, where: Where, output: Format, item: str | None, tree_size: int | None, whole: bool
) -> None:
    """List company orders, and what became of them."""
    _list(where, output, Collection.ORDERS, item, tree_size or 0, whole=whole)


@click.command()
@click.option("--item", metavar="NAME", help="Only submissions that name this item.")
@click.option("--tree-size", type=click.IntRange(min=1), help="As the log stood at this size.")
@click.option("--outcomes", is_flag=True, help="Tell of each what was then done.")
@click.option(
    "--known-at", type=_DAY, metavar="DAY", help="With --outcomes: the last day that counts."
)
@whole_option
@output_option
@where_options
def submissions(
    *,
    where: Where,
    output: Format,
    item: str | None,
    tree_size: int | None,
    outcomes: bool,
    known_at: datetime | None,
    whole: bool,
) -> None:
    """List advocacy submissions: who asked whom for what.

    With --outcomes, each is told with what was then done. An answer is one that names the
    submission. Later acts on the same matter stand apart: that they came later says nothing about
    why.
    """
    if not outcomes:
        if known_at is not None:
            message = "--known-at goes with --outcomes."
            raise click.UsageError(message)
        _list(where, output, Collection.SUBMISSIONS, item, tree_size or 0, whole=whole)
        return
    if whole:
        message = "--whole does not go with --outcomes."
        raise click.UsageError(message)
    request = queries_pb2.ListSubmissionOutcomesRequest(
        known_at=f"{known_at:%Y-%m-%d}" if known_at else "", tree_size=tree_size or 0
    )
    with session(where) as (client, _):
        found = Comparing(client).outcomes(request)
        about = (outcome for outcome in found if _is_about(outcome.proved, item))
        show_outcomes(about, output)


def _list(
    where: Where,
    output: Format,
    collection: Collection,
    item: str | None,
    tree_size: int,
    *,
    whole: bool,
) -> None:
    with session(where) as (client, _):
        listed = client.whole_collection if whole else client.proved_streams
        found = [life for life in listed(collection, tree_size) if _names(life, item)]
        if output is Format.TABLE:
            show(*_screen(found, collection, whole=whole))
            return
        rows = (
            {
                "stream": stream,
                "facts": [
                    {
                        "fact": fact_json(proved.entry.fact),
                        "provenance": provenance_json(client, proved),
                    }
                    for proved in facts
                ],
            }
            for stream, facts in found
        )
        print_rows(output, collection.value, rows)


def _names(life: Life, item: str | None) -> bool:
    return item is None or any(_is_about(proved, item) for proved in life[1])


def _is_about(proved: Proved, item: str | None) -> bool:
    names = {name.casefold() for name in items_named(proved.entry.fact)}
    return item is None or item.casefold() in names


def _screen(
    found: Sequence[Life], collection: Collection, *, whole: bool
) -> Iterator[RenderableType]:
    for stream, facts in found:
        yield Text(stream, style="bold")
        yield aligned(
            [
                (
                    str(day_of(proved.entry.fact) or ""),
                    f"[{proved.entry.index}]",
                    _told(proved, stream),
                )
                for proved in facts
            ]
        )
    entries = sum(len(facts) for _, facts in found)
    what = f"{len(found)} {collection.value} of {counted(entries, 'fact')}"
    yield Text(proved_line(what, whole=whole), style="dim")


def _told(proved: Proved, stream: str) -> str:
    """A fact in a line, under its id unless the stream has that name."""
    fact = proved.entry.fact
    own = stream.partition("/")[2] == fact.id
    return summary(fact) if own else f"{fact.id}: {summary(fact)}"
