"""Whose key signs, at the command line: a key file, a command, or a URI of a key service."""

from __future__ import annotations

import functools
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from ledger.cli.keys import open_key
from ledger.cli.where import Target
from ledger.errors import SettingError
from ledger.signing.commandsigner import CommandSigner
from ledger.signing.keyfiles import read_public_key
from ledger.signing.privatekeys import Signer
from ledger.signing.urisigner import UriSigner

_CommandT = TypeVar("_CommandT", bound=Callable[..., Any])
_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class KeySource:
    """The options that say what signs; without any, the key file that the context knows.

    Attributes:
        key: A key file.
        signer_command: A command that signs what it gets on stdin.
        signer_uri: A URI that ``securesystemslib`` knows.
        public_key: The public half of the last two.
    """

    key: Path | None = None
    signer_command: str | None = None
    signer_uri: str | None = None
    public_key: Path | None = None

    def signer(self, target: Target, author: str) -> Signer:
        """What signs for an author.

        Raises:
            SettingError: Two are named, or none is known, or a public half is missing.
            KeyFileError: A key file cannot be read.
            SignerError: The key cannot be reached.
        """
        named = [each for each in (self.key, self.signer_command, self.signer_uri) if each]
        if len(named) > 1:
            raise SettingError(
                "--key, --signer-command and --signer name two keys; give one.",
                field="key",
                rule="signer-named-twice",
            )
        if self.signer_command is None and self.signer_uri is None:
            return open_key(target.key(self.key, author))
        if self.public_key is None:
            raise SettingError(
                "Which key signs there? Give its public half: --public-key FILE.",
                field="public_key",
                rule="signer-public-key",
            )
        public = read_public_key(self.public_key)
        if self.signer_uri is not None:
            return UriSigner(public, self.signer_uri)
        return CommandSigner(public, _words(self.signer_command or ""))


def signer_options(command: _CommandT) -> _CommandT:
    """Give a command the options of ``KeySource``, handed to it as ``source_of_key``."""

    @functools.wraps(command)
    def with_source(**options: Any) -> Any:
        source = KeySource(
            key=options.pop("key"),
            signer_command=options.pop("signer_command"),
            signer_uri=options.pop("signer"),
            public_key=options.pop("public_key"),
        )
        return command(source_of_key=source, **options)

    wrapped: Any = with_source
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    result: _CommandT = wrapped
    return result


_OPTIONS: Final = (
    click.option("--key", type=_FILE, envvar="LEDGER_KEY", help="The author's key file."),
    click.option(
        "--signer-command",
        metavar="CMD",
        envvar="LEDGER_SIGNER_COMMAND",
        help="Sign by a command: message on stdin, raw signature on stdout.",
    ),
    click.option(
        "--signer",
        metavar="URI",
        envvar="LEDGER_SIGNER",
        help="Sign by a key service: awskms:…, hsm:…, file2:… (extra signers).",
    ),
    click.option(
        "--public-key",
        type=_FILE,
        envvar="LEDGER_PUBLIC_KEY",
        help="The public half for --signer-command and --signer.",
    ),
)


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError as error:
        raise SettingError(
            f"--signer-command is not a command line: {error}.",
            field="signer_command",
            rule="signer-command",
        ) from error
