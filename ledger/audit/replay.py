"""The write side once more, on nothing but the entries: who could sign, what could follow.

A replay sees the entries of some streams in the order of the log, and all entries about authors
and keys. So several replays divide a log among them, each with the whole keyring.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, NamedTuple, final

from ledger.audit.findings import Finding
from ledger.audit.source import Row
from ledger.audit.spill import Spill
from ledger.codec.entries import decode_entry
from ledger.codec.facts import event_type
from ledger.domain.admission import admit
from ledger.domain.aggregates import aggregate_for
from ledger.domain.keyring import KeyRecord, Keyring
from ledger.domain.logkeys import LogKey
from ledger.domain.statement import Statement
from ledger.errors import LedgerError
from ledger.store.mapper import open_entry
from ledger.store.preparing import Prepared, parse, verify


class Task(IntEnum):
    """What is to be done with an entry.

    ``EXAMINE`` is all of it. ``FOLLOW`` takes in a key's life, which another replay examines.
    ``RETRACE`` takes in what an earlier audit examined.
    """

    EXAMINE = 0
    FOLLOW = 1
    RETRACE = 2


class Work(NamedTuple):
    """An entry, its index, and what is to be done with it."""

    task: Task
    at: int
    data: bytes
    row: Row | None


@dataclass(slots=True)
class Tally:
    """What was examined.

    Attributes:
        entries: How many entries there are of each event type.
        authors: How many entries each author stated.
        signatures: How many signatures each key made that hold, by keyid.
        rows: How many database rows say what their entries say.
    """

    entries: Counter[str] = field(default_factory=Counter)
    authors: Counter[str] = field(default_factory=Counter)
    signatures: Counter[str] = field(default_factory=Counter)
    rows: int = 0

    def add(self, other: Tally) -> None:
        """Take in what was examined elsewhere."""
        self.entries.update(other.entries)
        self.authors.update(other.authors)
        self.signatures.update(other.signatures)
        self.rows += other.rows


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
        self._streams: Spill[_Stream] = Spill()
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

    def work(self, work: Work) -> None:
        """Do one task; never raises on account of an entry."""
        if work.task is Task.EXAMINE:
            self._examine(work)
            return
        try:
            opened = open_entry(work.data)
        except LedgerError:
            return
        self._fold_keys(opened.statement, work.at)
        if work.task is Task.RETRACE:
            self._fold(opened.statement, opened.digest)

    def _examine(self, work: Work) -> None:
        try:
            entry = decode_entry(work.data)
            prepared = parse(entry.envelope)
        except LedgerError as error:
            self._find(work.at, error)
            self._take_in_unsound(work)
            return
        stream = self._stream(prepared.statement)
        self._check_signatures(prepared, work.at)
        self._check_admission(prepared, stream, work.at, entry.recorded_ms)
        if work.row is not None:
            self._check_row(prepared, work, entry.recorded_ms)
        self.tally.entries[event_type(prepared.statement.fact)] += 1
        self.tally.authors[prepared.statement.author] += 1
        self._fold(prepared.statement, prepared.digest, stream)
        self._fold_keys(prepared.statement, work.at)

    def _check_signatures(self, prepared: Prepared, index: int) -> None:
        try:
            verify(prepared, self._keyring)
        except LedgerError as error:
            self._find(index, error)
            return
        self.tally.signatures.update(prepared.signers)

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

    def _check_row(self, prepared: Prepared, work: Work, recorded_ms: int) -> None:
        """Hold the database's row against the entry that it is about."""
        statement = prepared.statement
        derived = Row(
            stream=statement.stream,
            version=statement.expected_version + 1,
            event_type=event_type(statement.fact),
            fact_id=statement.fact_id,
            digest=prepared.digest,
            author=statement.author,
            nonce=statement.nonce,
            recorded_ms=recorded_ms,
        )
        if work.row == derived:
            self.tally.rows += 1
            return
        for name, stored, signed in zip(Row._fields, work.row or (), derived, strict=True):
            if stored != signed:
                self.findings.append(
                    Finding(
                        work.at,
                        "row",
                        f"row-{name.replace('_', '-')}",
                        f"The database has {_shown(stored)} as {name}; the entry says "
                        f"{_shown(signed)}.",
                    )
                )

    def _take_in_unsound(self, work: Work) -> None:
        """Go on behind an entry that does not hold, if it can be read at all."""
        try:
            opened = open_entry(work.data)
        except LedgerError:
            return
        self._fold(opened.statement, opened.digest)
        self._fold_keys(opened.statement, work.at)

    def _stream(self, statement: Statement) -> _Stream:
        known = self._streams.get(statement.stream)
        return known or _Stream(0, aggregate_for(statement.fact.collection).initial())

    def _fold(self, statement: Statement, digest: bytes, stream: _Stream | None = None) -> None:
        """Take a fact in, also one that should not be there: what follows it was decided on it."""
        state = (stream or self._stream(statement)).state
        with suppress(LedgerError):
            aggregate = aggregate_for(statement.fact.collection)
            state = aggregate.evolve(state, statement.fact, digest)
        self._streams.put(statement.stream, _Stream(statement.expected_version + 1, state))

    def _fold_keys(self, statement: Statement, index: int) -> None:
        with suppress(LedgerError):
            self._keyring = self._keyring.apply(statement.fact, index)

    def _find(self, index: int, error: LedgerError) -> None:
        self.findings.append(Finding.of_error(error, "entry", index))


def _shown(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else repr(value)
