"""The evidence of an answer, verified entry by entry against the answer's own checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol, final

from ledger.client.answers import check_answer, check_citation, check_inclusion, check_question
from ledger.client.opened import OpenedEntry
from ledger.client.records import Proved, Source, inside, stands_on
from ledger.client.trust import Head, TrustedLog
from ledger.domain.facts import Fact, ItemDescribed
from ledger.errors import VerificationError
from ledger.v1 import axes_pb2, queries_pb2

_ENTRIES_KEPT: Final = 1_024
"""How many cited entries are kept, so that several answers read each of them once."""


class Reading(Protocol):
    """What evidence is read with: the client."""

    async def data_at(self, index: int) -> bytes:
        """Read one entry's bytes, for the caller to prove."""
        ...

    async def proved(self, name: str | int | bytes) -> Proved:
        """Get an entry and verify its receipt."""
        ...

    async def proved_stream(self, name: str, tree_size: int = 0) -> list[Proved]:
        """Get a stream's facts, each proved."""
        ...

    async def source(self, entry: OpenedEntry) -> Source:
        """Say who answers for an entry, by the log."""
        ...


@final
class Evidence:
    """Verifies the answers of one ledger.

    Args:
        trust: The log as far as it was verified.
        reading: Reads and proves entries.
    """

    def __init__(self, trust: TrustedLog, reading: Reading) -> None:
        self._trust = trust
        self._reading = reading
        self._proved: dict[int, bytes] = {}
        self._items: dict[int, Proved] = {}

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
        if request.include_proofs:
            for considered in _applied(response):
                index = considered.index
                data = self._proved.get(index) or await self._reading.data_at(index)
                entry = check_inclusion(considered, data, head)
                check_citation(considered, entry, await self._reading.source(entry))
                self._keep(entry)
            await self._verify_item(response, head)

    async def verify_pushed(
        self, question: queries_pb2.Question, response: queries_pb2.GetLicenseStatusResponse
    ) -> None:
        """Do as ``verify`` does for an answer that came by itself, and brings no proofs.

        Raises:
            VerificationError: It is to another question or tree size, or a proof fails.
        """
        head = await self._trust.accept(response.checkpoint)
        check_question(question, response.question)
        stands_on(head.size, response.tree_size)
        for considered in _applied(response):
            proved = inside(await self._reading.proved(considered.index), head.size)
            check_citation(considered, proved.entry, await self._reading.source(proved.entry))
        await self._verify_item(response, head)

    async def _verify_item(
        self, response: queries_pb2.GetLicenseStatusResponse, head: Head
    ) -> None:
        """See that the item's description is on record, and is of the item that was asked about.

        An item may be asked about by a name that only another version of its description bears.
        """
        if not response.HasField("item_version"):
            return
        version, asked = response.item_version, response.question.item.strip().casefold()
        proved = self._items.get(version.index) or await self._reading.proved(version.index)
        entry = inside(proved, head.size).entry
        statement, fact = entry.statement, entry.fact
        told = (version.fact_id, version.name, version.version)
        name = fact.name if isinstance(fact, ItemDescribed) else None
        if told != (fact.id, name, statement.expected_version + 1):
            raise _not_the_item(version)
        if asked not in _names_of([fact]):
            facts = [one.entry.fact for one in await self._versions(fact.stream, head)]
            if asked not in _names_of(facts):
                raise _not_the_item(version)
        self._items[version.index] = proved

    async def _versions(self, stream: str, head: Head) -> Sequence[Proved]:
        return await self._reading.proved_stream(stream, head.size)

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


def _applied(
    response: queries_pb2.GetLicenseStatusResponse,
) -> Sequence[queries_pb2.ConsideredEntry]:
    applied = axes_pb2.Disposition.APPLIED
    return [entry for entry in response.considered if entry.disposition == applied]


def _names_of(facts: Sequence[Fact]) -> set[str]:
    described = (fact for fact in facts if isinstance(fact, ItemDescribed))
    return {name.casefold() for fact in described for name in fact.names}


def _not_the_item(version: queries_pb2.ItemVersion) -> VerificationError:
    return VerificationError(
        f"The answer says that {version.name} is described at index {version.index}, and that is "
        "not what stands there, or not the item that was asked about.",
        field="item_version",
        rule="record-differs",
    )
