"""The next batch as it is being decided: statements in order, each against those before it.

Nothing here is stored. A submission is let in whole or not at all; one that is refused leaves no
trace, so that the others of the same round stand as if it had never come.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.codec.entries import encode_entry
from ledger.domain.admission import admit
from ledger.domain.statement import Entry
from ledger.errors import DuplicateError, LedgerError, RuleError, UnavailableError
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.merkle import leaf_hash
from ledger.store.logsigning import require_change_can_be_signed, signers_for
from ledger.store.mapper import LedgerMapper, StatementRecorded, recorded
from ledger.store.preparing import verify
from ledger.store.rows import Batch, NewEntry, Place, StoredCheckpoint
from ledger.store.streams import new_stream
from ledger.store.tip import Tip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.domain.statement import Anchor, Recorded
    from ledger.log.notekeys import NoteSigner
    from ledger.store.asking import Known
    from ledger.store.preparing import Prepared
    from ledger.store.streams import Stream, Streams

CLOCK_LAG_MS: Final = 10_000
"""How far the clock may fall behind the last entry before writes are refused."""

_MAPPER: Final = LedgerMapper()


class Past:
    """What the log holds of all that a round's statements mention.

    Args:
        known: What was read under the lock.
        streams: The streams as they stand, for those of which something was known before.
    """

    def __init__(self, known: Known, streams: Streams) -> None:
        self._known = known
        self._roots = {
            size: StoredCheckpoint(size, note).checkpoint().root
            for size, note in known.notes.items()
        }
        self._streams = streams

    def place(self, author: str, nonce: bytes) -> Place | None:
        """Where the author used the nonce."""
        return self._known.places.get((author, nonce))

    def has_fact(self, fact_id: str) -> bool:
        """Whether a fact has this id."""
        return fact_id in self._known.fact_ids

    def root(self, size: int) -> bytes | None:
        """The root hash that was signed at this tree size; None if there was no checkpoint."""
        return self._roots.get(size)

    def stream(self, name: str) -> Stream:
        """The stream as it stands."""
        return new_stream(name) if name in self._known.absent else self._streams.get(name)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A statement that was let in, with its stream before and after it."""

    prepared: Prepared
    index: int
    event: StatementRecorded
    before: Stream
    after: Stream


@dataclass(frozen=True, slots=True)
class Sealed:
    """A decided batch, signed: ``batch`` is to be inserted, the rest is known once it is.

    Attributes:
        batch: Events, entries and note.
        tip: The ledger after it.
        streams: The streams that it changes, after it.
        recorded: Its entries, as they will be read back.
    """

    batch: Batch
    tip: Tip
    streams: tuple[Stream, ...]
    recorded: tuple[Recorded, ...]


