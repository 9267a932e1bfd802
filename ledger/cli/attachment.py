"""``attachment``: documents outside the log, got back and verified, or listed."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import RenderableType
from rich.text import Text

from ledger.cli.files import write_new_file
from ledger.cli.memo import labeled
from ledger.cli.output import Format, output_option, print_rows, say, show
from ledger.cli.session import session
from ledger.cli.where import Where, where_options
from ledger.client.attachments import get_attachment
from ledger.client.client import Proved
from ledger.errors import InputError, NotFoundError
from ledger.v1 import services_pb2


@click.group()
def attachment() -> None:
    """Get or list the documents that statements commit to."""


@attachment.command(name="get")
@click.argument("fact_id", metavar="FACT")
@click.option("--commitment", metavar="HEX", help="Which one of several.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A new file to write it to.  [default: stdout]",
)
@where_options
def get_command(*, where: Where, fact_id: str, commitment: str | None, out: Path | None) -> None:
    """Get a document, verified against the commitment that its author signed.

    FACT is the id of the fact it was attached to. One that was erased is not given, and the
    entry that erased it is proved and named.
    """
    with session(where) as (client, _):
        proved = client.proved(fact_id)
        got = get_attachment(client, proved, chosen(proved, commitment))
    if out is None:
        sys.stdout.buffer.write(got.content)
        sys.stdout.flush()
    else:
        write_new_file(out, got.content)
    named = got.named
    say(
        f"{named.length:,} bytes of {named.media_type}, as {proved.entry.statement.author} "
        f"committed to at index {proved.entry.index}"
    )


@attachment.command(name="list")
@click.argument("fact_id", metavar="[FACT]", default="")
@output_option
@where_options
def list_command(*, where: Where, output: Format, fact_id: str) -> None:
    """List documents by the facts that name them: present, missing or erased."""
    with session(where) as (client, _):
        rows = [_row(listed) for listed in client.listed_attachments(fact_id)]
    if output is Format.TABLE:
        show(*_screen(rows))
    else:
        print_rows(output, "attachments", rows)


def commitment_from_hex(text: str) -> bytes:
    """Read a commitment as it is printed.

    Raises:
        InputError: It is not 32 bytes in hex.
    """
    try:
        commitment = bytes.fromhex(text)
    except ValueError:
        commitment = b""
    if len(commitment) != 32:  # noqa: PLR2004 - SHA-256
        raise InputError(
            f"{text!r} is not a commitment, which is 64 digits in hex.",
            field="commitment",
            rule="commitment",
        )
    return commitment


def chosen(proved: Proved, commitment: str | None = None) -> bytes:
    """The attachment that is meant: the one named, or the only one.

    Raises:
        InputError: There are several, and none is named.
        NotFoundError: There is none.
    """
    if commitment is not None:
        return commitment_from_hex(commitment)
    named = proved.entry.statement.attachments
    fact_id = proved.entry.statement.fact_id
    if not named:
        raise NotFoundError(
            f"{fact_id} names no attachment.", field="attachments", rule="attachment-named"
        )
    if len(named) > 1:
        all_of_them = ", ".join(one.commitment.hex() for one in named)
        raise InputError(
            f"{fact_id} names {len(named)} attachments; --commitment says which: {all_of_them}.",
            field="commitment",
            rule="one-attachment",
        )
    return named[0].commitment


def _row(listed: services_pb2.Attachment) -> dict[str, Any]:
    prefix = "ATTACHMENT_STATE_"
    state = services_pb2.AttachmentState.Name(listed.state).removeprefix(prefix).lower()
    row: dict[str, Any] = {
        "fact_id": listed.fact_id,
        "index": listed.index,
        "commitment": listed.commitment.hex(),
        "length": listed.length,
        "media_type": listed.media_type,
        "state": state,
    }
    if listed.HasField("erased_at_index"):
        row["erased_at_index"] = listed.erased_at_index
    return row


def _screen(rows: Sequence[dict[str, Any]]) -> Iterator[RenderableType]:
    for row in rows:
        erased_at = row.get("erased_at_index")
        state = row["state"] if erased_at is None else f"erased at index {erased_at}"
        yield Text(f"[{row['index']}] {row['fact_id']}: {state}", style="bold")
        about = f"{row['length']:,} bytes of {row['media_type']}"
        yield labeled([("commitment", row["commitment"]), ("document", about)])
