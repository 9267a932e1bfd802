"""What the client reads in bulk holds too: lists, entries, and who is who."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.client.transport import each
from ledger.domain.vocabulary import Collection
from ledger.errors import (
    NotFoundError,
    UnavailableError,
    VerificationError,
)
from ledger.v1 import log_pb2, queries_pb2
from tests.unit.client.served import (
    COVERAGE,
    Served,
    changing,
    lied_to,
    row,
    served,
)


def test_a_row_of_a_list_is_proved_to_be_what_the_log_holds(ledger: Served) -> None:
    ledger.import_rows(row("co-1"), row("co-2"))
    request = queries_pb2.ListTimelineRequest()
    found = list(ledger.client.timeline(request))
    assert [proved.entry.statement.fact_id for _, proved in found] == ["co-1", "co-2"]


def test_a_list_ends_at_its_limit(ledger: Served) -> None:
    ledger.import_rows(row("co-1"), row("co-2"), row("co-3"))
    found = list(ledger.client.timeline(queries_pb2.ListTimelineRequest(), 2))
    assert len(found) == 2


def test_a_list_goes_on_over_its_pages(ledger: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.client.asyncclient.PAGE_SIZE", 2)
    monkeypatch.setattr("ledger.client.calls.PAGE_SIZE", 1)
    ledger.import_rows(*(row(f"co-{place}") for place in range(5)))
    assert len(list(ledger.client.timeline(queries_pb2.ListTimelineRequest()))) == 5
    assert len(list(ledger.client.streams(Collection.ORDERS))) == 5
    assert [author.author for author in each(ledger.client.steps.calls.authors())] == [
        "administrator",
        "registrar",
    ]


@pytest.mark.parametrize("field", ["index", "author", "stream"])
def test_a_row_that_tells_something_else_is_refused(ledger: Served, field: str) -> None:
    ledger.import_rows(row("co-1"))
    record = ledger.client.stream("orders/co-1").facts[0]
    setattr(record, field, 0 if field == "index" else "other")
    with pytest.raises(VerificationError) as found:
        ledger.client.proved_record(record)
    assert found.value.rule == "record-differs"


def test_a_collection_that_cannot_be_shown_is_not_found(ledger: Served) -> None:
    with pytest.raises(NotFoundError) as refused:
        ledger.client.stream("authors/registrar")
    assert refused.value.rule == "collection"


def test_entries_come_in_order_and_none_is_missing(ledger: Served) -> None:
    ledger.import_rows(row("co-1"))
    assert [entry.index for entry in ledger.client.entries(0, 3)] == [0, 1, 2]


def _gap(reply: log_pb2.ReadEntriesResponse) -> None:
    del reply.entries[1]


def _end(reply: log_pb2.ReadEntriesResponse) -> None:
    del reply.entries[-1]


def _nothing(reply: log_pb2.ReadEntriesResponse) -> None:
    del reply.entries[:]


@pytest.mark.parametrize("spoil", [_gap, _end, _nothing])
def test_an_entry_that_is_left_out_is_noticed(
    ledger: Served, spoil: Callable[[log_pb2.ReadEntriesResponse], None]
) -> None:
    ledger.import_rows(row("co-1"))
    change = changing("ReadEntries", log_pb2.ReadEntriesResponse, spoil)
    with pytest.raises(VerificationError) as found:
        lied_to(ledger, change, lambda client: list(client.entries(0, 3)))
    assert found.value.rule == "entry-missing"


def test_attribution_is_read_from_the_entry_that_enrolled_the_author(ledger: Served) -> None:
    ledger.import_rows(row("co-1"), COVERAGE)
    client = ledger.client
    assert client.source(client.proved("co-1").entry).attribution == "TRANSCRIBED_BY registrar"
    assert client.source(client.proved("coverage-1").entry).attribution == "FIRST_PARTY"
    assert client.source(client.proved(1).entry).attribution == "TRANSCRIBED_BY administrator"


def test_an_enrollment_that_is_none_is_noticed(ledger: Served) -> None:
    ledger.import_rows(row("co-1"))

    def keep_it_back(reply: log_pb2.GetAuthorResponse) -> None:
        del reply.receipts[:]

    change = changing("GetAuthor", log_pb2.GetAuthorResponse, keep_it_back)
    with pytest.raises(VerificationError) as found:
        lied_to(
            ledger, change, lambda client: client.source(client.proved("co-1").entry).attribution
        )
    assert found.value.rule == "enrollment"


def test_a_server_that_went_away_is_unavailable(tmp_path: Path) -> None:
    with served(tmp_path) as ledger:
        client = ledger.connect()
    with client, pytest.raises(UnavailableError):
        client.checkpoint()
