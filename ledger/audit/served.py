"""A server as a source: what it hands out over gRPC, and what its read models say of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, final

from ledger.audit.auditing import Options, Told, audit, nobody
from ledger.audit.findings import Finding, Findings
from ledger.audit.report import Report
from ledger.audit.source import PAGE, Derived, Piece, StoredNote
from ledger.client.attachments import held_documents
from ledger.client.calls import SINGULARS
from ledger.client.client import LedgerClient
from ledger.client.transport import finished
from ledger.codec.skimming import skim
from ledger.domain.attachments import NamedAttachment
from ledger.errors import LedgerError, NotFoundError
from ledger.log.checkpoint import Checkpoint
from ledger.log.note import SignedNote
from ledger.log.proofs import verify_inclusion
from ledger.log.receipts import Receipt
from ledger.store.vault import Document


@final
class ServerSource:
    """A ledger behind a server.

    Args:
        client: A client of it; its checkpoints must continue all that were seen before.
        address: Where it is.
        with_models: Whether its read models are to be compared too.
    """

    kind: Final = "server"
    is_latest: Final = True

    def __init__(self, client: LedgerClient, address: str, *, with_models: bool = True) -> None:
        self._client = client
        self._with_models = with_models
        self._held: frozenset[bytes] | None = None
        self.name = address

    def count(self) -> int:
        """How many entries its latest checkpoint commits to."""
        return self._client.checkpoint().size

    def checkpoint(self, tree_size: int = 0) -> bytes:
        """The latest note, proved to continue all seen before, or that of an earlier batch.

        Raises:
            ForkError: It is of another history.
            RollbackError: It is smaller than one that was seen before.
            NotFoundError: No batch ended at that size.
        """
        if not tree_size:
            return self._client.checkpoint().note
        note = self._receipt(tree_size - 1).checkpoint
        if _size_of(note) != tree_size:
            raise NotFoundError(
                f"The log signed no checkpoint of {tree_size} entries; the next one is of "
                f"{_size_of(note)}.",
                field="tree_size",
                rule="tree-size",
            )
        return finished(self._client.trust.accept(note)).note

    def pages(self, start: int, end: int) -> Iterator[Sequence[Piece]]:
        """The entries in order.

        Raises:
            VerificationError: One is missing, or out of place.
            UnavailableError: The server does not answer.
        """
        page: list[Piece] = []
        for entry in self._client.entries(start, end):
            page.append(Piece(entry.index, entry.entry))
            if len(page) == PAGE:
                yield page
                page = []
        if page:
            yield page

    def notes(self, tree_size: int) -> Iterator[StoredNote]:
        """The notes of all batches up to a tree size: one receipt of each batch has it.

        Raises:
            LedgerError: The server does not give one.
        """
        size = 0
        while size < tree_size:
            note = self._receipt(size).checkpoint
            said = _size_of(note)
            if not size < said <= tree_size:
                return
            yield StoredNote(said, note)
            size = said

    def differing(self, derived: Derived) -> Iterator[Finding]:
        """The entries that the server cannot prove under the root that was signed."""
        if derived.head is None:
            return
        head = derived.head
        for index in range(min(derived.tree.size, head.size)):
            try:
                _, proof = finished(self._client.steps.calls.inclusion_proof(index, head.size))
                leaf = derived.tree.node(0, index)
                verify_inclusion(index, head.size, leaf, proof, head.checkpoint.root)
            except LedgerError as error:
                message = f"The entry is not the one that the log signed: {error.message}"
                yield Finding(index, "entry", "inclusion-proof", message)

    def examine(self, findings: Findings) -> dict[str, int]:  # noqa: ARG002 - of the protocol
        """Nothing: all that it keeps is held against what was derived."""
        return {}

    def compare(self, derived: Derived, findings: Findings) -> dict[str, int]:
        """Hold the server's read models, stream by stream and event by event, against the log."""
        if not self._with_models:
            return {}
        try:
            return {"events in read models": self._compare_streams(derived, findings)}
        except LedgerError as error:
            findings.add(Finding.of_error(error, "read models"))
            return {}

    def holds(self, commitment: bytes) -> bool:
        """Whether the server says that it holds the document with this commitment."""
        if self._held is None:
            self._held = held_documents(self._client)
        return commitment in self._held

    def document(self, attachment: NamedAttachment) -> Document:
        """Salt and content of a document, as the server gives them.

        Raises:
            LedgerError: It does not.
        """
        calls, commitment = self._client.steps.calls, attachment.named.commitment
        return Document(*finished(calls.get_attachment(attachment.index, commitment)))

    def _receipt(self, index: int) -> Receipt:
        return finished(self._client.steps.calls.receipt(index))

    def _compare_streams(self, derived: Derived, findings: Findings) -> int:
        """Every event that the log holds is listed in its stream, and no other."""
        size = derived.head.size if derived.head else 0
        listed: dict[int, tuple[str, str, str]] = {}
        for collection in _SHOWN:
            for record in self._client.streams(collection, size):
                for fact in record.facts:
                    listed[fact.index] = (fact.fact_id, fact.stream, fact.author)
        looked = len(listed)
        for page in self._pages_of_shown(size):
            for index, place in page:
                if listed.pop(index, None) != place:
                    message = f"The read models have {place[0]} otherwise than the log, or not."
                    findings.add(Finding(index, "read model", "record-differs", message))
        for index in sorted(listed):
            message = f"The read models have {listed[index][0]}, and the log does not."
            findings.add(Finding(index, "read model", "record-differs", message))
        return looked

    def _pages_of_shown(self, size: int) -> Iterator[list[tuple[int, tuple[str, str, str]]]]:
        """Index, fact id, stream and author of the entries that queries show."""
        for page in self.pages(0, size):
            shown = []
            for piece in page:
                skimmed = skim(piece.data or b"")
                if skimmed and skimmed.stream.partition("/")[0] in _SHOWN_NAMES:
                    place = (skimmed.fact_id, skimmed.stream, skimmed.author)
                    shown.append((piece.index, place))
            yield shown


def verify_log(client: LedgerClient, told: Told = nobody) -> Report:
    """Audit the log behind a client, and raise what is found first.

    Raises:
        VerificationError: Something does not hold; ``field`` names the first entry where it does
            not, as ``entries[<index>]``.
        RollbackError: The log is shorter than it was.
        ForkError: It is of another history.
    """
    client.verify_founding()
    source = ServerSource(client, "", with_models=False)
    report = audit(source, client.trust.pin, Options(told=told))
    first = report.findings.first
    if first is not None:
        raise first.as_error()
    return report


_SHOWN: Final = tuple(SINGULARS)
_SHOWN_NAMES: Final = frozenset(one.value for one in _SHOWN)


def _size_of(note: bytes) -> int:
    return Checkpoint.parse(SignedNote.parse(note).text).size
