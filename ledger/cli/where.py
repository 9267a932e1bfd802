"""Which ledger a command is about: its options, the variables behind them, and the context."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import quote

import click

from ledger.cli.contexts import HEADS_FOLDER, Context, load_contexts
from ledger.cli.files import read_file
from ledger.client.connection import Connection
from ledger.client.heads import HeadFile
from ledger.client.pins import PIN_FILE, Pin
from ledger.client.trust import recalled_pin
from ledger.errors import SettingError
from ledger.log.policy import TrustPolicy
from ledger.witnesses import read_policy

APP: Final = "regledger"
KEYS_FOLDER: Final = "keys"
KEY_SUFFIX: Final = ".pem"
PINS_FOLDER: Final = "pins"
DEFAULT_AUTHOR: Final = "registrar"

_CommandT = TypeVar("_CommandT", bound=Callable[..., Any])
_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """The options that say which ledger is meant; what is left out, the context may say.

    Attributes:
        ledger: A ledger's folder, served inside this process.
        server: ``host:port`` or ``unix:<path>``.
        context: The name of a context to use instead of the current one.
        pin: A pin file.
        policy: A file of the witnesses that are demanded.
        trust_on_first_use: Take the pin from the server, if none is known.
        tls_ca: Certificates that vouch for the server.
        client_cert: The client's certificate.
        client_key: Its key.
        token: A bearer token.
        token_file: A file that holds one.
        config: The user's folder of contexts and verified checkpoints.
    """

    ledger: Path | None = None
    server: str | None = None
    context: str | None = None
    pin: Path | None = None
    policy: Path | None = None
    trust_on_first_use: bool = False
    tls_ca: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    token: str | None = None
    token_file: Path | None = None
    config: Path

    def resolved(self, *, offline: bool = False) -> Target:
        """Fill in from the context what the options leave open.

        Args:
            offline: Whether nobody will be asked, so that no ledger need be in reach.

        Raises:
            SettingError: No ledger is named anywhere, or two are.
            NotFoundError: The context that was named does not exist.
        """
        if self.ledger is not None and self.server is not None:
            raise SettingError(
                "--ledger and --server name two ledgers; give one.", field="server", rule="where"
            )
        context = self._context()
        if self.ledger is not None:
            folder: Path | None = self.ledger
        elif self.server is not None or context.ledger is None:
            folder = None
        else:
            folder = Path(context.ledger)
        server = self.server or (context.server if folder is None else None)
        if folder is None and server is None and not offline:
            raise SettingError(
                "Which ledger? Give --ledger DIR or --server HOST:PORT, or make one with "
                "`regledger init DIR`.",
                field="ledger",
                rule="where",
            )
        return Target(self, context, folder, server or "")

    def _context(self) -> Context:
        """The context that was asked for; the current one counts only where no ledger is named."""
        contexts = load_contexts(self.config)
        if self.context is not None:
            return contexts.named(self.context)
        if self.ledger is not None or self.server is not None or contexts.current is None:
            return Context()
        return contexts.named(contexts.current)


@dataclass(frozen=True, slots=True)
class Target:
    """The ledger that is meant.

    Attributes:
        where: The options.
        context: The context behind them.
        folder: The ledger's folder, or None where a server has it.
        server: The server's address, or "".
    """

    where: Where
    context: Context
    folder: Path | None
    server: str

    def pin(self) -> Pin | None:
        """The pin: a file that was named, the context's, the folder's, or one of a first use.

        Raises:
            SettingError: The file is not a pin.
        """
        if self.where.pin is not None:
            return Pin.read(self.where.pin)
        if self.context.pin is not None:
            return Pin.parse(self.context.pin)
        if self.folder is not None:
            return Pin.read(self.folder / PIN_FILE)
        kept = self._kept_pin()
        return Pin.read(kept) if self.server and kept.exists() else None

    def policy(self) -> TrustPolicy | None:
        """The policy of witnesses: a file that was named, or the context's; None demands none.

        Raises:
            SettingError: The file cannot be read, or is no policy.
        """
        path = self.where.policy or _path(self.context.policy)
        return read_policy(path) if path is not None else None

    def keep_pin(self, pin: Pin) -> None:
        """Keep the pin of a first use for this server, so that there is no second first use.

        Raises:
            SettingError: It cannot be written.
        """
        path = self._kept_pin()
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.write_text(pin.to_json(), encoding="utf-8")
        except OSError as error:
            raise SettingError(
                f"The pin cannot be kept in {path}: {error.strerror}.", field="pin", rule="pin-file"
            ) from error

    def _kept_pin(self) -> Path:
        return self.where.config / PINS_FOLDER / f"{quote(self.server, safe='')}.json"

    def known_pin(self) -> Pin:
        """The pin, where one cannot do without, with the log's keys that were learned here.

        Raises:
            SettingError: None is known, or the file is not a pin.
        """
        pin = self.pin()
        if pin is None:
            raise SettingError(
                "Which ledger? Nothing names it: give --pin FILE.", field="pin", rule="where"
            )
        return recalled_pin(pin, self.memory(pin))

    def connection(self) -> Connection:
        """How the server is reached.

        Raises:
            SettingError: The address is none, or what belongs together is not there together.
            InputError: A file cannot be read.
        """
        where, context = self.where, self.context
        token_file = where.token_file or _path(context.token_file)
        token = where.token or (
            read_file(token_file).decode("utf-8", "replace") if token_file else ""
        )
        return Connection(
            target=self.server,
            ca=_maybe_read(where.tls_ca or _path(context.tls_ca)),
            certificate=_maybe_read(where.client_cert or _path(context.client_cert)),
            certificate_key=_maybe_read(where.client_key or _path(context.client_key)),
            token=token.strip(),
        )

    def memory(self, pin: Pin) -> HeadFile:
        """Where the highest verified checkpoint of a ledger is remembered."""
        return head_file(self.where.config, pin)

    def author(self, given: str | None) -> str:
        """Who signs: who was named, or the context's author."""
        return given or self.context.author or DEFAULT_AUTHOR

    def key(self, given: Path | None, author: str) -> Path:
        """The author's key file: the one that was named, the context's, or one in the folder.

        Raises:
            SettingError: None is known.
        """
        if given is not None:
            return given
        if self.context.key is not None and author == self.author(None):
            return Path(self.context.key)
        if self.folder is not None:
            return self.folder / KEYS_FOLDER / f"{author}{KEY_SUFFIX}"
        raise SettingError(
            f"Which key signs for {author}? Give --key FILE.", field="key", rule="where"
        )


