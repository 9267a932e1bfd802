"""What the next entry is decided on: everything before it, folded into one immutable value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ledger.domain.keyring import Keyring
from ledger.errors import StoreError
from ledger.log.hashtree import frontier_at
from ledger.log.merkle import EMPTY_ROOT, Frontier
from ledger.store.asking import TAIL_MAX
from ledger.store.mapper import open_entry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.store.recorder import LedgerRecorder
    from ledger.store.rows import TailRow
    from ledger.store.streams import Streams
    from ledger.store.tree import LogTree


@dataclass(frozen=True, slots=True)
class Tip:
    """The ledger after some entry.

    Attributes:
        frontier: The tree's right edge, and with it size and root hash.
        keyring: All keys.
        ledger_id: Statement digest of entry 0, empty before it.
        recorded_ms: When the last entry was recorded, 0 before the first.
    """

    frontier: Frontier
    keyring: Keyring
    ledger_id: bytes
    recorded_ms: int

    @property
    def size(self) -> int:
        """The tree size, which is the next entry's index."""
        return self.frontier.size


EMPTY_TIP: Final = Tip(Frontier(), Keyring(), b"", 0)


def catch_up(
    tip: Tip,
    recorder: LedgerRecorder,
    streams: Streams,
    tree: LogTree,
    tail: Sequence[TailRow] | None = None,
) -> Tip:
    """Take in what others appended since, under the ordering lock or in a snapshot.

    From nothing it begins with the newest note, whose tree all readers need anyway: its right edge
    is taken from there, and of the entries only those are read that are about keys.

    The root hash that results is compared with the stored note's, so that whoever appends next
    signs nothing that goes on from a history other than the one that was signed.

    Args:
        tip: What is known.
        recorder: The database.
        streams: The states that are kept; of those that moved it is taken note.
        tree: The tree in memory.
        tail: The first rows after the tip, if they were read already.

    Raises:
        StoreError: The entries do not follow each other, or are not what the note commits to.
    """
    before = tip.size
    if not before:
        tip = _first(recorder, tree)
    while True:
        rows = recorder.since(tip.size, TAIL_MAX) if tail is None else tail
        tip, tail = _after(tip, rows), None
        for row in rows:
            streams.outdate(row.stream)
        if len(rows) < TAIL_MAX:
            break
    if tip.size != before or before == 0:
        _agrees_with_note(tip, recorder)
    return tip


def _first(recorder: LedgerRecorder, tree: LogTree) -> Tip:
    """The tip at the newest note; ``tree`` compares its leaf hashes with the root that was signed.

    As many leaf hashes as entries that were signed are as many entries: none is missing.
    """
    stored = recorder.latest_checkpoint()
    if stored is None or not stored.tree_size:
        return EMPTY_TIP
    size = stored.tree_size
    frontier = frontier_at(size, tree.covering(stored))
    keyring = Keyring()
    for index, entry in recorder.author_entries(size):
        keyring = keyring.apply(open_entry(entry).statement.fact, index)
    (first,), (last,) = recorder.since(0, 1), recorder.since(size - 1, 1)
    return Tip(frontier, keyring, first.digest, last.recorded_ms)


def _after(tip: Tip, rows: Sequence[TailRow]) -> Tip:
    keyring = tip.keyring
    for index, row in enumerate(rows, start=tip.size):
        if row.index != index:
            raise StoreError(f"Entry {index} is missing: {row.index} follows.", rule="index-gap")
        if row.author_entry is not None:
            keyring = keyring.apply(open_entry(row.author_entry).statement.fact, index)
    if not rows:
        return tip
    return replace(
        tip,
        frontier=tip.frontier.extend(row.leaf_hash for row in rows),
        keyring=keyring,
        ledger_id=tip.ledger_id or rows[0].digest,
        recorded_ms=rows[-1].recorded_ms,
    )


def _agrees_with_note(tip: Tip, recorder: LedgerRecorder) -> None:
    stored = recorder.latest_checkpoint()
    signed = (stored.tree_size, stored.checkpoint().root) if stored else (0, EMPTY_ROOT)
    if signed != (tip.size, tip.frontier.root()):
        raise StoreError(
            f"The {tip.size} entries in the database are not those that its newest note commits "
            "to: check the ledger before anything is appended to it.",
            rule="root-mismatch",
        )
