"""``fsck``: the tree rebuilt from the entries, and every difference named by tile and index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Final

import click
from rich.text import Text

from ledger.cli.memo import aligned, counted
from ledger.cli.output import Format, output_option, print_rows, progress, say, show
from ledger.cli.session import session
from ledger.cli.where import Where, where_options
from ledger.client.pins import Pin
from ledger.client.tilesources import ServerTiles, open_source
from ledger.databases import stored_tree
from ledger.errors import NoteError, StoreError, UnavailableError, VerificationError
from ledger.log.checkpoint import Checkpoint, open_checkpoint
from ledger.log.fsck import ALL_LEVELS, Finding, Progress, TileReader, check_tree
from ledger.log.layout import CHECKPOINT_PATH
from ledger.log.note import SignedNote
from ledger.store.storedtiles import LEVELS

FOUND: Final = 3
"""The exit code of a finding, as of a failed verification."""

FINDINGS_MAX: Final = 1_000
"""How many findings are told: a log of which more is wrong is another log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    """A log as it is stored.

    Attributes:
        pin: Whose it has to be.
        note: Its checkpoint, a signed note.
        read: Reads its tiles.
        levels: How many levels of hash tiles are stored.
        earlier: The checkpoints before that one, where they are stored too.
    """

    pin: Pin
    note: bytes
    read: TileReader
    levels: int = ALL_LEVELS
    earlier: Iterable[Checkpoint] = ()


@click.command()
@click.argument("source", required=False, metavar="[URL|DIR|FILE]")
@output_option
@where_options
def fsck(*, where: Where, output: Format, source: str | None) -> int | None:
    """Rebuild the stored tree from its entries, and name what differs.

    Checked is a ledger's folder or server, or, by the URL, DIR or zip FILE, a log as static files
    in the layout of C2SP tlog-tiles; static files need --pin, or a context that has one. Leaf
    hashes are rebuilt from the entries, each tile from the one below, and the root, which must be
    the one that the checkpoint signs; a ledger's folder has all its earlier checkpoints checked
    too. What the entries say is `regledger verify`'s matter. Each finding names a tile and an
    index, and the exit code is 3.
    """
    with _opened(where, source) as stored, progress("rebuilding") as told:
        findings = list(islice(_findings(stored, told), FINDINGS_MAX))
    _tell(stored, findings, output)
    return FOUND if findings else None


@contextmanager
def _opened(where: Where, source: str | None) -> Iterator[_Stored]:
    """Open what is to be checked, as it is stored.

    Raises:
        LedgerError: It cannot be read, or nothing says whose it has to be.
    """
    if source is not None:
        pin = where.resolved(offline=True).known_pin()
        with open_source(source) as files:
            yield _Stored(pin=pin, note=files.checkpoint(), read=files.read)
        return
    target = where.resolved()
    if target.folder is None:
        with session(where) as (client, _):
            note = client.checkpoint().note
            tiles = ServerTiles(client.steps.calls, note)
            yield _Stored(pin=client.trust.pin, note=note, read=tiles.read)
        return
    with stored_tree(target.folder) as rows:
        yield _Stored(
            pin=target.known_pin(),
            note=rows.latest().note,
            read=rows.read,
            levels=LEVELS,
            earlier=rows.earlier(),
        )


def _findings(stored: _Stored, told: Progress) -> Iterator[Finding]:
    try:
        checkpoint = open_checkpoint(
            stored.note, origin=stored.pin.origin, verifiers=stored.pin.log_keys
        )
    except (NoteError, VerificationError) as error:
        yield Finding(CHECKPOINT_PATH, None, error.rule, error.message)
        return
    try:
        yield from check_tree(
            checkpoint, stored.read, levels=stored.levels, earlier=stored.earlier, progress=told
        )
    except UnavailableError:
        raise
    except StoreError as error:
        yield Finding(CHECKPOINT_PATH, None, error.rule, error.message)


def _tell(stored: _Stored, findings: list[Finding], output: Format) -> None:
    if output is not Format.TABLE:
        print_rows(
            output,
            "findings",
            map(asdict, findings),
            checkpoint=stored.note.decode("utf-8", "replace"),
        )
    elif not findings:
        size = Checkpoint.parse(SignedNote.parse(stored.note).text).size
        show(
            Text(f"The tree holds: {counted(size, 'entry', 'entries')}.", style="bold"),
            Text("They, the stored hashes and the signed root are one tree.", style="dim"),
        )
    else:
        show(
            Text(f"{counted(len(findings), 'finding')}.", style="bold"),
            aligned([(one.path, _place(one), one.message) for one in findings], bold=0),
        )
    if len(findings) == FINDINGS_MAX:
        say(f"These are the first {FINDINGS_MAX}; there are more, or may be.")


def _place(finding: Finding) -> str:
    return "" if finding.index is None else f"[{finding.index}]"
