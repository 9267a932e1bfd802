"""``keygen``: a key pair in two files, and the request that has it enrolled."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from ledger.cli.files import write_file
from ledger.cli.keys import new_passphrase, store_key
from ledger.cli.output import say
from ledger.cli.requests import (
    DELEGATION_SUFFIX,
    REQUEST_SUFFIX,
    DelegationRequest,
    EnrollmentRequest,
    ledger_id_of,
)
from ledger.cli.where import Where, where_options
from ledger.signing.keyfiles import public_path
from ledger.signing.privatekeys import PrivateKey
from ledger.signing.publickeys import Algorithm
from ledger.witnesses import witness_key

VKEY_SUFFIX: Final = ".vkey"


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--algorithm",
    type=click.Choice(["ed25519", "p256"]),
    default="ed25519",
    show_default=True,
    help="ed25519, or ECDSA P-256 with SHA-256.",
)
@click.option("--author", metavar="NAME", help="Also write a request to be enrolled as NAME.")
@click.option(
    "--delegate-of", metavar="NAME", help="Also write a request to sign for NAME, within limits."
)
@click.option("--ledger-id", metavar="HEX", help="The ledger to be enrolled in.")
@click.option("--witness", metavar="NAME", help="Also write what verifies a witness of this NAME.")
@click.option("--no-passphrase", is_flag=True, help="Leave the key file unencrypted.")
@where_options
def keygen(
    *,
    where: Where,
    file: Path,
    algorithm: str,
    author: str | None,
    delegate_of: str | None,
    ledger_id: str | None,
    witness: str | None,
    no_passphrase: bool,
) -> None:
    """Make a key pair, and a request to enroll it.

    FILE is for the private half, FILE.pub for the public one. With --author, FILE.enroll.json
    asks the administrators of a ledger to enroll it; hand it to them for `regledger enroll`.
    With --delegate-of, FILE.delegate.json asks an author to let the key sign for it; hand it to
    the author for `regledger delegate`. With --witness, FILE.vkey is the verifier key that
    policies name (C2SP signed-note). Nothing is sent.
    """
    if author and delegate_of:
        message = "--author and --delegate-of are two things; give one."
        raise click.UsageError(message)
    wanted = _ledger_id(where, ledger_id) if author or delegate_of else b""
    kind = Algorithm.ED25519 if algorithm == "ed25519" else Algorithm.ECDSA_P256_SHA256
    key = PrivateKey.generate(kind)
    request, suffix = _request(wanted, author, delegate_of, key)
    verifier = witness_key(key, witness) if witness else None
    store_key(file, key, new_passphrase(f"the key {file}", bare=no_passphrase))
    say(f"private key  {file}")
    say(f"public key   {public_path(file)}")
    if request is not None:
        path = file.with_name(file.name + suffix)
        write_file(path, f"{request.model_dump_json(indent=2)}\n".encode())
        say(f"request      {path}")
    if verifier is not None:
        path = file.with_name(file.name + VKEY_SUFFIX)
        write_file(path, f"{verifier.vkey()}\n".encode())
        say(f"verifier key {path}")
    click.echo(key.public.keyid)


def _request(
    ledger_id: bytes, author: str | None, delegate_of: str | None, key: PrivateKey
) -> tuple[EnrollmentRequest | None, str]:
    """What was asked to be written beside the key, and the end of that file's name."""
    if author:
        return EnrollmentRequest.make(ledger_id, author, key), REQUEST_SUFFIX
    if delegate_of:
        return DelegationRequest.make(ledger_id, delegate_of, key), DELEGATION_SUFFIX
    return None, ""


def _ledger_id(where: Where, given: str | None) -> bytes:
    if given is not None:
        return ledger_id_of(given)
    return where.resolved(offline=True).known_pin().ledger_id
