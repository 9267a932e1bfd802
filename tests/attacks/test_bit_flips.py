"""A single bit that is flipped anywhere in a ledger's database or bundle is found by ``audit``.

What is tried here is a sample, the same every time; ``make flips`` tries a hundred times as many.
"""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ledger.audit.ziparchive import ZipReader, ZipWriter
from tests.attacks.flipping import (
    ENTRIES,
    Target,
    finds_in_bundle,
    finds_in_database,
    flipped,
    rows,
    target,
    values,
)
from tests.attacks.pages import counters, placeholders, unused
from tests.attacks.sweep import sweep_bundle, sweep_database

BATCHES = 14
VALUES_OF_A_COLUMN = 4
DATABASE_FLIPS = 100
BUNDLE_FLIPS = 600
FORGED_MEMBERS = 12


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Target:
    """The ledger and its bundle."""
    return target(tmp_path_factory.mktemp("attacked"))


def test_without_a_flip_nothing_is_found(attacked: Target) -> None:
    assert finds_in_database(attacked.database, attacked.folder) == ""
    assert finds_in_bundle(attacked.bundle) == ""


def test_a_bit_of_any_byte_of_the_database_file_is_found_or_changes_nothing_that_is_stored(
    attacked: Target,
) -> None:
    outcome = sweep_database(attacked, DATABASE_FLIPS)
    assert outcome.missed == []
    assert outcome.tried == DATABASE_FLIPS
    assert outcome.found.total() > outcome.harmless.total()


@pytest.mark.parametrize(
    ("said", "bit"),
    [
        (b"sqlite_autoindex_ledger_entries_1", 181),
        (b"triggerledger_checkpoints_no_DELETE", -24),
    ],
)
def test_a_bit_of_the_schema_is_found_though_nothing_is_read_by_it(
    attacked: Target, said: bytes, bit: int
) -> None:
    """The name of an index that SQLite made, and the page where a trigger would begin."""
    place = 8 * attacked.database.index(said) + bit
    assert finds_in_database(flipped(attacked.database, place), attacked.folder) == "schema"


def test_a_bit_of_the_file_header_is_found_or_only_counts(attacked: Target) -> None:
    """Each byte of the first hundred, which an even sample hardly meets."""
    said = rows(attacked.database, attacked.folder)
    for place in range(100):
        content = flipped(attacked.database, 8 * place + place % 8)
        if not finds_in_database(content, attacked.folder):
            assert place in counters()
            assert rows(content, attacked.folder) == said


def test_space_that_nothing_refers_to_is_told_apart_from_what_holds_something(
    attacked: Target,
) -> None:
    """Overwritten from end to end, it changes no row and no page that SQLite would call damaged."""
    content = bytearray(attacked.database)
    for place in unused(attacked.database):
        content[place] ^= 0xFF
    assert finds_in_database(bytes(content), attacked.folder) == ""
    assert rows(bytes(content), attacked.folder) == rows(attacked.database, attacked.folder)
    assert len(unused(attacked.database)) < len(content) / 2


def test_a_type_that_sqlite_never_reads_is_told_apart_from_those_of_what_is_stored(
    attacked: Target,
) -> None:
    """A column that is the row's id has a type all the same: nothing else may be told of it."""
    places = sorted(placeholders(attacked.database))
    assert len(places) == ENTRIES + BATCHES
    nothing, changed = bytearray(attacked.database), bytearray(attacked.database)
    for place in places:
        nothing[place] ^= 8
    changed[places[0]] ^= 1
    assert finds_in_database(bytes(nothing), attacked.folder) == ""
    assert rows(bytes(nothing), attacked.folder) == rows(attacked.database, attacked.folder)
    assert finds_in_database(bytes(changed), attacked.folder)


def test_a_bit_of_any_value_of_any_table_is_found_though_the_database_stays_sound(
    attacked: Target, tmp_path: Path
) -> None:
    """Changed by SQL, with the indexes that follow, and without the triggers that forbid it."""
    draw = random.Random(2)  # noqa: S311 - a sample
    columns: dict[tuple[str, str], list[tuple[int, object]]] = {}
    for table, column, key, value in values(attacked.database, attacked.folder):
        columns.setdefault((table, column), []).append((key, value))
    assert len(columns) == 15
    for (table, column), cells in columns.items():
        for key, value in draw.sample(cells, VALUES_OF_A_COLUMN):
            path = tmp_path / "changed.sqlite3"
            path.write_bytes(attacked.database)
            _set(path, table, column, key, _with_a_bit_flipped(value, draw))
            found = finds_in_database(path.read_bytes(), tmp_path)
            assert found, f"{table}.{column} of row {key}"


def _with_a_bit_flipped(value: object, draw: random.Random) -> object:
    match value:
        case int():
            return value ^ 1 << draw.randrange(max(value.bit_length(), 1))
        case str():
            changed = flipped(value.encode(), 8 * draw.randrange(len(value.encode())))
            return changed.decode("utf-8")
        case bytes():
            return flipped(value, draw.randrange(8 * len(value)))
        case _:
            raise AssertionError(value)


def _set(path: Path, table: str, column: str, key: int, value: object) -> None:
    """Change a value as whoever has the file can; where it must be unique, by making room."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        triggers = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        definitions = triggers.fetchall()
        for name, _ in definitions:
            database.execute(f"DROP TRIGGER {name}")
        database.execute(
            f"UPDATE OR REPLACE {table} SET {column} = ? WHERE rowid = ?",  # noqa: S608
            (value, key),
        )
        for _, definition in definitions:
            database.execute(definition)


def test_a_bit_of_any_byte_of_the_bundle_is_found(attacked: Target) -> None:
    outcome = sweep_bundle(attacked, BUNDLE_FLIPS)
    assert outcome.missed == []
    assert outcome.found.total() == BUNDLE_FLIPS


def test_a_bit_of_the_bundle_is_found_though_its_check_sums_were_made_anew(
    attacked: Target, tmp_path: Path
) -> None:
    """A bundle that was written again around the change: nothing but the audit can tell."""
    draw = random.Random(3)  # noqa: S311 - a sample
    path = tmp_path / "bundle"
    path.write_bytes(attacked.bundle)
    with path.open("rb") as file:
        archive = ZipReader(file)
        contents = {member.name: archive.read(member.name) for member in archive.members}
    for name, content in contents.items():
        for _ in range(FORGED_MEMBERS):
            changed = flipped(content, draw.randrange(8 * len(content)))
            forged = tmp_path / "forged"
            with forged.open("wb") as file:
                writer = ZipWriter(file)
                for other, whole in contents.items():
                    writer.add(other, changed if other == name else whole)
                writer.finish()
            assert finds_in_bundle(forged.read_bytes()), name
