"""A change of keys, or an act of administrators: appended at once, or written for more signers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from ledger.cli.clock import now_ms
from ledger.cli.files import write_new_file
from ledger.cli.keys import open_key
from ledger.cli.output import Format, say
from ledger.cli.proofs import print_appended
from ledger.cli.summary import summary
from ledger.cli.where import Target
from ledger.client.authoring import append_fact
from ledger.client.client import LedgerClient
from ledger.client.signer import Place, sign, state
from ledger.domain.facts import Fact
from ledger.signing.privatekeys import Signer

FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
DAY: Final = click.DateTime(["%Y-%m-%d"])

out_option: Final = click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write an envelope for others to sign (`sign --add-to`), and append nothing.",
)
administrator_option: Final = click.option(
    "--administrator",
    default="administrator",
    show_default=True,
    metavar="NAME",
    help="Who states it, if administrators do.",
)
admin_key_option: Final = click.option(
    "--admin-key",
    "admin_keys",
    multiple=True,
    type=FILE,
    help="An administrator's key file; once for each who signs here.",
)


def administrators_signers(
    target: Target, administrator: str, keys: Sequence[Path]
) -> list[Signer]:
    """The administrators' keys that sign here; the one in the ledger's folder, if none is named.

    Raises:
        SettingError: No key is known.
        KeyFileError: A key file cannot be read.
    """
    return [open_key(path) for path in keys or (target.key(None, administrator),)]


def change_keys(
    client: LedgerClient,
    fact: Fact,
    *,
    author: str,
    signers: Sequence[Signer],
    version: int,
    out: Path | None,
    output: Format,
) -> None:
    """Append a fact about keys or of administrators, or write the envelope that others sign too.

    Args:
        client: The ledger.
        fact: What is stated.
        author: Who states it.
        signers: Those whose keys are here.
        version: How many events its stream holds.
        out: Where the envelope goes; None to append it.
        output: How the appended entry is printed.

    Raises:
        LedgerError: The ledger refuses it, or the receipt does not hold.
    """
    if out is not None:
        place = Place(
            ledger_id=client.ledger_id,
            expected_version=version,
            signed_at_ms=now_ms(),
            anchor=client.anchor,
        )
        write_new_file(out, sign(state(fact, author, place), signers))
        say(f"{summary(fact).rstrip('.')}; not appended yet.")
        click.echo(str(out))
        return
    proved = append_fact(
        client, fact, author=author, signers=signers, clock_ms=now_ms, expected_version=version
    )
    say(f"{summary(fact).rstrip('.')}.")
    print_appended(output, [proved], tree_size=proved.head.size)
