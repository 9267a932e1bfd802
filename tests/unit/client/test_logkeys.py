"""A log that changes its key: who pinned the old one learns the new one from the log alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ledger.cli.embedded import serving
from ledger.cli.founding import Founded, found_with_keys
from ledger.client.authoring import append_fact
from ledger.client.client import LedgerClient, Proved
from ledger.client.connection import Connection
from ledger.client.heads import HeadFile, HeadsInMemory
from ledger.client.keyfacts import log_key_retirement, log_key_rotation
from ledger.client.pins import Pin
from ledger.client.receiptfiles import verify_offline
from ledger.client.transport import finished
from ledger.client.trust import TrustedLog, last_verified, recalled_pin
from ledger.codec.entries import encode_entry
from ledger.domain.authorship import Policy
from ledger.domain.logkeys import log_key_message
from ledger.domain.statement import Entry
from ledger.errors import SettingError, VerificationError
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.hashtree import HashTree
from ledger.log.merkle import leaf_hash
from ledger.log.proofs import consistency_proof, inclusion_proof, root_at
from ledger.log.receipts import Receipt
from ledger.logkeyfiles import next_log_key
from ledger.v1 import log_pb2
from tests import builders
from tests.unit.client.served import changing, clock_ms, lying
from tests.unit.store.builders import (
    ADMINISTRATOR,
    LEDGER_ID,
    ORIGIN,
    START_MS,
    founding,
    key_of,
    log_signer,
    stated,
)


@dataclass(frozen=True, slots=True)
class Changed:
    """A served ledger whose log has changed its key; whoever pinned it did so before.

    Attributes:
        address: Where it is served.
        founded: Its first pin and its administrator.
        old: The announcement, appended while the old key still signed.
        new: The retirement, under the new key alone.
    """

    address: str
    founded: Founded
    old: Proved
    new: Proved

    def connect(self, memory: HeadsInMemory | HeadFile, address: str = "") -> LedgerClient:
        """A client that pinned the first key alone."""
        connection = Connection(target=address or self.address)
        return LedgerClient.connect(connection, self.founded.pin, memory)


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Changed]:
    folder = tmp_path_factory.mktemp("changed") / "ledger"
    founded = found_with_keys(folder, policy=Policy())
    new = next_log_key(folder, None)
    with serving(folder) as address:
        connection = Connection(target=address)
        with LedgerClient.connect(connection, founded.pin, HeadsInMemory()) as client:
            first = client.administration().keyring.log_keyid
            facts = (log_key_rotation(client.ledger_id, first, new), log_key_retirement(first))
            old, last = [
                append_fact(
                    client,
                    fact,
                    author=founded.administrator.name,
                    signers=[founded.administrator.signer],
                    clock_ms=clock_ms,
                    expected_version=version,
                )
                for version, fact in enumerate(facts, start=1)
            ]
        yield Changed(address, founded, old, last)


def test_the_new_key_is_learned_and_kept_for_every_later_process(
    changed: Changed, tmp_path: Path
) -> None:
    memory = HeadFile(tmp_path / "heads" / "log.note")
    pin = changed.founded.pin
    with changed.connect(memory) as client:
        assert client.trust.pin == pin
        assert client.checkpoint().size == 3

    learned = recalled_pin(pin, memory)
    assert [(key.from_size, key.until_size) for key in learned.log_keys] == [(0, 2), (2, None)]
    head = last_verified(pin, memory)
    assert head is not None
    assert head.size == 3


def test_old_receipts_hold_by_the_old_pin_and_by_the_new_one(changed: Changed) -> None:
    with changed.connect(HeadsInMemory()) as client:
        client.checkpoint()
        learned = client.trust.pin

    assert verify_offline(changed.old.receipt, changed.founded.pin).head.size == 2
    assert verify_offline(changed.old.receipt, learned).head.size == 2
    assert verify_offline(changed.new.receipt, learned).head.size == 3
    with pytest.raises(VerificationError):
        verify_offline(changed.new.receipt, changed.founded.pin)


def test_a_server_that_keeps_the_change_back_is_not_believed(changed: Changed) -> None:
    def keep_back(reply: log_pb2.ListLogKeysResponse) -> None:
        del reply.receipts[1:]

    change = changing("ListLogKeys", log_pb2.ListLogKeysResponse, keep_back)
    with (
        lying(changed.address, change) as address,
        changed.connect(HeadsInMemory(), address) as client,
        pytest.raises(VerificationError) as caught,
    ):
        client.checkpoint()
    assert caught.value.rule == "no-known-signature"


def test_a_server_that_leaves_out_an_entry_in_between_is_not_believed(changed: Changed) -> None:
    def leave_out(reply: log_pb2.ListLogKeysResponse) -> None:
        del reply.receipts[1]

    change = changing("ListLogKeys", log_pb2.ListLogKeysResponse, leave_out)
    with (
        lying(changed.address, change) as address,
        changed.connect(HeadsInMemory(), address) as client,
        pytest.raises(VerificationError),
    ):
        client.checkpoint()


class Thief:
    """Whoever stole the log's key, and serves a log of its own under it."""

    def __init__(self, *envelopes: bytes) -> None:
        recorded = [Entry(recorded_ms=START_MS, envelope=envelope) for envelope in envelopes]
        self.entries = [encode_entry(entry) for entry in recorded]
        self.tree = HashTree(map(leaf_hash, self.entries))

    def note(self, size: int, *names: str) -> bytes:
        checkpoint = Checkpoint(ORIGIN, size, root_at(size, self.tree))
        return sign_checkpoint(checkpoint, [log_signer(name=name) for name in names])

    def receipt(self, index: int) -> Receipt:
        size = index + 1
        proof = tuple(inclusion_proof(index, size, self.tree))
        return Receipt(self.entries[index], index, proof, self.note(size, "log"))

    async def administration(self) -> Sequence[Receipt]:
        return [self.receipt(index) for index in range(len(self.entries))]

    async def consistency_proof(self, older: int, newer: int) -> Sequence[bytes]:
        return consistency_proof(older, newer, self.tree)

    async def inclusion_proof(self, index: int, size: int) -> tuple[bytes, Sequence[bytes]]:
        return self.tree.node(0, index), inclusion_proof(index, size, self.tree)


