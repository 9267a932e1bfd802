"""``timeline``: facts in the order of their own dates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import click
from rich.console import RenderableType
from rich.text import Text

from ledger.cli.memo import aligned, counted
from ledger.cli.output import Format, output_option, print_rows, show
from ledger.cli.provenance import fact_json, provenance_json
from ledger.cli.session import session
from ledger.cli.summary import summary
from ledger.cli.where import Where, where_options
from ledger.cli.whole import proved_line, whole_option
from ledger.client.client import Proved
from ledger.readmodels.timeline import day_of
from ledger.v1 import queries_pb2

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--item", default="", metavar="NAME", help="Only facts about this item.")
@click.option("--destination", default="", metavar="CODE", help="Only facts about this place.")
@click.option("--from", "from_day", type=_DAY, metavar="DAY", help="The first day.")
@click.option("--to", "to_day", type=_DAY, metavar="DAY", help="The last day.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many facts.")
@click.option("--tree-size", type=click.IntRange(min=1), help="As the log stood at this size.")
@whole_option
@output_option
@where_options
def timeline(
    *,
    where: Where,
    output: Format,
    item: str,
    destination: str,
    from_day: datetime | None,
    to_day: datetime | None,
    limit: int | None,
    tree_size: int | None,
    whole: bool,
) -> None:
    """List what happened, oldest first, each entry proved."""
    request = queries_pb2.ListTimelineRequest(
        item=item,
        destination=destination.upper(),
        from_day=f"{from_day:%Y-%m-%d}" if from_day else "",
        to_day=f"{to_day:%Y-%m-%d}" if to_day else "",
        tree_size=tree_size or 0,
    )
    with session(where) as (client, _):
        if whole:
            found = list(client.whole_timeline(request))[:limit]
        else:
            found = [proved for _, proved in client.timeline(request, limit or 0)]
        if output is Format.TABLE:
            show(*fact_list(found, whole=whole))
            return
        rows = (
            {"fact": fact_json(proved.entry.fact), "provenance": provenance_json(client, proved)}
            for proved in found
        )
        print_rows(output, "facts", rows)


def fact_list(found: Iterable[Proved], *, whole: bool) -> Iterator[RenderableType]:
    """Facts with their days, one block each, and what was verified."""
    rows = []
    for proved in found:
        fact = proved.entry.fact
        text = Text(fact.id, style="bold")
        text.append(f"\n{summary(fact)}", style="not bold")
        rows.append((str(day_of(fact) or ""), f"[{proved.entry.index}]", text))
    if rows:
        yield aligned(rows)
    yield Text(proved_line(counted(len(rows), "fact"), whole=whole), style="dim")
