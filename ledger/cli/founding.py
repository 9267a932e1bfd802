"""A new ledger with its keys and its first author: what ``init`` and ``demo`` have in common."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from ledger import casefile
from ledger.bootstrap import found_ledger
from ledger.cli.clock import now_ms
from ledger.cli.founders import ADMINISTRATOR, Founder, signing
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

_KEYS_MODE: Final = 0o700


@dataclass(frozen=True, slots=True)
class Founded:
    """A new ledger, with the keys that were made for it.

    Attributes:
        pin: What everybody who verifies it has to know.
        administrators: Those whose private keys are here; they enroll authors.
        registrar: Who transcribes public sources; not enrolled yet.
    """

    pin: Pin
    administrators: tuple[Author, ...]
    registrar: Author

    @property
    def administrator(self) -> Author:
        """The first of them."""
        return self.administrators[0]


def found_with_keys(
    folder: Path,
    *,
    policy: Policy,
    founders: Sequence[Founder] = (),
    threshold: int = 1,
    origin: str | None = None,
    passphrase: bytes | None = None,
    log_passphrase: bytes | None = None,
    database: str | None = None,
) -> Founded:
    """Found a ledger in a new folder, with its administrators and a key for a registrar.

    Args:
        folder: A folder that does not exist yet, or is empty.
        policy: What is fixed about the ledger's answers.
        founders: The administrators; one with a new key unless given.
        threshold: How many of them sign together; so many private keys are here.
        origin: The log's identity; a random one unless given.
        passphrase: What encrypts the keys that are made, or None.
        log_passphrase: What encrypts the log's key, or None.
        database: The URL of an empty PostgreSQL database; None for a SQLite file.

    Raises:
        RefusedError: The folder is not empty.
        InputError: The origin does not do.
        KeyFileError: The keys cannot be written; the folder is gone again.
    """
    founders = founders or (Founder.with_new_key(ADMINISTRATOR),)
    registrar = PrivateKey.generate()
    made = {each.name: each.signer for each in founders if each.is_new and each.signer}
    administrators = signing(founders)
    pin = found_ledger(
        folder,
        administrators=administrators,
        threshold=threshold,
        policy=policy,
        further=[each.administrator for each in founders if each.signer is None],
        origin=origin,
        passphrase=log_passphrase,
        database=database,
        clock=now_ms,
    )
    try:
        (folder / KEYS_FOLDER).mkdir(mode=_KEYS_MODE)
        for name, key in (*made.items(), (DEFAULT_AUTHOR, registrar)):
            store_key(folder / KEYS_FOLDER / f"{name}{KEY_SUFFIX}", key, passphrase)
    except BaseException:
        # A ledger without its administrator's key is good for nothing, and nobody has seen it.
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return Founded(pin, tuple(administrators), Author(DEFAULT_AUTHOR, registrar))


def enroll_registrar(client: LedgerClient, founded: Founded) -> Proved:
    """Let the registrar in, by the signatures of the administrators whose keys are here."""
    registrar = founded.registrar
    fact = enrollment(
        ledger_id=client.ledger_id,
        author=registrar.name,
        role=Role.REGISTRAR,
        party=registrar.name,
        key=registrar.signer.public,
        possession=prove_possession(client.ledger_id, registrar.name, registrar.signer),
    )
    return append_fact(
        client,
        fact,
        author=founded.administrator.name,
        signers=[administrator.signer for administrator in founded.administrators],
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
