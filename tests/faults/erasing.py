"""A process that dies while it erases: ``python -m tests.faults.erasing LEDGER ENVELOPE POINT``.

POINT is where: ``committed``, after the entry's COMMIT and before anything is destroyed, or
``key gone``, between the key and the document.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import NoReturn
from unittest.mock import patch

from ledger.bootstrap import open_ledger
from ledger.store import vault

POINTS = ("committed", "key gone")


def die(*_: object) -> NoReturn:
    """End at once, as by a power cut."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def main(directory: str, envelope: str, point: str) -> None:
    """Append the erasure in the envelope."""
    place, name = (vault.Vault, "destroy") if point == "committed" else (vault, "_sync")
    with open_ledger(Path(directory)) as ledger, patch.object(place, name, die):
        ledger.parts.appender.append(Path(envelope).read_bytes())


if __name__ == "__main__":
    main(*sys.argv[1:])
