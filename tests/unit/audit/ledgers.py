"""Logs for audits: one in memory that signs whatever it is given, and a real one in a folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ledger.audit.auditing import Options, audit
from ledger.audit.findings import Finding, Findings
from ledger.audit.report import Report
from ledger.audit.source import Derived, Piece, StoredNote
from ledger.client.pins import Pin
from ledger.codec.entries import encode_entry
from ledger.domain.attachments import NamedAttachment
from ledger.domain.statement import Anchor, Entry
from ledger.errors import NotFoundError
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.hashtree import HashTree
from ledger.log.merkle import leaf_hash
from ledger.store.vault import Document
from tests.unit.store.builders import (
    LEDGER_ID,
    ORIGIN,
    START_MS,
    enrollment,
    founding,
    log_signer,
)

PIN = Pin(ORIGIN, LEDGER_ID, (log_signer().key,))


@dataclass
class SignedLog:
    """A log whose key signs any entries at all: what only an audit can find out.

    Attributes:
        entries: The leaf data, in order.
        page: How many it hands out at once.
        keys: The names of the log's keys that sign its checkpoints.
        read: Which entries it was asked for, from and to.
    """

    entries: list[bytes] = field(default_factory=list)
    page: int = 3
    keys: tuple[str, ...] = ("log",)
    read: list[tuple[int, int]] = field(default_factory=list)
    kind: str = "server"
    name: str = "in memory"
    is_latest: bool = True

    @classmethod
    def of(cls, *envelopes: bytes, founded: bool = True) -> SignedLog:
        """A log of these envelopes, after its founding and the registrar's enrollment."""
        log = cls()
        for envelope in (founding(), enrollment(), *envelopes) if founded else envelopes:
            log.add(envelope)
        return log

    def add(self, envelope: bytes, recorded_ms: int = START_MS) -> None:
        """Record an envelope, whatever it is."""
        self.entries.append(encode_entry(Entry(recorded_ms=recorded_ms, envelope=envelope)))

    def tree(self, size: int | None = None) -> HashTree:
        """The tree over the first entries, or over all."""
        return HashTree(map(leaf_hash, self.entries[:size]))

    def anchor(self, size: int) -> Anchor:
        """The log as it stood at a size, as a statement names it."""
        return Anchor(size=size, root=self.tree(size).root())

    def count(self) -> int:
        return len(self.entries)

    def checkpoint(self, tree_size: int = 0) -> bytes:
        tree = self.tree(tree_size or None)
        signers = [log_signer(name=name) for name in self.keys]
        return sign_checkpoint(Checkpoint(ORIGIN, tree.size, tree.root()), signers)

    def pages(self, start: int, end: int) -> Iterator[Sequence[Piece]]:
        self.read.append((start, end))
        for first in range(start, end, self.page):
            data = self.entries[first : min(first + self.page, end)]
            yield [Piece(first + place, entry) for place, entry in enumerate(data)]

    def notes(self, tree_size: int) -> Iterator[StoredNote]:
        yield StoredNote(tree_size, self.checkpoint(tree_size))

    def differing(self, derived: Derived) -> Iterator[Finding]:  # noqa: ARG002 - of the protocol
        yield from ()

    def holds(self, commitment: bytes) -> bool:  # noqa: ARG002 - of the protocol
        return False

    def document(self, attachment: NamedAttachment) -> Document:
        raise NotFoundError(f"Not held: {attachment.fact_id}.", rule="attachment-missing")

    def examine(self, findings: Findings) -> dict[str, int]:  # noqa: ARG002
        return {}

    def compare(self, derived: Derived, findings: Findings) -> dict[str, int]:  # noqa: ARG002
        return {}


def audited(log: SignedLog, options: Options | None = None) -> Report:
    """The report on a log."""
    return audit(log, PIN, options or Options(processes=1))


def found(log: SignedLog, options: Options | None = None) -> list[tuple[int, str]]:
    """Index and rule of what an audit finds."""
    return [(one.index, one.rule) for one in audited(log, options).findings]


def with_bad_signature(envelope: bytes) -> bytes:
    """The same envelope with another signature, as long and as well formed."""
    place = envelope.index(b"\x0a\x40", len(envelope) - 140) + 2
    return envelope[:place] + bytes([envelope[place] ^ 1]) + envelope[place + 1 :]
