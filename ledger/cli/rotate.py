"""``rotate``: an author replaces its key; old and new key sign."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from ledger.cli.administering import DAY, FILE, change_keys
from ledger.cli.clock import start_of
from ledger.cli.keys import open_key
from ledger.cli.output import Format, output_option
from ledger.cli.session import session
from ledger.cli.signers import KeySource, signer_options
from ledger.cli.where import Where, where_options
from ledger.client.keyfacts import rotation


@click.command()
@click.argument("new_key", type=FILE, metavar="NEW_KEY")
@click.option("--author", metavar="NAME", envvar="LEDGER_AUTHOR", help="Whose key is replaced.")
@click.option("--not-after", type=DAY, metavar="DAY", help="When the new key expires.")
@output_option
@signer_options
@where_options
def rotate(
    *,
    where: Where,
    source_of_key: KeySource,
    output: Format,
    new_key: Path,
    author: str | None,
    not_after: datetime | None,
) -> None:
    """Replace an author's key by a new one.

    NEW_KEY is a key file made by `regledger keygen`; the old key is the one that signs otherwise.
    Both sign, and from the next entry on only the new one. What the old key delegated, the new
    one answers for.
    """
    with session(where) as (client, target):
        name = target.author(author)
        old, new = source_of_key.signer(target, name), open_key(new_key)
        history = client.author_history(name)
        fact = rotation(
            name,
            old.public.keyid,
            new.public,
            not_after_ms=start_of(not_after) if not_after else None,
        )
        change_keys(
            client,
            fact,
            author=name,
            signers=[old, new],
            version=history.version,
            out=None,
            output=output,
        )
