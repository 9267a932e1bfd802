"""What a round of the writer asks the log before it decides, and what it is told: all at once.

So a database in another process is asked in one trip, along with the lock, however many statements
there are; and under the lock nothing has to be waited for but the trip that commits.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ledger.store.rows import Place, TailRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ledger.store.preparing import Prepared
    from ledger.store.streams import Streams

Row = Sequence[Any]
"""A row by position: what a value is, the query says."""

Question = tuple[str, Sequence[object]]
"""A query with ``?`` where its parameters go, and the parameters."""

TAIL_MAX: Final = 10_000
"""Rows of what others appended that are taken at a time: all unless one was far behind."""

_SIZE_MAX: Final = 2**63 - 1
"""The largest number that a database holds. No tree is as large, whatever an anchor says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentioned:
    """What is asked about.

    Attributes:
        since: The tree size up to which everything is known; None asks for nothing newer.
        nonces: Of statements.
        fact_ids: Of facts.
        sizes: Tree sizes of anchors.
        streams: Names of streams of which nothing is known.
    """

    since: int | None = None
    nonces: Collection[bytes] = ()
    fact_ids: Collection[str] = ()
    sizes: Collection[int] = ()
    streams: Collection[str] = ()

    @classmethod
    def by(
        cls, statements: Iterable[Prepared], streams: Streams, *, since: int | None = None
    ) -> Mentioned:
        """What these statements mention, of which the writer does not know."""
        told = [prepared.statement for prepared in statements]
        anchors = {statement.anchor.size for statement in told if statement.anchor is not None}
        return cls(
            since=since,
            nonces={statement.nonce for statement in told},
            fact_ids={statement.fact_id for statement in told},
            sizes={size for size in anchors if size <= _SIZE_MAX},
            streams={statement.stream for statement in told if not streams.knows(statement.stream)},
        )


NOTHING: Final = Mentioned()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the log holds of it.

    Attributes:
        tail: What was appended since, at most ``TAIL_MAX`` rows; None if that was not asked.
        places: Where nonces were used, by author and nonce.
        fact_ids: Those of the fact ids that are taken.
        notes: The notes at exactly these sizes, where there are any.
        absent: Those of the streams that hold no event.
    """

    tail: Sequence[TailRow] | None = None
    places: Mapping[tuple[str, bytes], Place] = field(default_factory=dict)
    fact_ids: Collection[str] = frozenset()
    notes: Mapping[int, bytes] = field(default_factory=dict)
    absent: Collection[str] = frozenset()


def nothing_to_do() -> bool:
    """What there is to do while the database is waited for, unless somebody says so."""
    return False


def known_by(answers: Mapping[str, Sequence[Row]], mentioned: Mentioned) -> Known:
    """Read the rows that answer questions about what is mentioned.

    Args:
        answers: The rows of each question, by the names of ``Known``; of what was not asked, none.
        mentioned: What was asked about.
    """
    tail = answers.get("tail")
    return Known(
        tail=None if tail is None else [TailRow(*row) for row in tail],
        places={
            (author, nonce): Place(index, digest)
            for author, nonce, index, digest in answers.get("places", ())
        },
        fact_ids={row[0] for row in answers.get("fact_ids", ())},
        notes=dict(map(tuple, answers.get("notes", ()))),
        absent=set(mentioned.streams) - {row[0] for row in answers.get("absent", ())},
    )
