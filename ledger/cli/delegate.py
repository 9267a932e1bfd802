"""``delegate``: an author lets another key sign for it, within limits."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from ledger.cli.administering import DAY, FILE, change_keys
from ledger.cli.clock import start_of
from ledger.cli.output import Format, output_option
from ledger.cli.requests import DelegationRequest
from ledger.cli.session import session
from ledger.cli.signers import KeySource, signer_options
from ledger.cli.where import Where, where_options
from ledger.client.keyfacts import delegation
from ledger.codec.within import within
from ledger.domain.vocabulary import FactKind


@click.command()
@click.argument("request", type=FILE)
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    required=True,
    type=click.Choice([kind.value for kind in FactKind]),
    help="A kind of fact that the key may sign; once for each.",
)
@click.option(
    "--stream",
    "streams",
    multiple=True,
    required=True,
    metavar="NAME",
    help="A collection such as orders, or one stream of it; once for each.",
)
@click.option("--until", type=DAY, required=True, metavar="DAY", help="When it ends, at 0:00 UTC.")
@output_option
@signer_options
@where_options
def delegate(
    *,
    where: Where,
    source_of_key: KeySource,
    output: Format,
    request: Path,
    kinds: tuple[str, ...],
    streams: tuple[str, ...],
    until: datetime,
) -> None:
    """Let another key sign for an author, within limits.

    REQUEST is a file made by `regledger keygen --delegate-of NAME`, in which the key's holder
    shows to hold it. The key cannot change keys or delegate further, and never signs more than
    the author may. `regledger revoke --own` ends it before its time, and so does the revocation
    of the author's key that signs here.
    """
    asked = DelegationRequest.read(request)
    with session(where) as (client, target):
        asked.require_for(client.ledger_id)
        signer = source_of_key.signer(target, asked.author)
        with within(""):
            fact = delegation(
                ledger_id=client.ledger_id,
                author=asked.author,
                delegating_keyid=signer.public.keyid,
                key=asked.key(),
                possession=asked.proof(),
                kinds=[FactKind(kind) for kind in kinds],
                streams=streams,
                not_after_ms=start_of(until),
            )
        change_keys(
            client,
            fact,
            author=asked.author,
            signers=[signer],
            version=client.author_history(asked.author).version,
            out=None,
            output=output,
        )
