"""One round of the writer: from envelopes to receipts, with one transaction in between.

The order of steps is what the ledger promises. Whatever needs no lock comes first. Under the
ordering lock: catch up, decide, sign, insert. After COMMIT is confirmed: the released head is kept
outside the database, and only then does a receipt exist outside this module.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from ledger.domain.admission import CandidateKeys
from ledger.domain.authorship import LedgerFounded
from ledger.errors import (
    LedgerError,
    RuleError,
    SettingError,
    SignatureError,
    StoreError,
    UnavailableError,
)
from ledger.log.receipts import Receipt
from ledger.store.ahead import Ahead
from ledger.store.asking import Mentioned
from ledger.store.drafting import Draft, Past, Sealed, say_place
from ledger.store.head import Head
from ledger.store.logsigning import signers_for
from ledger.store.preparing import verify_if_known
from ledger.store.streams import Streams
from ledger.store.tip import EMPTY_TIP, catch_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ledger.domain.keyring import Keyring
    from ledger.log.notekeys import NoteSigner
    from ledger.store.asking import Known
    from ledger.store.head import HeadFile
    from ledger.store.preparing import Given, Prepared
    from ledger.store.reader import Reader
    from ledger.store.recorder import LedgerRecorder
    from ledger.store.rows import TailRow
    from ledger.store.tip import Tip

Outcome = tuple[Receipt, ...] | LedgerError
"""What becomes of a submission: a receipt for each statement, or why there is none."""

Places = tuple[int, ...]
"""The index of each statement of a submission."""

_From = TypeVar("_From")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The parts that a ledger's writers work on.

    Attributes:
        recorder: The database.
        reader: Its reading side, whose tree the writer adds to.
        head: The last released head, outside the database.
        signers: The log's keys that are held here: its key, and the next one while it is changed.
        clock: Milliseconds since 1970 (UTC).
    """

    recorder: LedgerRecorder
    reader: Reader
    head: HeadFile
    signers: Sequence[NoteSigner]
    clock: Callable[[], int]

    def __post_init__(self) -> None:
        """Refuse a ledger that could not sign.

        Raises:
            SettingError: There are no signers.
        """
        if not self.signers:
            raise SettingError("A ledger needs its log key.", field="signers", rule="log-key")


class Committer:
    """Commits submissions in rounds. Used by one thread at a time; several may share a ledger.

    Args:
        ledger: The parts to work on.
        ahead: Prepares what waits meanwhile.
    """

    def __init__(self, ledger: Ledger, ahead: Ahead | None = None) -> None:
        self._ledger = ledger
        self._ahead = ahead or Ahead()
        self._streams = Streams(ledger.recorder)
        self._tip = EMPTY_TIP

    @property
    def keyring(self) -> Keyring:
        """The keys as they are known by now: none after an error, until all is read again."""
        return self._tip.keyring

    def catch_up(self) -> None:
        """Read what there is ahead of the first round, without the lock.

        ``require_sound`` must have looked at the ledger before.

        Raises:
            StoreError: The database does not agree with itself.
            UnavailableError: A key of the log that must sign is not held here.
        """
        with self._ledger.recorder.snapshot():
            self._tip = self._caught_up()
        # What could not be signed later is better known now.
        signers_for(self._tip.keyring, self._tip.size + 1, self._ledger.signers)

    def commit(self, submissions: Sequence[Sequence[Given]]) -> list[Outcome]:
        """Append what may be appended, each submission whole or not at all.

        Args:
            submissions: Statements, for each submission those that belong together.

        Returns:
            For each submission its receipts, or the error that refused it. If the database
            failed, every submission that might have been stored has that error.
        """
        ready, refused = prepare(dict(enumerate(submissions)), self._tip.keyring, self._ahead)
        outcomes: dict[int, Outcome] = {**refused}
        if ready:
            try:
                outcomes |= self.settle(ready)
            except LedgerError as error:
                outcomes |= dict.fromkeys(ready, error)
        return [outcomes[place] for place in range(len(submissions))]

    def settle(self, ready: Mapping[int, Sequence[Prepared]]) -> dict[int, Outcome]:
        """Decide and commit submissions that were prepared.

        Raises:
            StoreError: The database failed; nothing was released.
            UnavailableError: The database is busy, or it is not known whether it committed.
            ForkError: The head that would be released contradicts the one that was.
        """
        recorder = self._ledger.recorder
        begun = False
        sealed: Sealed | None = None
        decided: dict[int, Places | LedgerError] = {}
        try:
            with recorder.ordering_lock(
                self._mentioned(ready.values()), meanwhile=self._ahead.step
            ) as known:
                begun = True
                self._catch_up(known.tail)
                draft = self._draft(known)
                decided = decide(draft, ready)
                if draft.accepted:
                    sealed = draft.seal()
                    self._ledger.reader.recent.expect()
                    recorder.insert_batch(sealed.batch)
                self._ahead.begin(self._tip.keyring)
        except BaseException as error:
            if begun:
                self._forget()
            if sealed is None or not isinstance(error, StoreError) or not self._landed(sealed):
                raise
        else:
            self._remember(sealed)
        return self._release(decided, sealed)

    def _mentioned(self, submissions: Iterable[Sequence[Prepared]]) -> Mentioned:
        """What has to be known under the lock, as far as that can be said before."""
        statements = (prepared for members in submissions for prepared in members)
        since = None if self._tip is EMPTY_TIP else self._tip.size
        return Mentioned.by(statements, self._streams, since=since)

    def _catch_up(self, tail: Sequence[TailRow] | None) -> None:
        """Know everything in the database; where nothing was known, look at the head's file too.

        After an error nothing is known, and the error may have been that somebody put an older
        copy back under the running service: it would be consistent in itself. Under the lock
        everything that any process has released is in the database, and can be asked for.
        """
        is_cold = self._tip is EMPTY_TIP
        tip = self._caught_up(tail)
        if is_cold:
            self._ledger.head.check(self._ledger.reader)
        self._tip = tip

    def _caught_up(self, tail: Sequence[TailRow] | None = None) -> Tip:
        ledger = self._ledger
        return catch_up(self._tip, ledger.recorder, self._streams, ledger.reader.tree, tail)

    def _draft(self, known: Known) -> Draft:
        ledger = self._ledger
        past = Past(known, self._streams)
        return Draft(self._tip, past, signers=ledger.signers, now_ms=ledger.clock())

    def _landed(self, sealed: Sealed) -> bool:
        """Find out, after COMMIT failed, whether the batch is in the database all the same.

        Under the lock no transaction is still on its way. The note is the batch's own: nobody
        else can have signed this tree.
        """
        try:
            with self._ledger.recorder.ordering_lock():
                stored = self._ledger.recorder.notes_at([sealed.batch.tree_size])
        except StoreError as error:
            raise UnavailableError(
                "It is not known whether the statement was recorded. Send the same bytes again: "
                "what was recorded gets its receipt, and nothing is recorded twice.",
                rule="commit-unknown",
            ) from error
        return stored.get(sealed.batch.tree_size) == sealed.batch.note

    def _remember(self, sealed: Sealed | None) -> None:
        if sealed is not None:
            self._tip = sealed.tip
            for stream in sealed.streams:
                self._streams.put(stream)

    def _forget(self) -> None:
        """Drop everything cached: after an error nothing is known to be current."""
        self._tip = EMPTY_TIP
        self._streams.clear()
        self._ledger.reader.tree.clear()
        self._ledger.reader.recent.clear()

    def _release(
        self, decided: Mapping[int, Places | LedgerError], sealed: Sealed | None
    ) -> dict[int, Outcome]:
        """Turn indexes into receipts, once the head that proves them is kept."""
        released: dict[int, Outcome] = {}
        granted: dict[int, Places] = {}
        for place, decision in decided.items():
            if isinstance(decision, LedgerError):
                released[place] = decision
            else:
                granted[place] = decision
        if granted:
            tip = sealed.tip if sealed else self._tip
            self._ledger.head.advance(Head(tip.size, tip.frontier.root()))
            fresh = self._receipts_of(sealed) if sealed else {}
            for place, indexes in granted.items():
                released[place] = tuple(
                    fresh.get(index) or self._ledger.reader.receipt(index) for index in indexes
                )
        return released

    def _receipts_of(self, sealed: Sealed) -> dict[int, Receipt]:
        reader, batch = self._ledger.reader, sealed.batch
        reader.tree.extend(batch.entries[0].index, [new.leaf_hash for new in batch.entries])
        reader.recent.put(sealed.recorded)
        first, size = batch.entries[0].index, batch.tree_size
        return {
            new.index: Receipt(new.event.state, new.index, proof, batch.note)
            for new, proof in zip(
                batch.entries, reader.inclusion_proofs(first, size, size), strict=True
            )
        }


