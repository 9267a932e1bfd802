"""``author``: an author's keys, and the entries that made and ended each, all of it proved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from rich.console import RenderableType
from rich.text import Text

from ledger.cli.memo import aligned, heading, labeled
from ledger.cli.output import Format, output_option, print_json, say, show
from ledger.cli.proofs import instant, proof_row, save_receipt
from ledger.cli.session import session
from ledger.cli.summary import summary
from ledger.cli.where import Where, where_options
from ledger.client.histories import AuthorHistory
from ledger.domain.keyring import KeyRecord


@click.command()
@click.argument("name")
@click.option(
    "--receipts",
    type=click.Path(file_okay=False, path_type=Path),
    help="Save the receipt of each entry into this folder.",
)
@output_option
@where_options
def author(*, where: Where, output: Format, name: str, receipts: Path | None) -> None:
    """Show an author's keys and their history.

    Each entry is proved by its receipt, and every signature in it is verified by the keys that
    earlier entries made, back to the founding. That nothing was added since, only an audit of
    the whole log shows.
    """
    with session(where) as (client, _):
        history = client.author_history(name)
    for proved in history.entries if receipts is not None else ():
        assert receipts is not None  # noqa: S101 - narrows what the loop was chosen by
        say(f"receipt {save_receipt(receipts, proved)}")
    if output is Format.TABLE:
        show(*_screen(history))
    else:
        print_json(_json(history))


def _screen(history: AuthorHistory) -> Iterator[RenderableType]:
    first = history.keys[0]
    yield Text(f"{history.author}: {first.role.value} for {first.party}", style="bold")
    yield Text("")
    for key in history.keys:
        yield labeled([(name, value) for name, value in _key(key).items() if value])
        yield Text("")
    yield heading("Entries")
    yield aligned(
        [
            (f"[{entry.index}]", instant(entry.recorded_ms), summary(entry.fact))
            for entry in (proved.entry for proved in history.entries)
        ],
        bold=2,
    )
    yield Text("")
    yield Text(
        "Each entry is proved, and signed by keys that lead back to the founding. That none "
        "followed since, `regledger verify` shows.",
        style="dim",
    )


def _key(key: KeyRecord) -> dict[str, str]:
    """A key in words; what does not apply is empty."""
    limits = key.delegation
    return {
        "key": key.keyid,
        "signs from": f"index {key.valid_from_index}",
        "ended": f"index {key.revoked_at_index}" if key.revoked_at_index is not None else "",
        "expires": instant(key.not_after_ms) if key.not_after_ms is not None else "",
        "delegated by": limits.by_keyid if limits else "",
        "kinds": ", ".join(limits.kinds) if limits else "",
        "streams": ", ".join(limits.streams) if limits else "",
    }


def _json(history: AuthorHistory) -> dict[str, Any]:
    first = history.keys[0]
    return {
        "author": history.author,
        "role": first.role.value,
        "party": first.party,
        "keys": [_key_json(key) for key in history.keys],
        "entries": [proof_row(proved) for proved in history.entries],
    }


def _key_json(key: KeyRecord) -> dict[str, Any]:
    limits = key.delegation
    return {
        "keyid": key.keyid,
        "spki_der": key.spki_der.hex(),
        "valid_from_index": key.valid_from_index,
        "revoked_at_index": key.revoked_at_index,
        "not_after_ms": key.not_after_ms,
        "delegation": {
            "by_keyid": limits.by_keyid,
            "kinds": list(limits.kinds),
            "streams": list(limits.streams),
        }
        if limits
        else None,
    }
