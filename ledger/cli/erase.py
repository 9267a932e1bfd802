"""``erase``: administrators have a document destroyed, by an entry that says why."""

from __future__ import annotations

import re
from pathlib import Path

import click

from ledger.cli.attachment import chosen, commitment_from_hex
from ledger.cli.clock import now_ms
from ledger.cli.files import write_new_file
from ledger.cli.keys import open_key
from ledger.cli.output import Format, output_option, print_rows, say, show
from ledger.cli.proofs import proof_row, proof_table
from ledger.cli.session import session
from ledger.cli.where import Where, where_options
from ledger.client.authoring import append_fact
from ledger.client.client import LedgerClient
from ledger.client.signer import Place, sign, state
from ledger.domain.attachments import erasure
from ledger.errors import NotFoundError

_COMMITMENT = re.compile("[0-9a-f]{64}")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("name", metavar="COMMITMENT|FACT")
@click.option("--reason", required=True, metavar="TEXT", help="Why; it stands in the log.")
@click.option(
    "--administrator",
    default="administrator",
    show_default=True,
    metavar="NAME",
    help="Who erases.",
)
@click.option(
    "--admin-key",
    "admin_keys",
    multiple=True,
    type=_FILE,
    help="An administrator's key file; once for each who signs here.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write an envelope for further administrators to sign, and append nothing.",
)
@output_option
@where_options
def erase(
    *,
    where: Where,
    output: Format,
    name: str,
    reason: str,
    administrator: str,
    admin_keys: tuple[Path, ...],
    out: Path | None,
) -> None:
    """Erase a document for good, by administrators' keys.

    Name the document by its COMMITMENT, the 64 digits of `regledger attachment list`, or by a
    FACT that it alone is attached to. The erasure is an entry with its reason. Once it is
    committed the document's key is destroyed, and with it content and salt; every proof still
    holds. The reason must not say what the document said: nothing in the log can be erased.
    """
    target = where.resolved()
    paths = admin_keys or (target.key(None, administrator),)
    signers = [open_key(path) for path in paths]
    with session(where) as (client, _):
        fact = erasure(_commitment(client, name), reason)
        if out is not None:
            place = Place(
                ledger_id=client.ledger_id,
                expected_version=0,
                signed_at_ms=now_ms(),
                anchor=client.anchor,
            )
            write_new_file(out, sign(state(fact, administrator, place), signers))
            click.echo(str(out))
            return
        proved = append_fact(client, fact, author=administrator, signers=signers, clock_ms=now_ms)
    say(f"The attachment is erased by {administrator} at index {proved.entry.index}.")
    if output is Format.TABLE:
        show(*proof_table([proved]))
    else:
        print_rows(output, "appended", [proof_row(proved)], tree_size=proved.head.size)


def _commitment(client: LedgerClient, name: str) -> bytes:
    """The document that is meant; a slip of the pen would stay in the log, and erase nothing.

    Raises:
        InputError: The fact names several.
        NotFoundError: No statement names the document, or there is no such fact.
    """
    if not _COMMITMENT.fullmatch(name):
        return chosen(client.proved(name))
    commitment = commitment_from_hex(name)
    if all(listed.commitment != commitment for listed in client.listed_attachments()):
        raise NotFoundError(
            f"No statement names an attachment {name}.",
            field="commitment",
            rule="attachment-named",
        )
    return commitment
