"""Stamped checkpoints in a folder: a note ``NAME.checkpoint``, and ``NAME.tsr`` beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ledger.cli.files import files_in, read_file

NOTE_SUFFIX: Final = ".checkpoint"
STAMP_SUFFIX: Final = ".tsr"


def read_stamps(folder: Path) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Read the notes and the tokens of a folder, by name; what else lies there is not looked at.

    Raises:
        InputError: One of them cannot be read.
    """
    notes, tokens = (
        {path.name.removesuffix(suffix): read_file(path) for path in files_in(folder, suffix)}
        for suffix in (NOTE_SUFFIX, STAMP_SUFFIX)
    )
    return notes, tokens
