"""A ledger's folder: what its files are called, and what stands on them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ledger.audit.database import DatabaseSource
from ledger.databases import SQLITE_FILE, holds_database
from ledger.errors import SettingError
from ledger.log.notekeys import NoteSigner, SignatureType, VerifierKey
from ledger.signing.privatekeys import Signer
from ledger.store.committing import Ledger as StoredLedger
from ledger.store.head import HeadFile
from ledger.store.inspection import inspecting
from ledger.store.reader import Reader
from ledger.store.recorder import LedgerRecorder
from ledger.store.vault import Vault
from ledger.witnesses import COSIGNATURES_FILE

DATABASE_FILE: Final = SQLITE_FILE
HEAD_FILE: Final = "head"
ATTACHMENTS_FOLDER: Final = "attachments"
POLICY_FILE: Final = "policy"
MODELS_FILE: Final = "readmodels"

Clock = Callable[[], int]
"""Milliseconds since 1970 (UTC)."""


def system_clock() -> int:
    """The machine's clock, in milliseconds since 1970 (UTC)."""
    return time.time_ns() // 1_000_000


def require_ledger(directory: Path, database: str | None = None) -> None:
    """See that there is a ledger in a folder, or that its database was named.

    Raises:
        SettingError: There is none.
    """
    if database is None and not holds_database(directory):
        raise SettingError(
            f"There is no ledger in {directory}.", field="directory", rule="ledger-in-directory"
        )


def stored_in(
    folder: Path, recorder: LedgerRecorder, origin: str, log_keys: Sequence[Signer], clock: Clock
) -> StoredLedger:
    """The store's parts on a folder."""
    return StoredLedger(
        recorder=recorder,
        reader=Reader(recorder),
        head=HeadFile(folder / HEAD_FILE),
        signers=tuple(
            NoteSigner(VerifierKey(origin, SignatureType.ED25519, key.public.raw), key.sign)
            for key in log_keys
        ),
        clock=clock,
    )


@contextmanager
def database_of(path: Path, *, whole_folder: bool = False) -> Iterator[DatabaseSource]:
    """Open a ledger's database for an audit: only to be read, by whoever has the file.

    Args:
        path: The file.
        whole_folder: Whether it lies in its ledger's folder, whose head file is then audited too.

    Raises:
        StoreError: It cannot be opened.
    """
    with inspecting(path) as inspection:
        if whole_folder:
            vault = Vault(path.with_name(ATTACHMENTS_FOLDER))
            cosignatures = path.with_name(COSIGNATURES_FILE)
            yield DatabaseSource(inspection, path.with_name(HEAD_FILE), vault, cosignatures)
        else:
            yield DatabaseSource(inspection)
