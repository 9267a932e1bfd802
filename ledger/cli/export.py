"""``export``: a log in one file, for auditors; or its entries as rows, for data tools."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from ledger.audit.exporting import appearing, export_bundle
from ledger.audit.tables import require_parquet, rows_of, write_jsonl, write_parquet
from ledger.cli.audited import Audited, audited
from ledger.cli.memo import counted
from ledger.cli.output import progress, say
from ledger.cli.where import Where, where_options
from ledger.client.trust import open_head
from ledger.errors import SettingError

_NEW_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=_NEW_FILE)
@click.option("--jsonl", is_flag=True, help="Write the entries as JSON lines.")
@click.option("--parquet", is_flag=True, help="Write the entries as Parquet (extra `parquet`).")
@click.option("--tree-size", type=click.IntRange(0), default=0, help="As it stood at a size.")
@click.option(
    "--with-attachments",
    is_flag=True,
    help="Put the documents into the bundle too, where no erasure reaches them.",
)
@where_options
def export(
    *,
    where: Where,
    file: Path,
    jsonl: bool,
    parquet: bool,
    tree_size: int,
    with_attachments: bool,
) -> None:
    """Write a ledger into FILE: a bundle that can be audited with no network at all.

    A bundle holds the entries, the tree, the checkpoints and the pin; the same log makes the same
    bytes. With --jsonl or --parquet, FILE has one row for each entry instead, and proves nothing.
    """
    if jsonl and parquet:
        raise SettingError("Give --jsonl or --parquet, not both.", field="parquet", rule="format")
    if with_attachments and (jsonl or parquet):
        raise SettingError(
            "Documents go into a bundle, not into rows.", field="with_attachments", rule="format"
        )
    if parquet:
        require_parquet()
    with audited(where, None) as opened, progress("exporting") as told:
        if jsonl or parquet:
            size = _export_rows(opened, file, tree_size, told, parquet=parquet)
        else:
            size = export_bundle(
                opened.source,
                opened.pin,
                file,
                tree_size=tree_size,
                policy=opened.policy,
                with_attachments=with_attachments,
                told=told,
            ).tree_size
    say(f"{file}: {counted(size, 'entry', 'entries')}.")


def _export_rows(
    opened: Audited,
    file: Path,
    tree_size: int,
    told: Callable[[int, int], None],
    *,
    parquet: bool,
) -> int:
    size = open_head(opened.pin, opened.source.checkpoint(tree_size)).size
    write = write_parquet if parquet else write_jsonl
    with appearing(file) as out:
        write(rows_of(opened.source, size, told), out)
    return size
