"""One pass over all entries, in order; then everything else is held against what they make.

What a stream and the keyring decide is examined in ``lanes``. What only the whole log can tell is
examined here: hashes and root, times, anchors, and what must be unique.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, final

from ledger.audit.answers import rederive
from ledger.audit.documents import register
from ledger.audit.findings import NOWHERE, Finding, Findings
from ledger.audit.lane import collecting_seldom
from ledger.audit.lanes import POOL_FROM, Lanes, cores
from ledger.audit.notekeys import NoteKeys
from ledger.audit.report import Report
from ledger.audit.resuming import Progress, ProgressFile
from ledger.audit.source import Derived, Piece, Source
from ledger.audit.stamped import GivenStamps, Stamps
from ledger.audit.stamps import hold_stamps
from ledger.audit.times import Times
from ledger.audit.unique import Unique
from ledger.audit.work import Tally, Task, concerns_keys
from ledger.client.attachments import AttachmentStatus
from ledger.client.derivation import GivenAnswer
from ledger.client.pins import Pin
from ledger.client.trust import Head, open_head
from ledger.codec.skimming import skim
from ledger.domain.attachments import AttachmentRegister
from ledger.errors import LedgerError, NoteError, UnavailableError
from ledger.log.checkpoint import Checkpoint
from ledger.log.hashtree import HashTree
from ledger.log.merkle import HASH_BYTES, leaf_hash
from ledger.log.note import SignedNote
from ledger.log.proofs import root_at

Told = Callable[[int, int], None]
"""Told how many entries are done, of how many."""


def nobody(_done: int, _total: int) -> None:
    """Tell nobody of progress."""


SAVE_EVERY: Final = 50_000
"""Entries after which an audit notes down how far it is: some seconds' work.

All processes are waited for then, and one is always through before the others.
"""

_ROOTS_KEPT: Final = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How an audit is run.

    Attributes:
        tree_size: Audit the log as it stood at this size; 0 is the latest checkpoint.
        processes: How many at once; 0 takes one a core, and one alone for a short log.
        remembered: The note of the highest checkpoint that was verified here before, if any.
        file: Where to note down how far it is.
        resume: Whether to go on from what is noted down there.
        answers: Answers to derive again.
        stamps: Time stamps over checkpoints of this log, if any are to be held against it.
        pin_given: Whether the pin came from elsewhere than the source.
        told: Told of progress.
        clock: Milliseconds since 1970 (UTC).
    """

    tree_size: int = 0
    processes: int = 0
    remembered: bytes | None = None
    file: ProgressFile | None = None
    resume: bool = False
    answers: Sequence[GivenAnswer] = ()
    stamps: GivenStamps | None = None
    pin_given: bool = False
    told: Told = nobody
    clock: Callable[[], int] = lambda: 0


def audit(source: Source, pin: Pin, options: Options | None = None) -> Report:
    """Derive everything anew from the entries, and collect what does not hold.

    Raises:
        LedgerError: The source cannot be read at all; what does not hold is in the report.
    """
    options = options or Options()
    began_ms = options.clock()
    goes_on = options.file.load(pin) if options.resume and options.file else None
    with collecting_seldom():
        report = _Audit(source, pin, options, goes_on).run() if goes_on is not None else None
        if report is None:
            report = _Audit(source, pin, options, Progress.nothing(pin)).run()
    if report is None:  # pragma: no cover - nothing is noted down that could be contradicted
        raise AssertionError
    return replace(report, began_ms=began_ms, ended_ms=options.clock())


