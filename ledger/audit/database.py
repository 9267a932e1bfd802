"""A database as a source: every row of every table is held against the entries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, final

from ledger.audit.findings import NOWHERE, Finding, Findings
from ledger.audit.notes import compare_notes
from ledger.audit.source import PAGE, Derived, Piece, StoredNote
from ledger.audit.work import Row
from ledger.domain.attachments import NamedAttachment
from ledger.errors import LedgerError, NoteError, NotFoundError, StoreError
from ledger.log.checkpoint import Checkpoint
from ledger.log.note import SignedNote
from ledger.log.proofs import root_at
from ledger.log.strict import SIZE_MAX
from ledger.store.cosignatures import kept_at
from ledger.store.head import HeadFile
from ledger.store.inspection import Inspection, RawRow
from ledger.store.vault import Document, Vault

_FIRST_OF_ROW: Final = 3
"""Index, event and leaf hash stand before what ``Row`` holds."""


@final
class DatabaseSource:
    """A ledger's database, opened for reading.

    Args:
        inspection: The database.
        head: The file of the last released head; None where the database alone is at hand.
        vault: Its documents; None where the database alone is at hand.
        cosignatures: The file of what witnesses said; None where the database alone is at hand.
    """

    kind: Final = "database"
    is_latest: Final = True

    def __init__(
        self,
        inspection: Inspection,
        head: Path | None = None,
        vault: Vault | None = None,
        cosignatures: Path | None = None,
    ) -> None:
        self._inspection = inspection
        self._cosignatures = cosignatures
        self._head = head
        self._vault = vault
        self.name = str(inspection.path)

    def count(self) -> int:
        """How many entries it holds, wherever they stand."""
        return self._inspection.counts()[0]

    def checkpoint(self, tree_size: int = 0) -> bytes:
        """The note at a tree size, or the latest, with the cosignatures that there are.

        Raises:
            NotFoundError: There is none.
            StoreError: The database cannot be read.
        """
        note = self._inspection.note(tree_size)
        if note is None:
            of_size = f" of {tree_size} entries" if tree_size else ""
            raise NotFoundError(
                f"{self.name} holds no checkpoint{of_size}.", field="tree_size", rule="tree-size"
            )
        return self._cosigned(note)

    def _cosigned(self, note: bytes) -> bytes:
        if self._cosignatures is None:
            return note
        try:
            parsed = SignedNote.parse(note)
            lines = kept_at(self._cosignatures, Checkpoint.parse(parsed.text).size)
        except NoteError:
            # What is no checkpoint is found by whoever opens it.
            return note
        return parsed.with_cosignatures(lines).to_bytes() if lines else note

    def pages(self, start: int, end: int) -> Iterator[Sequence[Piece]]:
        """The entries in order; one whose row is missing comes without its data.

        Raises:
            StoreError: The database cannot be read.
        """
        while start < end:
            rows = self._inspection.entries(start, end, PAGE)
            if not rows:
                return
            page = list(_without_gaps(rows, start))
            yield page
            start = page[-1].index + 1

    def notes(self, tree_size: int) -> Iterator[StoredNote]:
        """The notes of all batches up to a tree size.

        Raises:
            StoreError: The database cannot be read.
        """
        for size, note in self._inspection.notes():
            if not isinstance(size, int) or not isinstance(note, bytes):
                raise StoreError("A checkpoint's row holds no note.", rule="stored-note")
            if size <= tree_size:
                yield StoredNote(size, note)

    def differing(self, derived: Derived) -> Iterator[Finding]:  # noqa: ARG002 - of the protocol
        """Nothing: the leaf hashes that it keeps were compared one by one."""
        yield from ()

    def holds(self, commitment: bytes) -> bool:
        """Whether the document with this commitment lies beside the database."""
        return self._vault is not None and self._vault.holds(commitment)

    def document(self, attachment: NamedAttachment) -> Document:
        """Salt and content of a document.

        Raises:
            NotFoundError: It is not here.
            StoreError: It does not read back.
        """
        if self._vault is None:
            raise NotFoundError(
                f"{self.name} is a database without documents.",
                field="commitment",
                rule="attachment-missing",
            )
        return self._vault.get(attachment.named.commitment)

    def examine(self, findings: Findings) -> dict[str, int]:
        """Look at schema and pages, which takes SQLite a moment and needs none of ours."""
        try:
            return {"schema and pages": self._examine_schema(findings)}
        except LedgerError as error:
            findings.add(Finding.of_error(error, "schema and pages"))
            return {}

    def compare(self, derived: Derived, findings: Findings) -> dict[str, int]:
        """Hold notes, documents, rows and head file against what was derived."""
        looked: dict[str, int] = {}
        for name, check in (
            ("stored checkpoints", self._compare_notes),
            ("documents", self._compare_documents),
            ("rows and events, for strays", self._compare_counts),
            ("released heads", self._compare_head),
        ):
            try:
                looked[name] = check(derived, findings)
            except LedgerError as error:
                findings.add(Finding.of_error(error, name))
        return looked

    def _compare_documents(self, derived: Derived, findings: Findings) -> int:
        """What is held reads back as what was signed for, and nothing is held that was erased."""
        looked = 0
        for attachment in derived.attachments.attachments(derived.tree.size):
            if not self.holds(attachment.named.commitment):
                continue
            looked += 1
            if attachment.erasure is not None:
                message = f"The document was {attachment.erasure}, and is held all the same."
                findings.add(Finding(attachment.erasure.index, "attachment", "erasure", message))
                continue
            try:
                self.document(attachment)
            except LedgerError as error:
                findings.add(Finding.of_error(error, "attachment", attachment.index))
        return looked

    def _compare_notes(self, derived: Derived, findings: Findings) -> int:
        return compare_notes(self.notes(SIZE_MAX), derived, findings)

    def _compare_counts(self, derived: Derived, findings: Findings) -> int:
        """There is a row for every entry and an event for every row, and no more of either."""
        entries, events, highest, lowest = self._inspection.counts()
        if derived.head is not None and (lowest < 0 or highest >= self._newest(derived)):
            message = f"Rows stand from index {lowest} to {highest}, outside every checkpoint."
            findings.add(Finding(NOWHERE, "row", "row-beyond-checkpoint", message))
        for stream, version in self._inspection.stray_events():
            message = f"Event {version} of {stream} belongs to no entry."
            findings.add(Finding(NOWHERE, "event", "event-without-entry", message))
        return entries + events

    def _newest(self, derived: Derived) -> int:
        """The size of the largest checkpoint, which may lie beyond the one that is audited."""
        return max([derived.tree.size, *(note.tree_size for note in self.notes(SIZE_MAX))])

    def _examine_schema(self, findings: Findings) -> int:
        """The triggers that make it append-only are there, and SQLite finds its pages sound."""
        for difference in self._inspection.schema_differences():
            findings.add(Finding(NOWHERE, "schema", "schema", f"{difference}."))
        for problem in self._inspection.problems():
            findings.add(Finding(NOWHERE, "database", "integrity-check", problem))
        return len(_SCHEMA_PARTS)

    def _compare_head(self, derived: Derived, findings: Findings) -> int:
        """The last released head is one of this log, and both of its slots are whole."""
        if self._head is None:
            return 0
        heads = HeadFile(self._head).inspect()
        newest = max(heads, key=lambda head: head.size)
        if newest.size > derived.tree.size and newest.size > self.count():
            message = f"{newest.size} entries were released, and the database has fewer."
            findings.add(Finding(NOWHERE, "head", "database-behind-head", message))
        for head in heads:
            if head.size <= derived.tree.size and head.root != root_at(head.size, derived.tree):
                message = f"The head that was released at {head.size} is not of this log."
                findings.add(Finding(NOWHERE, "head", "head-mismatch", message))
        return len(heads)


_SCHEMA_PARTS: Final = ("schema", "pages")


def _without_gaps(rows: Sequence[RawRow], start: int) -> Iterator[Piece]:
    expected = start
    for row in rows:
        index, data, claimed = row[:_FIRST_OF_ROW]
        for missing in range(expected, index):
            yield Piece(missing, None)
        yield Piece(
            index,
            data if isinstance(data, bytes) else None,
            claimed if isinstance(claimed, bytes) else b"",
            _row(row),
        )
        expected = index + 1


def _row(row: RawRow) -> Row:
    return Row._make(row[_FIRST_OF_ROW:])
