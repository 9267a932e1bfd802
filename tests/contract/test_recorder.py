"""What every database behind the seam must do, and must refuse."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ledger.errors import StoreError
from ledger.store.asking import NOTHING, Known, Mentioned
from ledger.store.rows import Batch, Place, StoredCheckpoint, StoredEntry, TailRow
from tests.unit.store.rows import batch, new_entry

if TYPE_CHECKING:
    from ledger.store.recorder import LedgerRecorder
    from tests.unit.store.builders import LedgerFolder


@pytest.fixture
def recorder(folder: LedgerFolder) -> LedgerRecorder:
    """An empty database."""
    recorder = folder.open().recorder
    recorder.create_table()
    return recorder


def insert(recorder: LedgerRecorder, *batches: Batch) -> None:
    """Insert batches, each in a transaction of its own."""
    for each in batches:
        with recorder.ordering_lock():
            recorder.insert_batch(each)


def is_refused(recorder: LedgerRecorder, refused: Batch) -> None:
    """See that a batch is refused, and nothing of it remains."""
    before = recorder.entries(0, 100), recorder.latest_checkpoint()
    with pytest.raises(StoreError):
        insert(recorder, refused)
    assert (recorder.entries(0, 100), recorder.latest_checkpoint()) == before


class TestErasures:
    def test_erasures_come_with_their_commitments_from_an_index_on(
        self, recorder: LedgerRecorder
    ) -> None:
        erased = [bytes([place]) * 32 for place in range(2)]
        insert(
            recorder,
            batch(
                new_entry(0),
                new_entry(1, f"attachments/{erased[0].hex()}"),
                new_entry(2),
                new_entry(3, f"attachments/{erased[1].hex()}"),
            ),
        )

        assert recorder.erasures_since(0) == [(1, erased[0]), (3, erased[1])]
        assert recorder.erasures_since(2) == [(3, erased[1])]
        assert recorder.erasures_since(4) == []

    def test_an_event_is_found_by_its_stream_and_version(self, recorder: LedgerRecorder) -> None:
        stream = f"attachments/{bytes(32).hex()}"
        insert(recorder, batch(new_entry(0), new_entry(1, stream)))

        assert recorder.index_of_event(stream, 1) == 1
        assert recorder.index_of_event(stream, 2) is None

    def test_a_stream_that_names_no_document_was_not_let_in(self, recorder: LedgerRecorder) -> None:
        insert(recorder, batch(new_entry(0, "attachments/none")))

        with pytest.raises(StoreError):
            recorder.erasures_since(0)


class TestReading:
    def test_an_empty_database_holds_nothing(self, recorder: LedgerRecorder) -> None:
        assert recorder.latest_checkpoint() is None
        assert recorder.checkpoint_covering(0) is None
        assert recorder.entries(0, 100) == []
        assert recorder.since(0, 100) == []
        assert recorder.index_of_fact("order-0") is None
        assert recorder.index_of_statement(bytes(32)) is None

    def test_entries_come_in_the_order_of_their_indexes(self, recorder: LedgerRecorder) -> None:
        entries = [new_entry(index, f"orders/z-{9 - index}") for index in range(5)]

        insert(recorder, batch(*entries[:2]), batch(*entries[2:]))

        assert recorder.entries(1, 4) == [StoredEntry(i, 1, b"entry") for i in (1, 2, 3)]
        assert recorder.leaf_hashes(1, 4) == [entry.leaf_hash for entry in entries[1:4]]

    def test_a_checkpoint_covers_what_its_batch_and_those_before_hold(
        self, recorder: LedgerRecorder
    ) -> None:
        insert(recorder, batch(new_entry(0), new_entry(1)), batch(new_entry(2)))

        two, three = StoredCheckpoint(2, b"note at 2"), StoredCheckpoint(3, b"note at 3")
        covering = [recorder.checkpoint_covering(size) for size in (1, 2, 3, 4)]
        assert covering == [two, two, three, None]
        assert recorder.latest_checkpoint() == three
        assert recorder.notes_at([1, 2, 3, 4]) == {2: b"note at 2", 3: b"note at 3"}

    def test_what_was_appended_since_brings_authors_entries_along(
        self, recorder: LedgerRecorder
    ) -> None:
        zero, one = new_entry(0, "authors/ada"), new_entry(1)
        insert(recorder, batch(zero, one))

        assert recorder.since(0, 10) == [
            TailRow(0, "authors/ada", zero.digest, zero.leaf_hash, 0, b"entry"),
            TailRow(1, "orders/order-1", one.digest, one.leaf_hash, 1, None),
        ]
        assert [row.index for row in recorder.since(1, 10)] == [1]
        assert [row.index for row in recorder.since(0, 1)] == [0]

    def test_statements_are_found_by_every_name_of_theirs(self, recorder: LedgerRecorder) -> None:
        one = new_entry(1)
        insert(recorder, batch(new_entry(0), one))

        assert recorder.index_of_fact("order-1") == 1
        assert recorder.index_of_statement(one.digest) == 1
        known = recorder.known(
            Mentioned(
                nonces={one.nonce, bytes(16)},
                fact_ids={"order-1", "order-9"},
                streams={"orders/order-1", "orders/x"},
            )
        )
        assert known.places == {("registrar", one.nonce): Place(1, one.digest)}
        assert known.fact_ids == {"order-1"}
        assert known.absent == {"orders/x"}

    def test_asking_for_nothing_finds_nothing(self, recorder: LedgerRecorder) -> None:
        insert(recorder, batch(new_entry(0)))

        known = recorder.known(NOTHING)
        assert known.tail is None
        assert (known.places, known.fact_ids, known.absent) == ({}, set(), set())
        assert recorder.notes_at(set()) == {}

    def test_a_streams_events_are_read_by_version(self, recorder: LedgerRecorder) -> None:
        entries = [new_entry(i, "orders/one", i + 1, state=b"%d" % i) for i in range(4)]
        insert(recorder, batch(*entries))

        events = recorder.select_events("orders/one", gt=2)

        assert [(e.originator_version, e.topic, e.state) for e in events] == [
            (3, "company-order.v1", b"2"),
            (4, "company-order.v1", b"3"),
        ]


class TestRefusals:
    @pytest.fixture(autouse=True)
    def one_batch(self, recorder: LedgerRecorder) -> None:
        insert(recorder, batch(new_entry(0, "orders/one"), new_entry(1)))

    @pytest.mark.parametrize("index", [0, 1, 3, 4])
    def test_an_index_that_does_not_follow_the_last_one(
        self, recorder: LedgerRecorder, index: int
    ) -> None:
        entry = replace(new_entry(9), index=index)
        is_refused(recorder, batch(entry))

    def test_an_index_out_of_order_within_a_batch(self, recorder: LedgerRecorder) -> None:
        is_refused(recorder, batch(new_entry(3), new_entry(2), tree_size=4))

    @pytest.mark.parametrize("version", [0, 1, 3, -1])
    def test_a_version_that_does_not_follow_the_streams_last_one(
        self, recorder: LedgerRecorder, version: int
    ) -> None:
        is_refused(recorder, batch(new_entry(2, "orders/one", version)))

    @pytest.mark.parametrize("version", [0, 2])
    def test_a_stream_that_does_not_begin_with_version_1(
        self, recorder: LedgerRecorder, version: int
    ) -> None:
        is_refused(recorder, batch(new_entry(2, "orders/new", version)))

    def test_versions_out_of_order_within_a_batch(self, recorder: LedgerRecorder) -> None:
        is_refused(recorder, batch(new_entry(2, "orders/one", 3), new_entry(3, "orders/one", 2)))

    @pytest.mark.parametrize("size", [0, 1, 2, 4])
    def test_a_note_for_another_size(self, recorder: LedgerRecorder, size: int) -> None:
        is_refused(recorder, batch(new_entry(2), tree_size=size))

    @pytest.mark.parametrize("taken", ["fact_id", "digest", "nonce"])
    def test_what_is_unique_in_the_log(self, recorder: LedgerRecorder, taken: str) -> None:
        value = getattr(new_entry(1), taken)
        is_refused(recorder, batch(new_entry(2, **{taken: value})))

    def test_events_without_entries(self, recorder: LedgerRecorder) -> None:
        with pytest.raises(StoreError):
            recorder.insert_events([new_entry(2).event])
        assert recorder.select_events("orders/order-2") == []

    def test_a_missing_table(self, recorder: LedgerRecorder) -> None:
        with pytest.raises(StoreError):
            recorder.fetch("SELECT nothing FROM nowhere")


class TestAsking:
    """What a round asks comes along with the lock."""

    def test_what_is_known_is_what_the_holder_before_left(
        self, recorder: LedgerRecorder, folder: LedgerFolder
    ) -> None:
        other, one = folder.open().recorder, new_entry(0)
        with other.ordering_lock() as known:
            other.insert_batch(batch(one))
        assert known == Known()

        asked = Mentioned(
            since=0,
            nonces={one.nonce, bytes(16)},
            fact_ids={one.fact_id, "order-9"},
            sizes={1, 2, 2**63 - 1},
            streams={"orders/order-0", "orders/none"},
        )
        with recorder.ordering_lock(asked) as known:
            assert known == recorder.known(asked)

        assert known.tail is not None
        assert [row.index for row in known.tail] == [0]
        assert known.places == {(one.author, one.nonce): Place(0, one.digest)}
        assert (known.fact_ids, known.absent) == ({one.fact_id}, {"orders/none"})
        assert known.notes == {1: b"note at 1"}

    def test_nothing_is_asked_about_nothing(
        self, recorder: LedgerRecorder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(recorder, "fetch", None)
            assert recorder.known(NOTHING) == Known()


class TestTransactions:
    def test_an_exception_rolls_everything_back(self, recorder: LedgerRecorder) -> None:
        def fail() -> None:
            with recorder.ordering_lock():
                recorder.insert_batch(batch(new_entry(0)))
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()

        assert recorder.entries(0, 10) == []
        insert(recorder, batch(new_entry(0)))

    def test_a_writer_reads_what_it_wrote_and_others_do_not(
        self, recorder: LedgerRecorder, folder: LedgerFolder
    ) -> None:
        other = folder.open().recorder
        with recorder.ordering_lock():
            recorder.insert_batch(batch(new_entry(0)))
            assert len(recorder.entries(0, 10)) == 1
            assert other.entries(0, 10) == []
        assert len(other.entries(0, 10)) == 1

    def test_a_snapshot_stays_at_one_state(
        self, recorder: LedgerRecorder, folder: LedgerFolder
    ) -> None:
        other = folder.open().recorder
        insert(recorder, batch(new_entry(0)))
        with other.snapshot():
            assert len(other.since(0, 10)) == 1
            insert(recorder, batch(new_entry(1)))
            assert len(other.since(0, 10)) == 1
        assert len(other.since(0, 10)) == 2

    def test_a_snapshot_is_not_for_writing(self, recorder: LedgerRecorder) -> None:
        with pytest.raises(StoreError), recorder.snapshot():
            recorder.insert_batch(batch(new_entry(0)))
        assert recorder.entries(0, 10) == []

    def test_the_ordering_lock_is_held_by_one_at_a_time(
        self, recorder: LedgerRecorder, folder: LedgerFolder
    ) -> None:
        other = folder.open().recorder
        events: list[str] = []
        waiting = threading.Event()

        def second() -> None:
            waiting.set()
            with other.ordering_lock():
                events.append(f"second sees {len(other.since(0, 10))}")

        thread = threading.Thread(target=second)
        with recorder.ordering_lock():
            thread.start()
            waiting.wait()
            recorder.insert_batch(batch(new_entry(0)))
            events.append("first is done")
        thread.join()

        assert events == ["first is done", "second sees 1"]

    def test_creating_the_tables_again_changes_nothing(self, recorder: LedgerRecorder) -> None:
        insert(recorder, batch(new_entry(0)))

        recorder.create_table()

        assert len(recorder.entries(0, 10)) == 1

    def test_a_closed_database_is_not_read(self, recorder: LedgerRecorder) -> None:
        recorder.close()

        with pytest.raises(StoreError):
            recorder.entries(0, 1)
