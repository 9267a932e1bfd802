"""``audit``: everything a ledger says, derived again on this machine and reported to be filed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import click

from ledger.audit.auditing import Options
from ledger.audit.auditing import audit as run_audit
from ledger.audit.page import page
from ledger.audit.report import Report
from ledger.audit.resuming import ProgressFile
from ledger.audit.stamped import GivenStamps
from ledger.cli.audit_screen import screen
from ledger.cli.audited import Audited, audited
from ledger.cli.clock import now_ms
from ledger.cli.files import read_file, write_file
from ledger.cli.memo import counted
from ledger.cli.output import Format, output_option, print_json, progress, show
from ledger.cli.stampfiles import read_stamps
from ledger.cli.where import Where, where_options
from ledger.client.derivation import GivenAnswer
from ledger.errors import VerificationError
from ledger.signing.timestamps import parse_roots

PROGRESS_FOLDER: Final = "audits"

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER: Final = click.Path(exists=True, file_okay=False, path_type=Path)
_NEW_FILE: Final = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", required=False, metavar="[BUNDLE|DATABASE]", type=_FILE)
@click.option("--tree-size", type=click.IntRange(0), default=0, help="As it stood at a size.")
@click.option(
    "--answer",
    "answers",
    multiple=True,
    type=_FILE,
    help="An answer to derive again, as `status -o json` prints it; more than one may be given.",
)
@click.option(
    "--timestamps",
    type=_FOLDER,
    help="A folder of stamped checkpoints, as `timestamp` keeps them; with --tsa-roots.",
)
@click.option(
    "--tsa-roots", type=_FILE, help="The certificates by which the stamps must hold, PEM."
)
@click.option("--html", type=_NEW_FILE, help="Write the report as one HTML page to file.")
@click.option("--json", "json_file", type=_NEW_FILE, help="Write the report as JSON.")
@click.option(
    "--processes", type=click.IntRange(0, 256), default=0, help="0, the default: one a core."
)
@click.option("--resume", is_flag=True, help="Go on where an audit of yours was interrupted.")
@output_option
@where_options
def audit(
    *,
    where: Where,
    output: Format,
    file: Path | None,
    tree_size: int,
    answers: tuple[Path, ...],
    timestamps: Path | None,
    tsa_roots: Path | None,
    html: Path | None,
    json_file: Path | None,
    processes: int,
    resume: bool,
) -> None:
    """Derive everything that a ledger says again, and report what does not hold.

    Audits a BUNDLE that `regledger export` wrote, with no network at all; a DATABASE file or the
    folder of a ledger; or a server. Every entry is hashed, every signature and rule tried, and
    every table, tile, checkpoint and read model held against the entries. A finding stops nothing:
    all are collected, by index, and the exit code is 3.
    """
    stamps = _stamps(timestamps, tsa_roots)
    given = [GivenAnswer.parse(path.name, read_file(path)) for path in answers]
    with audited(where, file) as opened, progress("auditing") as told:
        memory = opened.target.memory(opened.pin)
        report = run_audit(
            opened.source,
            opened.pin,
            Options(
                tree_size=tree_size,
                processes=processes,
                remembered=memory.load(),
                file=_progress_file(opened),
                resume=resume,
                answers=given,
                stamps=stamps,
                pin_given=opened.pin_given,
                told=told,
                clock=now_ms,
            ),
        )
    if html is not None:
        write_file(html, page(report).encode())
    if json_file is not None:
        write_file(json_file, _text(report).encode())
    if output is Format.TABLE:
        show(*screen(report))
    elif output is Format.JSONL:
        click.echo(json.dumps(report.to_json(), ensure_ascii=False))
    else:
        print_json(report.to_json())
    _fail_if_found(report)


def _stamps(folder: Path | None, roots: Path | None) -> GivenStamps | None:
    """Read stamps before the ledger, so that none is of a checkpoint that is newer than it.

    Raises:
        UsageError: One is given without the other.
        InputError: A file cannot be read, or the roots are none.
    """
    if (folder is None) != (roots is None):
        message = "--timestamps and --tsa-roots go together."
        raise click.UsageError(message)
    if folder is None or roots is None:
        return None
    notes, tokens = read_stamps(folder)
    return GivenStamps(notes, tokens, parse_roots(read_file(roots)))


def _progress_file(opened: Audited) -> ProgressFile:
    folder = opened.target.where.config / PROGRESS_FOLDER
    return ProgressFile(folder / f"{opened.pin.ledger_id.hex()}.json")


def _text(report: Report) -> str:
    return json.dumps(report.to_json(), indent=2, ensure_ascii=False) + "\n"


def _fail_if_found(report: Report) -> None:
    """End with the exit code of a finding.

    Raises:
        VerificationError: There is one.
    """
    first = report.findings.first
    if first is not None:
        error = first.as_error()
        more = f" {counted(report.findings.count, 'finding')} in all." * (report.findings.count > 1)
        raise VerificationError(f"{error.message}{more}", field=error.field, rule=error.rule)
