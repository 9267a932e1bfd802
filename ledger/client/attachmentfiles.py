"""Attachments on their way: a file beside the envelope that carries documents and salts.

The envelope is public and may lie anywhere; this file is as secret as what is in it. It is JSON,
``{"attachments": [{"media_type", "salt", "content"}]}`` with the bytes in base64: what the
documents' commitments are, follows.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable
from typing import Any, Final

from ledger.client.attachments import Attachment, attach
from ledger.errors import InputError

SUFFIX: Final = ".attachments"
"""What is added to an envelope's file name."""

_LIST: Final = "attachments"
_MEMBERS: Final = frozenset({"media_type", "salt", "content"})


def attachments_to_file(attachments: Iterable[Attachment]) -> bytes:
    """Write attachments as such a file."""
    listed = [
        {
            "media_type": attachment.named.media_type,
            "salt": b64encode(attachment.salt).decode(),
            "content": b64encode(attachment.content).decode(),
        }
        for attachment in attachments
    ]
    return json.dumps({_LIST: listed}, indent=1).encode() + b"\n"


def attachments_from_file(data: bytes) -> list[Attachment]:
    """Read such a file.

    Raises:
        InputError: It is none; ``field`` says where.
    """
    try:
        body = json.loads(data)
    except ValueError as error:
        raise _malformed("", "it is not JSON") from error
    if not isinstance(body, dict) or not isinstance(body.get(_LIST), list):
        raise _malformed("", f"it has no list of {_LIST}")
    return [_attachment(member, f"{_LIST}[{place}]") for place, member in enumerate(body[_LIST])]


def _attachment(member: Any, field: str) -> Attachment:
    if not isinstance(member, dict) or member.keys() != _MEMBERS:
        raise _malformed(field, f"it needs {', '.join(sorted(_MEMBERS))}, and nothing else")
    try:
        salt, content = (b64decode(member[name], validate=True) for name in ("salt", "content"))
        return attach(content, member["media_type"], salt=salt)
    except (TypeError, ValueError) as error:
        raise _malformed(field, "its media type or its base64 does not do") from error


def _malformed(field: str, fault: str) -> InputError:
    return InputError(
        f"The file of attachments does not do: {fault}.", field=field, rule="attachments-file"
    )
