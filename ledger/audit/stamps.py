"""Time stamps over checkpoints, held against the entries: what existed by when.

A token over a checkpoint's note (``signing.timestamps``) is the word of an authority that knows
nothing of the log. The root hash in the note is made by every entry below its size, so all of them
existed by the token's time. From that follows what their recorded times may say: an entry that was
there when the authority read its clock was not recorded later.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, final

from ledger.audit.findings import NOWHERE, Finding, Findings
from ledger.audit.source import Derived
from ledger.audit.stamped import GivenStamps, Stamp, Stamps
from ledger.audit.times import Times
from ledger.errors import LedgerError, VerificationError
from ledger.log.checkpoint import Checkpoint
from ledger.log.note import SignedNote
from ledger.log.proofs import root_at
from ledger.signing.timestamps import verify_timestamp

ACCURACY_ASSUMED: Final = timedelta(seconds=2)
"""How far off a time is taken to be whose token states no accuracy: 2 seconds.

One is for a time in whole seconds, which is cut off (RFC 3161 section 2.4.2 leaves fractions to the
authority). One is for the clock: ETSI EN 319 421 has authorities declare a second or better. An
accuracy that is stated covers both (section 2.4.2: added to the time, it is the upper limit), and
nothing is added to it.
"""

_BY_OTHER_KEYS: Final = frozenset({"no-known-signature", "log-keys-of-size"})
"""Why a note is refused that the log's keys of another day may have signed."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def hold_stamps(
    given: GivenStamps, derived: Derived, times: Times, findings: Findings, *, is_latest: bool
) -> Stamps:
    """Hold stamps against the entries, by tree size; one that does not hold stops none.

    Args:
        given: The stamps, and by which certificates they must hold.
        derived: What the entries make.
        times: When the log recorded them.
        findings: Told of what does not hold.
        is_latest: Whether the audited tree is the log's latest, and not an earlier one.
    """
    for name in sorted(given.notes.keys() ^ given.tokens.keys()):
        lacks = "token" if name in given.notes else "checkpoint"
        message = f"There is no {lacks} of this name, so that nothing is stamped."
        findings.add(Finding(NOWHERE, _where(name), "timestamp-pair", message))
    notes = _Notes(derived, is_latest=is_latest)
    held: list[Stamp] = []
    for checkpoint, name, signed in notes.opened(given, findings):
        contradiction = notes.contradiction(checkpoint, name, signed=signed)
        if contradiction is not None:
            findings.add(contradiction)
        try:
            token = verify_timestamp(given.tokens[name], given.notes[name], given.roots)
        except LedgerError as error:
            findings.add(Finding.of_error(error, _where(name)))
            continue
        if contradiction is None:
            compared = checkpoint.size <= derived.tree.size
            held.append(Stamp(name, checkpoint.size, token, compared, signed))
    for stamp in held:
        findings.extend(_recorded_later(stamp, times))
    return Stamps(len(given.pairs), tuple(held))


def _where(name: str) -> str:
    return f"time stamp {name}"


@final
class _Notes:
    """The stamped notes, beside the entries.

    Args:
        derived: What the entries make.
        is_latest: Whether that is the log's latest tree.
    """

    def __init__(self, derived: Derived, *, is_latest: bool) -> None:
        self._derived = derived
        self._is_latest = is_latest
        self._roots_beyond: dict[int, bytes] = {}

    def opened(self, given: GivenStamps, findings: Findings) -> list[tuple[Checkpoint, str, bool]]:
        """The notes that are this log's, by size: each with its name, and whether it is signed."""
        opened = []
        for name in given.pairs:
            try:
                checkpoint, signed = self._open(given.notes[name])
            except LedgerError as error:
                findings.add(Finding.of_error(error, _where(name)))
            else:
                opened.append((checkpoint, name, signed))
        return sorted(opened, key=lambda one: one[0].size)

    def _open(self, note: bytes) -> tuple[Checkpoint, bool]:
        """What a note says, and whether the log's keys of its size signed it.

        Behind an earlier tree the log's key may have been changed, of which these entries cannot
        know: a note by other keys than theirs is told as unsigned there, and is no finding.

        Raises:
            NoteError: The bytes are not a checkpoint.
            VerificationError: It is not this log's.
        """
        try:
            return self._derived.keys.open(note).checkpoint, True
        except VerificationError as error:
            said = Checkpoint.parse(SignedNote.parse(note).text)
            later = said.size > self._derived.tree.size and not self._is_latest
            ours = said.origin == self._derived.pin.origin
            if not (later and ours and error.rule in _BY_OTHER_KEYS):
                raise
            return said, False

    def contradiction(self, checkpoint: Checkpoint, name: str, *, signed: bool) -> Finding | None:
        """What speaks against a note: the entries, the log's end, or another note beyond it."""
        tree, size, root = self._derived.tree, checkpoint.size, checkpoint.root
        if size <= tree.size:
            if root_at(size, tree) == root:
                return None
            message = f"What was stamped is not the tree of the first {size} entries."
            return Finding(NOWHERE, _where(name), "timestamp-root", message)
        if self._is_latest:
            message = f"It has {tree.size} entries; a checkpoint of {size} was stamped before."
            return Finding(NOWHERE, _where(name), "rollback", message)
        if not signed or self._roots_beyond.setdefault(size, root) == root:
            return None
        message = f"Another checkpoint of {size} entries, which are others, was stamped too."
        return Finding(NOWHERE, _where(name), "fork", message)


def _recorded_later(stamp: Stamp, times: Times) -> Iterator[Finding]:
    """See that the last entry under a stamp does not claim to be recorded after it.

    Recorded times never go back, so the last one speaks for all (``recorded-in-order``). If it is
    later, the server's clock ran ahead, or the time was forged. The bound is the token's time and
    its accuracy, or ACCURACY_ASSUMED where it states none: the authority's clock is believed.
    """
    last = times.last_under(stamp.tree_size) if stamp.compared else None
    if last is None:
        return
    index, recorded_ms = last
    stated = stamp.token.accuracy
    accuracy = ACCURACY_ASSUMED if stated is None else stated
    # In whole numbers, because a stated accuracy may lead out of any calendar.
    bound_us = (stamp.token.time - _EPOCH) // _MICROSECOND + accuracy // _MICROSECOND
    if recorded_ms * 1_000 > bound_us:
        recorded = (_EPOCH + timedelta(milliseconds=recorded_ms)).isoformat()
        assumed = f" ({ACCURACY_ASSUMED.seconds} s assumed)" if stated is None else ""
        message = (
            f"It claims to be recorded at {recorded}, but existed by {stamp.time}{assumed}: "
            f"time stamp {stamp.name} is over it."
        )
        yield Finding(index, "entry", "timestamp-recorded", message)
