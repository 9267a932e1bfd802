"""Time stamps over checkpoints: asked of an authority, and verified later without anybody."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from ledger.client.web import WebClient, parse_url
from ledger.errors import UnavailableError
from ledger.signing.timestamps import TOKEN_BYTES_MAX, check_reply, query

_QUERY_TYPE: Final = "application/timestamp-query"


def obtain_timestamp(tsa: str, note: bytes) -> bytes:
    """Ask an authority to stamp a checkpoint's note (RFC 3161 section 3.4, over HTTP).

    Args:
        tsa: The authority's URL.
        note: The signed note, verbatim.

    Returns:
        The reply, TimeStampResp in DER. That it answers this question is checked; whether the
        authority is to be trusted, only ``verify_timestamp`` says, by a root.

    Raises:
        SettingError: The URL is none.
        UnavailableError: Nobody answers there, or not with a reply.
        RefusedError: The authority refuses.
        VerificationError: The reply is to another question.
    """
    asked = query(note)
    path = parse_url(tsa).path
    folder, _, name = path.rpartition("/")
    with WebClient(tsa.removesuffix(path) + folder) as web:
        answer = web.post(name, asked.data, bytes_max=TOKEN_BYTES_MAX, content_type=_QUERY_TYPE)
    if answer.status != HTTPStatus.OK:
        raise UnavailableError(
            f"{tsa} answers with the HTTP status {answer.status}.", field="tsa", rule="web-server"
        )
    check_reply(answer.body, asked)
    return answer.body
