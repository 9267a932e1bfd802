"""``exposure``: every order of an item, held against its license status."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import click
from rich.console import RenderableType
from rich.text import Text

from ledger.cli.cutoff import asked_of_many
from ledger.cli.exposure_screen import order_blocks, status_as_asked, total_lines
from ledger.cli.extent import tree_size_option
from ledger.cli.memo import counted
from ledger.cli.output import Format, output_option, print_message, show
from ledger.cli.question import question_options
from ledger.cli.session import session
from ledger.cli.where import Where, where_options
from ledger.client.client import Proved
from ledger.client.comparing import Comparing
from ledger.v1 import queries_pb2


@click.command()
@click.argument("item")
@click.argument("destination")
@question_options
@tree_size_option
@output_option
@where_options
def exposure(
    *, where: Where, output: Format, question: queries_pb2.Question, tree_size: int | None
) -> None:
    """Hold every order of ITEM against its status for DESTINATION.

    Each order has the status on its own day and on the day asked about. Quantities stay the ranges
    that were reported; only what the record itself adds up is summed.
    """
    request = queries_pb2.GetOrderExposureRequest(question=question, tree_size=tree_size or 0)
    with session(where) as (client, _):
        comparing = Comparing(client)
        response = comparing.exposure(request)
        names = (exposed.order.fact_id for exposed in response.orders)
        proved = comparing.proved_facts(names, response.tree_size)
    if output is Format.TABLE:
        show(*_screen(question, response, proved))
    else:
        print_message(response, output)


def _screen(
    question: queries_pb2.Question,
    response: queries_pb2.GetOrderExposureResponse,
    proved: Mapping[str, Proved],
) -> Iterator[RenderableType]:
    many = counted(len(response.orders), "order") if response.orders else "no orders"
    yield Text(f"{question.item} to {question.destination}: {many} on record.", style="bold")
    yield Text(asked_of_many(question), style="dim")
    yield status_as_asked(response.orders)
    yield from order_blocks(response.orders, proved)
    yield from total_lines(response.totals)
    proof = "; each order is proved to be in the log" if proved else ""
    yield Text(f"\nTree size {response.tree_size}{proof}. Not legal advice.", style="dim")
