"""A ledger's copy with one byte changed on disk: what an attacker, or a bad disk, might do."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from ledger.errors import NotFoundError

_AROUND: Final = 16
"""Bytes taken along on each side, so that the place on disk is the only one like it."""


def copy_and_change(folder: Path, copy: Path, entry: bytes, old: bytes, new: bytes) -> Path:
    """Copy a ledger's folder, and overwrite bytes of one entry in a file of the copy.

    Databases cut long values into pages, so each place in the entry is tried until one lies in a
    file in one piece, once.

    Args:
        folder: A ledger's folder that nobody has open.
        copy: Where the copy goes.
        entry: The entry's leaf data.
        old: What stands in it.
        new: What is put there, as many bytes.

    Returns:
        The file that was changed.

    Raises:
        NotFoundError: No file has the bytes in one piece.
    """
    shutil.copytree(folder, copy)
    files = [path for path in sorted(copy.rglob("*")) if path.is_file()]
    start = entry.find(old)
    while start >= 0:
        before = entry[max(start - _AROUND, 0) : start]
        after = entry[start + len(old) : start + len(old) + _AROUND]
        for path in files:
            content = path.read_bytes()
            if content.count(before + old + after) == 1:
                path.write_bytes(content.replace(before + old + after, before + new + after))
                return path
        start = entry.find(old, start + 1)
    raise NotFoundError(f"No file in {folder} has {old!r} in one piece.", rule="tampering")
