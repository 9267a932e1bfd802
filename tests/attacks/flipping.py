"""A ledger of 200 entries and its bundle, single bits of them flipped, and whether audit sees it.

The checks are the audit's own. Those that cost little are asked first, and the whole audit only
where none of them has found anything, so that a hundred thousand flips can be tried.
"""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.audit.auditing import Options, audit
from ledger.audit.bundlesource import BundleSource
from ledger.audit.database import DatabaseSource
from ledger.audit.exporting import export_bundle
from ledger.audit.findings import Findings
from ledger.audit.notekeys import NoteKeys
from ledger.audit.source import Derived
from ledger.audit.ziparchive import ZipReader
from ledger.client.pins import Pin
from ledger.client.trust import open_head
from ledger.domain.vocabulary import Role
from ledger.errors import LedgerError
from ledger.log.hashtree import HashTree
from ledger.log.merkle import leaf_hash
from ledger.store.inspection import inspecting
from tests.unit.audit.ledgers import PIN
from tests.unit.store.builders import LedgerFolder, append, enrollment, order, rotation

ENTRIES: Final = 200


@dataclass(frozen=True, slots=True)
class Target:
    """What is attacked.

    Attributes:
        folder: Where it lies, with room for copies.
        database: The bytes of the SQLite file.
        bundle: The bytes of the bundle.
    """

    folder: Path
    database: bytes
    bundle: bytes


def target(folder: Path) -> Target:
    """A ledger of 200 entries in eleven batches, with three authors and a key that was changed."""
    ledger = LedgerFolder(folder)
    parts = ledger.found()
    append(parts, enrollment("nvidia", Role.COMPANY))
    made = 3
    while made < ENTRIES - 1:
        count = min(20, ENTRIES - 1 - made)
        append(parts, *(order(made + place) for place in range(count)))
        made += count
    append(parts, rotation("nvidia", "nvidia-2"))
    ledger.close()
    path = folder / "ledger.sqlite3"
    with inspecting(path) as inspection:
        export_bundle(DatabaseSource(inspection), PIN, folder / "bundle")
    return Target(folder, path.read_bytes(), (folder / "bundle").read_bytes())


def flipped(data: bytes, bit: int) -> bytes:
    """The bytes with one bit turned."""
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def finds_in_database(content: bytes, folder: Path) -> str:
    """What audit finds in a database file of these bytes, as a rule's name; "" if nothing."""
    path = folder / "attacked.sqlite3"
    path.write_bytes(content)
    try:
        with inspecting(path) as inspection:
            source = DatabaseSource(inspection)
            return _cheap(source) or _whole(source, PIN)
    except LedgerError as error:
        return error.rule


def finds_in_bundle(content: bytes, pin: Pin | None = None) -> str:
    """What audit finds in a bundle of these bytes, as a rule's name; "" if nothing."""
    try:
        source = BundleSource(ZipReader(io.BytesIO(content)), "attacked")
        derived = _derived(source)
        if derived is None:
            return "leaf-hash"
        findings = Findings()
        source.compare(derived, findings)
        return _first(findings) or _whole(source, pin or source.pin())
    except LedgerError as error:
        return error.rule


def rows(content: bytes, folder: Path) -> list[str]:
    """Everything that a database file says, as SQL: what a change must leave alone to be none."""
    path = folder / "dumped.sqlite3"
    path.write_bytes(content)
    with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as database:
        return list(database.iterdump())


def values(content: bytes, folder: Path) -> Iterator[tuple[str, str, int, object]]:
    """Every value of every table: table, column, row id, value."""
    path = folder / "values.sqlite3"
    path.write_bytes(content)
    with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as database:
        tables = database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        for (table,) in tables:
            columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            for column in columns:
                for key, value in database.execute(f"SELECT rowid, {column} FROM {table}"):  # noqa: S608
                    yield table, column, key, value


def _cheap(source: DatabaseSource) -> str:
    """What audit finds without trying a signature."""
    derived = _derived(source)
    if derived is None:
        return "leaf-hash"
    findings = Findings()
    source.examine(findings)
    source.compare(derived, findings)
    return _first(findings)


def _derived(source: DatabaseSource | BundleSource) -> Derived | None:
    """The tree that the entries make; None where a leaf hash beside one is not its own."""
    head = open_head(PIN, source.checkpoint())
    tree = HashTree()
    for page in source.pages(0, head.size):
        for piece in page:
            if piece.data is None or leaf_hash(piece.data) != piece.claimed:
                return None
        tree.extend(leaf_hash(piece.data or b"") for piece in page)
    if tree.root() != head.checkpoint.root:
        return None
    return Derived(PIN, tree, head, NoteKeys.of(PIN, ()))


def _whole(source: DatabaseSource | BundleSource, pin: Pin) -> str:
    return _first(audit(source, pin, Options(processes=1)).findings)


def _first(findings: Findings) -> str:
    first = findings.first
    return first.rule if first is not None else ""
