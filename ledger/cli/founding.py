"""A new ledger with its keys and its first author: what ``init`` and ``demo`` have in common."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from ledger import casefile
from ledger.bootstrap import found_ledger
from ledger.cli.clock import now_ms
from ledger.cli.keys import store_key
from ledger.cli.where import DEFAULT_AUTHOR, KEY_SUFFIX, KEYS_FOLDER
from ledger.client.authoring import append_fact
from ledger.client.client import LedgerClient, Proved
from ledger.client.pins import Pin
from ledger.client.signer import Author, enrollment, prove_possession
from ledger.domain.authorship import Policy
from ledger.domain.vocabulary import Role
from ledger.errors import InputError
from ledger.signing.privatekeys import PrivateKey

ADMINISTRATOR: Final = "administrator"
_KEYS_MODE: Final = 0o700


@dataclass(frozen=True, slots=True)
class Founded:
    """A new ledger, with the keys that were made for it.

    Attributes:
        pin: What everybody who verifies it has to know.
        administrator: Who enrolls authors.
        registrar: Who transcribes public sources; not enrolled yet.
    """

    pin: Pin
    administrator: Author
    registrar: Author


def found_with_keys(
    folder: Path,
    *,
    policy: Policy,
    origin: str | None = None,
    passphrase: bytes | None = None,
    log_passphrase: bytes | None = None,
    database: str | None = None,
) -> Founded:
    """Found a ledger in a new folder, with one administrator and a key for a registrar.

    Args:
        folder: A folder that does not exist yet, or is empty.
        policy: What is fixed about the ledger's answers.
        origin: The log's identity; a random one unless given.
        passphrase: What encrypts the two authors' keys, or None.
        log_passphrase: What encrypts the log's key, or None.
        database: The URL of an empty PostgreSQL database; None for a SQLite file.

    Raises:
        RefusedError: The folder is not empty.
        InputError: The origin does not do.
        KeyFileError: The keys cannot be written; the folder is gone again.
    """
    keys = {name: PrivateKey.generate() for name in (ADMINISTRATOR, DEFAULT_AUTHOR)}
    administrator, registrar = (Author(name, key) for name, key in keys.items())
    pin = found_ledger(
        folder,
        administrators=[administrator],
        threshold=1,
        policy=policy,
        origin=origin,
        passphrase=log_passphrase,
        database=database,
        clock=now_ms,
    )
    try:
        (folder / KEYS_FOLDER).mkdir(mode=_KEYS_MODE)
        for name, key in keys.items():
            store_key(folder / KEYS_FOLDER / f"{name}{KEY_SUFFIX}", key, passphrase)
    except BaseException:
        # A ledger without its administrator's key is good for nothing, and nobody has seen it.
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return Founded(pin, administrator, registrar)


def enroll_registrar(client: LedgerClient, founded: Founded) -> Proved:
    """Let the registrar in, by the administrator's signature."""
    registrar = founded.registrar
    fact = enrollment(
        ledger_id=client.ledger_id,
        author=registrar.name,
        role=Role.REGISTRAR,
        party=registrar.name,
        key=registrar.signer.public,
        possession=prove_possession(client.ledger_id, registrar.name, registrar.signer),
    )
    administrator = founded.administrator
    return append_fact(
        client,
        fact,
        author=administrator.name,
        signers=[administrator.signer],
        clock_ms=now_ms,
    )


def read_policy(text: str | bytes) -> Policy:
    """Read a founding policy from JSON.

    Raises:
        InputError: It is not one.
    """
    try:
        return Policy.model_validate_json(text)
    except ValidationError as error:
        raise InputError(
            "This is not a policy; ledger/casefile/policy.json is one.",
            field="policy",
            rule="policy-form",
        ) from error


def casefile_policy() -> Policy:
    """The policy that goes with the case file: the destinations whose rules it does not carry."""
    return read_policy(casefile.path(casefile.POLICY).read_text(encoding="utf-8"))
