"""``serve``: a ledger's folder for others, until a signal ends it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import click
from pydantic import SecretStr

from ledger.bootstrap import serve_ledger
from ledger.cli.output import say
from ledger.service import logs
from ledger.service.running import keep_to_core, run_until_signal
from ledger.service.server import Addresses
from ledger.service.supervisor import Supervisor
from ledger.settings import Settings, parse_address

# -P: nothing that lies in the working directory is taken for this package.
_WORKER: Final = (sys.executable, "-P", "-c", "from ledger.cli.main import main; main()", "serve")


@click.command()
@click.argument(
    "directory",
    required=False,
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
@click.option(
    "--ledger",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The same as DIR.",
)
@click.option(
    "--database",
    metavar="URL",
    help="The ledger's PostgreSQL database.  [default: the one that DIR has or names]",
)
@click.option("--read-only", is_flag=True, help="Append and sign nothing: a replica.")
@click.option("--listen", metavar="HOST:PORT", help="For gRPC.  [default: 127.0.0.1:7443]")
@click.option(
    "--http-listen",
    metavar="HOST:PORT|off",
    help="For health, metrics and tiles.  [default: 127.0.0.1:7480]",
)
@click.option(
    "--workers",
    type=click.IntRange(0, 64),
    help="Processes that share the port, beside one that writes.  [default: 0, one does all]",
)
@click.option(
    "--core",
    type=click.IntRange(min=0),
    metavar="NUMBER",
    help="Keep to one processor core, each further process to the next.  [default: to none]",
)
def serve(
    *,
    directory: Path | None,
    ledger: Path | None,
    database: str | None,
    read_only: bool,
    listen: str | None,
    http_listen: str | None,
    workers: int | None,
    core: int | None,
) -> None:
    """Serve the ledger in DIR until a signal ends it.

    With --workers one process orders, signs and stores, and so many others take the calls and share
    the port; one that dies is started again.

    Everything else is set by LEDGER_ variables: see ledger/settings.py. Off loopback a server
    needs TLS and a file of identities.
    """
    if directory is not None and ledger is not None:
        message = "DIR and --ledger name two folders; give one."
        raise click.UsageError(message)
    settings = Settings.from_environment()
    changed: dict[str, object] = {
        "directory": directory or ledger or settings.directory,
        "listen": parse_address(listen) if listen else settings.listen,
        "http_listen": settings.http_listen,
        "workers": settings.workers if workers is None else workers,
        "read_only": read_only or settings.read_only,
        "core": settings.core if core is None else core,
    }
    if database is not None:
        changed["database"] = SecretStr(database)
    if http_listen is not None:
        changed["http_listen"] = None if http_listen == "off" else parse_address(http_listen)
    logs.configure(settings.log_format)
    settings = _changed(settings, changed)
    if settings.workers == 0:
        if settings.core is not None:
            keep_to_core(settings.core)
        serve_ledger(settings, started=_unheard if settings.part else _started)
        return
    supervisor = Supervisor(_WORKER, settings)
    run_until_signal(supervisor.start, supervisor.stop, _started)


def _changed(settings: Settings, changed: dict[str, object]) -> Settings:
    """Settings with some of them replaced, checked as a whole again.

    Raises:
        SettingError: They cannot be served.
    """
    values = {name: getattr(settings, name) for name in type(settings).model_fields}
    return type(settings)(**(values | changed))


def _started(addresses: Addresses) -> None:
    http = f", HTTP on {addresses.http}" if addresses.http else ""
    say(f"Serving gRPC on {addresses.grpc}{http}.")


def _unheard(_: Addresses) -> None:
    """Nobody is to be told where one of several processes is: its supervisor tells."""
