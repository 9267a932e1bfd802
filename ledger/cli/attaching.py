"""Documents at the command line: read from files, and carried beside the envelope."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from ledger.cli.files import read_file, write_new_file
from ledger.client.attachmentfiles import SUFFIX, attachments_from_file, attachments_to_file
from ledger.client.attachments import Attachment, attach

UNKNOWN_TYPE: Final = "application/octet-stream"
_OWNER_ONLY: Final = 0o600
_WITH_TYPE: Final = re.compile(r"(?P<path>.+):(?P<type>[a-z0-9.+-]+/[a-z0-9.+-]+)")


def read_attachment(given: str) -> Attachment:
    """Read ``FILE`` or ``FILE:media/type``; without a type it is told from the file's name.

    Raises:
        InputError: The file cannot be read, or is too large.
    """
    match = _WITH_TYPE.fullmatch(given)
    path = Path(match["path"] if match else given)
    media_type = match["type"] if match else mimetypes.guess_type(path.name)[0] or UNKNOWN_TYPE
    return attach(read_file(path), media_type)


def write_beside(envelope: Path, attachments: Iterable[Attachment]) -> Path:
    """Write documents and salts beside an envelope, readable by their owner only.

    Raises:
        InputError: There is such a file already, or it cannot be written.
    """
    path = _beside(envelope)
    write_new_file(path, attachments_to_file(attachments), mode=_OWNER_ONLY)
    return path


def attachments_beside(envelope: Path) -> Sequence[Attachment]:
    """The documents that lie beside an envelope, if any do.

    Raises:
        InputError: The file cannot be read, or is none.
    """
    path = _beside(envelope)
    return attachments_from_file(read_file(path)) if path.exists() else ()


def _beside(envelope: Path) -> Path:
    return envelope.with_name(envelope.name + SUFFIX)
