"""Aggregates' states: loaded through the library's repository, kept while they are current.

The aggregates import nothing of the library; a projector function folds events into their states.
The repository's own cache is not used: it asks the database about every stream at every turn, and
never moves an immutable aggregate forward, so that the further a stream goes the more is folded
again. Here a state is kept until it is known that another process appended to the stream, and
then only what is new is folded.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from eventsourcing.application import AggregateNotFoundError, Repository
from eventsourcing.persistence import EventStore

from ledger.domain.aggregates import aggregate_for
from ledger.domain.vocabulary import Collection
from ledger.errors import StoreError
from ledger.store.mapper import LedgerMapper, StatementRecorded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ledger.store.recorder import LedgerRecorder

STREAMS_KEPT: Final = 10_000
"""How many states are kept; the one that was not used for longest goes first."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream and its aggregate's state: an immutable aggregate to the library."""

    id: str
    version: int
    state: Any

    def after(self, event: StatementRecorded) -> Stream:
        """The stream with one more event.

        Raises:
            StoreError: The event is not the next one.
        """
        if event.originator_version != self.version + 1:
            raise StoreError(
                f"{self.id} goes on with version {event.originator_version} after {self.version}.",
                rule="version-gap",
            )
        aggregate = _aggregate_of(self.id)
        state = aggregate.evolve(self.state, event.fact, event.digest)
        return Stream(self.id, event.originator_version, state)


def new_stream(name: str) -> Stream:
    """A stream that does not exist yet."""
    return Stream(name, 0, _aggregate_of(name).initial())


def _aggregate_of(name: str) -> Any:
    return aggregate_for(Collection(name.partition("/")[0]))


def _project(stream: Stream | None, events: Iterable[StatementRecorded]) -> Stream | None:
    """Fold events into a stream: the library's projector function."""
    for event in events:
        stream = (stream or new_stream(event.originator_id)).after(event)
    return stream


class Streams:
    """The states of streams as of the transaction that asks. Used by one thread at a time."""

    def __init__(self, recorder: LedgerRecorder, *, kept: int = STREAMS_KEPT) -> None:
        self._events: EventStore[str] = EventStore(LedgerMapper(), recorder)
        self._repository = Repository(self._events)
        self._kept = kept
        self._current: OrderedDict[str, Stream] = OrderedDict()
        self._outdated: set[str] = set()

    def get(self, name: str) -> Stream:
        """The stream as it stands; one that does not exist has version 0.

        Raises:
            StoreError: Its events do not follow each other, or do not read back.
        """
        known = self._current.get(name)
        if known is None:
            stream = self._load(name)
        elif name in self._outdated:
            stream = self._move_on(known)
        else:
            stream = known
        self.put(stream)
        return stream

    def knows(self, name: str) -> bool:
        """Whether ``get`` would answer without asking the database."""
        return name in self._current and name not in self._outdated

    def put(self, stream: Stream) -> None:
        """Keep what is known to be current."""
        self._current[stream.id] = stream
        self._current.move_to_end(stream.id)
        self._outdated.discard(stream.id)
        while len(self._current) > self._kept:
            self._outdated.discard(self._current.popitem(last=False)[0])

    def outdate(self, name: str) -> None:
        """Take note that somebody else appended to the stream."""
        if name in self._current:
            self._outdated.add(name)

    def clear(self) -> None:
        """Forget everything."""
        self._current.clear()
        self._outdated.clear()

    def _load(self, name: str) -> Stream:
        try:
            return self._repository.get(name, projector_func=_project)
        except AggregateNotFoundError:
            return new_stream(name)

    def _move_on(self, known: Stream) -> Stream:
        newer = self._events.get(known.id, gt=known.version)
        return _project(known, cast("Iterable[StatementRecorded]", newer)) or known
