"""The stores that the contract holds for: each opens a recorder on a folder of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.postgres import postgres_in
from tests.unit.store.builders import sqlite_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from ledger.store.recorder import LedgerRecorder

STORES: Final[Mapping[str, Callable[[Path], LedgerRecorder]]] = {
    "postgres": postgres_in,
    "sqlite": sqlite_in,
}
