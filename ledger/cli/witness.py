"""``witness``: cosign the checkpoints of logs, each only if it continues the one before."""

from __future__ import annotations

from pathlib import Path

import click

from ledger.cli.clock import now_ms
from ledger.cli.keys import open_key
from ledger.cli.output import say
from ledger.client.pins import Pin
from ledger.log.notekeys import VerifierKey
from ledger.service import logs
from ledger.settings import Address, Settings, parse_address
from ledger.witnesses import serve_witness


@click.command()
@click.option(
    "--state",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="What was cosigned last; made if there is none.",
)
@click.option(
    "--key",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The witness's Ed25519 key, which signs nothing else.",
)
@click.option(
    "--name", required=True, help="The witness's name, as a URL without its scheme: w.example/1."
)
@click.option(
    "--log",
    "pins",
    required=True,
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The pin of a log that it knows; may be given several times.",
)
@click.option("--listen", metavar="HOST:PORT", default="127.0.0.1:7490", show_default=True)
def witness(*, state: Path, key: Path, name: str, pins: tuple[Path, ...], listen: str) -> None:
    """Witness logs by C2SP tlog-witness, until a signal ends it.

    POST /add-checkpoint is answered with a cosignature only if the checkpoint is proved to
    continue the last one that was cosigned, so that no log gets two histories cosigned. The
    verifier key, for policies, is printed on stdout. The memory in --state belongs to the key: if
    it is lost, the witness needs a new key.
    """
    if not state.exists():
        say(f"{state} is new: nothing counts as cosigned before.")
    logs.configure(Settings.from_environment().log_format)
    serve_witness(
        open_key(key),
        name,
        [Pin.read(pin) for pin in pins],
        state=state,
        listen=parse_address(listen),
        started=_started,
        clock=now_ms,
    )


def _started(address: Address, key: VerifierKey) -> None:
    click.echo(key.vkey())
    say(f"Witnessing on {address}.")
