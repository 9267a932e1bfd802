"""``erase``: administrators have a document destroyed, by an entry that says why."""

from __future__ import annotations

import re
from pathlib import Path

import click

from ledger.cli.administering import (
    admin_key_option,
    administrator_option,
    administrators_signers,
    change_keys,
    out_option,
)
from ledger.cli.attachment import chosen, commitment_from_hex
from ledger.cli.output import Format, output_option
from ledger.cli.session import session
from ledger.cli.where import Where, where_options
from ledger.client.client import LedgerClient
from ledger.domain.attachments import erasure
from ledger.errors import NotFoundError

_COMMITMENT = re.compile("[0-9a-f]{64}")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("name", metavar="COMMITMENT|FACT")
@click.option("--reason", required=True, metavar="TEXT", help="Why; it stands in the log.")
@administrator_option
@admin_key_option
@out_option
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
    with session(where) as (client, target):
        change_keys(
            client,
            erasure(_commitment(client, name), reason),
            author=administrator,
            signers=administrators_signers(target, administrator, admin_keys),
            version=0,
            out=out,
            output=output,
        )


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
