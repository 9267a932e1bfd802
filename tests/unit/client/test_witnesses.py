from __future__ import annotations

import pytest

from ledger.client.witnesses import RemoteWitness
from ledger.errors import (
    InputError,
    LedgerError,
    NoteError,
    NotFoundError,
    NotPermittedError,
    OldSizeError,
    UnavailableError,
    VerificationError,
)
from ledger.log.checkpoint import sign_checkpoint
from ledger.log.note import cosignature_of
from ledger.log.witnessing import AddCheckpoint
from tests.unit.client.test_web import playing
from tests.unit.log.builders import TEXT, TIME_S, checkpoint_of, cosigner_of, signer_of

REQUEST = AddCheckpoint(0, (), sign_checkpoint(checkpoint_of(), [signer_of()]))
LINE = cosignature_of(TEXT, cosigner_of(), time_s=TIME_S)


def reply(status: str, body: str, content_type: str = "text/plain") -> bytes:
    data = body.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(data)}\r\n"
    return head.encode() + b"\r\n" + data


def test_a_cosignature_is_the_body_of_the_reply() -> None:
    with playing((reply("200 OK", f"{LINE}\n"),)) as url:
        witness = RemoteWitness(url)
        assert witness.cosign(REQUEST) == (LINE,)
        witness.close()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (reply("409 Conflict", "7\n", "text/x.tlog.size"), OldSizeError),
        (reply("409 Conflict", "7\n"), UnavailableError),
        (reply("409 Conflict", "seven\n", "text/x.tlog.size"), NoteError),
        (reply("200 OK", "fine\n"), NoteError),
        (reply("400 Bad Request", "x\n"), InputError),
        (reply("403 Forbidden", "x\n"), NotPermittedError),
        (reply("404 Not Found", "x\n"), NotFoundError),
        (reply("422 Unprocessable Entity", "x\n"), VerificationError),
        (reply("500 Internal Server Error", ""), UnavailableError),
    ],
)
def test_every_other_reply_is_an_error_of_its_kind(answer: bytes, error: type[LedgerError]) -> None:
    with playing((answer,)) as url:
        witness = RemoteWitness(url)
        with pytest.raises(error) as caught:
            witness.cosign(REQUEST)
        witness.close()

    assert type(caught.value) is error
    if isinstance(caught.value, OldSizeError):
        assert caught.value.size == 7
