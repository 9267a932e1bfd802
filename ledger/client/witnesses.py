"""Asking a witness to cosign a checkpoint (C2SP tlog-witness)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, final

from ledger.client.web import WebClient
from ledger.errors import (
    InputError,
    LedgerError,
    NotFoundError,
    NotPermittedError,
    OldSizeError,
    UnavailableError,
    VerificationError,
)
from ledger.log.note import SignatureLine
from ledger.log.witnessing import (
    ADD_CHECKPOINT,
    SIZE_CONTENT_TYPE,
    AddCheckpoint,
    parse_cosignatures,
    parse_size,
)

_REPLY_BYTES_MAX: Final = 128 * 1024
_OK: Final = 200
_CONFLICT: Final = 409
_REFUSALS: Final[dict[int, type[LedgerError]]] = {
    400: InputError,
    403: NotPermittedError,
    404: NotFoundError,
    422: VerificationError,
}


@final
class RemoteWitness:
    """A witness behind its submission prefix, for one thread at a time.

    Args:
        url: The prefix.

    Raises:
        SettingError: It is not an ``http`` or ``https`` URL.
    """

    def __init__(self, url: str) -> None:
        self._web = WebClient(url)

    def close(self) -> None:
        """Hang up."""
        self._web.close()

    def cosign(self, request: AddCheckpoint) -> Sequence[SignatureLine]:
        """Ask for a cosignature.

        Returns:
            The lines of the reply, none verified.

        Raises:
            OldSizeError: The witness cosigned another size last.
            LedgerError: It refuses otherwise, or does not answer.
        """
        answer = self._web.post(ADD_CHECKPOINT, request.to_bytes(), bytes_max=_REPLY_BYTES_MAX)
        if answer.status == _OK:
            return parse_cosignatures(answer.body)
        if answer.status == _CONFLICT and answer.content_type == SIZE_CONTENT_TYPE:
            size = parse_size(answer.body)
            raise OldSizeError(f"The witness cosigned {size} last.", size=size)
        kind = _REFUSALS.get(answer.status, UnavailableError)
        said = answer.body.partition(b"\n")[0][:200].decode("utf-8", "replace")
        raise kind(f"The witness answers {answer.status}: {said}", rule="witness-refuses")
