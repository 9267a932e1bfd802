"""``show``: one fact, stream, item or party, with its provenance."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import RenderableType
from rich.text import Text

from ledger.cli.memo import labeled
from ledger.cli.output import Format, output_option, print_rows, say, show
from ledger.cli.proofs import save_receipt
from ledger.cli.provenance import fact_json, provenance_json, receipt_json
from ledger.cli.session import session
from ledger.cli.summary import summary
from ledger.cli.times import timing_json, timing_rows
from ledger.cli.where import Where, where_options
from ledger.cli.whole import whole_option
from ledger.client.client import LedgerClient, Proved
from ledger.client.timing import timing_of
from ledger.domain.vocabulary import Collection
from ledger.errors import NotFoundError


@click.command(name="show")
@click.argument("name")
@click.option(
    "--receipts",
    type=click.Path(file_okay=False, path_type=Path),
    help="Save each fact's receipt into this folder.",
)
@whole_option
@output_option
@where_options
def show_command(
    *, where: Where, output: Format, name: str, receipts: Path | None, whole: bool
) -> None:
    """Show a fact, a stream, an item or a party.

    NAME is the id of a fact, a stream such as orders/co-1, or what an item or party is called.
    Each fact is printed as a row of the record format, with its index, author, digest and
    receipt, all of it proved. That a stream ends where it seems to, --whole proves.
    """
    with session(where) as (client, _):
        found = _found(client, name, whole=whole)
        if receipts is not None:
            for proved in found:
                say(f"receipt {save_receipt(receipts, proved)}")
        if output is Format.TABLE:
            show(*_screen(client, found))
        else:
            print_rows(output, "facts", [_row(client, proved) for proved in found])


def _found(client: LedgerClient, name: str, *, whole: bool) -> Sequence[Proved]:
    """The facts that a name means: a stream's, one fact, or those of the item or party so called.

    Raises:
        NotFoundError: Nothing has that name.
    """
    stream_of = client.whole_stream if whole else client.proved_stream
    if "/" in name:
        return stream_of(name)
    try:
        return [client.proved(name)]
    except NotFoundError:
        stream = _stream_of(client, name.casefold())
    if stream is None:
        raise NotFoundError(
            f"Nothing on record is called {name!r}: no fact, stream, item or party.",
            field="name",
            rule="name-on-record",
        )
    return stream_of(stream)


def _stream_of(client: LedgerClient, folded: str) -> str | None:
    """The stream of an item or party by one of its names, as the server finds it."""
    for collection in (Collection.ITEMS, Collection.PARTIES):
        for stream in client.streams(collection):
            for record in stream.facts:
                kind = "item" if record.fact.HasField("item") else "party"
                described = getattr(record.fact, kind)
                names = {described.name.casefold(), *map(str.casefold, described.aliases)}
                if folded in names:
                    return stream.stream
    return None


def _row(client: LedgerClient, proved: Proved) -> dict[str, Any]:
    return {
        "fact": fact_json(proved.entry.fact),
        "provenance": provenance_json(client, proved)
        | timing_json(timing_of(client, proved.entry))
        | {"receipt": receipt_json(proved)},
    }


def _screen(client: LedgerClient, found: Sequence[Proved]) -> Iterator[RenderableType]:
    for place, proved in enumerate(found):
        fact = proved.entry.fact
        about = provenance_json(client, proved)
        if place:
            yield Text("")
        yield Text(f"{fact.id}: {summary(fact)}", style="bold")
        yield Text("")
        lines = [(key.replace("_", " "), str(value)) for key, value in about.items()]
        yield labeled([*lines, *timing_rows(timing_of(client, proved.entry))])
        yield Text("")
        yield Text(json.dumps(fact_json(fact), indent=2, ensure_ascii=False))
