"""What goes where: data to stdout as table, json or jsonl; words about it to stderr."""

from __future__ import annotations

import functools
import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, Final, TypeVar

import click
from google.protobuf import json_format
from google.protobuf.message import Message
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ledger.client.importer import Progress as Told

_CommandT = TypeVar("_CommandT", bound=Callable[..., Any])
WIDTH_WITHOUT_TERMINAL: Final = 100
Row = Mapping[str, Any]


class Format(StrEnum):
    """How data is written."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"


def output_option(command: _CommandT) -> _CommandT:
    """Give a command ``-o``, handed to it as ``output``, a ``Format``."""

    @functools.wraps(command)
    def with_output(output: str, **options: Any) -> Any:
        return command(output=Format(output), **options)

    option = click.option(
        "-o",
        "--output",
        type=click.Choice([form.value for form in Format]),
        default=Format.TABLE.value,
        envvar="LEDGER_OUTPUT",
        show_default=True,
        help="How data is printed on stdout.",
    )
    wrapped: Any = option(with_output)
    result: _CommandT = wrapped
    return result


def console() -> Console:
    """The screen, plain and as wide as it is; 100 columns where there is none."""
    columns = shutil.get_terminal_size(fallback=(WIDTH_WITHOUT_TERMINAL, 1)).columns
    return Console(width=columns, highlight=False, emoji=False, markup=False)


def show(*parts: RenderableType) -> None:
    """Print parts of a screen, without blanks at the ends of lines."""
    screen = console()
    with screen.capture() as captured:
        for part in parts:
            screen.print(part)
    for line in captured.get().splitlines():
        click.echo(line.rstrip())


def print_json(value: object) -> None:
    """Print one JSON value and nothing else."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def print_message(message: Message, output: Format) -> None:
    """Print one protobuf message as JSON with its proto field names, and nothing else.

    ``jsonl`` puts it on one line.
    """
    text = json_format.MessageToJson(
        message,
        preserving_proto_field_name=True,
        always_print_fields_with_no_presence=True,
        indent=None if output is Format.JSONL else 2,
        ensure_ascii=False,
    )
    click.echo(text)


def print_rows(output: Format, name: str, rows: Iterable[Row], **about: object) -> None:
    """Print rows as JSON: one object around them, or one a line.

    Args:
        output: ``json`` or ``jsonl``.
        name: What the rows are called in the object.
        rows: The rows.
        about: Further members of the object; a line has them not.
    """
    if output is Format.JSONL:
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False))
    else:
        print_json({name: list(rows), **about})


def say(text: str) -> None:
    """Say something about the data, on stderr."""
    click.echo(text, err=True)


def warn(text: str) -> None:
    """Warn on stderr."""
    click.secho(f"Warning: {text}", err=True, fg="yellow" if sys.stderr.isatty() else None)


@contextmanager
def progress(label: str) -> Iterator[Told]:
    """Show a bar on stderr while a block runs, if somebody watches; gives what to call."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
