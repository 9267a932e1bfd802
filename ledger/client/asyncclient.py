"""The client: every receipt, entry and answer is verified before anybody sees it.

What is proved is said by the type: a ``Proved`` entry is in the log under a checkpoint that the
pinned key signed and that continues all checkpoints seen before. What no proof of a log can show is
said by each method: that an answer follows from the entries, and that nothing was left out of a
list. ``replay`` and ``audit`` show it, by reading the whole log.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Self, final

from ledger.client.administration import Administration
from ledger.client.calls import PAGE_SIZE, Calls
from ledger.client.connection import Connection
from ledger.client.enrollments import Enrollments
from ledger.client.evidence import Evidence, asking
from ledger.client.heads import HeadMemory
from ledger.client.histories import AuthorHistory, history_of
from ledger.client.opened import OpenedEntry, open_entry, open_envelope
from ledger.client.pins import Pin
from ledger.client.quorum import Quorum
from ledger.client.records import Proved, Source, check_record, check_stream, inside, stands_on
from ledger.client.transport import LoopTransport, Transport
from ledger.client.trust import Head, TrustedLog
from ledger.domain.authorship import LedgerFounded
from ledger.domain.statement import Anchor
from ledger.domain.vocabulary import Collection
from ledger.errors import NotFoundError, VerificationError
from ledger.log.merkle import leaf_hash, root_of
from ledger.log.policy import TrustPolicy
from ledger.log.proofs import verify_consistency
from ledger.log.receipts import Receipt
from ledger.v1 import log_pb2, queries_pb2, services_pb2


@final
class AsyncLedgerClient:
    """One ledger, over one channel. Use it as a context manager, or close it.

    Over a ``LoopTransport`` it belongs to one event loop, where any number of tasks may use it at
    once. ``client.LedgerClient`` is the same over a blocking transport, for plain functions.

    Args:
        calls: The rpcs.
        pin: Which ledger.
        memory: Where the highest verified head is kept, and evidence against the log.
        policy: Whose cosignatures are demanded; None demands none.

    Raises:
        SettingError: The policy accepts other logs.
        VerificationError: What is in memory is not of this ledger.
        NoteError: What is in memory is damaged.
    """

    def __init__(
        self, calls: Calls, pin: Pin, memory: HeadMemory, policy: TrustPolicy | None = None
    ) -> None:
        self._calls = calls
        self._quorum = Quorum(policy, pin, calls)
        self._trust = TrustedLog(pin, memory, calls, self._quorum)
        self._enrollments = Enrollments(calls, self.verified)
        self._evidence = Evidence(self._trust, self)

    @classmethod
    async def connect(
        cls, connection: Connection, pin: Pin, memory: HeadMemory, policy: TrustPolicy | None = None
    ) -> Self:
        """Open a channel to a ledger; on the very first use, see that it is the pinned one.

        Raises:
            VerificationError: Entry 0 is not the founding that the pin names.
            UnavailableError: Nobody answers.
        """
        return await cls.over(LoopTransport(connection), pin, memory, policy)

    @classmethod
    async def over(
        cls, transport: Transport, pin: Pin, memory: HeadMemory, policy: TrustPolicy | None = None
    ) -> Self:
        """Do as ``connect`` does, over any transport."""
        calls = Calls(transport)
        try:
            client = cls(calls, pin, memory, policy)
            if client.trust.head is None:
                await client.verify_founding()
        except BaseException:
            await calls.close()
            raise
        return client

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Hang up."""
        await self._calls.close()

    @property
    def calls(self) -> Calls:
        """The rpcs, unverified."""
        return self._calls

    @property
    def trust(self) -> TrustedLog:
        """The log as far as it was verified."""
        return self._trust

    @property
    def ledger_id(self) -> bytes:
        """The pinned ledger's id."""
        return self._trust.pin.ledger_id

    @property
    def anchor(self) -> Anchor | None:
        """The highest verified checkpoint, as a statement that is signed now names it."""
        head = self._trust.head
        return head.anchor if head else None

    async def verify_founding(self) -> Proved:
        """See that entry 0 is the founding that the pin names.

        Raises:
            VerificationError: It is another ledger's, or does not hold.
        """
        receipt = await self._calls.receipt(0)
        pin = self._trust.pin
        entry = await self._trust.verify(receipt)
        founds = isinstance(entry.fact, LedgerFounded) and entry.fact.origin == pin.origin
        if receipt.index != 0 or not founds or entry.digest != pin.ledger_id:
            raise VerificationError(
                f"Entry 0 has the digest {entry.digest.hex()}, and the ledger pinned here is "
                f"{pin.ledger_id.hex()}.",
                field="ledger_id",
                rule="pinned-ledger",
            )
        return Proved(entry, receipt, await self._trust.accept(receipt.checkpoint))

    async def checkpoint(self) -> Head:
        """Get the latest checkpoint, proved to continue the highest one seen before.

        Raises:
            RollbackError: It is smaller than one already seen.
            ForkError: It is of another history.
        """
        highest = self._trust.head
        try:
            note, proof = await self._calls.checkpoint(highest.size if highest else 0)
        except NotFoundError:
            # The log knows nothing of what was seen here: let it say what it has instead.
            note, proof = await self._calls.checkpoint(0)
        return await self._trust.accept_latest(note, proof)

    async def size_for(self, asked: int) -> int:
        """The tree size to ask about: one that was asked for, or that of the latest checkpoint.

        An answer says on which size it stands; this sees that the log has signed so much.

        Raises:
            NotFoundError: The log is not as large.
            RollbackError, ForkError: As ``checkpoint`` does.
        """
        head = self._trust.head
        if not asked or head is None or asked > head.size:
            head = await self.checkpoint()
        if asked > head.size:
            raise NotFoundError(
                f"The log has {head.size} entries, not {asked}.",
                field="tree_size",
                rule="tree-size",
            )
        return asked or head.size

    async def append(self, envelope: bytes) -> Proved:
        """Append one envelope and verify its receipt.

        Raises:
            LedgerError: The ledger refuses it, by the class and rule of the refusal.
            VerificationError: The receipt does not hold, or is another statement's.
        """
        return await self._proved(await self._calls.append(envelope), sent=envelope)

    async def append_batch(self, envelopes: Sequence[bytes]) -> list[Proved]:
        """Append several envelopes, all or none, and verify every receipt.

        Raises:
            LedgerError: The ledger refuses one, and with it all.
            VerificationError: A receipt is missing, does not hold, or is another statement's.
        """
        receipts = await self._calls.append_batch(envelopes)
        if len(receipts) != len(envelopes):
            raise VerificationError(
                f"{len(envelopes)} statements were sent and {len(receipts)} receipts came back.",
                rule="receipt-count",
            )
        return [
            await self._proved(receipt, sent=envelope)
            for receipt, envelope in zip(receipts, envelopes, strict=True)
        ]

    async def validate_batch(self, envelopes: Sequence[bytes]) -> None:
        """Ask whether a batch would be taken; nothing is stored.

        Raises:
            LedgerError: One of them would be refused.
        """
        await self._calls.append_batch(envelopes, validate_only=True)

    async def proved(self, name: str | int | bytes) -> Proved:
        """Get an entry by fact id, index or statement digest, and verify its receipt.

        Raises:
            NotFoundError: There is no such entry.
            VerificationError: The receipt does not hold, or is another entry's.
        """
        proved = await self._proved(await self._calls.receipt(name))
        found = (proved.entry.statement.fact_id, proved.entry.index, proved.entry.digest)
        if name not in found:
            raise VerificationError(
                f"{name!r} was asked for, and the receipt is that of {found[0]} at {found[1]}.",
                rule="receipt-of-another",
            )
        return proved

    async def verified(self, receipt: Receipt, *, sent: bytes | None = None) -> Proved:
        """Verify a receipt that came by another way, such as a file, or a stream.

        Raises:
            VerificationError: It does not hold, or is not for the envelope sent.
        """
        return await self._proved(receipt, sent=sent)

    async def proved_record(self, record: queries_pb2.FactRecord) -> Proved:
        """Prove a row of a list: the log holds this fact, at this place, by this author.

        What of the fact's relations is unresolved is not proved: that takes the whole log.

        Raises:
            VerificationError: The log holds something else.
        """
        proved = await self.proved(record.fact_id)
        check_record(record, proved.entry, await self.source(proved.entry))
        return proved

    async def source(self, entry: OpenedEntry) -> Source:
        """Say who answers for an entry: its author, for itself or another, and whose key signed.

        Raises:
            VerificationError: The entries that the server names do not make the author's keys.
        """
        return await self._enrollments.source(entry)

    async def author_history(self, author: str) -> AuthorHistory:
        """Get an author's keys and the entries that made and ended them, all of it verified.

        Not proved is that nothing was added since: a revocation that is kept back, ``audit`` finds.

        Raises:
            NotFoundError: No such author is enrolled.
            VerificationError: An entry does not hold, or one is missing in between.
        """
        return await history_of(author, self._calls, self.verified, self.ledger_id)

    async def administration(self) -> Administration:
        """Get what the log holds of administrators and its own keys, as ``learn`` verifies it."""
        return await self._trust.learn()

    async def status(
        self, request: queries_pb2.GetLicenseStatusRequest, *, prove: bool = True
    ) -> queries_pb2.GetLicenseStatusResponse:
        """Ask for a license status, and verify the evidence that the answer brings.

        Proved are: that the answer is to this question; the checkpoint of the tree that it stands
        on, which is not older than the log's latest as it was before the question; and each entry
        that it applies, by inclusion in that tree, with what the answer says of it, and the item's
        description. Not proved is that the axes follow from these entries, or that there are no
        others: ``audit`` derives the answer again.

        Args:
            request: The question; ``include_proofs`` is set as ``prove`` says.
            prove: Whether the entries are proved, one by one, or only the checkpoint.

        Raises:
            LedgerError: The question cannot be asked.
            VerificationError: The answer is to another question or tree size, or a proof fails.
        """
        (asked,) = await self._asking([request], prove=prove)
        response = await self._calls.status(asked)
        await self._evidence.verify(asked, response)
        return response

    async def statuses(
        self, requests: Sequence[queries_pb2.GetLicenseStatusRequest], *, prove: bool = True
    ) -> list[queries_pb2.GetLicenseStatusResponse]:
        """Ask several questions in one call; of each answer the same is proved as by ``status``.

        Raises:
            LedgerError: A question cannot be asked.
            VerificationError: An answer is missing, or one does not hold.
        """
        asked = await self._asking(requests, prove=prove)
        batch = queries_pb2.BatchGetLicenseStatusesRequest(requests=asked)
        responses = (await self._calls.statuses(batch)).responses
        if len(responses) != len(asked):
            raise VerificationError(
                f"{len(asked)} questions were asked and {len(responses)} answers came back.",
                field="responses",
                rule="answer-count",
            )
        for one, response in zip(asked, responses, strict=True):
            await self._evidence.verify(one, response)
        return list(responses)

    async def verify_pushed(
        self, question: queries_pb2.Question, response: queries_pb2.GetLicenseStatusResponse
    ) -> None:
        """Verify an answer that came by itself, as ``status`` verifies one that was asked for.

        Raises:
            VerificationError: It is to another question, or its evidence does not hold.
        """
        await self._evidence.verify_pushed(question, response)

    async def timeline(
        self, request: queries_pb2.ListTimelineRequest, limit: int = 0
    ) -> AsyncGenerator[tuple[queries_pb2.FactRecord, Proved], None]:
        """List facts in the order of their dates, each proved; at most ``limit`` unless it is 0.

        Not proved is that none is left out, or that each is about what was asked:
        ``completeness.whole_timeline`` reads the whole log for that.

        Raises:
            LedgerError: The question cannot be asked.
            VerificationError: A row is not what the log holds, or a page stands on another tree.
        """
        asked = queries_pb2.ListTimelineRequest()
        asked.CopyFrom(request)
        asked.tree_size = size = await self.size_for(request.tree_size)
        asked.page_size = min(limit, PAGE_SIZE) or PAGE_SIZE
        count = 0
        async with aclosing(self._calls.timeline(asked)) as pages:
            async for page in pages:
                stands_on(size, page.tree_size)
                for record in page.facts:
                    yield record, inside(await self.proved_record(record), size)
                    count += 1
                    if count == limit:
                        return

    async def entries(self, start: int, end: int) -> AsyncGenerator[log_pb2.LogEntry, None]:
        """Read entries in order, without a gap; they are not proved one by one.

        Raises:
            VerificationError: One is missing, or out of place.
        """
        expected = start
        async with aclosing(self._calls.entries(start, end)) as entries:
            async for entry in entries:
                if entry.index != expected or entry.index >= end:
                    break
                expected += 1
                yield entry
        if expected != end:
            raise VerificationError(
                f"The entry at index {expected} did not come where it should.",
                field=f"entries[{expected}]",
                rule="entry-missing",
            )

    async def replay(self, tree_size: int = 0) -> AsyncGenerator[OpenedEntry, None]:
        """Read the whole log, and prove all of it at once: these entries make the signed tree.

        Nothing can be left out, added or swapped. It is known at the end only: whoever does not
        read to the end, or sees this raise, has read unproved entries.

        Args:
            tree_size: How much to read; 0 for all under the latest checkpoint.

        Raises:
            VerificationError: An entry is missing or does not parse, or the tree is another one.
        """
        size = await self.size_for(tree_size)
        head = self._trust.head or await self.checkpoint()
        hashes: list[bytes] = []
        async with aclosing(self.entries(0, size)) as entries:
            async for entry in entries:
                hashes.append(leaf_hash(entry.entry))
                yield open_entry(entry.entry, entry.index)
        await self._is_begin_of(head, size, root_of(hashes))

    async def stream(self, name: str, tree_size: int = 0) -> queries_pb2.AggregateRecord:
        """Get one stream as the server's read model has it, unverified."""
        record, _ = await self._calls.stream(name, tree_size)
        return record

    async def streams(
        self, collection: Collection, tree_size: int = 0
    ) -> AsyncGenerator[queries_pb2.AggregateRecord, None]:
        """List streams as the server's read model has them, unverified."""
        async with aclosing(self._calls.streams(collection, tree_size)) as streams:
            async for record, _ in streams:
                yield record

    def listed_attachments(
        self, fact_id: str = ""
    ) -> AsyncGenerator[services_pb2.Attachment, None]:
        """List attachments as the server has them, unverified: names stand in entries."""
        return self._calls.attachments(fact_id)

    async def proved_stream(self, name: str, tree_size: int = 0) -> list[Proved]:
        """Get a stream's facts, each proved, in their order and without a gap.

        Not proved is that the stream ends there: ``completeness.whole_stream`` reads the whole log
        for that.

        Raises:
            NotFoundError: There is no such stream.
            VerificationError: A fact is not what the log holds, or one is missing in between.
        """
        size = await self.size_for(tree_size)
        record, stood_on = await self._calls.stream(name, size)
        stands_on(size, stood_on)
        if record.stream != name:
            raise VerificationError(
                f"The stream {name} was asked for, and {record.stream} came back.",
                field="stream",
                rule="stream-of-another",
            )
        return await self._proved_facts(record, size)

    async def proved_streams(
        self, collection: Collection, tree_size: int = 0
    ) -> AsyncGenerator[tuple[str, list[Proved]], None]:
        """List the streams of a collection as ``proved_stream`` gets one.

        Not proved is that none is left out, or ends there.

        Raises:
            VerificationError: As ``proved_stream`` does, or a page stands on another tree.
        """
        size = await self.size_for(tree_size)
        async with aclosing(self._calls.streams(collection, size)) as streams:
            async for record, stood_on in streams:
                stands_on(size, stood_on)
                yield record.stream, await self._proved_facts(record, size)

    async def _proved_facts(self, record: queries_pb2.AggregateRecord, size: int) -> list[Proved]:
        proved = [inside(await self.proved_record(fact), size) for fact in record.facts]
        check_stream(record, [one.entry for one in proved])
        return proved

    async def _asking(
        self, requests: Sequence[queries_pb2.GetLicenseStatusRequest], *, prove: bool
    ) -> list[queries_pb2.GetLicenseStatusRequest]:
        """Copies of requests, to be answered from nothing older than the latest checkpoint."""
        at_least = 0
        if not all(request.tree_size for request in requests):
            at_least = (await self.checkpoint()).size
        return [asking(request, prove=prove, at_least=at_least) for request in requests]

    async def data_at(self, index: int) -> bytes:
        """Read one entry's bytes, for the caller to prove."""
        async with aclosing(self.entries(index, index + 1)) as entries:
            (data,) = [entry.entry async for entry in entries]
        return data

    async def _is_begin_of(self, head: Head, size: int, root: bytes) -> None:
        """See that a tree is the one that the log signed, or what it began with."""
        if size == head.size and root == head.checkpoint.root:
            return
        try:
            proof = await self._calls.consistency_proof(size, head.size)
            verify_consistency(size, root, head.size, head.checkpoint.root, proof)
        except VerificationError as error:
            raise VerificationError(
                f"The first {size} entries do not make the tree that the log signed.",
                field="entries",
                rule="root-hash",
            ) from error

    async def _proved(self, receipt: Receipt, *, sent: bytes | None = None) -> Proved:
        entry = await self._trust.verify(receipt)
        # Signatures name nothing: on a retry the first envelope comes back, by the same digest.
        if sent is not None and open_envelope(sent).digest != entry.digest:
            raise VerificationError(
                f"The receipt at index {receipt.index} is that of another statement.",
                rule="receipt-of-another",
            )
        proved = Proved(entry, receipt, await self._trust.accept(receipt.checkpoint))
        return await self._quorum.witnessed(proved, self._trust)
