"""The group of commands, and how each one ends: an exit code, and never a traceback.

| code | meaning |
|---|---|
| 0 | done |
| 1 | refused, or not found |
| 2 | the command line, or a setting, does not make sense |
| 3 | VERIFICATION FAILED: a proof, signature or checkpoint does not hold |
| 4 | the ledger is not available |
| 70 | a mistake in this program |
| 130 | interrupted |
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

import click

import ledger
from ledger.cli.commands import Commands
from ledger.errors import (
    LedgerError,
    NoteError,
    SettingError,
    StoreError,
    UnavailableError,
    VerificationError,
)

REFUSED: Final = 1
USAGE: Final = 2
VERIFICATION_FAILED: Final = 3
UNAVAILABLE: Final = 4
MISTAKE: Final = 70
INTERRUPTED: Final = 130

_EPILOG: Final = (
    "The record is public information and no legal advice. Exit codes: 0 done, 1 refused or not "
    "found, 2 usage, 3 verification failed, 4 unavailable."
)


@click.group(cls=Commands, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(ledger.__version__, prog_name="regledger")
def cli() -> None:
    """Keep and ask the record of AI-chip export control.

    Every fact is signed by its author, appended for ever, and proved to whoever asks: this command
    verifies each receipt and answer on your machine.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and leave with its exit code."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command and give its exit code; whatever goes wrong is told on stderr."""
    try:
        result = cli.main(
            args=None if arguments is None else list(arguments),
            prog_name="regledger",
            standalone_mode=False,
        )
    except click.ClickException as error:
        error.show()
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        return INTERRUPTED
    except LedgerError as error:
        click.echo(explain(error), err=True)
        return exit_code_of(error)
    except SystemExit:
        # So click ends where whoever reads our output has seen enough.
        return 0
    except Exception as error:  # noqa: BLE001 - no user is helped by a traceback
        click.echo(f"regledger failed: {type(error).__name__}: {error}", err=True)
        return MISTAKE
    return result if isinstance(result, int) else 0


def exit_code_of(error: LedgerError) -> int:
    """The exit code of an error."""
    match error:
        case VerificationError() | NoteError():
            return VERIFICATION_FAILED
        case UnavailableError() | StoreError():
            return UNAVAILABLE
        case SettingError():
            return USAGE
        case _:
            return REFUSED


def explain(error: LedgerError) -> str:
    """An error in one line or two: what is wrong, and where or by which rule."""
    head = "VERIFICATION FAILED: " if exit_code_of(error) == VERIFICATION_FAILED else "Error: "
    where = [
        f"{name}: {value}"
        for name, value in (("field", error.field), ("rule", error.rule))
        if value
    ]
    return f"{head}{error.message}" + (f"\n  {', '.join(where)}" if where else "")
