"""A ledger in a PostgreSQL database: the store for many processes, and for replicas.

``fetch`` and ``transaction`` are ``postgresdatastore``'s, which says why so little of the library
is used; the tables are ``postgresschema``'s. A batch goes in as arrays, a column each: unlike by
COPY, the server need not be asked first, so that all of a batch travels with its COMMIT. It takes
the privilege to INSERT, and fires the triggers row by row, in the arrays' order.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NoReturn

from eventsourcing.persistence import StoredEvent

from ledger.errors import StoreError
from ledger.store.asking import NOTHING, known_by, nothing_to_do
from ledger.store.postgresdatastore import Datastore
from ledger.store.postgreslistening import Listener
from ledger.store.postgresschema import SCHEMA_VERSION, grant_statements, migration_statements
from ledger.store.postgrestrips import Statement
from ledger.store.recorder import LedgerRecorder

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from uuid import UUID

    from ledger.store.asking import Known, Mentioned, Question, Row
    from ledger.store.rows import Batch, NewEntry

LOCK_TIMEOUT_S: Final = 10
"""How long a writer waits for another process; a batch holds the lock for milliseconds."""

_INSERT_EVENTS: Final = (
    "INSERT INTO stored_events (originator_id, originator_version, topic, state) "
    "SELECT * FROM unnest(?, ?, ?, ?)"
)
_INSERT_ENTRIES: Final = (
    "INSERT INTO ledger_entries (entry_index, originator_id, originator_version, fact_id, "
    "statement_digest, author, nonce, leaf_hash, recorded_ms) "
    "SELECT * FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_INSERT_CHECKPOINT: Final = "INSERT INTO ledger_checkpoints (tree_size, note) VALUES (?, ?)"
_PRESENT_TABLES: Final = "SELECT to_regclass('ledger_schema') IS NOT NULL"
_PRESENT_VERSION: Final = "SELECT COALESCE(MAX(version), 0) FROM ledger_schema"
_CURRENT_SCHEMA: Final = "SELECT current_schema()"
_IN_RECOVERY: Final = "SELECT pg_is_in_recovery()"


class PostgresLedgerRecorder(LedgerRecorder):
    """A ledger in a database.

    Nothing is connected to before it is used.

    Args:
        url: ``postgresql://role@host:port/database``, as libpq reads it; several hosts and
            ``target_session_attrs=read-write`` let it follow a failover.
        lock_timeout_s: How long to wait for another process that writes.

    Raises:
        SettingError: The URL is none.
    """

    poll_least_s = 0.1

    def __init__(self, url: str, *, lock_timeout_s: float = LOCK_TIMEOUT_S) -> None:
        self.datastore = Datastore(url, lock_timeout_s=lock_timeout_s)

    def create_table(self) -> None:
        """Bring the tables up to this code's version, all at once or not at all.

        Where they are there already, no privilege is needed beyond SELECT.

        Raises:
            StoreError: The role may not create tables, or a newer version has been at work.
        """
        if self._present_version() >= SCHEMA_VERSION:
            self.require_schema()
            return
        with self.datastore.transaction(commit=True) as begun:
            schema = self._schema()
            for statement in migration_statements(self._present_version(), schema):
                begun.connection.execute(statement)

    def require_schema(self) -> None:
        """See that the tables are those of this code.

        Raises:
            StoreError: They are older, newer or not there; says what to do.
        """
        present = self._present_version()
        if present == SCHEMA_VERSION:
            return
        what = f"has tables of version {present}" if present else "has no ledger's tables"
        todo = (
            "use a newer regledger"
            if present > SCHEMA_VERSION
            else "have their owner run `regledger migrate-schema`"
        )
        raise StoreError(
            f"The database {what}, and version {SCHEMA_VERSION} is needed: {todo}.",
            rule="schema-version",
        )

    def grant(self, *, writer: str | None, reader: str | None) -> None:
        """Let roles that exist at the tables: one that appends, and one that only reads.

        Raises:
            StoreError: There is no such role, or the tables belong to somebody else.
        """
        with self.datastore.transaction(commit=True) as begun:
            for statement in grant_statements(self._schema(), writer=writer, reader=reader):
                begun.connection.execute(statement)

    def told_of_appends(self, wake: Callable[[], None]) -> Listener:
        """Have somebody woken by the notification that leaves with another process's COMMIT."""
        return Listener(self.datastore.connect, wake, self.datastore.is_served_by)

    def is_standby(self) -> bool:
        """Whether the server follows another one, and takes no entries."""
        return bool(self.fetch(_IN_RECOVERY)[0][0])

    @contextmanager
    def ordering_lock(
        self, mentioned: Mentioned = NOTHING, *, meanwhile: Callable[[], bool] = nothing_to_do
    ) -> Iterator[Known]:
        """Hold the database's advisory lock, and commit at the end."""
        questions = self._questions(mentioned)
        asked = [Statement(*question) for question in questions.values()]
        with self.datastore.transaction(commit=True, asked=asked, meanwhile=meanwhile) as begun:
            yield known_by(dict(zip(questions, begun.answers, strict=True)), mentioned)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read at one state of the database, which a writer may leave behind meanwhile."""
        with self.datastore.transaction(commit=False):
            yield

    def insert_batch(self, batch: Batch) -> None:
        """Insert events, entries and note; the triggers of the schema check what follows what."""
        columns = zip(*map(_row, batch.entries), strict=True)
        (indexes, streams, versions, topics, states, *others) = map(list, columns)
        statements = (
            Statement(_INSERT_EVENTS, (streams, versions, topics, states)),
            Statement(_INSERT_ENTRIES, (indexes, streams, versions, *others)),
            Statement(_INSERT_CHECKPOINT, (batch.tree_size, batch.note)),
        )
        with self.datastore.transaction(commit=True) as begun:
            begun.write(statements)

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> NoReturn:  # noqa: ARG002 - the library's signature
        """Refuse: an event without index, leaf hash and note would be no entry.

        Raises:
            StoreError: Always.
        """
        raise StoreError("Events are inserted by insert_batch.", rule="events-come-in-batches")

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> list[StoredEvent]:
        """Return a stream's events by version: the library's question for its repository."""
        query = "SELECT originator_id, originator_version, topic, state FROM stored_events "
        conditions: dict[str, object] = {"originator_id = ?": originator_id}
        if gt is not None:
            conditions["originator_version > ?"] = gt
        if lte is not None:
            conditions["originator_version <= ?"] = lte
        query += f"WHERE {' AND '.join(conditions)} ORDER BY originator_version"
        query += " DESC" if desc else ""
        if limit is not None:
            query += f" LIMIT {limit:d}"
        rows = self.fetch(query, tuple(conditions.values()))
        return [StoredEvent(*row) for row in rows]

    def fetch(self, query: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
        """Return all rows of a query."""
        return self.datastore.fetch(query, parameters)

    def close(self) -> None:
        """Close all connections."""
        self.datastore.close()

    def _about(self, query: str, values: Collection[object]) -> Question:
        """Ask about several values as one array, so that any number is the same statement."""
        return query.replace("IN (?*)", "= ANY (?)"), (list(values),)

    def _present_version(self) -> int:
        is_there = self.fetch(_PRESENT_TABLES)[0][0]
        return int(self.fetch(_PRESENT_VERSION)[0][0]) if is_there else 0

    def _schema(self) -> str:
        return str(self.fetch(_CURRENT_SCHEMA)[0][0])


def _row(new: NewEntry) -> tuple[object, ...]:
    """All that is written of an entry, a column each."""
    event = new.event
    return (
        new.index,
        event.originator_id,
        event.originator_version,
        event.topic,
        event.state,
        new.fact_id,
        new.digest,
        new.author,
        new.nonce,
        new.leaf_hash,
        new.recorded_ms,
    )
