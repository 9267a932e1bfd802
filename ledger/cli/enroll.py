"""``enroll``: administrators let an author in, once its holder has shown to hold the key."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from ledger.cli.administering import (
    FILE,
    admin_key_option,
    administrator_option,
    administrators_signers,
    out_option,
)
from ledger.cli.clock import now_ms, start_of
from ledger.cli.files import write_new_file
from ledger.cli.output import Format, output_option, say
from ledger.cli.proofs import print_appended
from ledger.cli.requests import EnrollmentRequest
from ledger.cli.session import session
from ledger.cli.where import Where, where_options
from ledger.client.authoring import append_fact
from ledger.client.signer import Place, enrollment, sign, state
from ledger.domain.authorship import AuthorEnrolled
from ledger.domain.vocabulary import Role


@click.command()
@click.argument("request", type=FILE)
@click.option(
    "--role",
    required=True,
    type=click.Choice([role.value for role in Role]),
    help="What the author may sign.",
)
@click.option("--party", required=True, metavar="NAME", help="The actor in its own facts.")
@administrator_option
@admin_key_option
@click.option(
    "--not-after", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="When the key expires."
)
@click.option(
    "--expected-version",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="With --out: how many events the author's stream holds; 0 for a new author.",
)
@out_option
@output_option
@where_options
def enroll(
    *,
    where: Where,
    output: Format,
    request: Path,
    role: str,
    party: str,
    administrator: str,
    admin_keys: tuple[Path, ...],
    not_after: datetime | None,
    expected_version: int,
    out: Path | None,
) -> None:
    """Enroll an author, or give one who lost its key a new one.

    REQUEST is a file made by `regledger keygen --author`, in which the author shows to hold the
    key. A recovery keeps role and party; the lost key is to be revoked as well. Where several
    administrators must sign together on machines of their own, the first writes an envelope with
    --out, the others `regledger sign --add-to` it, and one appends it.
    """
    asked = EnrollmentRequest.read(request)
    fact = _fact(asked, Role(role), party, not_after)
    target = where.resolved(offline=True)
    signers = administrators_signers(target, administrator, admin_keys)
    if out is not None:
        place = Place(
            ledger_id=bytes.fromhex(asked.ledger_id),
            expected_version=expected_version,
            signed_at_ms=now_ms(),
        )
        write_new_file(out, sign(state(fact, administrator, place), signers))
        click.echo(str(out))
        return
    with session(where) as (client, _):
        asked.require_for(client.ledger_id)
        proved = append_fact(client, fact, author=administrator, signers=signers, clock_ms=now_ms)
    say(f"{asked.author} is enrolled as {role} for {party}.")
    print_appended(output, [proved], tree_size=proved.head.size)


def _fact(
    asked: EnrollmentRequest, role: Role, party: str, not_after: datetime | None
) -> AuthorEnrolled:
    fact = enrollment(
        ledger_id=bytes.fromhex(asked.ledger_id),
        author=asked.author,
        role=role,
        party=party,
        key=asked.key(),
        possession=asked.proof(),
    )
    if not_after is None:
        return fact
    return fact.model_copy(update={"not_after_ms": start_of(not_after)})
