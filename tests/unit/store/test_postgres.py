"""A ledger in PostgreSQL: how questions are asked and answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ledger.errors import SettingError, StoreError
from ledger.store.asking import Mentioned
from ledger.store.postgres import PostgresLedgerRecorder
from ledger.store.recorder import LedgerRecorder
from tests.postgres import database_in
from tests.unit.store.rows import batch, new_entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ledger.store.asking import Row


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return database_in(tmp_path_factory.mktemp("ledger"))


@pytest.fixture(scope="module")
def recorder(url: str) -> Iterator[PostgresLedgerRecorder]:
    """A ledger with a stream of five events."""
    opened = PostgresLedgerRecorder(url)
    with opened.ordering_lock():
        entries = [new_entry(index, "orders/one", index + 1) for index in range(5)]
        opened.insert_batch(batch(*entries))
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("asked", "versions"),
    [
        ({}, [1, 2, 3, 4, 5]),
        ({"gt": 2}, [3, 4, 5]),
        ({"lte": 2}, [1, 2]),
        ({"gt": 1, "lte": 4}, [2, 3, 4]),
        ({"desc": True, "limit": 2}, [5, 4]),
        ({"gt": 5}, []),
    ],
)
def test_a_streams_events_are_read_as_the_library_asks(
    recorder: PostgresLedgerRecorder, asked: dict[str, Any], versions: list[int]
) -> None:
    events = recorder.select_events("orders/one", **asked)

    assert [event.originator_version for event in events] == versions
    assert all(isinstance(event.state, bytes) for event in events)


def test_events_come_in_batches_only(recorder: PostgresLedgerRecorder) -> None:
    with pytest.raises(StoreError) as refusal:
        recorder.insert_events([new_entry(9).event])

    assert refusal.value.rule == "events-come-in-batches"


def test_any_number_of_values_is_asked_for_at_once(recorder: PostgresLedgerRecorder) -> None:
    """More than a statement may have parameters."""
    names = {f"order-{number}" for number in range(70_000)}

    known = recorder.known(Mentioned(fact_ids=names))

    assert known.fact_ids == {f"order-{number}" for number in range(5)}


def test_a_percent_sign_in_a_question_is_one(recorder: PostgresLedgerRecorder) -> None:
    query = "SELECT DISTINCT originator_id FROM ledger_entries WHERE originator_id LIKE '%one'"

    assert recorder.fetch(query) == [("orders/one",)]
    assert recorder.fetch(f"{query} AND author = ?", ["nobody"]) == []


def test_the_server_that_follows_no_other_is_no_standby(recorder: PostgresLedgerRecorder) -> None:
    assert not recorder.is_standby()


@pytest.mark.parametrize(
    "url", ["", "ledger.sqlite3", "mysql://host/ledger", "postgresql://host/ledger?nonsense=1"]
)
def test_what_names_no_database_is_refused(url: str) -> None:
    with pytest.raises(SettingError) as refusal:
        PostgresLedgerRecorder(url)

    assert (refusal.value.field, refusal.value.rule) == ("database", "database-url")


class Explaining(PostgresLedgerRecorder):
    """Notes how PostgreSQL goes about each question."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.plans: list[str] = []

    def fetch(self, query: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
        rows = super().fetch(f"EXPLAIN {query}", parameters)
        self.plans += [row[0] for row in rows]
        return super().fetch(query, parameters)


def test_no_question_scans_a_table(url: str) -> None:
    """A ledger of a million entries answers as fast as one of ten."""
    recorder = Explaining(url)
    recorder.latest_checkpoint()
    recorder.checkpoint_covering(1)
    recorder.notes_at({1, 2})
    recorder.entries(0, 10)
    recorder.since(0, 10)
    recorder.leaf_hashes(0, 10)
    recorder.index_of_fact("order-1")
    recorder.index_of_statement(bytes(32))
    recorder.index_of_event("orders/one", 1)
    recorder.erasures_since(0)
    recorder.known(
        Mentioned(
            nonces={bytes(16), bytes(15)},
            fact_ids={"order-1", "order-2"},
            streams={"orders/one", "orders/two"},
        )
    )
    recorder.select_events("orders/one", gt=1)
    recorder.close()

    asked = [name for name in vars(LedgerRecorder) if not name.startswith("_")]
    assert len(asked) > 10
    assert len(recorder.plans) > len(asked)
    assert [plan for plan in recorder.plans if "Seq Scan" in plan] == []
    assert [plan for plan in recorder.plans if "ledger_erasures" in plan]
    conditions = [plan for plan in recorder.plans if "Index Cond" in plan]
    assert len(conditions) >= 11


def test_nothing_is_connected_to_before_it_is_used(tmp_path: Path) -> None:
    PostgresLedgerRecorder(f"postgresql://writer@/ledger?host={tmp_path}").close()
