"""Where an audit reads from: what a database, a server and a bundle have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

from ledger.audit.findings import Finding, Findings
from ledger.audit.notekeys import NoteKeys
from ledger.audit.work import Row
from ledger.client.pins import Pin
from ledger.client.trust import Head
from ledger.domain.attachments import AttachmentRegister, NamedAttachment
from ledger.log.hashtree import HashTree
from ledger.store.vault import Document

PAGE: Final = 1_000
"""Entries read at a time, at most."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One entry as a source holds it.

    Attributes:
        index: Its place in the log.
        data: The leaf data; None where the source has lost it.
        claimed: The leaf hash that the source keeps beside it, if it keeps one.
        row: What else it keeps beside it, if anything.
    """

    index: int
    data: bytes | None
    claimed: bytes | None = None
    row: Row | None = None


class StoredNote(NamedTuple):
    """A note that a source keeps, and the tree size that it keeps it for."""

    tree_size: int
    note: bytes


@dataclass(frozen=True, slots=True)
class Derived:
    """What an audit has derived from the entries, to hold what a source keeps against.

    Attributes:
        pin: Which log, with every key that its entries announce for it.
        tree: The tree over all entries.
        head: The checkpoint, verified; None where it does not hold.
        keys: Which key signs the notes of which sizes.
        attachments: The documents that the entries name, and erase.
    """

    pin: Pin
    tree: HashTree
    head: Head | None
    keys: NoteKeys
    attachments: AttachmentRegister = field(default_factory=AttachmentRegister)


class Source(Protocol):
    """A ledger to be audited; nothing that it says is believed."""

    @property
    def kind(self) -> str:
        """``database``, ``server`` or ``bundle``."""
        ...

    @property
    def name(self) -> str:
        """A path or an address, for the report."""
        ...

    @property
    def is_latest(self) -> bool:
        """Whether it is the ledger as it stands, and not a copy from some day."""
        ...

    def count(self) -> int:
        """How many entries it holds, for when its checkpoint does not say."""
        ...

    def checkpoint(self, tree_size: int = 0) -> bytes:
        """The note at a tree size, or the latest.

        Raises:
            LedgerError: It has none.
        """
        ...

    def pages(self, start: int, end: int) -> Iterator[Sequence[Piece]]:
        """The entries from ``start`` to before ``end``, in order, page by page.

        Raises:
            LedgerError: They cannot be read further.
        """
        ...

    def notes(self, tree_size: int) -> Iterable[StoredNote]:
        """The batch notes that it keeps, up to a tree size, in order."""
        ...

    def differing(self, derived: Derived) -> Iterator[Finding]:
        """Name the entries that the signed tree does not hold; asked if the root differs."""
        ...

    def examine(self, findings: Findings) -> dict[str, int]:
        """Judge what needs nothing derived, while entries are examined; says what was looked at."""
        ...

    def compare(self, derived: Derived, findings: Findings) -> dict[str, int]:
        """Hold whatever else it keeps against what was derived; says what was looked at."""
        ...

    def holds(self, commitment: bytes) -> bool:
        """Whether it holds the document with this commitment."""
        ...

    def document(self, attachment: NamedAttachment) -> Document:
        """Salt and content of a document that it holds, unverified.

        Raises:
            LedgerError: It does not, or cannot read it.
        """
        ...
