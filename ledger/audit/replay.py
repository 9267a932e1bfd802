"""The write side once more, on nothing but the entries: who could sign, what could follow.

A replay sees the entries of some streams in the order of the log, and all entries about authors
and keys. So several replays divide a log among them, each with the whole keyring.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple, final

from ledger.audit.findings import Finding
from ledger.audit.spill import Spill
from ledger.audit.work import Row, Tally, Task, Work, concerns_keys
from ledger.codec.entries import decode_entry
from ledger.codec.facts import event_type
from ledger.domain.admission import CandidateKeys, admit
from ledger.domain.aggregates import Aggregate, aggregate_for
from ledger.domain.keyring import KeyRecord, Keyring
from ledger.domain.logkeys import LogKey
from ledger.domain.statement import Entry, Envelope, Statement
from ledger.errors import LedgerError
from ledger.store.mapper import open_entry
from ledger.store.preparing import Prepared, open_envelope, parse_opened, verify_by


class _Stream(NamedTuple):
    """A stream so far: how many events it holds, and its aggregate's state."""

    version: int
    state: Any


@final
class Replay:
    """Examines entries; ``tally`` and ``findings`` say with what outcome.

    Args:
        ledger_id: The statement digest of entry 0, from the pin.
    """

    def __init__(self, ledger_id: bytes) -> None:
        self._ledger_id = ledger_id
        self._keyring = Keyring()
        self._candidates = CandidateKeys(self._keyring)
        self._streams: Spill[_Stream] = Spill()
        self._unverified: list[tuple[int, Prepared, Mapping[str, bytes]]] = []
        self.tally = Tally()
        self.findings: list[Finding] = []

    def close(self) -> None:
        """Let go of what was kept on disk."""
        self._streams.close()

    def take(self) -> tuple[Tally, list[Finding]]:
        """What was examined and found since the last time."""
        tally, findings = self.tally, self.findings
        self.tally, self.findings = Tally(), []
        return tally, findings

    @property
    def log_keys(self) -> tuple[LogKey, ...]:
        """The log's own keys, as the entries announce and retire them."""
        return self._keyring.log_keys

    def records(self, keyids: Iterable[str]) -> list[KeyRecord]:
        """What the entries say of these keys, in the order of their validity."""
        known = (self._keyring.find(keyid) for keyid in keyids)
        found = [record for record in known if record is not None]
        return sorted(found, key=lambda record: (record.valid_from_index, record.keyid))

    def work(self, works: Iterable[Work]) -> None:
        """Do some tasks in their order; never raises on account of an entry.

        All envelopes are opened, then all statements are read, then all are judged, then all
        signatures are tried: each is faster in a tight loop than in turns, in which they put each
        other out of the processor's caches.
        """
        opened = [(work, self._opened(work)) for work in works]
        read = [(work, self._read(work, *entry) if entry else None) for work, entry in opened]
        for work, entry in read:
            if entry is not None:
                self._examine(work, *entry)
            else:
                self._take_in(work)
        for index, prepared, known in self._unverified:
            self._check_signatures(index, prepared, known)
        self._unverified.clear()

    def _opened(self, work: Work) -> tuple[Entry, Envelope] | None:
        """An entry that is to be examined, and its envelope; None if it has none."""
        if work.task is not Task.EXAMINE:
            return None
        try:
            entry = decode_entry(work.data)
            return entry, open_envelope(entry.envelope)
        except LedgerError as error:
            self._find(work.at, error)
        return None

    def _read(self, work: Work, entry: Entry, outer: Envelope) -> tuple[int, Prepared] | None:
        """When it was recorded, and what it holds; None if nothing."""
        try:
            return entry.recorded_ms, parse_opened(entry.envelope, outer)
        except LedgerError as error:
            self._find(work.at, error)
        return None

    def _examine(self, work: Work, recorded_ms: int, prepared: Prepared) -> None:
        statement = prepared.statement
        aggregate = aggregate_for(statement.fact.collection)
        stream = self._stream(statement, aggregate)
        self._unverified.append((work.at, prepared, self._candidates.of(statement)))
        self._check_admission(prepared, stream, work.at, recorded_ms)
        if work.row is not None:
            self._check_row(work.at, work.row, _row_of(statement, prepared.digest, recorded_ms))
        self.tally.entries[event_type(statement.fact)] += 1
        self.tally.authors[statement.author] += 1
        self._fold(statement, prepared.digest, aggregate, stream)
        self._fold_keys(statement, work.at)

    def _check_signatures(self, index: int, prepared: Prepared, known: Mapping[str, bytes]) -> None:
        try:
            verify_by(prepared, known)
        except LedgerError as error:
            self._find(index, error)
            return
        for signer in prepared.signers:
            self.tally.signatures[signer] += 1

    def _check_admission(
        self, prepared: Prepared, stream: _Stream, index: int, recorded_ms: int
    ) -> None:
        try:
            admit(
                prepared.statement,
                signers=prepared.signers,
                keyring=self._keyring,
                ledger_id=self._ledger_id if index else b"",
                index=index,
                recorded_ms=recorded_ms,
                stream_version=stream.version,
                stream_state=stream.state,
            )
        except LedgerError as error:
            self._find(index, error)
        if index == 0 and prepared.digest != self._ledger_id:
            message = "It is not the founding that the pin names."
            self.findings.append(Finding(index, "entry", "pinned-ledger", message))

    def _check_row(self, index: int, row: Row, derived: Row) -> None:
        """Hold the database's row against the entry that it is about."""
        if row == derived:
            self.tally.rows += 1
            return
        for name, stored, signed in zip(Row._fields, row, derived, strict=True):
            if stored != signed:
                self.findings.append(
                    Finding(
                        index,
                        "row",
                        f"row-{name.replace('_', '-')}",
                        f"The database has {_shown(stored)} as {name}; the entry says "
                        f"{_shown(signed)}.",
                    )
                )

    def _take_in(self, work: Work) -> None:
        """Go on behind an entry that is not examined, or does not hold, if it reads at all."""
        try:
            opened = open_entry(work.data)
        except LedgerError:
            return
        if work.task is not Task.FOLLOW:
            aggregate = aggregate_for(opened.statement.fact.collection)
            stream = self._stream(opened.statement, aggregate)
            self._fold(opened.statement, opened.digest, aggregate, stream)
        if work.row is not None:
            own = _row_of(opened.statement, opened.digest, opened.recorded_ms)
            self._check_row(work.at, work.row, own)
        self._fold_keys(opened.statement, work.at)

    def _stream(self, statement: Statement, aggregate: Aggregate[Any, Any]) -> _Stream:
        return self._streams.get(statement.stream) or _Stream(0, aggregate.initial())

    def _fold(
        self,
        statement: Statement,
        digest: bytes,
        aggregate: Aggregate[Any, Any],
        stream: _Stream,
    ) -> None:
        """Take a fact in, also one that should not be there: what follows it was decided on it."""
        state = stream.state
        with suppress(LedgerError):
            state = aggregate.evolve(state, statement.fact, digest)
        self._streams.put(statement.stream, _Stream(statement.expected_version + 1, state))

    def _fold_keys(self, statement: Statement, index: int) -> None:
        if concerns_keys(statement.stream):
            with suppress(LedgerError):
                self._keyring = self._keyring.apply(statement.fact, index)
                self._candidates = CandidateKeys(self._keyring)

    def _find(self, index: int, error: LedgerError) -> None:
        self.findings.append(Finding.of_error(error, "entry", index))


def _row_of(statement: Statement, digest: bytes, recorded_ms: int) -> Row:
    """What a database must have beside an entry."""
    return Row(
        stream=statement.stream,
        version=statement.expected_version + 1,
        event_type=event_type(statement.fact),
        fact_id=statement.fact_id,
        digest=digest,
        author=statement.author,
        nonce=statement.nonce,
        recorded_ms=recorded_ms,
    )


def _shown(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else repr(value)
