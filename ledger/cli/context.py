"""``context``: name ledgers, and say which one is meant where no option does."""

from __future__ import annotations

from pathlib import Path

import click

from ledger.cli.contexts import Context, Contexts, load_contexts, save_contexts
from ledger.cli.memo import aligned
from ledger.cli.output import Format, output_option, print_json, say, show
from ledger.cli.where import config_option
from ledger.client.connection import Connection
from ledger.client.pins import Pin
from ledger.errors import SettingError
from ledger.witnesses import read_policy

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def context() -> None:
    """Name ledgers, and say which is meant where no option does."""


@context.command(name="list")
@output_option
@config_option
def list_contexts(*, config: Path, output: Format) -> None:
    """List the contexts; the current one has a star."""
    known = load_contexts(config)
    if output is not Format.TABLE:
        print_json(known.model_dump(exclude_none=True))
        return
    if not known.contexts:
        say("There are no contexts yet; `regledger init DIR` makes one.")
        return
    show(
        aligned(
            [
                ("*" if name == known.current else "", name, one.ledger or one.server or "")
                for name, one in sorted(known.contexts.items())
            ]
        )
    )


@context.command()
@click.argument("name")
@config_option
def use(*, config: Path, name: str) -> None:
    """Make NAME the current context."""
    _change(config, load_contexts(config).using(name))


@context.command()
@click.argument("name")
@click.option(
    "--ledger", type=click.Path(exists=True, file_okay=False, path_type=Path), help="A folder."
)
@click.option("--server", metavar="HOST:PORT", help="A server, also unix:PATH.")
@click.option("--pin", type=_FILE, help="The pin of the server's ledger.")
@click.option("--policy", type=_FILE, help="Witnesses whose quorum is demanded.")
@click.option("--tls-ca", type=_FILE, help="CA of the server, PEM.")
@click.option("--client-cert", type=_FILE, help="Own certificate, PEM.")
@click.option("--client-key", type=_FILE, help="Its key, PEM.")
@click.option("--token-file", type=_FILE, help="File with a bearer token.")
@click.option("--author", metavar="NAME", help="Who signs.")
@click.option("--key", type=_FILE, help="The author's key file.")
@config_option
def add(
    *,
    config: Path,
    name: str,
    ledger: Path | None,
    server: str | None,
    pin: Path | None,
    policy: Path | None,
    tls_ca: Path | None,
    client_cert: Path | None,
    client_key: Path | None,
    token_file: Path | None,
    author: str | None,
    key: Path | None,
) -> None:
    """Add the context NAME for a folder or a server, and make it the current one."""
    if (ledger is None) == (server is None):
        raise SettingError("Give --ledger or --server.", field="server", rule="where")
    if server is not None:
        Connection(target=server)
    if policy is not None:
        read_policy(policy)
    made = Context(
        ledger=_absolute(ledger),
        server=server,
        pin=Pin.read(pin).to_json() if pin is not None else None,
        policy=_absolute(policy),
        tls_ca=_absolute(tls_ca),
        client_cert=_absolute(client_cert),
        client_key=_absolute(client_key),
        token_file=_absolute(token_file),
        author=author,
        key=_absolute(key),
    )
    _change(config, load_contexts(config).with_context(name, made))


@context.command()
@click.argument("name")
@config_option
def remove(*, config: Path, name: str) -> None:
    """Remove the context NAME; the ledger itself stays where it is."""
    _change(config, load_contexts(config).without(name))


def _change(config: Path, contexts: Contexts) -> None:
    save_contexts(config, contexts)
    say(f"The current context is {contexts.current or 'none'}.")


def _absolute(path: Path | None) -> str | None:
    return str(path.resolve()) if path is not None else None
