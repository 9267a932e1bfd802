"""The client: every receipt, entry and answer is verified before anybody sees it.

What is proved is said by the type: a ``Proved`` entry is in the log under a checkpoint that the
pinned key signed and that continues all checkpoints seen before. An answer's derivation is not
proved by that; ``audit`` replays the whole log.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self, final

from ledger.client.answers import check_answer, check_citation, check_inclusion
from ledger.client.calls import PAGE_SIZE, Calls
from ledger.client.connection import Connection
from ledger.client.heads import HeadMemory
from ledger.client.opened import OpenedEntry, open_entry, open_envelope
from ledger.client.pins import Pin, pin_from_founding
from ledger.client.trust import Head, TrustedLog
from ledger.domain.authorship import LedgerFounded
from ledger.domain.keyring import KeyRecord, Keyring
from ledger.domain.roles import attribution
from ledger.domain.statement import Anchor, Recorded
from ledger.domain.vocabulary import Collection
from ledger.errors import NotFoundError, RollbackError, VerificationError
from ledger.log.receipts import Receipt, verify_receipt
from ledger.v1 import axes_pb2, log_pb2, queries_pb2


@dataclass(frozen=True, slots=True)
class Proved:
    """An entry that is in the log, and what proves it.

    Attributes:
        entry: The entry, opened.
        receipt: The proof, as it can travel.
        head: The verified checkpoint that it is proved to.
    """

    entry: OpenedEntry
    receipt: Receipt
    head: Head


@final
class LedgerClient:
    """One ledger, over one channel. Use it as a context manager, or close it.

    Args:
        calls: The rpcs.
        trust: The log as far as it was verified; its proofs come over the same channel.
    """

    def __init__(self, calls: Calls, trust: TrustedLog) -> None:
        self._calls = calls
        self._trust = trust
        self._enrolled: dict[str, KeyRecord] = {}

    @classmethod
    def connect(cls, connection: Connection, pin: Pin, memory: HeadMemory) -> Self:
        """Open a channel to a ledger; on the very first use, see that it is the pinned one.

        Raises:
            VerificationError: Entry 0 is not the founding that the pin names.
            UnavailableError: Nobody answers.
        """
        calls = Calls(connection.open(), connection)
        try:
            client = cls(calls, TrustedLog(pin, memory, calls.consistency_proof))
            if client.trust.head is None:
                client.verify_founding()
        except BaseException:
            calls.close()
            raise
        return client

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._calls.close()

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

    def verify_founding(self) -> Proved:
        """See that entry 0 is the founding that the pin names.

        Raises:
            VerificationError: It is another ledger's, or does not hold.
        """
        receipt = self._calls.receipt(0)
        pin = self._trust.pin
        verify_receipt(receipt, origin=pin.origin, verifiers=pin.log_keys)
        entry = open_entry(receipt.entry, receipt.index)
        founds = isinstance(entry.fact, LedgerFounded) and entry.fact.origin == pin.origin
        if receipt.index != 0 or not founds or entry.digest != pin.ledger_id:
            raise VerificationError(
                f"Entry 0 has the digest {entry.digest.hex()}, and the ledger pinned here is "
                f"{pin.ledger_id.hex()}.",
                field="ledger_id",
                rule="pinned-ledger",
            )
        return Proved(entry, receipt, self._trust.accept(receipt.checkpoint))

    def checkpoint(self) -> Head:
        """Get the latest checkpoint, proved to continue the highest one seen before.

        Raises:
            RollbackError: It is smaller than one already seen.
            ForkError: It is of another history.
        """
        highest = self._trust.head
        try:
            note, proof = self._calls.checkpoint(highest.size if highest else 0)
        except NotFoundError as error:
            raise RollbackError(
                f"{error.message} It was verified here before.", field="checkpoint", rule="rollback"
            ) from error
        return self._trust.accept_latest(note, proof)

    def append(self, envelope: bytes) -> Proved:
        """Append one envelope and verify its receipt.

        Raises:
            LedgerError: The ledger refuses it, by the class and rule of the refusal.
            VerificationError: The receipt does not hold, or is another statement's.
        """
        return self._proved(self._calls.append(envelope), sent=envelope)

    def append_batch(self, envelopes: Sequence[bytes]) -> list[Proved]:
        """Append several envelopes, all or none, and verify every receipt.

        Raises:
            LedgerError: The ledger refuses one, and with it all.
            VerificationError: A receipt is missing, does not hold, or is another statement's.
        """
        receipts = self._calls.append_batch(envelopes)
        if len(receipts) != len(envelopes):
            raise VerificationError(
                f"{len(envelopes)} statements were sent and {len(receipts)} receipts came back.",
                rule="receipt-count",
            )
        return [
            self._proved(receipt, sent=envelope)
            for receipt, envelope in zip(receipts, envelopes, strict=True)
        ]

    def validate_batch(self, envelopes: Sequence[bytes]) -> None:
        """Ask whether a batch would be taken; nothing is stored.

        Raises:
            LedgerError: One of them would be refused.
        """
        self._calls.append_batch(envelopes, validate_only=True)

    def proved(self, name: str | int | bytes) -> Proved:
        """Get an entry by fact id, index or statement digest, and verify its receipt.

        Raises:
            NotFoundError: There is no such entry.
            VerificationError: The receipt does not hold, or is another entry's.
        """
        proved = self._proved(self._calls.receipt(name))
        found = (proved.entry.statement.fact_id, proved.entry.index, proved.entry.digest)
        if name not in found:
            raise VerificationError(
                f"{name!r} was asked for, and the receipt is that of {found[0]} at {found[1]}.",
                rule="receipt-of-another",
            )
        return proved

    def verified(self, receipt: Receipt) -> Proved:
        """Verify a receipt that came by another way, such as a file.

        Raises:
            VerificationError: It does not hold, or is of another history.
        """
        return self._proved(receipt)

    def proved_record(self, record: queries_pb2.FactRecord) -> Proved:
        """Prove a row of a list: the log holds this fact, at this place, by this author.

        Raises:
            VerificationError: The log holds something else.
        """
        proved = self.proved(record.fact_id)
        entry = proved.entry
        same = (
            record.index == entry.index
            and record.stream == entry.statement.stream
            and record.author == entry.statement.author
            and record.statement_digest == entry.digest
        )
        if not same:
            raise VerificationError(
                f"{record.fact_id} is listed otherwise than it stands in the log at index "
                f"{entry.index}.",
                field=record.fact_id,
                rule="record-differs",
            )
        return proved

    def attribution(self, entry: OpenedEntry) -> str:
        """Say whether an entry's author speaks for itself, by the entry that enrolled it.

        Returns:
            ``FIRST_PARTY``, or ``TRANSCRIBED_BY`` and the author.

        Raises:
            VerificationError: The server names another entry as the author's enrollment.
        """
        author = entry.statement.author
        if author not in self._enrolled:
            self._enrolled[author] = self._enrollment(author)
        recorded = Recorded(
            index=entry.index,
            version=entry.statement.expected_version + 1,
            recorded_ms=entry.recorded_ms,
            author=author,
            digest=entry.digest,
            fact=entry.fact,
        )
        return attribution(recorded, self._enrolled[author])

    def status(
        self, request: queries_pb2.GetLicenseStatusRequest
    ) -> queries_pb2.GetLicenseStatusResponse:
        """Ask for a license status, and verify the checkpoint that the answer stands on.

        Where the request asks for proofs, every applied entry is read from the log, proved under
        that checkpoint, and compared with what the answer says of it.

        Raises:
            VerificationError: The answer is to another question or tree size, or a proof fails.
        """
        response = self._calls.status(request)
        head = self._trust.accept(response.checkpoint)
        check_answer(request, response, head)
        if request.include_proofs:
            for considered in response.considered:
                if considered.disposition == axes_pb2.Disposition.APPLIED:
                    (read,) = self.entries(considered.index, considered.index + 1)
                    entry = check_inclusion(considered, read.entry, head)
                    check_citation(considered, entry, self.attribution(entry))
        return response

    def timeline(
        self, request: queries_pb2.ListTimelineRequest, limit: int = 0
    ) -> Iterator[tuple[queries_pb2.FactRecord, Proved]]:
        """List facts in the order of their dates, each proved; at most ``limit`` unless it is 0."""
        request.page_size = min(limit, PAGE_SIZE) or PAGE_SIZE
        for count, record in enumerate(self._calls.timeline(request), start=1):
            yield record, self.proved_record(record)
            if count == limit:
                return

    def entries(self, start: int, end: int) -> Iterator[log_pb2.LogEntry]:
        """Read entries in order, without a gap; they are not proved one by one.

        Raises:
            VerificationError: One is missing, or out of place.
        """
        expected = start
        for entry in self._calls.entries(start, end):
            if entry.index != expected:
                break
            expected += 1
            yield entry
        if expected != end:
            raise VerificationError(
                f"The entry at index {expected} did not come where it should.",
                field=f"entries[{expected}]",
                rule="entry-missing",
            )

    def stream(self, name: str, tree_size: int = 0) -> queries_pb2.AggregateRecord:
        """Get one stream as the server's read model has it, unverified."""
        return self._calls.stream(name, tree_size)

    def streams(
        self, collection: Collection, tree_size: int = 0
    ) -> Iterable[queries_pb2.AggregateRecord]:
        """List streams as the server's read model has them, unverified."""
        return self._calls.streams(collection, tree_size)

    def _proved(self, receipt: Receipt, *, sent: bytes | None = None) -> Proved:
        pin = self._trust.pin
        verify_receipt(receipt, origin=pin.origin, verifiers=pin.log_keys)
        entry = open_entry(receipt.entry, receipt.index)
        # Signatures name nothing: on a retry the first envelope comes back, by the same digest.
        if sent is not None and open_envelope(sent).digest != entry.digest:
            raise VerificationError(
                f"The receipt at index {receipt.index} is that of another statement.",
                rule="receipt-of-another",
            )
        return Proved(entry, receipt, self._trust.accept(receipt.checkpoint))

    def _enrollment(self, author: str) -> KeyRecord:
        """The key by which an author came in, read from the very entry."""
        keys = self._calls.author(author).keys
        first = min((key.valid_from_index for key in keys), default=0)
        entry = self.proved(max(first - 1, 0)).entry
        records = Keyring().apply(entry.fact, entry.index).keys_of(author)
        if not records:
            raise VerificationError(
                f"The entry at index {entry.index} is said to enroll {author}, and does not.",
                field="author",
                rule="enrollment",
            )
        return records[0]


def first_pin(connection: Connection) -> Pin:
    """Trust on first use: take the pin from the server itself, by a user's explicit wish.

    Raises:
        VerificationError: What the server shows does not even hold by itself.
        UnavailableError: Nobody answers.
    """
    calls = Calls(connection.open(), connection)
    try:
        return pin_from_founding(calls.receipt(0))
    finally:
        calls.close()