class Draft:
    """The decisions of one round.

    Args:
        tip: The ledger as it stands.
        past: What it holds of what the statements mention.
        signers: The log's keys that are held here.
        now_ms: The clock, in milliseconds since 1970 (UTC).
    """

    def __init__(self, tip: Tip, past: Past, *, signers: Sequence[NoteSigner], now_ms: int) -> None:
        self._tip = tip
        self._past = past
        self._signers = signers
        self._recorded_ms = max(now_ms, tip.recorded_ms)
        self._clock_lags = tip.recorded_ms - now_ms >= CLOCK_LAG_MS
        self._keyring = tip.keyring
        self._accepted: list[Accepted] = []
        self._streams: dict[str, Stream] = {}
        self._places: dict[tuple[str, bytes], Place] = {}
        self._fact_ids: set[str] = set()

    @property
    def accepted(self) -> Sequence[Accepted]:
        """The statements let in so far, in the order of their indexes."""
        return self._accepted

    def decide(self, statements: Sequence[Prepared]) -> tuple[int, ...]:
        """Let in all of these statements, or none.

        Returns:
            The index of each: its own in this batch, or the one it had before.

        Raises:
            DuplicateError: A nonce was used with other bytes, or a fact id is taken.
            UnavailableError: The clock lags behind the last entry.
            RefusedError: Whatever ``admit`` refuses; ``field`` begins with the place of the
                statement where there are several.
        """
        mark, keyring = len(self._accepted), self._keyring
        indexes = []
        for place, prepared in enumerate(statements):
            try:
                indexes.append(self._place_of(prepared))
            except LedgerError as error:
                self._undo(mark)
                self._keyring = keyring
                say_place(error, place, len(statements))
                raise
        return tuple(indexes)

    def seal(self) -> Sealed:
        """Hash what was let in, and sign the tree that it makes.

        Raises:
            UnavailableError: A key of the log that must sign is not held here.
            LedgerError: The signers cannot sign for this log.
        """
        hashes = [leaf_hash(accepted.event.entry) for accepted in self._accepted]
        frontier = self._tip.frontier.extend(hashes)
        checkpoint = Checkpoint(self._signers[0].key.name, frontier.size, frontier.root())
        signers = signers_for(self._keyring, frontier.size, self._signers)
        entries = tuple(
            self._new_entry(accepted, hashed)
            for accepted, hashed in zip(self._accepted, hashes, strict=True)
        )
        return Sealed(
            Batch(entries, frontier.size, sign_checkpoint(checkpoint, signers)),
            Tip(
                frontier,
                self._keyring,
                self._tip.ledger_id or entries[0].digest,
                self._recorded_ms,
            ),
            tuple(self._streams.values()),
            tuple(map(self._recorded, self._accepted)),
        )

    def _place_of(self, prepared: Prepared) -> int:
        """The index at which the statement stands already, or the next one."""
        if not prepared.verified:
            prepared = verify(prepared, self._keyring)
        statement = prepared.statement
        key = (statement.author, statement.nonce)
        earlier = self._places.get(key) or self._past.place(*key)
        if earlier is None:
            return self._let_in(prepared)
        if earlier.digest != prepared.digest:
            raise DuplicateError(
                f"{statement.author} used this nonce for another statement, at index "
                f"{earlier.index}.",
                field="nonce",
                rule="nonce-reused",
            )
        return earlier.index

    def _let_in(self, prepared: Prepared) -> int:
        self._require_new(prepared.statement.fact_id)
        self._require_clock()
        index = self._tip.size + len(self._accepted)
        name = prepared.statement.stream
        before = self._streams.get(name) or self._past.stream(name)
        admit(
            prepared.statement,
            signers=prepared.signers,
            keyring=self._keyring,
            ledger_id=self._ledger_id(),
            index=index,
            recorded_ms=self._recorded_ms,
            stream_version=before.version,
            stream_state=before.state,
        )
        self._require_true(prepared.statement.anchor)
        require_change_can_be_signed(
            prepared.statement.fact, self._keyring, self._tip.size, self._signers
        )
        self._add(prepared, index, before)
        return index

    def _add(self, prepared: Prepared, index: int, before: Stream) -> None:
        statement = prepared.statement
        event = StatementRecorded(
            originator_id=statement.stream,
            originator_version=before.version + 1,
            fact=statement.fact,
            digest=prepared.digest,
            entry=encode_entry(Entry(recorded_ms=self._recorded_ms, envelope=prepared.envelope)),
        )
        after = before.after(event)
        self._keyring = self._keyring.apply(statement.fact, index)
        self._streams[before.id] = after
        self._places[statement.author, statement.nonce] = Place(index, prepared.digest)
        self._fact_ids.add(statement.fact_id)
        self._accepted.append(Accepted(prepared, index, event, before, after))

    def _undo(self, mark: int) -> None:
        while len(self._accepted) > mark:
            last = self._accepted.pop()
            statement = last.prepared.statement
            self._streams[last.before.id] = last.before
            del self._places[statement.author, statement.nonce]
            self._fact_ids.remove(statement.fact_id)

    def _ledger_id(self) -> bytes:
        founding = self._accepted[0].prepared.digest if self._accepted else b""
        return self._tip.ledger_id or founding

    def _require_new(self, fact_id: str) -> None:
        if fact_id in self._fact_ids or self._past.has_fact(fact_id):
            raise DuplicateError(
                f"There is a fact {fact_id} on record already.",
                field="fact_id",
                rule="fact-id-taken",
            )

    def _require_clock(self) -> None:
        if self._clock_lags:
            raise UnavailableError(
                "The service's clock is behind the last entry; nothing is recorded until it has "
                "caught up.",
                rule="clock-behind",
            )

    def _require_true(self, anchor: Anchor | None) -> None:
        """An anchor names a checkpoint that the author verified, hence one that was signed."""
        if anchor is not None and self._past.root(anchor.size) != anchor.root:
            raise RuleError(
                f"The anchor is not a checkpoint that this log signed at {anchor.size}.",
                field="anchor.root",
                rule="anchor-root",
            )

    def _recorded(self, accepted: Accepted) -> Recorded:
        return recorded(
            accepted.prepared.statement,
            index=accepted.index,
            version=accepted.event.originator_version,
            recorded_ms=self._recorded_ms,
            digest=accepted.event.digest,
            signers=accepted.prepared.signers,
        )

    def _new_entry(self, accepted: Accepted, hashed: bytes) -> NewEntry:
        statement = accepted.prepared.statement
        return NewEntry(
            index=accepted.index,
            event=_MAPPER.to_stored_event(accepted.event),
            fact_id=statement.fact_id,
            digest=accepted.prepared.digest,
            author=statement.author,
            nonce=statement.nonce,
            leaf_hash=hashed,
            recorded_ms=self._recorded_ms,
        )


def say_place(error: LedgerError, place: int, count: int) -> None:
    """Say which of several statements an error is about, in front of its field."""
    if count > 1:
        error.field = f"envelopes[{place}].{error.field}".rstrip(".")