PIN = Pin(ORIGIN, LEDGER_ID, (log_signer().key,))


def announcement(*signers: str, new: str = "log-2", holder: str = "log-2") -> bytes:
    old, spki_der = key_of("log").public.keyid, key_of(new).public.spki_der
    fact = builders.log_key_rotated(
        new,
        old_keyid=old,
        spki_der=spki_der,
        possession=key_of(holder).sign(log_key_message(LEDGER_ID, old, spki_der)),
    )
    return stated(fact, ADMINISTRATOR, *signers, expected_version=1)


def refused(thief: Thief) -> str:
    """By which rule a client does not follow the thief to the key ``log-2``."""
    memory = HeadsInMemory()
    trust = TrustedLog(PIN, memory, thief)
    with pytest.raises(VerificationError) as caught:
        finished(trust.accept(thief.note(2, "log-2")))
    assert trust.pin == PIN
    assert memory.load_pin() is None
    return caught.value.rule


def test_the_administrators_word_under_the_old_key_is_enough() -> None:
    trust = TrustedLog(PIN, HeadsInMemory(), thief := Thief(founding(), announcement()))

    assert finished(trust.accept(thief.note(2, "log-2"))).size == 2
    assert [key.public_key for key in trust.pin.log_keys] == [
        key_of(name).public.raw for name in ("log", "log-2")
    ]


@pytest.mark.parametrize(
    ("second", "rule"),
    [
        pytest.param(announcement("thief"), "key-unknown", id="no administrator signed"),
        pytest.param(announcement("thief", "log"), "key-unknown", id="the log's key signed"),
        pytest.param(announcement(holder="log"), "signature", id="nobody holds the new key"),
        pytest.param(founding(), "other-ledger", id="a second founding"),
    ],
)
def test_the_logs_key_alone_brings_in_no_other(second: bytes, rule: str) -> None:
    assert refused(Thief(founding(), second)) == rule


def test_another_founding_brings_in_nothing() -> None:
    other = founding(threshold=1, origin="ledger.example/other")

    assert refused(Thief(other, announcement())) == "administration-order"


def test_a_retired_key_signs_no_larger_tree_though_the_retirement_is_kept_back() -> None:
    thief = Thief(founding(), announcement())
    retired = replace(log_signer().key, until_size=1)
    pin = replace(PIN, log_keys=(retired, replace(log_signer(name="log-2").key, from_size=2)))
    trust = TrustedLog(pin, HeadsInMemory(), thief)

    assert finished(trust.accept(thief.note(1, "log"))).size == 1
    with pytest.raises(VerificationError) as caught:
        finished(trust.accept(thief.note(2, "log")))
    assert caught.value.rule == "log-key-tenure"


def test_what_was_learned_of_another_key_is_not_taken_for_a_new_pin() -> None:
    memory = HeadsInMemory()
    memory.keep_pin(PIN.to_json())
    other = replace(PIN, log_keys=(log_signer(name="log-9").key,))

    assert recalled_pin(other, memory) == other
    assert recalled_pin(PIN, memory) == PIN


def test_learned_keys_that_are_damaged_are_told(tmp_path: Path) -> None:
    memory = HeadFile(tmp_path / "log.note")
    memory.keep_pin("{")

    with pytest.raises(SettingError):
        recalled_pin(PIN, memory)
