"""A ledger filled by the hundred thousand: every entry signed, every checkpoint too, none verified.

Appending a million entries through a server is what the growth run measures; filling a ledger to
begin with would take it an hour. So entries are written here as the store writes them, without
parsing anew what was just made. An audit of the result passes like any other.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from eventsourcing.persistence import StoredEvent

from ledger.bootstrap import DATABASE_FILE, HEAD_FILE
from ledger.codec.entries import encode_entry
from ledger.codec.envelopes import decode_envelope
from ledger.domain.statement import Entry
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.merkle import Frontier, leaf_hash
from ledger.log.notekeys import NoteSigner, SignatureType, VerifierKey
from ledger.logkeyfiles import LOG_KEY_FILE
from ledger.signing.dsse import statement_digest
from ledger.signing.keyfiles import read_private_key
from ledger.store.head import Head, HeadFile
from ledger.store.rows import Batch, NewEntry
from ledger.store.sqlite import SQLiteLedgerRecorder
from ledger.v1 import statement_pb2
from tests.bench.servers import Ours
from tests.bench.statements import Envelopes

BATCH: int = 1_000
"""Entries under one checkpoint: what a busy server makes of many writers."""

_TOPIC = "company-order.v1"


class Filler:
    """Fills the ledger in a folder that nobody serves.

    Args:
        ledger: The ledger; it holds at least its founding and the registrar's enrollment.
    """

    def __init__(self, ledger: Ours) -> None:
        self._ledger = ledger
        self._envelopes = Envelopes(ledger)
        self._recorder = SQLiteLedgerRecorder(ledger.directory / DATABASE_FILE)
        log_key = read_private_key(ledger.directory / LOG_KEY_FILE, passphrase=None)
        key = VerifierKey(ledger.pin.origin, SignatureType.ED25519, log_key.public.raw)
        self._signers = (NoteSigner(key, log_key.sign),)
        latest = self._recorder.latest_checkpoint()
        size = latest.tree_size if latest else 0
        self._frontier = Frontier().extend(self._recorder.leaf_hashes(0, size))

    def fill(self, tree_size: int) -> None:
        """Add orders until the log has so many entries, and let go of the database."""
        while self._frontier.size < tree_size:
            self._add(self._envelopes.take(min(BATCH, tree_size - self._frontier.size)))
        head = HeadFile(self._ledger.directory / HEAD_FILE)
        head.advance(Head(self._frontier.size, self._frontier.root()))
        head.sync()
        self._recorder.close()

    def _add(self, envelopes: Sequence[bytes]) -> None:
        now_ms = time.time_ns() // 1_000_000
        entries = tuple(
            _new_entry(self._frontier.size + place, envelope, now_ms)
            for place, envelope in enumerate(envelopes)
        )
        self._frontier = self._frontier.extend(new.leaf_hash for new in entries)
        checkpoint = Checkpoint(
            self._signers[0].key.name, self._frontier.size, self._frontier.root()
        )
        note = sign_checkpoint(checkpoint, self._signers)
        with self._recorder.ordering_lock():
            self._recorder.insert_batch(Batch(entries, self._frontier.size, note))


def _new_entry(index: int, envelope: bytes, now_ms: int) -> NewEntry:
    outer = decode_envelope(envelope)
    statement = statement_pb2.Statement.FromString(outer.payload)
    entry = encode_entry(Entry(recorded_ms=now_ms, envelope=envelope))
    return NewEntry(
        index=index,
        event=StoredEvent(
            originator_id=statement.stream,
            originator_version=1,
            topic=_TOPIC,
            state=entry,
        ),
        fact_id=statement.fact_id,
        digest=statement_digest(outer.payload_type, outer.payload),
        author=statement.author,
        nonce=statement.nonce,
        leaf_hash=leaf_hash(entry),
        recorded_ms=now_ms,
    )
