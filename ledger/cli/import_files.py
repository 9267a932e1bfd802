"""``import``: files of the record format go in, signed row by row by one author."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from ledger.cli.clock import now_ms
from ledger.cli.import_screen import report_import
from ledger.cli.keys import open_key
from ledger.cli.output import Format, output_option, print_json, progress, warn
from ledger.cli.session import session
from ledger.cli.where import Where, where_options
from ledger.client.client import LedgerClient
from ledger.client.importer import Importer, ImportReport
from ledger.client.rows import RecordFile, read_rows
from ledger.client.signer import Author
from ledger.codec.record import json_schema
from ledger.errors import LedgerError

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(name="import")
@click.argument("files", nargs=-1, metavar="FILE...", type=_FILE)
@click.option("--author", metavar="NAME", envvar="LEDGER_AUTHOR", help="Who signs the rows.")
@click.option("--key", type=_FILE, envvar="LEDGER_KEY", help="The author's key file.")
@click.option("--dry-run", is_flag=True, help="Validate every row, append none.")
@click.option("--strict", is_flag=True, help="Append every row, or none.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of a row, and stop.")
@output_option
@where_options
def import_command(
    *,
    where: Where,
    output: Format,
    files: tuple[Path, ...],
    author: str | None,
    key: Path | None,
    dry_run: bool,
    strict: bool,
    schema: bool,
) -> int:
    """Import FILEs of the record format.

    They hold facts, items, parties and coverage as JSON Lines, or the table of country groups as
    CSV.

    Every row is signed with the author's key and appended, and its receipt is verified. A row that
    is refused is reported by its line, and the others go in. Rows that are on record already are
    skipped, so an import that was interrupted is simply run again.
    """
    if schema:
        print_json(json_schema())
        return 0
    if not files:
        message = "Give the FILEs to import, or --schema."
        raise click.UsageError(message)
    target = where.resolved()
    name = target.author(author)
    signer = open_key(target.key(key, name))
    with session(where) as (client, _):
        report = run_import(client, Author(name, signer), files, dry_run=dry_run, strict=strict)
        report_import(report, output, [file.name for file in files], client.anchor)
    return 1 if report.refused else 0


def run_import(
    client: LedgerClient,
    author: Author,
    files: Sequence[RecordFile],
    *,
    dry_run: bool = False,
    strict: bool = False,
) -> ImportReport:
    """Import files in one run, with a progress bar where somebody watches.

    Raises:
        LedgerError: The ledger does not answer, or a receipt does not hold. What went in before
            is told on stderr; the same import may be run again.
    """
    with progress("importing") as told:
        importer = Importer(client, author, clock_ms=now_ms, progress=told)
        rows = [row for file in files for row in read_rows(file)]
        try:
            return importer.run(rows, dry_run=dry_run, strict=strict)
        except LedgerError:
            done = len(importer.report.appended)
            if done:
                warn(f"interrupted after {done} rows went in; run the same import again.")
            raise
