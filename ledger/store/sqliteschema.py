"""The ledger's own tables in SQLite, beside the library's, and the triggers over all three.

The recorders of the library check uniqueness only: version 0, gaps and disorder pass, and so
does a deletion at the tail, after which a row id is given out again. So the database itself
refuses what would break a ledger, whoever writes to it: everything is append-only, and whatever
is numbered goes on by one. Nothing refers to a row id: VACUUM may renumber them.
"""

from __future__ import annotations

from typing import Final

EVENTS_TABLE: Final = "stored_events"
"""The library's own name and definition: (originator_id, originator_version, topic, state)."""

ENTRIES_TABLE: Final = "ledger_entries"
CHECKPOINTS_TABLE: Final = "ledger_checkpoints"

# The nonce stands first in its index because it is searched for alone: SQLite scans the table for
# a list of pairs.
_ENTRIES: Final = """
CREATE TABLE IF NOT EXISTS ledger_entries (
    entry_index INTEGER PRIMARY KEY,
    originator_id TEXT NOT NULL,
    originator_version INTEGER NOT NULL,
    fact_id TEXT NOT NULL UNIQUE,
    statement_digest BLOB NOT NULL UNIQUE,
    author TEXT NOT NULL,
    nonce BLOB NOT NULL,
    leaf_hash BLOB NOT NULL CHECK (length(leaf_hash) = 32),
    recorded_ms INTEGER NOT NULL,
    UNIQUE (originator_id, originator_version),
    UNIQUE (nonce, author)
) STRICT
"""

# Erasures are few, and looked for after every round: the index holds them alone.
_ERASURES: Final = """
CREATE INDEX IF NOT EXISTS ledger_erasures ON ledger_entries (entry_index)
WHERE substr(originator_id, 1, 12) = 'attachments/'
"""

_CHECKPOINTS: Final = """
CREATE TABLE IF NOT EXISTS ledger_checkpoints (
    tree_size INTEGER PRIMARY KEY,
    note BLOB NOT NULL
) STRICT
"""

_VERSIONS_FOLLOW: Final = """
CREATE TRIGGER IF NOT EXISTS ledger_versions_follow BEFORE INSERT ON stored_events
WHEN NEW.originator_version IS NOT 1 + (
    SELECT COALESCE(MAX(originator_version), 0) FROM stored_events
    WHERE originator_id = NEW.originator_id
)
BEGIN
    SELECT RAISE(ABORT, 'an event''s version follows its stream''s last one');
END
"""

_INDEXES_FOLLOW: Final = """
CREATE TRIGGER IF NOT EXISTS ledger_indexes_follow BEFORE INSERT ON ledger_entries
WHEN NEW.entry_index IS NOT (SELECT COALESCE(MAX(entry_index) + 1, 0) FROM ledger_entries)
BEGIN
    SELECT RAISE(ABORT, 'an entry''s index follows the last one');
END
"""

_NOTES_COVER_ALL: Final = """
CREATE TRIGGER IF NOT EXISTS ledger_notes_cover_all BEFORE INSERT ON ledger_checkpoints
WHEN NEW.tree_size IS NOT (SELECT MAX(entry_index) + 1 FROM ledger_entries)
BEGIN
    SELECT RAISE(ABORT, 'a note is for the size of the tree');
END
"""


def _append_only(table: str, change: str) -> str:
    return (
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_{change} BEFORE {change} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: no {change}'); END"
    )


SIDE_STATEMENTS: Final = (
    _ENTRIES,
    _ERASURES,
    _CHECKPOINTS,
    _VERSIONS_FOLLOW,
    _INDEXES_FOLLOW,
    _NOTES_COVER_ALL,
    *(
        _append_only(table, change)
        for table in (EVENTS_TABLE, ENTRIES_TABLE, CHECKPOINTS_TABLE)
        for change in ("UPDATE", "DELETE")
    ),
)
"""What is created after the library's events table, in this order."""

SEAL: Final = """
CREATE TRIGGER IF NOT EXISTS ledger_sealed BEFORE INSERT ON ledger_entries
BEGIN
    SELECT RAISE(ABORT, 'the ledger has moved to another database');
END
"""
"""What has a database take no more entries, also from a process that has it open."""
