"""``migrate-schema``: a ledger's tables in PostgreSQL, created or brought up by their owner."""

from __future__ import annotations

import click

from ledger.cli.output import say
from ledger.databases import migrate_schema
from ledger.settings import Settings


@click.command(name="migrate-schema")
@click.option(
    "--database",
    metavar="URL",
    help="The database, in its owner's role.  [default: LEDGER_DATABASE]",
)
@click.option("--writer", metavar="ROLE", help="Let this role INSERT and SELECT: the service's.")
@click.option("--reader", metavar="ROLE", help="Let this role SELECT: a replica's.")
def migrate_schema_command(*, database: str | None, writer: str | None, reader: str | None) -> None:
    """Create a ledger's tables in PostgreSQL, or bring them up to this version.

    The role that runs this owns the tables and serves nobody. The roles it lets in exist already.
    All of it is done, or nothing.
    """
    known = Settings.from_environment().database
    url = database or (known.get_secret_value() if known else None)
    if url is None:
        message = "Which database? Give --database URL."
        raise click.UsageError(message)
    migrate_schema(url, writer=writer, reader=reader)
    say("The tables are those of this version.")
    for role, may in ((writer, "INSERT and SELECT"), (reader, "SELECT")):
        if role is not None:
            say(f"{role} may {may}, and nothing else.")
