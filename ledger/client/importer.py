"""The import of record files: parse, settle, sign, append in batches, verify every receipt.

It may be interrupted anywhere and run again, also twice at once: rows are known by their content
(``settling``), and a row's nonce follows from it (``signer.nonce_of``), so nothing goes in twice.
A row that the ledger refuses is taken out of its batch, and the others go in without it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, final

from ledger.client.client import LedgerClient, Proved
from ledger.client.rows import RefusedRow, Row, items_named
from ledger.client.settling import Outcome, Settler
from ledger.client.signer import Author, Place, sign, state
from ledger.domain.facts import Fact, ItemDescribed
from ledger.domain.vocabulary import Collection
from ledger.errors import (
    DuplicateError,
    InputError,
    LedgerError,
    NotFoundError,
    RefusedError,
    VersionConflictError,
)

BATCH_ROWS: Final = 200
BATCH_BYTES: Final = 2 * 2**20
STRICT_ROWS_MAX: Final = 1_000
STRICT_BYTES_MAX: Final = 4 * 2**20
_CONFLICTS_MAX: Final = 50
"""How often versions are read anew for one batch while others append to the same streams."""

_PLACE = re.compile(r"envelopes\[(\d+)\]\.?")

Progress = Callable[[int, int], None]
"""Told how many steps are done, of how many."""


@dataclass(slots=True)
class ImportReport:
    """What became of every row; it is filled as the import goes, so it also tells of half of one.

    Attributes:
        appended: New rows with their proofs, in the order of their indexes.
        valid: New rows that would go in, where nothing was to be appended.
        already_in: Rows that the log holds with the same content.
        refused: Rows that cannot go in, and why.
        warnings: Sentences about rows that went in, or would.
    """

    appended: list[tuple[Row, Proved]] = field(default_factory=list)
    valid: list[Row] = field(default_factory=list)
    already_in: list[Row] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@final
class ProvedRecord:
    """The record behind a client, each fact with its receipt verified."""

    def __init__(self, client: LedgerClient) -> None:
        self._client = client

    def fact(self, fact_id: str) -> Fact:
        """Return the fact with this id, or raise NotFoundError."""
        return self._client.proved(fact_id).entry.fact

    def stream(self, name: str) -> list[Fact]:
        """Return the facts of a stream, oldest first; none where there is no such stream."""
        try:
            records = self._client.stream(name).facts
        except NotFoundError:
            return []
        return [self._client.proved_record(record).entry.fact for record in records]

    def version(self, name: str) -> int:
        """Return how many facts a stream holds; if a server lies here, appending is refused."""
        try:
            return self._client.stream(name).version
        except NotFoundError:
            return 0


@final
class Importer:
    """One import by one author.

    Args:
        client: The ledger.
        author: Whoever signs the rows and answers for them.
        clock_ms: The author's clock, in ms since 1970 (UTC).
        progress: Told how far it is.
    """

    def __init__(
        self,
        client: LedgerClient,
        author: Author,
        *,
        clock_ms: Callable[[], int],
        progress: Progress | None = None,
    ) -> None:
        self._client = client
        self._author = author
        self._clock_ms = clock_ms
        self._progress = progress or _unseen
        self._record = ProvedRecord(client)
        self._settler = Settler(self._record)
        self._versions: dict[str, int] = {}
        self._done, self._steps = 0, 0
        self.report = ImportReport()

    def run(
        self, rows: Iterable[Row | RefusedRow], *, dry_run: bool = False, strict: bool = False
    ) -> ImportReport:
        """Import rows.

        Args:
            rows: What ``read_rows`` gave of every file, in order.
            dry_run: Ask the ledger about every row, and append none. Rows are seen a thousand at a
                time, so one may be refused for lack of what an earlier thousand would bring.
            strict: Append all in one batch, or none.

        Raises:
            InputError: Too many rows for one batch, where ``strict`` asks for one.
            UnavailableError: The ledger does not answer; what went in is in ``report``.
            VerificationError: A receipt does not hold.
        """
        new = self._settle(list(rows))
        if strict:
            self._import_strictly(new, dry_run=dry_run)
        else:
            for batch in _batches(new, STRICT_ROWS_MAX if dry_run else BATCH_ROWS):
                self._append(batch, strict=False, dry_run=dry_run)
                self._count(len(batch))
        self._warn_of_unknown_items()
        return self.report

    def _settle(self, rows: Sequence[Row | RefusedRow]) -> list[Row]:
        """Leave out what is on record and what cannot go in; gives the rest."""
        new = []
        self._steps = 2 * len(rows)
        for row in rows:
            settled = row if isinstance(row, RefusedRow) else self._settler.settle(row)
            if isinstance(settled, RefusedRow):
                self.report.refused.append(settled)
            elif settled.outcome is Outcome.ALREADY_IN:
                self.report.already_in.append(settled.row)
            else:
                new.append(settled.row)
            self._count(1)
        self._count(len(rows) - len(new))
        return new

    def _count(self, steps: int) -> None:
        """Tell of progress; a row takes two steps, one to settle it and one to append it."""
        self._done += steps
        self._progress(self._done, self._steps)

    def _import_strictly(self, new: list[Row], *, dry_run: bool) -> None:
        if self.report.refused or not new:
            return
        envelopes = self._signed(new)
        if len(new) > STRICT_ROWS_MAX or sum(map(len, envelopes)) > STRICT_BYTES_MAX:
            raise InputError(
                f"All or nothing holds for at most {STRICT_ROWS_MAX} rows and 4 MiB, which the "
                f"ledger takes in one transaction; here are {len(new)} rows.",
                field="strict",
                rule="strict-size",
            )
        self._append(new, strict=True, dry_run=dry_run)
        self._count(len(new))

    def _append(self, batch: list[Row], *, strict: bool, dry_run: bool) -> None:
        """Append what of a batch may go in; each refusal takes its row out and tries the rest."""
        conflicts = 0
        while batch:
            try:
                self._send(batch, dry_run=dry_run)
            except (RefusedError, InputError) as error:
                place = _place_of(error, len(batch))
                if place is None:
                    for row in batch:
                        self._append([row], strict=strict, dry_run=dry_run)
                    return
                if isinstance(error, VersionConflictError) and conflicts < _CONFLICTS_MAX:
                    conflicts += 1
                    self._versions[batch[place].fact.stream] += error.actual - error.expected
                    continue
                self._set_aside(batch[place], error)
                if strict and self.report.refused:
                    return
                batch = batch[:place] + batch[place + 1 :]
            else:
                return

    def _send(self, batch: list[Row], *, dry_run: bool) -> None:
        envelopes = self._signed(batch)
        if dry_run:
            self._client.validate_batch(envelopes)
            self.report.valid.extend(batch)
        else:
            proved = self._client.append_batch(envelopes)
            self.report.appended.extend(zip(batch, proved, strict=True))
        for row in batch:
            self._versions[row.fact.stream] += 1

    def _signed(self, batch: Iterable[Row]) -> list[bytes]:
        """Sign each row for its place: behind what its stream holds, and the rows before it."""
        ahead: dict[str, int] = {}
        return [self._sign(row, ahead) for row in batch]

    def _sign(self, row: Row, ahead: dict[str, int]) -> bytes:
        stream = row.fact.stream
        if stream not in self._versions:
            self._versions[stream] = self._record.version(stream)
        place = Place(
            ledger_id=self._client.ledger_id,
            expected_version=self._versions[stream] + ahead.get(stream, 0),
            signed_at_ms=self._clock_ms(),
            anchor=self._client.anchor,
        )
        ahead[stream] = ahead.get(stream, 0) + 1
        return sign(state(row.fact, self._author.name, place), [self._author.signer])

    def _set_aside(self, row: Row, error: LedgerError) -> None:
        """Take a row out: refused, or already in where somebody else was faster."""
        error.field = _PLACE.sub("", error.field, count=1)
        settled = self._settler.settle_again(row) if isinstance(error, DuplicateError) else None
        if settled is None:
            self.report.refused.append(row.refused(error))
        elif isinstance(settled, RefusedRow):
            self.report.refused.append(settled)
        else:
            self.report.already_in.append(row)

    def _warn_of_unknown_items(self) -> None:
        """Name the items that nobody described: until somebody does, a fact about them is mute."""
        went_in = [*(row for row, _ in self.report.appended), *self.report.valid]
        named: dict[str, tuple[str, Row]] = {}
        for row in went_in:
            for name in items_named(row.fact):
                named.setdefault(name.casefold(), (name, row))
        described = {
            name.casefold()
            for row in went_in
            if isinstance(row.fact, ItemDescribed)
            for name in row.fact.names
        }
        if not named.keys() <= described:
            described |= {name.casefold() for name in self._items_on_record()}
        for folded, (name, row) in named.items():
            if folded not in described:
                self.report.warnings.append(
                    f"{row.file}:{row.line}: {row.fact.id} names the item {name}, which is not on "
                    "record."
                )

    def _items_on_record(self) -> Iterator[str]:
        """Names and aliases as the server lists them: good enough for a warning."""
        for stream in self._client.streams(Collection.ITEMS):
            for record in stream.facts:
                yield record.fact.item.name
                yield from record.fact.item.aliases


def _unseen(done: int, total: int) -> None:
    """Nobody watches the progress."""


def _batches(rows: Sequence[Row], rows_max: int) -> Iterator[list[Row]]:
    """Cut rows into batches by count and, roughly, by size."""
    batch: list[Row] = []
    size = 0
    for row in rows:
        length = len(row.fact.model_dump_json())
        if batch and (len(batch) == rows_max or size + length > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(row)
        size += length
    if batch:
        yield batch


def _place_of(error: LedgerError, count: int) -> int | None:
    """Which statement of a batch an error is about; None if it does not say."""
    if count == 1:
        return 0
    match = _PLACE.match(error.field)
    place = int(match[1]) if match else count
    return place if place < count else None
