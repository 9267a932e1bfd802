"""``revoke``: a key signs nothing more, by k administrators or by its own author."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from ledger.cli.administering import (
    DAY,
    admin_key_option,
    administrator_option,
    administrators_signers,
    change_keys,
    out_option,
)
from ledger.cli.clock import start_of
from ledger.cli.output import Format, output_option
from ledger.cli.session import session
from ledger.cli.signers import KeySource, signer_options
from ledger.cli.where import Where, where_options
from ledger.client.keyfacts import revocation


@click.command()
@click.argument("author")
@click.argument("keyid", default="")
@click.option("--reason", required=True, metavar="TEXT", help="Why; everybody may read it.")
@click.option(
    "--compromised-since",
    type=DAY,
    metavar="DAY",
    help="Since when others may have used it; a note to readers, entries before it stand.",
)
@click.option("--own", is_flag=True, help="Sign as AUTHOR: the key itself, or a delegation of it.")
@administrator_option
@admin_key_option
@out_option
@output_option
@signer_options
@where_options
def revoke(
    *,
    where: Where,
    source_of_key: KeySource,
    output: Format,
    author: str,
    keyid: str,
    reason: str,
    compromised_since: datetime | None,
    own: bool,
    administrator: str,
    admin_keys: tuple[Path, ...],
    out: Path | None,
) -> None:
    """Revoke a key of an author, or a key to which it has delegated.

    KEYID may be the first digits, or be left out where the author has one key of its own;
    `regledger author NAME` lists them. As many administrators must sign as the founding asks:
    --out writes an envelope, which they sign with `regledger sign --add-to` on their machines and
    one appends with `regledger append`. With --own the author revokes the key that signs, or a
    delegation.
    """
    with session(where) as (client, target):
        history = client.author_history(author)
        fact = revocation(
            author,
            history.key(keyid).keyid,
            reason,
            compromised_since_ms=start_of(compromised_since) if compromised_since else None,
        )
        signers = (
            [source_of_key.signer(target, author)]
            if own
            else administrators_signers(target, administrator, admin_keys)
        )
        change_keys(
            client,
            fact,
            author=author if own else administrator,
            signers=signers,
            version=history.version,
            out=out,
            output=output,
        )
