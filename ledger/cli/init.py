"""``init``: a new ledger in a folder, with its keys, its first author, and a context for it."""

from __future__ import annotations

from pathlib import Path

import click

from ledger import casefile
from ledger.cli.contexts import Context, Contexts, load_contexts, save_contexts
from ledger.cli.embedded import serving
from ledger.cli.files import read_file
from ledger.cli.founders import check_threshold, read_founders
from ledger.cli.founding import casefile_policy, enroll_registrar, found_with_keys, read_policy
from ledger.cli.import_files import run_import
from ledger.cli.import_screen import report_import
from ledger.cli.keys import new_passphrase
from ledger.cli.output import Format, output_option, say
from ledger.cli.where import KEY_SUFFIX, KEYS_FOLDER, config_option, head_file
from ledger.client.client import LedgerClient
from ledger.client.connection import Connection
from ledger.settings import Settings


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@click.option("--casefile", "with_casefile", is_flag=True, help="Import the H20 file.")
@click.option("--origin", metavar="TEXT", help="The log's identity.  [default: a random one]")
@click.option(
    "--policy",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The policy of the founding, JSON.  [default: the case file's]",
)
@click.option(
    "--database",
    metavar="URL",
    help="An empty PostgreSQL database, postgresql://role@host/name.  [default: a SQLite file]",
)
@click.option(
    "--administrator",
    "administrators",
    multiple=True,
    metavar="NAME[=FILE]",
    help="An administrator; FILE is a private or a public key, else one is made.",
)
@click.option(
    "--threshold", type=click.IntRange(1, 16), metavar="K", help="How many sign together."
)
@click.option("--no-passphrase", is_flag=True, help="Leave the key files unencrypted.")
@click.option("--name", metavar="NAME", help="The context's name.  [default: the folder's]")
@output_option
@config_option
def init(
    *,
    config: Path,
    output: Format,
    directory: Path,
    with_casefile: bool,
    origin: str | None,
    policy: Path | None,
    database: str | None,
    administrators: tuple[str, ...],
    threshold: int | None,
    no_passphrase: bool,
    name: str | None,
) -> int:
    """Found a ledger in a new folder.

    DIR does not exist yet, or is empty. The ledger gets an administrator, who enrolls authors,
    and a registrar, who transcribes public sources; their keys lie in DIR/keys. Later commands
    find the ledger by its context.

    With several --administrator, K of them sign together. Each brings a key of its own: K or more
    as private key files, which sign the founding and are not copied, the others as public ones.
    """
    founders = read_founders(administrators)
    together = check_threshold(founders, threshold)
    contexts = load_contexts(config)
    secret = Settings.from_environment().log_key_passphrase
    founded = found_with_keys(
        directory,
        policy=read_policy(read_file(policy)) if policy is not None else casefile_policy(),
        founders=founders,
        threshold=together,
        origin=origin,
        passphrase=new_passphrase(f"the keys in {directory / KEYS_FOLDER}", bare=no_passphrase),
        log_passphrase=secret.get_secret_value().encode() if secret else None,
        database=database,
    )
    pin = founded.pin
    named = _save_context(config, contexts, directory, name, pin.ledger_id)
    say(f"Ledger {pin.ledger_id.hex()} of {pin.origin} is founded in {directory}.")
    with (
        serving(directory) as address,
        LedgerClient.connect(Connection(target=address), pin, head_file(config, pin)) as client,
    ):
        enroll_registrar(client, founded)
        say(f"registrar is enrolled; its key is {directory / KEYS_FOLDER}/registrar{KEY_SUFFIX}.")
        say(f"The context {named} names this ledger: later commands find it.")
        if not with_casefile:
            return 0
        files = [casefile.path(file) for file in casefile.IMPORT_ORDER]
        report = run_import(client, founded.registrar, files)
        report_import(report, output, casefile.IMPORT_ORDER, client.anchor)
    return 1 if report.refused else 0


def _save_context(
    config: Path, contexts: Contexts, folder: Path, name: str | None, ledger_id: bytes
) -> str:
    """Make the ledger the current one; a name that is taken gets the ledger's id behind it."""
    named = name or folder.resolve().name
    if named in contexts.contexts:
        named = f"{named}-{ledger_id.hex()[:8]}"
    context = Context(ledger=str(folder.resolve()))
    save_contexts(config, contexts.with_context(named, context))
    return named
