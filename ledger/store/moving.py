"""A whole ledger from one database to another, with every byte and every note it ever signed.

The source is locked from the first row to the last, so that nobody appends to what is being left.
Each transaction at the target ends where a checkpoint does: a copy that was cut short is a ledger
in itself, and the next attempt goes on from it. At the end everything is read back and compared,
the tree is hashed anew from the entries, and only then the source is sealed: two databases that
went on under one log key would be two histories.
"""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Final

from eventsourcing.persistence import StoredEvent

from ledger.errors import RefusedError, StoreError
from ledger.log.merkle import Frontier, leaf_hash
from ledger.store.rows import Batch, NewEntry, StoredCheckpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ledger.store.recorder import LedgerRecorder

PAGE: Final = 2_000
"""About how many entries are copied in one transaction."""

_ENTRIES: Final = (
    "SELECT e.entry_index, e.originator_id, e.originator_version, s.topic, s.state, e.fact_id, "
    "e.statement_digest, e.author, e.nonce, e.leaf_hash, e.recorded_ms "
    "FROM ledger_entries e JOIN stored_events s "
    "ON s.originator_id = e.originator_id AND s.originator_version = e.originator_version "
    "WHERE e.entry_index >= ? AND e.entry_index < ? ORDER BY e.entry_index"
)
_NOTES: Final = (
    "SELECT tree_size, note FROM ledger_checkpoints "
    "WHERE tree_size > ? AND tree_size <= ? ORDER BY tree_size"
)


def move_ledger(
    source: LedgerRecorder,
    target: LedgerRecorder,
    *,
    seal: Callable[[], None],
    told: Callable[[int, int], None] = lambda _done, _size: None,
) -> int:
    """Copy a ledger into a database that is empty, or holds the beginning of it.

    Args:
        source: What is left; it is locked meanwhile.
        target: Where to; its tables exist.
        seal: Called last, inside the source's transaction, to have it take no more entries.
        told: Told how many entries are there, and of how many.

    Returns:
        The tree size.

    Raises:
        RefusedError: The target holds something else, or the source holds nothing.
        StoreError: A database failed, or what was read back is not what was copied.
    """
    with source.ordering_lock():
        latest = source.latest_checkpoint()
        if latest is None:
            raise RefusedError("There is no ledger in the database.", rule="not-founded")
        size = latest.tree_size
        _goes_on(source, target)
        while (start := _size_of(target)) < size:
            end = (source.checkpoint_covering(min(start + PAGE, size)) or latest).tree_size
            with target.ordering_lock():
                for batch in _batches(source, start, end):
                    target.insert_batch(batch)
            told(end, size)
        _are_equal(source, target, latest)
        seal()
    return size


def _size_of(recorder: LedgerRecorder) -> int:
    latest = recorder.latest_checkpoint()
    return latest.tree_size if latest else 0


def _goes_on(source: LedgerRecorder, target: LedgerRecorder) -> None:
    """See that what the target holds already is where the source began.

    Raises:
        RefusedError: It is another ledger, or went on by itself.
    """
    held = target.latest_checkpoint()
    if held and source.notes_at([held.tree_size]).get(held.tree_size) != held.note:
        raise RefusedError(
            f"The target holds {held.tree_size} entries that are not the beginning of this ledger.",
            field="database",
            rule="target-holds-another",
        )


def _batches(recorder: LedgerRecorder, start: int, end: int) -> Iterator[Batch]:
    """The batches between two stored checkpoints, as they were once committed."""
    notes = [StoredCheckpoint(*row) for row in recorder.fetch(_NOTES, (start, end))]
    entries = _entries(recorder, start, end)
    sizes = [start, *(note.tree_size for note in notes)]
    numbered = (number for number, (a, b) in enumerate(pairwise(sizes)) for _ in range(b - a))
    groups = groupby(zip(numbered, entries, strict=True), key=lambda pair: pair[0])
    for note, (_, members) in zip(notes, groups, strict=True):
        yield Batch(tuple(entry for _, entry in members), note.tree_size, note.note)


def _entries(recorder: LedgerRecorder, start: int, end: int) -> list[NewEntry]:
    return [
        NewEntry(
            index=index,
            event=StoredEvent(stream, version, topic, state),
            fact_id=fact_id,
            digest=digest,
            author=author,
            nonce=nonce,
            leaf_hash=leaf,
            recorded_ms=recorded_ms,
        )
        for (
            index,
            stream,
            version,
            topic,
            state,
            fact_id,
            digest,
            author,
            nonce,
            leaf,
            recorded_ms,
        ) in recorder.fetch(_ENTRIES, (start, end))
    ]


def _are_equal(source: LedgerRecorder, target: LedgerRecorder, latest: StoredCheckpoint) -> None:
    """Compare two databases row by row, and the entries with the root that was signed.

    Raises:
        StoreError: They differ.
    """
    frontier = Frontier()
    for start in range(0, latest.tree_size, PAGE):
        end = min(start + PAGE, latest.tree_size)
        copied = _entries(target, start, end)
        notes = target.fetch(_NOTES, (start, end))
        same = copied == _entries(source, start, end)
        if not (
            same and list(map(tuple, notes)) == list(map(tuple, source.fetch(_NOTES, (start, end))))
        ):
            raise StoreError(
                f"The copy differs between the entries {start} and {end}.", rule="copy-differs"
            )
        frontier = frontier.extend(leaf_hash(entry.event.state) for entry in copied)
    if (frontier.size, frontier.root()) != (latest.tree_size, latest.checkpoint().root):
        raise StoreError(
            f"The entries do not make the root hash that was signed at {latest.tree_size}.",
            rule="root-mismatch",
        )
