"""``status``: the license status of an item for a destination, and why."""

from __future__ import annotations

from typing import Final

import click

from ledger.cli.output import Format, output_option, print_message, show
from ledger.cli.question import question_options
from ledger.cli.session import session
from ledger.cli.status_screen import status_screen
from ledger.cli.where import Where, where_options
from ledger.client.client import LedgerClient
from ledger.v1 import queries_pb2

_NOTHING_WITHHELD: Final = "`regledger verify` shows that nothing was withheld."


@click.command()
@click.argument("item")
@click.argument("destination")
@question_options
@click.option(
    "--tree-size",
    type=click.IntRange(min=1),
    help="Answer as the log stood at this size.",
)
@click.option("--not-yet-known", is_flag=True, help="Also list what became known later.")
@click.option(
    "--prove/--no-prove",
    default=True,
    show_default=True,
    help="Prove each deciding entry by inclusion.",
)
@click.option("--all", "full", is_flag=True, help="List every entry considered (table).")
@output_option
@where_options
def status(
    *,
    where: Where,
    output: Format,
    question: queries_pb2.Question,
    tree_size: int | None,
    not_yet_known: bool,
    prove: bool,
    full: bool,
) -> None:
    """Ask for a license status, and why it is so.

    DESTINATION is an ISO 3166 code such as CN, in any case. The item may be named by any alias.
    What is not supplied is assumed or named as missing, never guessed. Days left out are today.
    """
    request = queries_pb2.GetLicenseStatusRequest(
        question=question,
        tree_size=tree_size or 0,
        include_not_yet_known=not_yet_known,
    )
    with session(where) as (client, _):
        response = client.status(request, prove=prove)
        if output is Format.TABLE:
            show(*status_screen(response, full=full, footer=_footer(client, response, prove=prove)))
        else:
            print_message(response, output)


def _footer(
    client: LedgerClient,
    response: queries_pb2.GetLicenseStatusResponse,
    *,
    prove: bool,
) -> str:
    proved = (
        "the deciding entries are proved to be in it"
        if prove
        else "the entries are not proved (--no-prove)"
    )
    return (
        f"Tree size {response.tree_size}; its checkpoint is signed by {client.trust.pin.origin} "
        f"and continues every one seen here; {proved}. {_NOTHING_WITHHELD} Engine "
        f"{response.engine_version}. Not legal advice."
    )