def head_file(config: Path, pin: Pin) -> HeadFile:
    """Where the highest verified checkpoint of a ledger is remembered."""
    return HeadFile(config / HEADS_FOLDER / f"{pin.ledger_id.hex()}.note")


config_option: Final = click.option(
    "--config",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="LEDGER_CONFIG",
    default=lambda: click.get_app_dir(APP),
    hidden=True,
)
"""The user's folder of contexts and verified checkpoints; mostly for tests."""


def where_options(command: _CommandT) -> _CommandT:
    """Give a command the options of ``Where``, handed to it as ``where``."""

    @functools.wraps(command)
    def with_where(**options: Any) -> Any:
        names = [field.name for field in fields(Where)]
        where = Where(**{name: options.pop(name) for name in names})
        return command(where=where, **options)

    wrapped: Any = with_where
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    result: _CommandT = wrapped
    return result


_OPTIONS: Final = (
    click.option(
        "--ledger",
        type=click.Path(file_okay=False, path_type=Path),
        envvar="LEDGER_DIRECTORY",
        help="A ledger's folder; no server is needed.",
    ),
    click.option(
        "--server", metavar="HOST:PORT", envvar="LEDGER_SERVER", help="A server, also unix:PATH."
    ),
    click.option(
        "--context", metavar="NAME", envvar="LEDGER_CONTEXT", help="A context, not the current one."
    ),
    click.option("--pin", type=_FILE, envvar="LEDGER_PIN", help="The pin of the server's ledger."),
    click.option(
        "--policy",
        type=_FILE,
        envvar="LEDGER_POLICY",
        help="Witnesses whose quorum is demanded (C2SP tlog-policy).",
    ),
    click.option("--trust-on-first-use", is_flag=True, help="Take the pin from the server itself."),
    click.option("--tls-ca", type=_FILE, envvar="LEDGER_TLS_CA", help="CA of the server, PEM."),
    click.option(
        "--client-cert", type=_FILE, envvar="LEDGER_CLIENT_CERT", help="Own certificate, PEM."
    ),
    click.option("--client-key", type=_FILE, envvar="LEDGER_CLIENT_KEY", help="Its key, PEM."),
    click.option("--token", envvar="LEDGER_TOKEN", hidden=True),
    click.option(
        "--token-file", type=_FILE, envvar="LEDGER_TOKEN_FILE", help="File with a bearer token."
    ),
    config_option,
)


def _path(text: str | None) -> Path | None:
    return Path(text) if text is not None else None


def _maybe_read(path: Path | None) -> bytes | None:
    return read_file(path) if path is not None else None
