"""``migrate``: a ledger from its SQLite file to PostgreSQL, byte for byte."""

from __future__ import annotations

from pathlib import Path

import click

from ledger.cli.output import say
from ledger.databases import LOCATION_FILE, SQLITE_FILE, migrate


@click.command(name="migrate")
@click.argument(
    "directory",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
@click.option(
    "--database",
    metavar="URL",
    required=True,
    help="An empty PostgreSQL database, postgresql://role@host/name, in the service's role.",
)
def migrate_command(*, directory: Path, database: str) -> None:
    """Move the ledger in DIR from its SQLite file to PostgreSQL.

    Every entry and every signed checkpoint is copied, read back and compared, and the tree is
    hashed anew; then the file is sealed and DIR names the database. Receipts and pins stay valid.
    Run again, a move that was cut short goes on.
    """
    size = migrate(directory, database, told=_told)
    say(f"{size} entries are moved, and compared with the file byte for byte.")
    say(f"{directory / LOCATION_FILE} names the database; {SQLITE_FILE} takes no more entries.")


def _told(done: int, size: int) -> None:
    say(f"{done} of {size} entries are copied.")
