"""Key files at the command line: where pass phrases come from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import click

from ledger.cli.output import warn
from ledger.errors import KeyFileError
from ledger.settings import Settings
from ledger.signing.keyfiles import (
    public_path,
    read_private_key,
    write_private_key,
    write_public_key,
)
from ledger.signing.privatekeys import PrivateKey

_RULE: Final = "passphrase"


def open_key(path: Path) -> PrivateKey:
    """Read a private key file, asking for its pass phrase only if it is encrypted.

    The pass phrase is LEDGER_KEY_PASSPHRASE, or is asked for at the terminal.

    Raises:
        KeyFileError: It cannot be read, others could read it, or the pass phrase is wrong or
            cannot be asked for.
    """
    try:
        return read_private_key(path, passphrase=None)
    except KeyFileError as error:
        if error.rule != _RULE:
            raise
    return read_private_key(path, passphrase=_passphrase_of(path))


def new_passphrase(what: str, *, bare: bool) -> bytes | None:
    """The pass phrase for new keys: the variable's, or one that is asked for twice; None for none.

    Args:
        what: What it is for, as the prompt says it.
        bare: Whether it was asked to leave the keys unencrypted.
    """
    if bare:
        return None
    known = Settings.from_environment().key_passphrase
    if known is not None:
        return known.get_secret_value().encode()
    if not sys.stdin.isatty():
        warn(
            f"{what} will not be encrypted, only closed to other users: LEDGER_KEY_PASSPHRASE is "
            "not set, and there is no terminal to ask at."
        )
        return None
    typed: str = click.prompt(
        f"Pass phrase for {what} (empty for none)",
        default="",
        hide_input=True,
        confirmation_prompt=True,
        show_default=False,
        err=True,
    )
    return typed.encode() or None


def store_key(path: Path, key: PrivateKey, passphrase: bytes | None) -> None:
    """Write a new key: the private half, readable by its owner alone, and the public one beside it.

    Raises:
        KeyFileError: A file is there already, or cannot be written.
    """
    write_private_key(path, key, passphrase=passphrase, unencrypted=passphrase is None)
    write_public_key(public_path(path), key.public)


def _passphrase_of(path: Path) -> bytes:
    known = Settings.from_environment().key_passphrase
    if known is not None:
        return known.get_secret_value().encode()
    if not sys.stdin.isatty():
        raise KeyFileError(
            f"The key file {path} is encrypted: set LEDGER_KEY_PASSPHRASE, or use a terminal.",
            field="passphrase",
            rule=_RULE,
        )
    typed: str = click.prompt(f"Pass phrase of {path}", hide_input=True, err=True)
    return typed.encode()
