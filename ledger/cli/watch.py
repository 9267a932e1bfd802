"""``watch``: one status, and every change of it as it comes."""

from __future__ import annotations

import click

from ledger.cli.cells import axis_name, axis_word, message_row, outcome
from ledger.cli.output import Format, output_option, print_message, print_rows
from ledger.cli.question import question_options
from ledger.cli.session import session
from ledger.cli.where import Where, where_options
from ledger.client.comparing import Comparing
from ledger.v1 import queries_pb2


@click.command()
@click.argument("item")
@click.argument("destination")
@question_options
@click.option("--once", is_flag=True, help="Stop after the answer as it is now.")
@click.option(
    "--until-changes", type=click.IntRange(min=1), metavar="N", help="Stop after N changes."
)
@output_option
@where_options
def watch(
    *,
    where: Where,
    output: Format,
    question: queries_pb2.Question,
    once: bool,
    until_changes: int | None,
) -> None:
    """Follow the status of ITEM for DESTINATION until interrupted.

    Prints the answer as it is, then each change, whether an append or the passing of a day brings
    it. Without --as-of the question follows the calendar.
    """
    if once and until_changes is not None:
        message = "--once and --until-changes exclude each other."
        raise click.UsageError(message)
    wanted = 0 if once else until_changes
    seen = -1
    with session(where) as (client, _):
        for event in Comparing(client).watch(question):
            if event.WhichOneof("event") == "progress":
                continue
            _tell(event, output)
            seen += 1
            if seen == wanted:
                return


def _tell(event: queries_pb2.WatchLicenseStatusResponse, output: Format) -> None:
    if output is Format.JSONL:
        print_rows(output, "events", [message_row(event)])
    elif output is Format.JSON:
        print_message(event, output)
    else:
        click.echo(line_of(event))


def line_of(event: queries_pb2.WatchLicenseStatusResponse) -> str:
    """An answer, or a change of it, in a line that begins with the tree size and the day."""
    if event.WhichOneof("event") == "initial":
        return f"{_subject(event.initial)}: {outcome(event.initial)}"
    changed = event.changed
    steps = ", ".join(
        f"{axis_name(axis)} {axis_word(changed.before, axis)} -> {axis_word(changed.after, axis)}"
        for axis in changed.axes
    )
    through = f"; through {', '.join(changed.causes)}" if changed.causes else ""
    return f"{_subject(changed.after)}: {steps}{through}"


def _subject(answer: queries_pb2.GetLicenseStatusResponse) -> str:
    question = answer.question
    item = answer.item_version.name or question.item
    return f"[{answer.tree_size}] {question.as_of}  {item} to {question.destination}"
