"""The evidence of an answer, verified entry by entry against the answer's own checkpoint."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, final

from ledger.client.answers import check_answer, check_citation, check_inclusion
from ledger.client.opened import OpenedEntry
from ledger.client.trust import TrustedLog
from ledger.v1 import axes_pb2, queries_pb2

_ENTRIES_KEPT: Final = 1_024
"""How many cited entries are kept, so that several answers read each of them once."""


@final
class Evidence:
    """Verifies the answers of one ledger.

    Args:
        trust: The log as far as it was verified.
        read: Reads one entry's bytes, by index; they are proved here.
        attribution: Says of an entry who answers for it, by the log.
    """

    def __init__(
        self,
        trust: TrustedLog,
        read: Callable[[int], Awaitable[bytes]],
        attribution: Callable[[OpenedEntry], Awaitable[str]],
    ) -> None:
        self._trust = trust
        self._read = read
        self._attribution = attribution
        self._proved: dict[int, bytes] = {}

    async def verify(
        self,
        request: queries_pb2.GetLicenseStatusRequest,
        response: queries_pb2.GetLicenseStatusResponse,
    ) -> None:
        """See that an answer is to the question, under a verified checkpoint, and what it cites.

        The entries are proved where the request asked for proofs.

        Raises:
            VerificationError: It is to another question or tree size, or a proof fails.
        """
        head = await self._trust.accept(response.checkpoint)
        check_answer(request, response, head)
        if not request.include_proofs:
            return
        for considered in response.considered:
            if considered.disposition == axes_pb2.Disposition.APPLIED:
                index = considered.index
                data = self._proved.get(index) or await self._read(index)
                entry = check_inclusion(considered, data, head)
                check_citation(considered, entry, await self._attribution(entry))
                self._keep(entry)

    def _keep(self, entry: OpenedEntry) -> None:
        self._proved[entry.index] = entry.data
        while len(self._proved) > _ENTRIES_KEPT:
            del self._proved[next(iter(self._proved))]


def asking(
    request: queries_pb2.GetLicenseStatusRequest, *, prove: bool, at_least: int
) -> queries_pb2.GetLicenseStatusRequest:
    """A copy of a request that asks for proofs, or does not.

    Args:
        request: The request.
        prove: Whether to ask for proofs.
        at_least: The smallest tree that may answer, where the request names none.
    """
    asked = queries_pb2.GetLicenseStatusRequest()
    asked.CopyFrom(request)
    asked.include_proofs = prove
    if not asked.tree_size:
        asked.min_tree_size = max(asked.min_tree_size, at_least)
    return asked
