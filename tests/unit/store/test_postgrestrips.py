"""Several statements in one trip: in order, each by itself, all or as far as the first refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from ledger.errors import StoreError
from ledger.store.postgresconnections import Connections
from ledger.store.postgrestrips import Statement, trip
from tests.postgres import database_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ledger.store.postgresconnections import Connection

BEGIN, COMMIT, ROLLBACK = Statement("BEGIN"), Statement("COMMIT"), Statement("ROLLBACK")
PREPARED = Statement("SELECT statement FROM pg_prepared_statements WHERE statement <> ?", ("",))
MEGABYTES = 4
"""Many times what a socket takes, in either direction."""


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    opened = Connections(database_in(tmp_path), session="SELECT 1", wait_s=1).open()
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "value",
    [0, -1, 2**63 - 1, "", "Zürich", b"", bytes(range(256)), [1, 2], ["a", "é"], [b"", b"\0"]],
)
def test_what_is_sent_comes_back(connection: Connection, value: object) -> None:
    assert trip(connection, [Statement("SELECT ?", (value,))]) == [[(value,)]]


def test_a_value_of_another_kind_is_refused(connection: Connection) -> None:
    with pytest.raises(StoreError) as refusal:
        trip(connection, [Statement("SELECT ?", (0.5,))])

    assert refusal.value.rule == "parameter"
    assert connection.closed


def test_statements_have_their_rows_in_order(connection: Connection) -> None:
    statements = [
        Statement("SELECT ?", (1,)),
        Statement("SELECT 2 WHERE ? = 0", (1,)),
        Statement("SELECT * FROM unnest(?, ?)", ([3, 4], ["three", "four"])),
    ]

    assert trip(connection, statements) == [[(1,)], [], [(3, "three"), (4, "four")]]


def test_each_statement_sees_what_was_committed_when_its_turn_came(connection: Connection) -> None:
    steps = [
        BEGIN,
        Statement("CREATE TEMPORARY TABLE seen AS SELECT statement_timestamp() AS at"),
        Statement("SELECT pg_sleep(0.001)"),
        Statement("SELECT count(*) FROM seen"),
        COMMIT,
    ]

    assert trip(connection, steps)[3] == [(1,)]


def test_what_is_asked_again_is_not_prepared_again(connection: Connection) -> None:
    statements = [Statement("SELECT ?", (1,)), Statement("SELECT ?", ("one",))]
    for _ in range(3):
        trip(connection, statements)

    (prepared,) = trip(connection, [PREPARED])
    assert sorted(prepared) == [("SELECT $1",), ("SELECT $1",), (PREPARED.query[:-1] + "$1",)]


def test_the_first_refusal_ends_the_trip_and_nothing_is_committed(connection: Connection) -> None:
    trip(connection, [Statement("CREATE TEMPORARY TABLE kept (number bigint)")])
    insert = Statement("INSERT INTO kept VALUES (?)", (1,))

    with pytest.raises(psycopg.errors.DivisionByZero):
        trip(connection, [BEGIN, insert, Statement("SELECT 1 / 0"), COMMIT])

    trip(connection, [ROLLBACK])
    assert trip(connection, [Statement("SELECT count(*) FROM kept")]) == [[(0,)]]


def test_what_could_not_be_prepared_is_prepared_the_next_time(connection: Connection) -> None:
    nonsense, after = Statement("SELECT nothing FROM nowhere"), Statement("SELECT 2")
    for _ in range(2):
        with pytest.raises(psycopg.errors.UndefinedTable):
            trip(connection, [nonsense, after])

    assert trip(connection, [after]) == [[(2,)]]


def test_large_statements_and_large_answers_do_not_wait_for_each_other(
    connection: Connection,
) -> None:
    """Where psycopg's pipeline stops for ever: more is sent than a socket takes, both ways."""
    large = bytes(MEGABYTES * 2**20)
    statements = [Statement("SELECT ?", (large,)), Statement("SELECT length(?)", (large,))] * 2

    rows = trip(connection, statements)

    assert [rows[0] == [(large,)], rows[1], rows[2] == [(large,)], rows[3]] == [
        *(True, [(len(large),)]),
        *(True, [(len(large),)]),
    ]


def test_until_the_answers_come_something_else_is_done(connection: Connection) -> None:
    done: list[int] = []

    def meanwhile() -> bool:
        done.append(len(done))
        return len(done) % 2 == 0

    slow = Statement("SELECT ? FROM pg_sleep(0.05)", (1,))

    assert trip(connection, [slow, Statement("SELECT 2")], meanwhile) == [[(1,)], [(2,)]]
    assert done[:2] == [0, 1]


def test_a_mistake_in_the_meantime_leaves_no_connection_half_read(connection: Connection) -> None:
    with pytest.raises(ZeroDivisionError):
        trip(connection, [Statement("SELECT pg_sleep(0.05)")], lambda: bool(1 / 0))

    assert connection.closed


def test_a_connection_that_broke_is_closed(connection: Connection) -> None:
    with pytest.raises(psycopg.OperationalError):
        trip(connection, [Statement("SELECT pg_terminate_backend(pg_backend_pid())"), COMMIT])

    assert connection.closed
