"""The seam between the ledger and a database: everything a store must do, and nothing else.

SQLite is behind it, and PostgreSQL; both must pass ``tests/contract``. A store implements
the abstract methods; the questions are asked here, in the SQL that both speak, with ``?`` for a
parameter.

Two table names are the ledger's own. ``ledger_entries`` and ``ledger_checkpoints`` stand beside
the events table of the library, which keeps its columns (``schema`` of each store).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import nullcontext
from typing import TYPE_CHECKING, ClassVar, Final, cast

from eventsourcing.persistence import AggregateRecorder

from ledger.domain.vocabulary import Collection
from ledger.errors import StoreError
from ledger.store.asking import NOTHING, TAIL_MAX, Mentioned, known_by, nothing_to_do
from ledger.store.rows import StoredCheckpoint, StoredEntry, TailRow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from collections.abc import Collection as Several
    from contextlib import AbstractContextManager

    from ledger.store.asking import Known, Question, Row
    from ledger.store.rows import Batch

_LATEST_CHECKPOINT = (
    "SELECT tree_size, note FROM ledger_checkpoints ORDER BY tree_size DESC LIMIT 1"
)
_CHECKPOINT_COVERING = (
    "SELECT tree_size, note FROM ledger_checkpoints WHERE tree_size >= ? ORDER BY tree_size LIMIT 1"
)
_NOTES_AT = "SELECT tree_size, note FROM ledger_checkpoints WHERE tree_size IN (?*)"
_ENTRIES = (
    "SELECT e.entry_index, e.originator_version, s.state "
    "FROM ledger_entries e JOIN stored_events s "
    "ON s.originator_id = e.originator_id AND s.originator_version = e.originator_version "
    "WHERE e.entry_index >= ? AND e.entry_index < ? ORDER BY e.entry_index"
)
_ENTRY_BYTES = (
    "SELECT e.entry_index, s.state "
    "FROM ledger_entries e JOIN stored_events s "
    "ON s.originator_id = e.originator_id AND s.originator_version = e.originator_version "
    "WHERE e.entry_index >= ? AND e.entry_index < ? ORDER BY e.entry_index"
)
_SINCE = (
    "SELECT e.entry_index, e.originator_id, e.statement_digest, e.leaf_hash, e.recorded_ms, "
    "CASE WHEN e.originator_id LIKE ? THEN (SELECT s.state FROM stored_events s "
    "WHERE s.originator_id = e.originator_id AND s.originator_version = e.originator_version) END "
    "FROM ledger_entries e WHERE e.entry_index >= ? ORDER BY e.entry_index LIMIT ?"
)
# "/" is followed by "0" byte by byte, which is how both stores compare names.
_AUTHOR_ENTRIES = (
    "SELECT e.entry_index, s.state FROM ledger_entries e JOIN stored_events s "
    "ON s.originator_id = e.originator_id AND s.originator_version = e.originator_version "
    "WHERE e.originator_id >= ? AND e.originator_id < ? AND e.entry_index < ? "
    "ORDER BY e.entry_index"
)
_LEAF_HASHES = (
    "SELECT leaf_hash FROM ledger_entries WHERE entry_index >= ? AND entry_index < ? "
    "ORDER BY entry_index"
)
_INDEX_OF_FACT = "SELECT entry_index FROM ledger_entries WHERE fact_id = ?"
_INDEX_OF_STATEMENT = "SELECT entry_index FROM ledger_entries WHERE statement_digest = ?"
_INDEX_OF_EVENT = (
    "SELECT entry_index FROM ledger_entries WHERE originator_id = ? AND originator_version = ?"
)
_INDEXES_OF_STREAM = (
    "SELECT entry_index FROM ledger_entries WHERE originator_id = ? ORDER BY originator_version"
)
# Word for word the condition of the schema's partial index, or else the index is not used.
_ERASURES_SINCE = (
    "SELECT entry_index, originator_id FROM ledger_entries "
    "WHERE substr(originator_id, 1, 12) = 'attachments/' AND entry_index >= ? ORDER BY entry_index"
)
_NONCES = (
    "SELECT author, nonce, entry_index, statement_digest FROM ledger_entries WHERE nonce IN (?*)"
)
_FACT_IDS = "SELECT fact_id FROM ledger_entries WHERE fact_id IN (?*)"
# Versions follow each other from 1: whatever stream there is has that one, and a look at it is one.
_STREAMS = (
    "SELECT originator_id FROM stored_events WHERE originator_version = 1 AND originator_id IN (?*)"
)

_AUTHOR_STREAMS: Final = f"{Collection.AUTHORS}/%"
_AUTHOR_NAMES: Final = (f"{Collection.AUTHORS}/", f"{Collection.AUTHORS}0")


class LedgerRecorder(AggregateRecorder, ABC):
    """A database that keeps one ledger.

    Reading methods called while the same thread holds ``ordering_lock`` or ``snapshot`` read
    inside that transaction; called otherwise, each stands on what is committed at that moment.
    Every method may be called from any thread.

    Whatever the database does wrong leaves as StoreError, as UnavailableError where waiting may
    help.
    """

    poll_least_s: ClassVar[float] = 0.0
    """How long whoever is told of appends need not look for them, in seconds."""

    @abstractmethod
    def create_table(self) -> None:
        """Create what is missing of the tables; a ledger that is there stays as it is."""

    def require_schema(self) -> None:
        """See that the tables are those of this code, before anything is served from them.

        Raises:
            StoreError: They are older, newer or not there; says what to do.
        """

    def told_of_appends(self, wake: Callable[[], None]) -> AbstractContextManager[object]:  # noqa: ARG002 - for stores that tell
        """Have somebody woken, inside the block, when another process may have appended.

        It may be in vain, and it may fail to come: whoever needs to know polls as well.
        """
        return nullcontext()

    @abstractmethod
    def ordering_lock(
        self, mentioned: Mentioned = NOTHING, *, meanwhile: Callable[[], bool] = nothing_to_do
    ) -> AbstractContextManager[Known]:
        """Hold the one lock under which entries are ordered, and commit at the end.

        The lock MUST be taken by a statement of its own before anything is read, so that what is
        read is what the holder before left; what is known of ``mentioned`` is read next, and goes
        into the block. An exception rolls everything back. A StoreError from the end of the block
        leaves open whether the transaction was committed: the caller MUST find out, under the lock,
        before it says anything to anybody.

        ``meanwhile`` is called over and over while COMMIT is waited for, where a store waits in a
        way that leaves time; it does a little each time, and says whether there may be more.
        """

    @abstractmethod
    def snapshot(self) -> AbstractContextManager[None]:
        """Read at one state of the database; takes no lock and never waits for a writer."""

    @abstractmethod
    def insert_batch(self, batch: Batch) -> None:
        """Insert events, entries and note, inside ``ordering_lock``, at its end at the latest.

        The database MUST refuse an index that does not follow the last one, a version that does
        not follow the stream's last one, a note for another size than the entries', and whatever
        is not unique.
        """

    @abstractmethod
    def fetch(self, query: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
        """Return all rows of a query that has ``?`` where its parameters go."""

    @abstractmethod
    def close(self) -> None:
        """Let go of all connections."""

    def latest_checkpoint(self) -> StoredCheckpoint | None:
        """Return the newest note, or None of an empty ledger."""
        return next((StoredCheckpoint(*row) for row in self.fetch(_LATEST_CHECKPOINT)), None)

    def checkpoint_covering(self, size: int) -> StoredCheckpoint | None:
        """Return the oldest note at this tree size or after; None if the log is not that large."""
        rows = self.fetch(_CHECKPOINT_COVERING, (size,))
        return next((StoredCheckpoint(*row) for row in rows), None)

    def notes_at(self, sizes: Several[int]) -> dict[int, bytes]:
        """Return the notes at exactly these tree sizes, where there are any."""
        return dict(self.known(Mentioned(sizes=sizes)).notes)

    def entries(self, start: int, end: int) -> list[StoredEntry]:
        """Return the entries from index ``start`` to before ``end``, as far as there are any."""
        return [StoredEntry(*row) for row in self.fetch(_ENTRIES, (start, end))]

    def entry_bytes(self, start: int, end: int) -> Sequence[tuple[int, bytes]]:
        """Return index and bytes of the same entries, as rows; made for pages without an end."""
        return cast("Sequence[tuple[int, bytes]]", self.fetch(_ENTRY_BYTES, (start, end)))

    def since(self, size: int, limit: int) -> list[TailRow]:
        """Return what was appended after a tree size, in order, at most ``limit`` rows."""
        return [TailRow(*row) for row in self.fetch(_SINCE, (_AUTHOR_STREAMS, size, limit))]

    def author_entries(self, tree_size: int) -> list[tuple[int, bytes]]:
        """Return index and entry of whatever is about authors and keys, below a tree size."""
        rows = self.fetch(_AUTHOR_ENTRIES, (*_AUTHOR_NAMES, tree_size))
        return [(index, entry) for index, entry in rows]

    def leaf_hashes(self, start: int, end: int) -> list[bytes]:
        """Return the leaf hashes from index ``start`` to before ``end``."""
        return [row[0] for row in self.fetch(_LEAF_HASHES, (start, end))]

    def index_of_fact(self, fact_id: str) -> int | None:
        """Return where the fact with this id stands."""
        return next((row[0] for row in self.fetch(_INDEX_OF_FACT, (fact_id,))), None)

    def index_of_statement(self, digest: bytes) -> int | None:
        """Return where the statement with this digest stands."""
        return next((row[0] for row in self.fetch(_INDEX_OF_STATEMENT, (digest,))), None)

    def index_of_event(self, stream: str, version: int) -> int | None:
        """Return where the event of this version of a stream stands."""
        rows = self.fetch(_INDEX_OF_EVENT, (stream, version))
        return next((row[0] for row in rows), None)

    def indexes_of_stream(self, stream: str) -> list[int]:
        """Return where a stream's events stand, in its order."""
        return [row[0] for row in self.fetch(_INDEXES_OF_STREAM, (stream,))]

    def erasures_since(self, start: int) -> list[tuple[int, bytes]]:
        """Return index and commitment of each erasure from index ``start`` on, in order."""
        rows = self.fetch(_ERASURES_SINCE, (start,))
        return [(index, _commitment(stream)) for index, stream in rows]

    def known(self, mentioned: Mentioned) -> Known:
        """Return what the log holds of what is mentioned."""
        questions = self._questions(mentioned)
        answers = {name: self.fetch(*question) for name, question in questions.items()}
        return known_by(answers, mentioned)

    def _questions(self, mentioned: Mentioned) -> dict[str, Question]:
        """What has to be asked about what is mentioned, by the names of ``Known``."""
        questions: dict[str, Question] = {}
        if mentioned.since is not None:
            questions["tail"] = (_SINCE, (_AUTHOR_STREAMS, mentioned.since, TAIL_MAX))
        several: tuple[tuple[str, str, Several[object]], ...] = (
            ("places", _NONCES, mentioned.nonces),
            ("fact_ids", _FACT_IDS, mentioned.fact_ids),
            ("notes", _NOTES_AT, mentioned.sizes),
            ("absent", _STREAMS, mentioned.streams),
        )
        for name, query, values in several:
            if values:
                questions[name] = self._about(query, values)
        return questions

    def _about(self, query: str, values: Several[object]) -> Question:
        """A question about each of several values."""
        return query.replace("?*", ", ".join("?" * len(values))), tuple(values)


def _commitment(stream: str) -> bytes:
    """The commitment that the stream of an erasure bears.

    Raises:
        StoreError: It bears none, though no such stream was let in.
    """
    try:
        return bytes.fromhex(stream.partition("/")[2])
    except ValueError as error:
        raise StoreError(f"{stream} is no attachment's stream.", rule="stored-event") from error
