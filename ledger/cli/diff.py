"""``diff``: which statuses change between two cut-offs, and through which entries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import click
from rich.console import RenderableType
from rich.text import Text

from ledger.cli.cells import message_row
from ledger.cli.cutoff import cut_off, told
from ledger.cli.differences import cause_list, causes_of, difference_blocks
from ledger.cli.extent import Extent, extent_options
from ledger.cli.memo import counted
from ledger.cli.output import Format, output_option, print_message, print_rows, show
from ledger.cli.question import question_options
from ledger.cli.session import session
from ledger.cli.where import Where, where_options
from ledger.client.client import Proved
from ledger.client.comparing import Comparing
from ledger.domain.vocabulary import Basis
from ledger.v1 import axes_pb2, queries_pb2

_CUT = "DAY[@KNOWN]"
_SIZE = click.IntRange(min=1)
_BASIS = click.Choice([basis.value.lower() for basis in Basis], case_sensitive=False)


@click.command()
@click.argument("item", required=False)
@click.argument("destination", required=False)
@click.option(
    "--from", "before", type=cut_off, metavar=_CUT, help="The first side.  [default: today]"
)
@click.option(
    "--to", "after", type=cut_off, metavar=_CUT, help="The second side.  [default: today]"
)
@click.option("--from-tree", type=_SIZE, metavar="N", help="The first side's tree size.")
@click.option("--to-tree", type=_SIZE, metavar="N", help="The second side's tree size.")
@click.option("--from-basis", type=_BASIS, help="The first side's basis.")
@click.option("--to-basis", type=_BASIS, help="The second side's basis.")
@extent_options
@question_options
@output_option
@where_options
def diff(
    *,
    where: Where,
    output: Format,
    question: queries_pb2.Question,
    extent: Extent,
    before: queries_pb2.CutOff | None,
    after: queries_pb2.CutOff | None,
    from_tree: int | None,
    to_tree: int | None,
    from_basis: str | None,
    to_basis: str | None,
) -> None:
    """Compare statuses between two sides, for ITEM, for ITEM and DESTINATION, or for all.

    A side is DAY@KNOWN: the day asked about, and the last day whose knowledge counts. Either part
    may be left out: `--from 2025-07-20 --to 2025-08-15` follows the rules, and `--as-of 2025-07-20
    --from @2025-07-20 --to @2025-09-01` what became known of one day.
    """
    request = queries_pb2.CompareLicenseStatusesRequest(
        question=question,
        before=_side(before, from_tree, from_basis),
        after=_side(after, to_tree, to_basis),
        items=extent.items,
        destinations=extent.destinations,
    )
    if request.before == request.after:
        message = "The two sides are the same: say with --from and --to how they differ."
        raise click.UsageError(message)
    with session(where) as (client, _):
        comparing = Comparing(client)
        response = comparing.compare(request)
        size = max(response.before_tree_size, response.after_tree_size)
        causes = comparing.proved_facts(causes_of(response.differences), size)
    if output is Format.TABLE:
        show(*_screen(request, response, causes))
    elif output is Format.JSONL:
        print_rows(output, "differences", map(message_row, response.differences))
    else:
        print_message(response, output)


def _side(
    cut: queries_pb2.CutOff | None, tree_size: int | None, basis: str | None
) -> queries_pb2.CutOff:
    side = queries_pb2.CutOff(tree_size=tree_size or 0)
    if cut is not None:
        side.MergeFrom(cut)
    if basis is not None:
        side.basis = axes_pb2.Basis.Value.Value(basis.upper())
    return side


def _screen(
    request: queries_pb2.CompareLicenseStatusesRequest,
    response: queries_pb2.CompareLicenseStatusesResponse,
    causes: Mapping[str, Proved],
) -> Iterator[RenderableType]:
    differences, compared = response.differences, response.compared
    several = f"{counted(compared, 'status', 'statuses')} compared"
    verdict = f"{len(differences):,} changed." if differences else "nothing changed."
    yield Text(f"{several}: {verdict}", style="bold")
    before, after = told(request.before, request.question), told(request.after, request.question)
    yield Text(f"from {before}, tree size {response.before_tree_size}", style="dim")
    yield Text(f"to   {after}, tree size {response.after_tree_size}", style="dim")
    yield from difference_blocks(differences)
    yield from cause_list(causes)
    yield Text(f"\n{_footer(response, causes)}", style="dim")


def _footer(
    response: queries_pb2.CompareLicenseStatusesResponse, causes: Mapping[str, Proved]
) -> str:
    if causes:
        proved = f"{counted(len(causes), 'entry', 'entries')} named, each proved to be in the log."
    else:
        proved = "No axis of any status differs between the two sides."
    return f"{proved} Engine {response.engine_version}. Not legal advice."