def prepare(
    submissions: Mapping[int, Sequence[Given]], keyring: Keyring, ahead: Ahead | None = None
) -> tuple[dict[int, list[Prepared]], dict[int, LedgerError]]:
    """Parse and verify what needs no lock, and was not prepared ahead.

    Keys that the submissions themselves bring are taken into account, so that an author's first
    statements, sent along with its enrollment, are not left to be verified under the lock.

    Returns:
        The submissions that are sound, and what is wrong with the others.
    """
    ahead = ahead or Ahead()
    parsed, unreadable = _each(submissions, lambda given: _appendable(ahead.parsed(given)))
    candidates = CandidateKeys(_with_brought_keys(keyring, parsed.values()))
    ready, unsigned = _each(
        parsed,
        lambda prepared: prepared if prepared.verified else verify_if_known(prepared, candidates),
    )
    return ready, unreadable | unsigned


def decide(
    draft: Draft, ready: Mapping[int, Sequence[Prepared]]
) -> dict[int, Places | LedgerError]:
    """Let in each submission that may be, against those before it."""
    decided: dict[int, Places | LedgerError] = {}
    for place, statements in ready.items():
        try:
            decided[place] = draft.decide(statements)
        except LedgerError as error:
            decided[place] = error
    return decided


def _appendable(prepared: Prepared) -> Prepared:
    if isinstance(prepared.statement.fact, LedgerFounded):
        raise RuleError(
            "A ledger is founded locally, where its first entry is written.",
            field="fact.founded",
            rule="founding-is-local",
        )
    return prepared


def _each(
    submissions: Mapping[int, Sequence[_From]], step: Callable[[_From], Prepared]
) -> tuple[dict[int, list[Prepared]], dict[int, LedgerError]]:
    """Take every statement one step further; a submission ends at the first that fails."""
    done: dict[int, list[Prepared]] = {}
    failed: dict[int, LedgerError] = {}
    for key, members in submissions.items():
        taken: list[Prepared] = []
        try:
            taken.extend(step(member) for member in members)
        except LedgerError as error:
            say_place(error, len(taken), len(members))
            failed[key] = error
        else:
            done[key] = taken
    return done, failed


def _with_brought_keys(keyring: Keyring, submissions: Iterable[Sequence[Prepared]]) -> Keyring:
    """A keyring to look keys up in, and for nothing else: nobody has admitted these facts."""
    for members in submissions:
        for prepared in members:
            # A rotation of a key that nobody has is refused where it is decided.
            with suppress(SignatureError):
                keyring = keyring.apply(prepared.statement.fact, 0)
    return keyring