@final
class _Audit:
    """An audit while it runs.

    Args:
        source: What is audited.
        pin: Which ledger it must be.
        options: How.
        done: What an earlier audit examined.
    """

    def __init__(self, source: Source, pin: Pin, options: Options, done: Progress) -> None:
        self._source = source
        self._pin = pin
        self._options = options
        self._done = done
        self._findings = Findings()
        self._findings.extend(done.findings)
        self._tally = done.tally()
        self._tree = HashTree()
        self._claims: dict[int, bytes] = {}
        self._unique = Unique()
        self._earlier: dict[str, list[int]] = {}
        self._roots: dict[int, bytes] = {}
        self._recorded_ms = 0
        self._anchors = 0
        self._remembered = 0
        self._attachments = AttachmentRegister()
        self._times = Times()
        self._saved = done.tree_size

    def run(self) -> Report | None:
        """Audit; None if what was noted down earlier is not of this log."""
        note, said, size = self._checkpoint()
        if size < self._done.tree_size:
            return None
        processes = self._options.processes or (cores() if size >= POOL_FROM else 1)
        with Lanes(processes, self._pin.ledger_id) as lanes:
            if not self._read(lanes, size):
                return None
            # The lanes still work at what was read last. What is found beside them is not noted
            # down: whoever resumes finds it again.
            beside = Findings()
            looked = self._source.examine(beside)
            repeated = list(self._unique.findings())
            self._settle(lanes)
            self._save()
            keys = lanes.records(self._tally.signatures)
            note_keys = NoteKeys.of(self._pin, lanes.log_keys())
        self._findings.extend([*repeated, *beside])
        derived = Derived(
            note_keys.all,
            self._tree,
            self._opened(note_keys, note),
            note_keys,
            self._attachments,
        )
        self._check_root(derived, said)
        self._check_remembered(note_keys)
        looked |= self._source.compare(derived, self._findings)
        answers = rederive(self._options.answers, self._source, derived, self._findings)
        stamps = self._stamps(derived)
        return Report(
            kind=self._source.kind,
            name=self._source.name,
            pin=self._pin,
            note=note,
            checkpoint=said,
            tree_size=self._tree.size,
            root=self._tree.root(),
            tally=self._tally,
            anchors=self._anchors,
            compared=looked,
            keys=tuple(keys),
            findings=self._findings,
            resumed_from=self._done.tree_size,
            resumed_of_ms=self._done.saved_ms,
            remembered=self._remembered,
            processes=processes,
            pin_given=self._options.pin_given,
            answers=answers,
            attachments=tuple(self._became()),
            times=self._times,
            stamps=stamps,
        )

    def _became(self) -> Iterator[AttachmentStatus]:
        """What has become of every document that the log names."""
        for named in self._attachments.attachments(self._tree.size):
            held = self._source.holds(named.named.commitment)
            yield AttachmentStatus(named, named.state(held=held))

    def _checkpoint(self) -> tuple[bytes, Checkpoint | None, int]:
        """The note to audit under, what it says whoever signed it, and how far to read.

        Who had to sign it is known once the entries are read. Until then a size that the pinned
        key did not sign for is followed no further than there is anything.
        """
        note = self._source.checkpoint(self._options.tree_size)
        try:
            said = Checkpoint.parse(SignedNote.parse(note).text)
        except NoteError:
            return note, None, self._source.count()
        try:
            return note, said, open_head(self._pin, note).size
        except LedgerError:
            return note, said, min(said.size, self._source.count())

    def _opened(self, keys: NoteKeys, note: bytes) -> Head | None:
        try:
            return keys.open(note)
        except LedgerError as error:
            self._findings.add(Finding.of_error(error, "checkpoint"))
        return None

    def _read(self, lanes: Lanes, size: int) -> bool:
        """Read all entries; False if they are not those that an earlier audit examined."""
        self._options.told(0, size)
        try:
            for page in self._source.pages(0, size):
                if not self._take(lanes, page):
                    return False
                self._options.told(self._tree.size, size)
                if self._tree.size - self._saved >= SAVE_EVERY and self._tree.size < size:
                    self._settle(lanes)
                    self._save()
        except LedgerError as error:
            if isinstance(error, UnavailableError) or not error.rule:
                raise
            self._findings.add(Finding.of_error(error, "entries"))
        if self._tree.size < size:
            message = f"The source holds {self._tree.size} entries of {size}."
            self._findings.add(Finding(self._tree.size, "entry", "entry-missing", message))
        return True

    def _take(self, lanes: Lanes, page: Sequence[Piece]) -> bool:
        first = self._tree.size
        self._tree.extend([self._hashed(piece) for piece in page])
        reached = first < self._done.tree_size <= self._tree.size
        if reached and root_at(self._done.tree_size, self._tree) != self._done.root:
            return False
        for piece in page:
            if piece.data is not None:
                self._place(lanes, piece, piece.data)
        return True

    def _hashed(self, piece: Piece) -> bytes:
        """The leaf hash of an entry; of one that is lost, what the source claims it to be."""
        if piece.data is None:
            message = "The entry is missing."
            self._findings.add(Finding(piece.index, "entry", "entry-missing", message))
            claimed = piece.claimed or b""
            return claimed if len(claimed) == HASH_BYTES else leaf_hash(b"")
        hashed = leaf_hash(piece.data)
        if piece.claimed is not None and piece.claimed != hashed:
            self._claims[piece.index] = piece.claimed
        return hashed

    def _place(self, lanes: Lanes, piece: Piece, data: bytes) -> None:
        """See that the entry fits among all others, and have it examined by itself."""
        skimmed = skim(data)
        if skimmed is None and piece.index < self._done.tree_size:
            return
        if skimmed is None:
            lanes.put(Task.EXAMINE, piece.index, "", data, piece.row)
            return
        register(self._attachments, piece.index, skimmed, data)
        self._times.add(piece.index, skimmed)
        self._unique.add(piece.index, skimmed.fact_id, skimmed.author, skimmed.nonce)
        if piece.index < self._done.tree_size:
            self._recorded_ms = max(self._recorded_ms, skimmed.recorded_ms)
            self._pass_over(lanes, piece, skimmed.stream, data)
            return
        self._is_in_time(piece.index, skimmed.recorded_ms)
        if skimmed.anchor is not None:
            self._is_anchored(piece.index, *skimmed.anchor)
        for index in self._earlier.pop(skimmed.stream, ()):
            for page in self._source.pages(index, index + 1):
                lanes.put(Task.RETRACE, index, skimmed.stream, page[0].data or b"", None)
        lanes.put(Task.EXAMINE, piece.index, skimmed.stream, data, piece.row)

    def _pass_over(self, lanes: Lanes, piece: Piece, stream: str, data: bytes) -> None:
        """Of what was examined before, take in the keys now, and a stream once it goes on.

        Where a row stands beside it, that is compared, which takes the stream in at once.
        """
        if concerns_keys(stream) or piece.row is not None:
            lanes.put(Task.RETRACE, piece.index, stream, data, piece.row)
        else:
            self._earlier.setdefault(stream, []).append(piece.index)

    def _is_in_time(self, index: int, recorded_ms: int) -> None:
        if recorded_ms < self._recorded_ms:
            message = "It was recorded before the entry in front of it."
            self._findings.add(Finding(index, "entry", "recorded-in-order", message))
        self._recorded_ms = max(self._recorded_ms, recorded_ms)

    def _is_anchored(self, index: int, size: int, root: bytes) -> None:
        """An anchor names a tree that this log begins with: the statement is younger than it."""
        self._anchors += 1
        if size > index:
            return  # Admission says so.
        if size not in self._roots:
            if len(self._roots) >= _ROOTS_KEPT:
                self._roots.clear()
            self._roots[size] = root_at(size, self._tree)
        if self._roots[size] != root:
            message = f"Its anchor is not the tree of the first {size} entries of this log."
            self._findings.add(Finding(index, "entry", "anchor-root", message))

    def _settle(self, lanes: Lanes) -> None:
        tally, findings = lanes.settle()
        self._tally.add(tally)
        self._findings.extend(findings)

    def _save(self) -> None:
        file, size = self._options.file, self._tree.size
        if file is not None and size > self._saved:
            file.save(
                Progress.of(
                    self._pin,
                    self._tree,
                    self._tally,
                    self._findings,
                    saved_ms=self._options.clock(),
                )
            )
        self._saved = max(self._saved, size)

    def _check_root(self, derived: Derived, said: Checkpoint | None) -> None:
        """The entries make the tree that was signed; or else say which of them do not."""
        root = self._tree.root()
        claimed = self._root_of_claims()
        for index in sorted(self._claims):
            signed = said is not None and claimed == said.root
            message = (
                "The entry is not the one that the log signed."
                if signed
                else "The leaf hash that is kept beside the entry is not its own."
            )
            self._findings.add(Finding(index, "entry", "leaf-hash", message))
        if said is None or (said.size, said.root) == (self._tree.size, root):
            return
        self._findings.add(
            Finding(
                NOWHERE,
                "checkpoint",
                "root-hash",
                f"The {self._tree.size} entries make the root hash {root.hex()}; the checkpoint "
                f"says {said.root.hex()} of {said.size}.",
            )
        )
        self._findings.extend(self._source.differing(derived))

    def _root_of_claims(self) -> bytes:
        """The root hash of the leaf hashes that the source keeps, where they differ."""
        whole = all(len(claim) == HASH_BYTES for claim in self._claims.values())
        if not self._claims or not whole:
            return b""
        size = self._tree.size
        return HashTree(
            self._claims.get(index) or self._tree.node(0, index) for index in range(size)
        ).root()

    def _stamps(self, derived: Derived) -> Stamps | None:
        """What became of the time stamps that were given; None if none were."""
        given = self._options.stamps
        if given is None:
            return None
        return hold_stamps(given, derived, self._times, self._findings, is_latest=self._is_latest())

    def _is_latest(self) -> bool:
        """Whether the log is audited as it stands, and not as it stood some day."""
        return self._source.is_latest and not self._options.tree_size

    def _check_remembered(self, keys: NoteKeys) -> None:
        """The log continues the highest checkpoint that was verified on this machine."""
        if self._options.remembered is None:
            return
        try:
            known = open_head(keys.all, self._options.remembered)
        except LedgerError as error:
            self._findings.add(Finding.of_error(error, "remembered checkpoint"))
            return
        self._remembered = known.size
        if known.size <= self._tree.size:
            if root_at(known.size, self._tree) != known.checkpoint.root:
                message = f"A checkpoint of {known.size} entries that are others was verified here."
                self._findings.add(Finding(NOWHERE, "checkpoint", "fork", message))
        elif self._is_latest():
            message = f"It has {self._tree.size} entries; {known.size} were verified here before."
            self._findings.add(Finding(NOWHERE, "checkpoint", "rollback", message))


__all__ = ["Options", "Tally", "audit"]
