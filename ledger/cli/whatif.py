"""``whatif``: what a draft, or a withdrawal, would change; nothing is appended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import click
from rich.console import RenderableType
from rich.text import Text

from ledger.cli.cutoff import asked_of_many
from ledger.cli.differences import cause_list, causes_of, difference_blocks
from ledger.cli.drafts import draft_to_proto, read_draft
from ledger.cli.exposure_screen import order_blocks, status_as_asked, total_lines
from ledger.cli.extent import Extent, extent_options, tree_size_option
from ledger.cli.memo import counted, heading
from ledger.cli.output import Format, output_option, print_message, show
from ledger.cli.question import question_options
from ledger.cli.session import session
from ledger.cli.summary import summary
from ledger.cli.where import Where, where_options
from ledger.client.client import Proved
from ledger.client.comparing import Comparing
from ledger.domain.determination.draft import withdrawal_id
from ledger.v1 import queries_pb2

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("draft", required=False, metavar="[DRAFT.json]", type=_FILE)
@click.option("--withdraw", metavar="FACT[#PROVISION]", help="Withdraw what is on record instead.")
@extent_options
@question_options
@tree_size_option
@output_option
@where_options
def whatif(
    *,
    where: Where,
    output: Format,
    question: queries_pb2.Question,
    extent: Extent,
    tree_size: int | None,
    draft: Path | None,
    withdraw: str | None,
) -> None:
    """Lay an unsigned draft over the record, and show what would change.

    DRAFT.json holds one row of the record format, such as an instrument that is only planned.
    Statuses are those of the day asked about, on which a withdrawal takes effect; both sides know
    of the draft from the day on which it would be public. Nothing is appended.
    """
    if (draft is None) == (withdraw is None):
        message = "Give a DRAFT.json, or --withdraw."
        raise click.UsageError(message)
    request = queries_pb2.EvaluateDraftRequest(
        question=question,
        items=extent.items,
        destinations=extent.destinations,
        tree_size=tree_size or 0,
    )
    if draft is not None:
        fact = read_draft(draft)
        request.draft.CopyFrom(draft_to_proto(fact))
        subject = f"Draft {fact.id}: {summary(fact)}"
    else:
        request.withdraw = withdraw or ""
        subject = f"Withdrawal of {withdraw}"
    with session(where) as (client, _):
        comparing = Comparing(client)
        response = comparing.evaluate(request)
        proved = comparing.proved_facts(_named(request, response), response.tree_size)
    if output is Format.TABLE:
        show(*_screen(subject, request, response, proved))
    else:
        print_message(response, output)


def _named(
    request: queries_pb2.EvaluateDraftRequest, response: queries_pb2.EvaluateDraftResponse
) -> set[str]:
    """The facts on record that an evaluation names: causes and orders, and never the draft."""
    draft = request.draft.fact_id or withdrawal_id(request.withdraw.partition("#")[0])
    orders = {order.order.fact_id for exposed in response.exposures for order in exposed.orders}
    return (causes_of(response.differences) | orders) - {draft}


def _screen(
    subject: str,
    request: queries_pb2.EvaluateDraftRequest,
    response: queries_pb2.EvaluateDraftResponse,
    proved: Mapping[str, Proved],
) -> Iterator[RenderableType]:
    differences = response.differences
    several = counted(response.compared, "status", "statuses")
    verdict = f"{len(differences):,} of {several} would change."
    if not differences:
        verdict = f"Nothing would change: {several} compared, none differs."
    yield Text(subject, style="bold")
    yield Text(verdict, style="bold")
    yield Text(f"{asked_of_many(request.question)}; nothing was appended", style="dim")
    yield from difference_blocks(differences)
    for exposed in response.exposures:
        many = counted(len(exposed.orders), "order")
        yield heading(f"{exposed.item}: {many} that this touches, as for {exposed.destination}")
        yield status_as_asked(exposed.orders)
        yield from order_blocks(exposed.orders, proved)
        yield from total_lines(exposed.totals)
    causes = {name: proved[name] for name in causes_of(differences) & proved.keys()}
    yield from cause_list(causes)
    yield Text(
        f"\nLaid over tree size {response.tree_size}; what is named on record is proved to be in "
        f"the log. Engine {response.engine_version}. Not legal advice.",
        style="dim",
    )
