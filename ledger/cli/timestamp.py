"""``timestamp``: an authority's word for when a checkpoint existed, obtained and verified."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import click
from click.core import ParameterSource
from rich.text import Text

from ledger.cli.files import read_file, write_file
from ledger.cli.memo import labeled
from ledger.cli.output import Format, output_option, print_json, say, show
from ledger.cli.session import session
from ledger.cli.stampfiles import NOTE_SUFFIX, STAMP_SUFFIX
from ledger.cli.where import Where, where_options
from ledger.client.timestamping import obtain_timestamp
from ledger.domain.facts import slug
from ledger.log.checkpoint import Checkpoint, open_checkpoint
from ledger.signing.timestamps import Timestamp, parse_roots, verify_timestamp

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(invoke_without_command=True)
@click.option("--tsa", metavar="URL", help="The time-stamping authority.")
@click.option("--roots", type=_FILE, help="Trusted certificates, PEM; verify the stamp at once.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("timestamps"),
    show_default=True,
    help="The folder that keeps checkpoints and their stamps.",
)
@where_options
def timestamp(*, where: Where, tsa: str | None, roots: Path | None, out: Path) -> None:
    """Have the latest checkpoint time-stamped (RFC 3161).

    The checkpoint is verified first. The authority learns its digest and nothing else. Note and
    stamp are kept in a folder, under the tree size.
    """
    context = click.get_current_context()
    if context.invoked_subcommand is not None:
        _refuse_misplaced(context)
        return
    if tsa is None:
        message = "Which authority? Give --tsa URL."
        raise click.UsageError(message)
    with session(where) as (client, _):
        head = client.checkpoint()
    stamp = obtain_timestamp(tsa, head.note)
    if roots is not None:
        verify_timestamp(stamp, head.note, parse_roots(read_file(roots)))
    name = f"{slug(head.checkpoint.origin)}-{head.size}"
    note_path, stamp_path = out / f"{name}{NOTE_SUFFIX}", out / f"{name}{STAMP_SUFFIX}"
    write_file(note_path, head.note)
    write_file(stamp_path, stamp)
    say(f"checkpoint {note_path}")
    say("verified by the roots" if roots else "not verified: no --roots were given")
    click.echo(str(stamp_path))


def _refuse_misplaced(context: click.Context) -> None:
    """An option in front of the subcommand would have no effect there."""
    for name in context.params:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            message = f"--{name.replace('_', '-')} goes behind {context.invoked_subcommand}."
            raise click.UsageError(message)


@timestamp.command(name="verify")
@click.argument("stamp", metavar="TOKEN", type=_FILE)
@click.option("--checkpoint", required=True, type=_FILE, help="The note that was stamped.")
@click.option("--roots", required=True, type=_FILE, help="Trusted certificates, PEM.")
@output_option
@where_options
def verify_command(
    *, where: Where, output: Format, stamp: Path, checkpoint: Path, roots: Path
) -> None:
    """Verify a stamp, asking nobody.

    By the pin the note is the log's; by the roots the stamp is the authority's, over this note.
    So every entry under the checkpoint existed at the stamp's time.
    """
    pin = where.resolved(offline=True).known_pin()
    note = read_file(checkpoint)
    opened = open_checkpoint(note, origin=pin.origin, verifiers=pin.log_keys)
    verified = verify_timestamp(read_file(stamp), note, parse_roots(read_file(roots)))
    if output is Format.TABLE:
        show(
            Text("The time stamp holds", style="bold"),
            labeled(list(_told(opened, verified).items())),
        )
    else:
        print_json(_json(opened, verified))


def _told(checkpoint: Checkpoint, stamp: Timestamp) -> dict[str, str]:
    return {
        "existed by": stamp.time.isoformat() + _within(stamp.accuracy),
        "authority": stamp.authority,
        "policy": stamp.policy,
        "serial": str(stamp.serial),
        "origin": checkpoint.origin,
        "tree size": str(checkpoint.size),
        "root hash": checkpoint.root.hex(),
    }


def _within(accuracy: timedelta | None) -> str:
    return "" if accuracy is None else f", within {accuracy.total_seconds():g} s"


def _json(checkpoint: Checkpoint, stamp: Timestamp) -> dict[str, Any]:
    return {
        "time": stamp.time.isoformat(),
        "accuracy_s": stamp.accuracy.total_seconds() if stamp.accuracy is not None else None,
        "authority": stamp.authority,
        "policy": stamp.policy,
        "serial": str(stamp.serial),
        "origin": checkpoint.origin,
        "tree_size": checkpoint.size,
        "root_hash": checkpoint.root.hex(),
    }
