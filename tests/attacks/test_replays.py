"""A replay is the whole log in its order: nothing dropped, added, moved or changed on the way."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ledger.audit.served import verify_log
from ledger.errors import LedgerError, VerificationError
from ledger.v1 import log_pb2
from tests.attacks.malice import Ask, caught, deceived, edited
from tests.unit.client.served import Served
from tests.unit.log.builders import flipped

Entries = list[log_pb2.LogEntry]
Tamper = Callable[[Entries], Entries]

ASKS: dict[str, Ask] = {
    "a replay": lambda client: list(client.replay()),
    "a replay up to an older size": lambda client: list(client.replay(8)),
    "an audit": verify_log,
}


def renumbered(entries: Entries) -> Entries:
    """The same entries under fresh indexes: what a careful liar sends."""
    return [log_pb2.LogEntry(index=place, entry=entry.entry) for place, entry in enumerate(entries)]


def _drop(entries: Entries) -> Entries:
    return entries[:4] + entries[5:]


def _drop_and_close_ranks(entries: Entries) -> Entries:
    return renumbered(_drop(entries))


def _drop_the_first(entries: Entries) -> Entries:
    return entries[1:]


def _drop_the_last(entries: Entries) -> Entries:
    return entries[:-1]


def _send_nothing(_: Entries) -> Entries:
    return []


def _swap(entries: Entries) -> Entries:
    return [*entries[:3], entries[4], entries[3], *entries[5:]]


def _swap_and_renumber(entries: Entries) -> Entries:
    return renumbered(_swap(entries))


def _repeat(entries: Entries) -> Entries:
    return [*entries[:4], entries[3], *entries[4:]]


def _repeat_and_renumber(entries: Entries) -> Entries:
    return renumbered(_repeat(entries))


def _repeat_in_place_of_another(entries: Entries) -> Entries:
    return renumbered([*entries[:4], entries[3], *entries[5:]])


def _insert_an_invention(entries: Entries) -> Entries:
    invented = log_pb2.LogEntry(index=4, entry=entries[4].entry[:-1] + b"\0")
    return renumbered([*entries[:4], invented, *entries[4:]])


def _go_on_past_the_end(entries: Entries) -> Entries:
    return [*entries, log_pb2.LogEntry(index=len(entries), entry=entries[-1].entry)]


def _another_index(entries: Entries) -> Entries:
    entries[4].index = 5
    return entries


def _a_bit(entries: Entries) -> Entries:
    entries[4].entry = flipped(entries[4].entry, 8 * len(entries[4].entry) - 1)
    return entries


def _a_recorded_time(entries: Entries) -> Entries:
    data = entries[4].entry
    entries[4].entry = data[:8] + bytes([data[8] ^ 1]) + data[9:]
    return entries


def _the_last_one_later(entries: Entries) -> Entries:
    """Nobody signs the recorded time but the log, and nothing comes behind to contradict it."""
    data = entries[-1].entry
    later = int.from_bytes(data[1:9]) + 1
    entries[-1].entry = data[:1] + later.to_bytes(8) + data[9:]
    return entries


def _cut_off(entries: Entries) -> Entries:
    entries[4].entry = entries[4].entry[:-1]
    return entries


TAMPERINGS: dict[str, Tamper] = {
    "dropped": _drop,
    "dropped, and ranks closed": _drop_and_close_ranks,
    "the first dropped": _drop_the_first,
    "the last dropped": _drop_the_last,
    "all dropped": _send_nothing,
    "two swapped": _swap,
    "two swapped under fresh indexes": _swap_and_renumber,
    "one repeated": _repeat,
    "one repeated under fresh indexes": _repeat_and_renumber,
    "one repeated in place of another": _repeat_in_place_of_another,
    "one inserted": _insert_an_invention,
    "another index": _another_index,
    "a bit changed": _a_bit,
    "a recorded time changed": _a_recorded_time,
    "the last one recorded later": _the_last_one_later,
    "an entry cut off": _cut_off,
}


@pytest.mark.parametrize("tamper", TAMPERINGS.values(), ids=TAMPERINGS.keys())
@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS.keys())
def test_a_tampered_replay_is_found_out(ledger: Served, ask: Ask, tamper: Tamper) -> None:
    def lie(reply: log_pb2.ReadEntriesResponse) -> None:
        entries = tamper(list(reply.entries))
        del reply.entries[:]
        reply.entries.extend(entries)

    caught(ledger, edited("ReadEntries", lie), ask)


def test_what_comes_behind_the_end_is_not_read(ledger: Served) -> None:
    def lie(reply: log_pb2.ReadEntriesResponse) -> None:
        reply.entries.extend(_go_on_past_the_end(list(reply.entries))[-1:])

    with deceived(ledger, edited("ReadEntries", lie)) as client:
        assert [entry.index for entry in client.entries(0, 9)] == list(range(9))


def test_a_replay_that_stops_early_has_proved_nothing_and_says_so(ledger: Served) -> None:
    """What was read before the lie is not to be used: only the end makes it whole."""

    def lie(reply: log_pb2.ReadEntriesResponse) -> None:
        del reply.entries[5:]

    with deceived(ledger, edited("ReadEntries", lie)) as client:
        replay = client.replay()
        assert [next(replay).index for _ in range(5)] == [0, 1, 2, 3, 4]
        with pytest.raises(VerificationError) as found:
            next(replay)
    assert found.value.field == "entries[5]"


def test_an_older_tree_is_proved_by_the_way_to_the_latest(ledger: Served) -> None:
    def lie(reply: log_pb2.GetConsistencyProofResponse) -> None:
        reply.consistency_proof[0] = flipped(reply.consistency_proof[0])

    caught(
        ledger,
        edited("GetConsistencyProof", lie),
        lambda client: list(client.replay(8)),
        error=LedgerError,
    )
