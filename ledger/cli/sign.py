"""``sign``: an envelope from a row or a statement, made offline; another machine appends it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import click
from google.protobuf import json_format

from ledger.cli.attaching import read_attachment, write_beside
from ledger.cli.clock import now_ms
from ledger.cli.files import read_file, write_new_file
from ledger.cli.output import say
from ledger.cli.requests import ledger_id_of
from ledger.cli.signers import KeySource, signer_options
from ledger.cli.summary import summary
from ledger.cli.where import Target, Where, where_options
from ledger.client.opened import open_envelope
from ledger.client.rows import RefusedRow, Row, read_rows
from ledger.client.signer import Place, add_signature, sign, state
from ledger.client.trust import last_verified
from ledger.codec.canonical import serialize
from ledger.codec.statements import decode_statement
from ledger.domain.facts import Fact
from ledger.domain.statement import Statement
from ledger.errors import InputError, RecordFormatError
from ledger.v1 import statement_pb2

ENVELOPE_SUFFIX: Final = ".envelope"
_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(name="sign")
@click.argument("source", type=_FILE, required=False)
@click.option("--id", "fact_id", metavar="FACT_ID", help="Sign this row of several.")
@click.option("--author", metavar="NAME", envvar="LEDGER_AUTHOR", help="Who signs.")
@click.option("--ledger-id", metavar="HEX", help="The ledger; otherwise that of the pin.")
@click.option(
    "--expected-version",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="How many events the row's stream holds.",
)
@click.option(
    "--add-to", type=_FILE, metavar="ENVELOPE", help="Add a signature to an envelope instead."
)
@click.option(
    "--attach",
    "documents",
    multiple=True,
    metavar="FILE[:TYPE]",
    help="Commit to a document, such as letter.pdf:application/pdf; it is put by `append`.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The envelope file.  [default: FACT_ID.envelope]",
)
@signer_options
@where_options
def sign_command(
    *,
    where: Where,
    source_of_key: KeySource,
    source: Path | None,
    fact_id: str | None,
    author: str | None,
    ledger_id: str | None,
    expected_version: int,
    add_to: Path | None,
    documents: tuple[str, ...],
    out: Path | None,
) -> None:
    """Sign a fact offline, into an envelope.

    Another machine appends the envelope with `regledger append`. SOURCE is a file of rows in
    the record format with one row, or with --id one of several; or a statement as protobuf
    JSON, in which everything stands already. No network is used.

    A document that is attached stays out of the log: the statement commits to it, and document
    and salt go into ENVELOPE.attachments, which is as secret as they are.
    """
    target = where.resolved(offline=True)
    signer = target.author(author)
    attachments = [read_attachment(document) for document in documents]
    if attachments and (add_to is not None or source is None or _statement_json(source)):
        message = "--attach goes with a SOURCE of rows; a statement names its attachments itself."
        raise click.UsageError(message)
    if add_to is not None and source is None:
        envelope = add_signature(read_file(add_to), source_of_key.signer(target, signer))
    elif source is not None and add_to is None:
        statement = _statement_json(source) or state(
            _only_row(source, fact_id),
            signer,
            _place(target, ledger_id, expected_version),
            [attachment.named for attachment in attachments],
        )
        envelope = sign(statement, [source_of_key.signer(target, statement.author)])
    else:
        message = "Give a SOURCE to sign, or --add-to an envelope."
        raise click.UsageError(message)
    opened = open_envelope(envelope)
    path = out or Path(opened.statement.fact_id + ENVELOPE_SUFFIX)
    write_new_file(path, envelope)
    if attachments:
        write_beside(path, attachments)
    count = len(opened.envelope.signatures)
    say(summary(opened.statement.fact))
    say(
        f"{opened.statement.fact_id}, to become version "
        f"{opened.statement.expected_version + 1} of {opened.statement.stream}; signed by "
        f"{count} key{'s' if count > 1 else ''}"
    )
    click.echo(str(path))


def _place(target: Target, ledger_id: str | None, expected_version: int) -> Place:
    """Where the statement goes; its anchor is the checkpoint that was verified here last."""
    pin = target.pin() if ledger_id is None else None
    head = last_verified(pin, target.memory(pin)) if pin is not None else None
    return Place(
        ledger_id=target.known_pin().ledger_id if ledger_id is None else ledger_id_of(ledger_id),
        expected_version=expected_version,
        signed_at_ms=now_ms(),
        anchor=head.anchor if head is not None else None,
    )


def _only_row(source: Path, fact_id: str | None) -> Fact:
    """The row that is meant: the only one, or the one with that id.

    Raises:
        RecordFormatError: It does not parse, or there is not exactly one.
    """
    rows = list(read_rows(source))
    if fact_id is not None:
        rows = [row for row in rows if isinstance(row, Row) and row.fact.id == fact_id]
    if len(rows) != 1:
        asked = f"rows with the id {fact_id}" if fact_id else "rows, and --id says which to sign"
        raise RecordFormatError(f"{source} has {len(rows)} {asked}.", field="id", rule="one-row")
    row = rows[0]
    if isinstance(row, RefusedRow):
        raise RecordFormatError(row.reason, line=row.line, field=row.field, rule=row.rule)
    return row.fact


def _statement_json(source: Path) -> Statement | None:
    """A statement as protobuf JSON, or None where the file holds rows.

    Raises:
        InputError: It has a fact and an author, and is no statement all the same.
    """
    try:
        body = json.loads(read_file(source))
    except ValueError:
        return None
    if not isinstance(body, dict) or not {"fact", "author"} <= body.keys():
        return None
    try:
        message = json_format.ParseDict(body, statement_pb2.Statement())
    except json_format.ParseError as error:
        raise InputError(f"{source}: {error}", field="statement", rule="protobuf-json") from error
    return decode_statement(serialize(message))
