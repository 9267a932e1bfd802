"""Gathering cosignatures: after each batch, in the background, from every witness of the policy.

One thread says which checkpoint is to be cosigned, and goes on to a newer one as soon as there is
a quorum, or after a while without one; a thread for each witness asks for it. So all are asked for
the same sizes, as a quorum needs, and one that is slow or gone holds up nobody. Where several
processes serve one ledger, whoever holds the lock gathers, and the others watch.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, Self, final

from ledger.errors import LedgerError, OldSizeError, VerificationError
from ledger.log.note import SignatureLine, SignedNote
from ledger.log.notekeys import VerifierKey
from ledger.log.policy import FUTURE_S_MAX
from ledger.log.witnessing import AddCheckpoint
from ledger.service.witnessing import Witnessing
from ledger.store.cosignatures import Cosignatures
from ledger.store.reader import Reader
from ledger.store.rows import StoredCheckpoint

_log: Final = logging.getLogger("ledger.witnesses")

POLL_S: Final = 0.2
"""How often it is looked for what another process appended, or gathered."""

ROUND_S: Final = 5.0
"""How long a checkpoint waits for its quorum while there is a newer one."""

PAUSE_S_MIN: Final = 0.1
PAUSE_S_MAX: Final = 60.0
"""How long a witness that fails is left alone: twice as long each time."""

_TRIES: Final = 3
_JOIN_S: Final = 2.0

AskWitness = Callable[[AddCheckpoint], Sequence[SignatureLine]]
"""Asks a witness to cosign; raises OldSizeError if it cosigned another size last."""


@final
class Gatherer:
    """Asks every witness for the newest checkpoint; a context manager, idle before and after.

    Args:
        reader: The log.
        witnesses: Who is asked, by key, and how.
        witnessing: Says what is enough.
        cosignatures: Where they are kept.
        reached: Told which size is witnessed.
        news: Set by whoever appends.
        lock: A file that one process at a time holds.
        clock: Milliseconds since 1970 (UTC).
    """

    def __init__(
        self,
        reader: Reader,
        witnesses: Mapping[VerifierKey, AskWitness],
        witnessing: Witnessing,
        cosignatures: Cosignatures,
        *,
        reached: Callable[[int], None],
        news: threading.Event,
        lock: Path,
        clock: Callable[[], int],
    ) -> None:
        self._reader = reader
        self._witnessing = witnessing
        self._cosignatures = cosignatures
        self._reached = reached
        self._news = news
        self._lock = lock
        self._clock = clock
        self._changed = threading.Condition()
        self._target: StoredCheckpoint | None = None
        self._closing = False
        self._threads = [threading.Thread(target=self._lead, name="ledger-gatherer", daemon=True)]
        for key, ask in witnesses.items():
            attend = threading.Thread(
                target=self._attend, args=(key, ask), name=f"ledger-{key.name}", daemon=True
            )
            self._threads.append(attend)

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Ask nobody any more; who still waits for a reply is not waited for."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._news.set()
        until = time.monotonic() + _JOIN_S
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _lead(self) -> None:
        """Say what is to be cosigned, while this process holds the lock; else watch."""
        held = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        leads = False
        try:
            while not self._closing:
                self._news.wait(POLL_S)
                self._news.clear()
                leads = leads or _locked(held)
                try:
                    if leads:
                        self._call_for(self._reader.latest_checkpoint())
                    self._tell()
                except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again
                    _log.warning("no gathering", extra={"reason": _reason(error)})
        finally:
            os.close(held)

    def _call_for(self, newest: StoredCheckpoint) -> None:
        """Set a new target, and wait for its quorum as long as a newer one may."""
        with self._changed:
            if self._target is None or self._target.tree_size < newest.tree_size:
                self._target = newest
                self._changed.notify_all()
            self._changed.wait_for(lambda: self._closing or self._is_witnessed(), ROUND_S)

    def _is_witnessed(self) -> bool:
        target = self._target
        return target is not None and self._witnessing.is_witnessed(target.tree_size)

    def _tell(self) -> None:
        try:
            self._reached(self._witnessing.newest().tree_size)
        except LedgerError:
            # Nothing is witnessed yet, which is no news.
            return

    def _attend(self, key: VerifierKey, ask: AskWitness) -> None:
        """Ask one witness for every target, as far as it keeps up."""
        done = old = self._cosignatures.last_by(key)
        pause = 0.0
        while (target := self._next(done, pause)) is not None:
            try:
                old = self._cosign(key, ask, old, target)
            except Exception as error:  # noqa: BLE001 - a witness may fail in any way
                pause = min(max(2 * pause, PAUSE_S_MIN), PAUSE_S_MAX)
                told = {"witness": key.name, "reason": _reason(error)}
                _log.warning("not cosigned", extra=told)
                continue
            done, pause = target.tree_size, 0.0
            with self._changed:
                self._changed.notify_all()

    def _next(self, done: int, pause: float) -> StoredCheckpoint | None:
        """Wait for a pause and for a target beyond what is done; None once it is closing."""

        def asked() -> bool:
            return self._closing or (self._target is not None and self._target.tree_size > done)

        with self._changed:
            self._changed.wait_for(lambda: self._closing, pause)
            self._changed.wait_for(asked)
            return None if self._closing else self._target

    def _cosign(self, key: VerifierKey, ask: AskWitness, old: int, target: StoredCheckpoint) -> int:
        """Have a witness cosign the target, and keep its verified line.

        Returns:
            What the witness cosigned last.

        Raises:
            LedgerError: It does not.
        """
        size = target.tree_size
        for _ in range(_TRIES):
            if old > size:
                raise VerificationError(
                    f"It has cosigned {old} entries, and this log has {size}: is the database an "
                    "older copy?",
                    rule="witness-ahead",
                )
            proof = self._reader.consistency_proof(old, size) if old else ()
            try:
                lines = ask(AddCheckpoint(old, proof, target.note))
            except OldSizeError as error:
                old = error.size
                continue
            self._cosignatures.keep(size, self._verified(key, target, lines))
            return size
        raise VerificationError("It names another size each time.", rule="witness-size")

    def _verified(
        self, key: VerifierKey, target: StoredCheckpoint, lines: Sequence[SignatureLine]
    ) -> SignatureLine:
        """The witness's own line among those that it sent; others' are none of ours."""
        text = SignedNote.parse(target.note).text
        latest = self._clock() // 1_000 + FUTURE_S_MAX
        for line in lines:
            if (line.name, line.key_id) == (key.name, key.key_id):
                if not 0 < (key.verify(text, line.signature) or 0) <= latest:
                    raise VerificationError(
                        "The time of its cosignature cannot be.", rule="cosignature-time"
                    )
                return line
        raise VerificationError("It did not cosign with its key.", rule="no-cosignature")


def _reason(error: Exception) -> str:
    return error.message if isinstance(error, LedgerError) else repr(error)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
