"""``rotate-log-key``: the log gets its next key, and later lets go of the old one."""

from __future__ import annotations

from pathlib import Path

import click

from ledger.bootstrap import open_ledger
from ledger.cli.administering import (
    admin_key_option,
    administrator_option,
    administrators_signers,
    change_keys,
    out_option,
)
from ledger.cli.embedded import log_passphrase
from ledger.cli.output import Format, output_option, say
from ledger.cli.session import session
from ledger.cli.where import Where, where_options
from ledger.client.client import LedgerClient
from ledger.client.keyfacts import log_key_retirement, log_key_rotation
from ledger.domain.authorship import ADMINISTRATORS_STREAM
from ledger.domain.facts import Fact
from ledger.errors import RefusedError, SettingError
from ledger.logkeyfiles import NEXT_LOG_KEY_FILE, next_log_key
from ledger.signing.privatekeys import PrivateKey


@click.command("rotate-log-key")
@click.option("--retire", is_flag=True, help="Let the old key sign no more: the second step.")
@administrator_option
@admin_key_option
@out_option
@output_option
@where_options
def rotate_log_key(
    *,
    where: Where,
    output: Format,
    retire: bool,
    administrator: str,
    admin_keys: tuple[Path, ...],
    out: Path | None,
) -> None:
    """Change the key that signs the log's checkpoints.

    Two steps, each an entry that as many administrators sign as the founding asks. The first
    makes the next key in the ledger's folder and announces it: from then on both keys sign, and
    whoever pinned the old one learns the new one from that entry. Once clients had the time for
    it, --retire ends the old key. Each step may be interrupted and run again.

    It works on a ledger's folder. A server that runs on it must be started again after the first
    step has made the key and before the entry is appended.
    """
    folder = where.resolved().folder
    if folder is None:
        raise SettingError(
            "The log's key lies in the ledger's folder: give --ledger DIR.",
            field="ledger",
            rule="ledger-folder",
        )
    passphrase = log_passphrase(folder)
    new = None if retire else next_log_key(folder, passphrase)
    if new is not None:
        say(f"next key     {folder / NEXT_LOG_KEY_FILE}")
    with session(where) as (client, target):
        fact, version = _fact(client, new)
        change_keys(
            client,
            fact,
            author=administrator,
            signers=administrators_signers(target, administrator, admin_keys),
            version=version,
            out=out,
            output=output,
        )
    if out is None:
        # The pin and the key files follow at once what the record now says.
        open_ledger(folder, passphrase=passphrase).close()


def _fact(client: LedgerClient, new: PrivateKey | None) -> tuple[Fact, int]:
    """What is to be stated about the log's keys, and how many events its stream holds.

    Raises:
        RefusedError: The new key is announced already, or there is none to retire.
    """
    administration = client.administration()
    version = administration.version(ADMINISTRATORS_STREAM)
    signing = [key for key in administration.keyring.log_keys if key.until_size is None]
    if new is None:
        if len(signing) == 1:
            raise RefusedError(
                "One key signs for this log: announce its successor first.",
                rule="retires-the-old-log-key",
            )
        return log_key_retirement(signing[0].keyid), version
    if new.public.keyid in {key.keyid for key in signing}:
        raise RefusedError(
            f"The key {new.public.keyid} is announced, and signs. --retire ends the old one.",
            rule="log-key-rotation-under-way",
        )
    return log_key_rotation(client.ledger_id, signing[0].keyid, new), version
