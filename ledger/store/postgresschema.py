"""The tables of a ledger in PostgreSQL, who may do what with them, and how they are brought up.

The events table is the library's own for aggregates: its columns, and none beside them. It has no
``notification_id``: ids from a sequence are handed out before COMMIT and have gaps, so that
whoever follows them can miss an event; the ledger follows its dense index. Names are compared byte
by byte (``COLLATE "C"``), so that a new version of the system's collations spoils no index.

Triggers hold what no constraint can say: versions and indexes follow each other, a note is for
exactly the entries that are there, and nothing is changed, removed or emptied. They name their
tables with the schema, so that no temporary table can stand in for one.

Three roles are meant. An **owner** creates all this and serves nobody. A **writer** may INSERT and
SELECT: it cannot change what is recorded even if somebody takes the service over. A **reader** may
SELECT: followers and replicas.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from psycopg.sql import SQL, Composed, Identifier

if TYPE_CHECKING:
    from collections.abc import Iterator

EVENTS_TABLE: Final = "stored_events"
ENTRIES_TABLE: Final = "ledger_entries"
CHECKPOINTS_TABLE: Final = "ledger_checkpoints"
SCHEMA_TABLE: Final = "ledger_schema"
"""One row for each migration that was applied: its number, from 1."""

APPENDED_CHANNEL: Final = "ledger_appended"
"""What is notified when a batch is committed; the payload is the schema's name."""

_TABLES: Final = (EVENTS_TABLE, ENTRIES_TABLE, CHECKPOINTS_TABLE, SCHEMA_TABLE)

_SCHEMA: Final = "CREATE TABLE {schema}.ledger_schema (version integer PRIMARY KEY)"

_EVENTS: Final = """
CREATE TABLE {schema}.stored_events (
    originator_id text COLLATE "C" NOT NULL,
    originator_version bigint NOT NULL,
    topic text COLLATE "C" NOT NULL,
    state bytea NOT NULL,
    PRIMARY KEY (originator_id, originator_version)
)
"""

# The nonce stands first in its index because it is searched for alone.
_ENTRIES: Final = """
CREATE TABLE {schema}.ledger_entries (
    entry_index bigint PRIMARY KEY,
    originator_id text COLLATE "C" NOT NULL,
    originator_version bigint NOT NULL,
    fact_id text COLLATE "C" NOT NULL UNIQUE,
    statement_digest bytea NOT NULL UNIQUE,
    author text COLLATE "C" NOT NULL,
    nonce bytea NOT NULL,
    leaf_hash bytea NOT NULL CHECK (length(leaf_hash) = 32),
    recorded_ms bigint NOT NULL,
    UNIQUE (originator_id, originator_version),
    UNIQUE (nonce, author)
)
"""

# Erasures are few, and looked for after every round: the index holds them alone.
_ERASURES: Final = """
CREATE INDEX ledger_erasures ON {schema}.ledger_entries (entry_index)
WHERE substr(originator_id, 1, 12) = 'attachments/'
"""

_CHECKPOINTS: Final = """
CREATE TABLE {schema}.ledger_checkpoints (
    tree_size bigint PRIMARY KEY,
    note bytea NOT NULL
)
"""

_VERSIONS_FOLLOW: Final = """
CREATE FUNCTION {schema}.ledger_versions_follow() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF NEW.originator_version IS DISTINCT FROM 1 + (
        SELECT COALESCE(MAX(originator_version), 0) FROM {schema}.stored_events
        WHERE originator_id = NEW.originator_id
    ) THEN
        RAISE EXCEPTION 'an event''s version follows its stream''s last one';
    END IF;
    RETURN NEW;
END $body$
"""

_INDEXES_FOLLOW: Final = """
CREATE FUNCTION {schema}.ledger_indexes_follow() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF NEW.entry_index IS DISTINCT FROM (
        SELECT COALESCE(MAX(entry_index) + 1, 0) FROM {schema}.ledger_entries
    ) THEN
        RAISE EXCEPTION 'an entry''s index follows the last one';
    END IF;
    RETURN NEW;
END $body$
"""

# The notification leaves with the COMMIT of the batch, so that it wakes nobody too early.
_NOTES_COVER_ALL: Final = """
CREATE FUNCTION {schema}.ledger_notes_cover_all() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF NEW.tree_size IS DISTINCT FROM (
        SELECT MAX(entry_index) + 1 FROM {schema}.ledger_entries
    ) THEN
        RAISE EXCEPTION 'a note is for the size of the tree';
    END IF;
    PERFORM pg_notify('ledger_appended', TG_TABLE_SCHEMA);
    RETURN NEW;
END $body$
"""

_APPEND_ONLY: Final = """
CREATE FUNCTION {schema}.ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: no %', TG_OP;
END $body$
"""


def _before_each(table: str, function: str) -> str:
    return (
        f"CREATE TRIGGER {function} BEFORE INSERT ON {{schema}}.{table} "
        f"FOR EACH ROW EXECUTE FUNCTION {{schema}}.{function}()"
    )


def _append_only(table: str) -> str:
    return (
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
        f"ON {{schema}}.{table} EXECUTE FUNCTION {{schema}}.ledger_append_only()"
    )


_MIGRATIONS: Final = (
    (
        _SCHEMA,
        _EVENTS,
        _ENTRIES,
        _ERASURES,
        _CHECKPOINTS,
        _VERSIONS_FOLLOW,
        _INDEXES_FOLLOW,
        _NOTES_COVER_ALL,
        _APPEND_ONLY,
        _before_each(EVENTS_TABLE, "ledger_versions_follow"),
        _before_each(ENTRIES_TABLE, "ledger_indexes_follow"),
        _before_each(CHECKPOINTS_TABLE, "ledger_notes_cover_all"),
        *map(_append_only, _TABLES),
    ),
)
"""What was released is never edited: a change of the tables is one more member at the end."""

SCHEMA_VERSION: Final = len(_MIGRATIONS)
"""The version of the tables that this code works on."""


def migration_statements(present: int, schema: str) -> Iterator[Composed]:
    """Give what brings tables of one version up to this code's.

    Args:
        present: The version that is there, 0 of an empty database.
        schema: Where the tables stand.
    """
    for version, statements in enumerate(_MIGRATIONS[present:], start=present + 1):
        for statement in statements:
            yield SQL(statement).format(schema=Identifier(schema))
        yield SQL("INSERT INTO {}.ledger_schema VALUES ({})").format(Identifier(schema), version)


def grant_statements(schema: str, *, writer: str | None, reader: str | None) -> Iterator[Composed]:
    """Give what lets roles at the tables, and no further: each may be named, or not.

    Args:
        schema: Where the tables stand.
        writer: The role that may INSERT and SELECT.
        reader: The role that may SELECT.
    """
    for role, allowed in ((writer, "SELECT, INSERT"), (reader, "SELECT")):
        if role is None:
            continue
        yield SQL("GRANT USAGE ON SCHEMA {} TO {}").format(Identifier(schema), Identifier(role))
        for table in _TABLES:
            name = SQL("{}.{}").format(Identifier(schema), Identifier(table))
            may = SQL("SELECT" if table == SCHEMA_TABLE else allowed)
            yield SQL("REVOKE ALL ON {} FROM {}").format(name, Identifier(role))
            yield SQL("GRANT {} ON {} TO {}").format(may, name, Identifier(role))
