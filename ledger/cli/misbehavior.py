"""``verify-misbehavior``: evidence that a log contradicts itself, judged offline by the pin."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import RenderableType
from rich.text import Text

from ledger.cli.files import read_file
from ledger.cli.memo import labeled
from ledger.cli.output import Format, output_option, print_json, show
from ledger.cli.where import Where, where_options
from ledger.client.misbehavior import Verdict, judge
from ledger.client.trust import recalled_pin
from ledger.log.checkpoint import Checkpoint
from ledger.log.strict import encode_base64

UNPROVED = 1
"""Exit code of evidence that is sound and proves nothing by itself."""


@click.command(name="verify-misbehavior")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@output_option
@where_options
def verify_misbehavior(*, where: Where, output: Format, file: Path) -> int:
    """Check evidence against a log, which a client kept when the log contradicted itself.

    FILE is judged by the pin alone, and nobody is asked: both notes must be signed by the log, and
    contradict each other as the file says. The exit code is 0 if that is proved, 1 if the file is
    sound but rests on the word of whoever wrote it, and 3 if nothing in it is against the log.
    """
    target = where.resolved(offline=True)
    pin = target.known_pin()
    # With the keys that were learned here since: a contradiction may be under one of them.
    verdict = judge(read_file(file), recalled_pin(pin, target.memory(pin)))
    if output is Format.TABLE:
        show(*_screen(verdict))
    else:
        print_json(_json(verdict))
    return 0 if verdict.kind.is_proof else UNPROVED


def _screen(verdict: Verdict) -> list[RenderableType]:
    title = "MISBEHAVIOR PROVED" if verdict.kind.is_proof else "NOT PROVED by this file"
    rows = [
        (f"size {checkpoint.size:,}", encode_base64(checkpoint.root))
        for checkpoint in (verdict.older, verdict.newer)
    ]
    return [
        Text(f"{title}: {verdict.kind.value}", style="bold"),
        Text(verdict.sentence),
        Text(f"\nSigned by {verdict.older.origin}, with these root hashes:"),
        labeled(rows),
    ]


def _json(verdict: Verdict) -> dict[str, object]:
    return {
        "kind": verdict.kind.value,
        "proved": verdict.kind.is_proof,
        "origin": verdict.older.origin,
        "older": _checkpoint(verdict.older),
        "newer": _checkpoint(verdict.newer),
        "sentence": verdict.sentence,
    }


def _checkpoint(checkpoint: Checkpoint) -> dict[str, object]:
    return {"tree_size": checkpoint.size, "root_hash": encode_base64(checkpoint.root)}
