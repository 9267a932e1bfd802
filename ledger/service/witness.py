"""A small witness: ``add-checkpoint`` of C2SP tlog-witness over HTTP.

| status | why |
| --- | --- |
| 200 | cosigned; the body is the cosignature's line |
| 400 | not a request, or the old size is beyond the checkpoint's |
| 403 | no key that is known for this log signed it, or a known one's signature fails |
| 404 | the origin is not that of a known log |
| 409 | another size was cosigned last, or another root at this size; the body is that size |
| 422 | the proof does not show that the checkpoint continues the last one |
| 503 | what was cosigned cannot be remembered, so nothing is |
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Final, final

from ledger.errors import (
    ForkError,
    InputError,
    NotFoundError,
    OldSizeError,
    StoreError,
    UnavailableError,
    VerificationError,
)
from ledger.log.note import SignatureLine, SignedNote, cosignature_of
from ledger.log.notekeys import NoteSigner, VerifierKey
from ledger.log.witnessing import (
    ADD_CHECKPOINT,
    REQUEST_BYTES_MAX,
    SIZE_CONTENT_TYPE,
    AddCheckpoint,
    Cosigned,
    open_request,
    require_next,
)
from ledger.service.bridges import Door, ReaderThread
from ledger.service.http import HTTPServer, Reply, Request, not_allowed, plain
from ledger.settings import Address
from ledger.store.witnessstate import WitnessState

_log: Final = logging.getLogger("ledger.witness")


@final
class Witness:
    """Who cosigns, what, and what it remembers.

    Args:
        signer: The witness's key, of type 0x04.
        logs: The keys of the logs that it knows, by origin.
        state: Its memory.
        clock: Milliseconds since 1970 (UTC).
    """

    def __init__(
        self,
        signer: NoteSigner,
        logs: Mapping[str, Sequence[VerifierKey]],
        state: WitnessState,
        clock: Callable[[], int],
    ) -> None:
        self._signer = signer
        self._logs = logs
        self._state = state
        self._clock = clock

    def add_checkpoint(self, body: bytes) -> SignatureLine:
        """Cosign a checkpoint, or refuse.

        Raises:
            InputError: It is not a request.
            NotFoundError: The log is not known.
            OldSizeError: It does not build on what was cosigned last.
            VerificationError: The log did not sign it; as ForkError, it is of another history.
            StoreError: It could not be remembered.
        """
        request = AddCheckpoint.parse(body)
        checkpoint = open_request(request, self._logs)
        text = SignedNote.parse(request.note).text

        def decide(last: Cosigned | None) -> SignatureLine:
            require_next(request, checkpoint, last)
            return cosignature_of(text, self._signer, time_s=self._clock() // 1_000)

        return self._state.advance(checkpoint, decide)


@final
class WitnessServer:
    """A witness behind a port; requests are decided one by one, in a thread of their own.

    Args:
        witness: The witness.
    """

    def __init__(self, witness: Witness) -> None:
        self._witness = witness
        self._door = Door()
        self._decisions = ReaderThread(self._door, name="ledger-witness")
        self._http = HTTPServer(self._respond, body_bytes_max=REQUEST_BYTES_MAX)

    async def start(self, address: Address) -> Address:
        """Listen; gives the address with the port that was free.

        Raises:
            OSError: The address cannot be listened on.
        """
        self._door.open(asyncio.get_running_loop())
        self._decisions.start()
        return await self._http.start(address)

    async def stop(self) -> None:
        """Answer what is under way, and stop."""
        await self._http.stop()
        self._door.close()
        self._decisions.close()

    async def _respond(self, request: Request) -> Reply:
        if request.path != f"/{ADD_CHECKPOINT}":
            return plain(HTTPStatus.NOT_FOUND)
        if request.method != "POST":
            return not_allowed("POST")
        try:
            return await self._decisions.run(partial(self._decided, request.body))
        except UnavailableError:
            return plain(HTTPStatus.SERVICE_UNAVAILABLE)

    def _decided(self, body: bytes) -> Reply:
        try:
            line = self._witness.add_checkpoint(body)
        except OldSizeError as error:
            return Reply(HTTPStatus.CONFLICT, f"{error.size}\n".encode(), SIZE_CONTENT_TYPE)
        except ForkError as error:
            # The log's own signature under two histories: worth an operator's eyes.
            _log.error("not continued", extra={"reason": error.message})
            return plain(HTTPStatus.UNPROCESSABLE_ENTITY, error.message)
        except VerificationError as error:
            return plain(HTTPStatus.FORBIDDEN, error.message)
        except NotFoundError as error:
            return plain(HTTPStatus.NOT_FOUND, error.message)
        except InputError as error:
            return plain(HTTPStatus.BAD_REQUEST, error.message)
        except StoreError as error:
            _log.error("not remembered", extra={"reason": error.message})
            return plain(HTTPStatus.SERVICE_UNAVAILABLE)
        return plain(HTTPStatus.OK, str(line))
