"""``append``: envelopes that were signed elsewhere go in, each receipt verified here."""

from __future__ import annotations

from pathlib import Path

import click

from ledger.cli.attaching import attachments_beside
from ledger.cli.files import read_file
from ledger.cli.memo import counted
from ledger.cli.output import Format, output_option, say
from ledger.cli.proofs import print_appended, save_receipt
from ledger.cli.session import session
from ledger.cli.where import Where, where_options
from ledger.client.attachments import put_attachment
from ledger.client.client import LedgerClient, Proved
from ledger.errors import InputError, LedgerError, NotFoundError, RefusedError


@click.command()
@click.argument(
    "envelopes",
    nargs=-1,
    required=True,
    metavar="ENVELOPE...",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--receipts",
    type=click.Path(file_okay=False, path_type=Path),
    help="Save each receipt into this folder.",
)
@output_option
@where_options
def append(
    *, where: Where, output: Format, envelopes: tuple[Path, ...], receipts: Path | None
) -> int:
    """Append envelopes that were signed elsewhere.

    They go in one by one, in the order given. One that is refused is reported, and the others
    go in. Appending the same envelope again gives the receipt that it got the first time.

    Documents in ENVELOPE.attachments, which `regledger sign --attach` writes, are put after it.
    """
    with session(where) as (client, _):
        appended, lacking = [], 0
        for path in envelopes:
            proved = _append(client, path)
            if proved is not None:
                appended.append(proved)
                lacking += _put_what_is_beside(client, path, proved)
        head = client.anchor
    if receipts is not None:
        for proved in appended:
            say(f"receipt {save_receipt(receipts, proved)}")
    print_appended(output, appended, tree_size=head.size if head else 0)
    return 0 if len(appended) == len(envelopes) and not lacking else 1


def _append(client: LedgerClient, path: Path) -> Proved | None:
    """Append one envelope; None where it was refused, which is told."""
    try:
        return client.append(read_file(path))
    except (InputError, RefusedError) as error:
        _tell(path, error)
        return None


def _put_what_is_beside(client: LedgerClient, path: Path, proved: Proved) -> int:
    """Put the documents beside an envelope; gives how many could not be put, which is told."""
    named = len(proved.entry.statement.attachments)
    refused = 0
    try:
        attachments = attachments_beside(path)
    except InputError as error:
        _tell(path, error)
        return named or 1
    for attachment in attachments:
        try:
            put_attachment(client, proved, attachment)
        except (InputError, NotFoundError, RefusedError) as error:
            refused += 1
            _tell(path, error)
        else:
            say(f"attachment {attachment.commitment.hex()} is put")
    if named and not attachments:
        say(f"{path} names {counted(named, 'attachment')}, and none lies beside it: none was put.")
    return refused


def _tell(path: Path, error: LedgerError) -> None:
    where = ", ".join(part for part in (error.field, error.rule) if part)
    say(f"{path}: {error.message}" + (f" ({where})" if where else ""))
