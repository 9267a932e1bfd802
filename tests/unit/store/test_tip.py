"""Catching up gives the same tip from anywhere, and refuses a history that was not signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.domain.vocabulary import Role
from ledger.errors import StoreError
from ledger.store import tip as tip_module
from ledger.store.committing import Committer
from ledger.store.streams import Streams
from ledger.store.tip import EMPTY_TIP, Tip, catch_up
from ledger.store.tree import LogTree
from tests.unit.store.builders import (
    FOUNDED_SIZE,
    LEDGER_ID,
    START_MS,
    enrollment,
    key_of,
    order,
    proved,
    receipts_of,
    tamper,
)

if TYPE_CHECKING:
    from ledger.store.committing import Ledger
    from tests.unit.store.builders import LedgerFolder


def tip_of(ledger: Ledger, start: Tip = EMPTY_TIP) -> Tip:
    return catch_up(start, ledger.recorder, Streams(ledger.recorder), LogTree(ledger.recorder))


def test_the_tip_is_everything_before_the_next_entry(ledger: Ledger) -> None:
    receipt = receipts_of(Committer(ledger).commit([[enrollment("clerk"), order(1)]])[0])[1]

    tip = tip_of(ledger)

    assert (tip.size, tip.ledger_id, tip.recorded_ms) == (4, LEDGER_ID, START_MS)
    assert tip.frontier.root() == proved(receipt).root
    record = tip.keyring.find(key_of("clerk").public.keyid)
    assert record is not None
    assert (record.role, record.valid_from_index) == (Role.REGISTRAR, FOUNDED_SIZE + 1)


def test_a_tip_from_before_catches_up(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tip_of(ledger)
    for number in range(3):
        receipts_of(Committer(ledger).commit([[order(number)], [order(number + 10)]])[0])
    monkeypatch.setattr(tip_module, "TAIL_MAX", 2)

    assert tip_of(ledger, before) == tip_of(ledger)
    assert tip_of(ledger).size == FOUNDED_SIZE + 6


def test_nothing_new_changes_nothing(ledger: Ledger) -> None:
    tip = tip_of(ledger)

    assert tip_of(ledger, tip) is tip


def test_streams_that_moved_are_outdated(ledger: Ledger) -> None:
    streams = Streams(ledger.recorder)
    tip = catch_up(EMPTY_TIP, ledger.recorder, streams, ledger.reader.tree)
    streams.get("orders/order-1")
    receipts_of(Committer(ledger).commit([[order(1)]])[0])

    catch_up(tip, ledger.recorder, streams, ledger.reader.tree)

    assert streams.get("orders/order-1").version == 1


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_entries SET leaf_hash = zeroblob(32) WHERE entry_index = 1",
        "DELETE FROM ledger_checkpoints WHERE tree_size = 2",
        "DELETE FROM ledger_entries WHERE entry_index = 1",
        "DELETE FROM ledger_entries WHERE entry_index = 0",
        "DELETE FROM ledger_entries",
        "UPDATE ledger_checkpoints SET note = x'00' WHERE tree_size = 2",
        "UPDATE stored_events SET state = zeroblob(40) WHERE originator_id = 'authors/registrar'",
    ],
)
def test_a_history_other_than_the_signed_one_is_refused(
    ledger: Ledger, folder: LedgerFolder, change: str
) -> None:
    tamper(folder, change)

    with pytest.raises(StoreError):
        tip_of(ledger)
