"""The composition root: the only place that names concrete adapters, but for the databases.

Randomness, the clock and paths enter here. A ledger is a folder:

| file | what it is |
| --- | --- |
| ``ledger.sqlite3`` | events, entries and checkpoints; or |
| ``database`` | where PostgreSQL keeps them (``databases``) |
| ``head`` | the last released tree head, outside the database |
| ``log.pem`` | the private key that signs checkpoints, mode 0600 (``logkeyfiles``) |
| ``pin.json`` | origin, log key and ledger id, for everybody who verifies |
| ``cosignatures.sqlite3`` | what witnesses said of checkpoints, if any did (``witnesses``) |
| ``policy`` | its witnesses, if it has any, for a server that is not told others |
| ``attachments/`` | documents outside the log, and their keys (``store/vault.py``) |
| ``readmodels`` | where the read models stood, sealed (``readmodels/saved.py``); may be deleted |
"""

from __future__ import annotations

from ledger.bootstrap.apart import open_worker, writing
from ledger.bootstrap.folder import (
    ATTACHMENTS_FOLDER,
    DATABASE_FILE,
    HEAD_FILE,
    MODELS_FILE,
    POLICY_FILE,
    database_of,
    system_clock,
)
from ledger.bootstrap.founding import found_ledger
from ledger.bootstrap.opening import Ledger, open_ledger, open_replica
from ledger.bootstrap.serving import serve_ledger

__all__ = [
    "ATTACHMENTS_FOLDER",
    "DATABASE_FILE",
    "HEAD_FILE",
    "MODELS_FILE",
    "POLICY_FILE",
    "Ledger",
    "database_of",
    "found_ledger",
    "open_ledger",
    "open_replica",
    "open_worker",
    "serve_ledger",
    "system_clock",
    "writing",
]
