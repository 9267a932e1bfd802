"""Several statements in one trip to PostgreSQL and back, by libpq's pipeline mode.

Each statement is prepared once a connection, so that it is planned no oftener than the server
thinks good, and runs by itself: under READ COMMITTED it sees what was committed when its turn
came, also where the one before it waited for a lock. The first that fails ends the trip: none of
those after it runs, and so no COMMIT.

psycopg's own pipeline is not used. It leaves off sending once its queue is empty, although the
socket may have taken a part only, and waits for answers to what the server never got: the trap
that the library falls into, with the lock held. Here all is sent before any result is waited for,
and whatever comes meanwhile is taken in, so that neither side can wait for the other.
"""

from __future__ import annotations

import select
from collections.abc import Callable, Sequence
from functools import lru_cache
from struct import Struct
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from psycopg import generators
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, Format

from ledger.errors import StoreError
from ledger.store.asking import nothing_to_do

if TYPE_CHECKING:
    from psycopg.pq.abc import PGresult

    from ledger.store.postgresconnections import Connection

PAUSE_MS: Final = 1
"""How long nothing is looked for to do where there was nothing."""

Rows = list[tuple[Any, ...]]

_INT: Final = 20
_TEXT: Final = 25
_BYTES: Final = 17
_ARRAYS: Final = {_INT: 1016, _TEXT: 1009, _BYTES: 1001}
"""Numbers of types and of their arrays' (``pg_type.dat``): ``bigint``, ``text``, ``bytea``."""

_BIGINT: Final = Struct(">q")
_LENGTH: Final = Struct(">i")
_COUNTED: Final = Struct(">iq")
_ARRAY: Final = Struct(">iiIii")
"""An array's header (``array_recv``): dimensions, any nulls, type, length, first place."""


class Statement(NamedTuple):
    """A statement to run.

    Attributes:
        query: One statement in SQL, with ``?`` where its parameters go.
        parameters: Integers, text, bytes, and lists of one of them that are not empty.
    """

    query: str
    parameters: Sequence[object] = ()


Preparing = tuple[tuple[str, tuple[int, ...]], bytes]
"""What is being prepared, a query and the types of its parameters, and under which name."""


def trip(
    connection: Connection,
    statements: Sequence[Statement],
    meanwhile: Callable[[], bool] = nothing_to_do,
) -> list[Rows]:
    """Run statements in their order.

    Args:
        connection: Where to; it is at rest.
        statements: All that go along.
        meanwhile: Called over and over until the answers begin to come; does a little each time,
            and says whether there may be more.

    Returns:
        The rows of each.

    Raises:
        psycopg.Error: One was refused, and with it all after it; or the connection broke, and is
            closed.
    """
    try:
        results = _exchanged(connection, statements, meanwhile)
    except BaseException:
        # What was sent, and what may still come, is not worth finding out.
        connection.close()
        raise
    for result in results:
        if result.status == ExecStatus.FATAL_ERROR:
            raise error_from_result(result)
    return [_rows(connection, result) for result in results]


def _exchanged(
    connection: Connection, statements: Sequence[Statement], meanwhile: Callable[[], bool]
) -> list[PGresult]:
    """Send everything, then take what comes back: a result for each statement.

    Raises:
        psycopg.Error: The connection broke.
    """
    pgconn = connection.pgconn
    pgconn.enter_pipeline_mode()
    sent = [_send(connection, statement) for statement in statements]
    pgconn.pipeline_sync()
    connection.wait(generators.send(pgconn))
    if meanwhile is not nothing_to_do:
        _pass_time(connection, meanwhile)
    results = [_taken(connection, preparing) for preparing in sent]
    _next(connection)
    pgconn.exit_pipeline_mode()
    return results


def _pass_time(connection: Connection, meanwhile: Callable[[], bool]) -> None:
    """Do something else until there is something to read, an end of the connection included."""
    answers = select.poll()
    answers.register(connection.fileno(), select.POLLIN)
    while not answers.poll(0):
        if not meanwhile():
            answers.poll(PAUSE_MS)


def _send(connection: Connection, statement: Statement) -> Preparing | None:
    """Queue a statement, and its preparation before it unless it is prepared."""
    pgconn = connection.pgconn
    types, values = _encoded(statement.parameters)
    key = (statement.query, types)
    preparing = None
    name = connection.statements.get(key)
    if name is None:
        name = b"ledger_%d" % next(connection.numbers)
        pgconn.send_prepare(name, _numbered(statement.query), types)
        preparing = key, name
    pgconn.send_query_prepared(name, values, [Format.BINARY] * len(values), Format.BINARY)
    return preparing


def _taken(connection: Connection, preparing: Preparing | None) -> PGresult:
    """Take the result of a statement; where it was to be prepared, of that first."""
    refused = None
    if preparing is not None:
        prepared = _next(connection)
        if prepared.status == ExecStatus.COMMAND_OK:
            key, name = preparing
            connection.statements[key] = name
        else:
            refused = prepared
    result = _next(connection)
    return refused or result


def _next(connection: Connection) -> PGresult:
    results: list[PGresult] = connection.wait(generators.fetch_many(connection.pgconn))
    return results[0]


def _rows(connection: Connection, result: PGresult) -> Rows:
    if not result.ntuples:
        return []
    reading = Transformer(connection)
    reading.set_pgresult(result)
    return reading.load_rows(0, result.ntuples, tuple)


def _encoded(parameters: Sequence[object]) -> tuple[tuple[int, ...], list[bytes]]:
    """Types and bytes of parameters.

    psycopg's own dumpers take five times as long for a list.
    """
    pairs = [_encoded_list(each) if isinstance(each, list) else _one(each) for each in parameters]
    return tuple(pair[0] for pair in pairs), [pair[1] for pair in pairs]


def _one(value: object) -> tuple[int, bytes]:
    match value:
        case bytes():
            return _BYTES, value
        case str():
            return _TEXT, value.encode()
        case int():
            return _INT, _BIGINT.pack(value)
        case _:
            raise StoreError(f"{type(value).__name__} is no parameter.", rule="parameter")


def _encoded_list(values: list[Any]) -> tuple[int, bytes]:
    """A list, by the type of its first member."""
    number, _ = _one(values[0])
    parts = [_ARRAY.pack(1, 0, number, len(values), 1)]
    if number == _INT:
        parts += [_COUNTED.pack(8, value) for value in values]
    else:
        length = _LENGTH.pack
        for value in values if number == _BYTES else map(str.encode, values):
            parts += (length(len(value)), value)
    return _ARRAYS[number], b"".join(parts)


@lru_cache(maxsize=64)
def _numbered(query: str) -> bytes:
    """The query as the server reads it: ``$1`` and so on for each ``?``."""
    first, *others = query.split("?")
    return (first + "".join(f"${place}{rest}" for place, rest in enumerate(others, 1))).encode()
