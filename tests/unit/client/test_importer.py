"""An import puts every row in once, whatever happens in between, and says why one stays out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger import casefile
from ledger.client.client import LedgerClient
from ledger.client.importer import Importer, ImportReport
from ledger.client.rows import read_rows
from ledger.errors import (
    DuplicateError,
    InputError,
    RefusedError,
    UnavailableError,
    VerificationError,
    VersionConflictError,
)
from ledger.v1 import services_pb2
from tests.unit.client.served import MemoryFile, Served, changing, clock_ms, item_row, lying, row


def _size(ledger: Served) -> int:
    return ledger.client.checkpoint().size


def _ids(report: ImportReport) -> list[str]:
    return [one.fact.id for one, _ in report.appended]


def _reasons(report: ImportReport) -> list[tuple[int, str]]:
    return [(one.line, one.rule) for one in report.refused]


def test_rows_go_in_in_their_order_each_with_a_proof(ledger: Served) -> None:
    report = ledger.import_rows(item_row(), row("co-1"), row("co-2"))
    assert _ids(report) == ["item-h20", "co-1", "co-2"]
    assert [proved.entry.index for _, proved in report.appended] == [2, 3, 4]
    assert [proved.entry.fact for _, proved in report.appended] == [
        one.fact for one, _ in report.appended
    ]


def test_the_same_import_again_changes_nothing(ledger: Served) -> None:
    rows = (item_row(), row("co-1"))
    ledger.import_rows(*rows)
    report = ledger.import_rows(*rows)
    assert (_ids(report), len(report.already_in), _size(ledger)) == ([], 2, 4)


def test_a_stream_is_continued_where_it_stands(ledger: Served) -> None:
    ledger.import_rows(row("co-1"))
    later = row("co-1-more", stream="orders/co-1", subtype="stock_statement")
    last = row("co-1-last", stream="orders/co-1", subtype="stock_statement")
    report = ledger.import_rows(later, last)
    assert [proved.entry.statement.expected_version for _, proved in report.appended] == [1, 2]


def test_a_row_that_does_not_parse_is_told_and_the_others_go_in(ledger: Served) -> None:
    report = ledger.import_rows(row("co-1"), row("co-2", grade="sure"), row("co-3"))
    assert _ids(report) == ["co-1", "co-3"]
    assert [(one.line, one.field) for one in report.refused] == [(2, "grade")]


def test_a_row_that_the_ledger_refuses_is_told_by_its_rule_and_the_others_go_in(
    ledger: Served,
) -> None:
    bare = row("co-2", stream="orders/elsewhere")
    del bare["quantity"]
    report = ledger.import_rows(row("co-1"), bare, row("co-3"))
    assert _ids(report) == ["co-1", "co-3"]
    assert _reasons(report) == [(2, "opens-its-own-stream")]
    assert not report.refused[0].field.startswith("envelopes")


def test_several_refused_rows_are_each_told(ledger: Served) -> None:
    rows = [row(f"co-{place}") for place in range(6)]
    for place in (1, 2, 5):
        rows[place]["stream"] = "orders/elsewhere"
        del rows[place]["quantity"]
    report = ledger.import_rows(*rows)
    assert _ids(report) == ["co-0", "co-3", "co-4"]
    assert [one.line for one in report.refused] == [2, 3, 6]


def test_a_refused_row_takes_no_place_in_its_stream(ledger: Served) -> None:
    """The rows behind it are signed anew for the versions that are left."""
    withdrawn = row("co-1-end", stream="orders/co-1", subtype="withdrawal")
    after = row("co-1-after", stream="orders/co-1", subtype="stock_statement")
    corrected = row(
        "co-1-corrected",
        stream="orders/co-1",
        subtype="correction",
        relates_to=[{"id": "co-1-end", "relation": "corrects"}],
    )
    report = ledger.import_rows(row("co-1"), withdrawn, after, corrected)
    assert _ids(report) == ["co-1", "co-1-end", "co-1-corrected"]
    assert _reasons(report) == [(3, "nothing-follows-withdrawal")]


def test_a_row_alone_is_told_without_the_name_of_a_batch(ledger: Served) -> None:
    report = ledger.import_rows(row("co-2", stream="claims/co-2"))
    assert _reasons(report) == [(1, "family-fits-collection")]


def test_other_content_under_a_known_id_is_refused(ledger: Served) -> None:
    ledger.import_rows(row("co-1"))
    report = ledger.import_rows(row("co-1", note="more"))
    assert _reasons(report) == [(1, "fact-id-taken")]


def test_an_item_described_anew_becomes_the_next_version(ledger: Served) -> None:
    ledger.import_rows(item_row())
    changed = item_row(aliases=["H2O"])
    report = ledger.import_rows(changed)
    assert _ids(report) == ["item-h20-v2"]
    assert ledger.import_rows(item_row(), changed).appended == []


def test_a_dry_run_tells_the_same_and_appends_nothing(ledger: Served) -> None:
    bare = row("co-2", stream="orders/elsewhere")
    del bare["quantity"]
    later = row("co-1-more", stream="orders/co-1", subtype="stock_statement")
    report = ledger.import_rows(row("co-1"), bare, later, dry_run=True)
    assert [one.fact.id for one in report.valid] == ["co-1", "co-1-more"]
    assert _reasons(report) == [(2, "opens-its-own-stream")]
    assert (report.appended, _size(ledger)) == ([], 2)


def test_a_dry_run_of_more_rows_than_a_batch_holds_goes_on(
    ledger: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.client.importer.STRICT_ROWS_MAX", 2)
    more = [row(f"co-1-{place}", stream="orders/co-1") for place in range(4)]
    report = ledger.import_rows(row("co-1"), *more, dry_run=True)
    assert len(report.valid) == 5


def test_a_strict_import_goes_in_whole(ledger: Served) -> None:
    report = ledger.import_rows(row("co-1"), row("co-2"), strict=True)
    assert _ids(report) == ["co-1", "co-2"]


@pytest.mark.parametrize("bad", [row("co-2", grade="sure"), row("co-2", stream="claims/co-2")])
def test_a_strict_import_goes_in_not_at_all(ledger: Served, bad: dict[str, Any]) -> None:
    report = ledger.import_rows(row("co-1"), bad, row("co-3"), strict=True)
    assert [one.line for one in report.refused] == [2]
    assert (report.appended, _size(ledger)) == ([], 2)


def test_a_strict_import_of_what_is_in_already_has_nothing_to_do(ledger: Served) -> None:
    ledger.import_rows(row("co-1"))
    report = ledger.import_rows(row("co-1"), strict=True)
    assert (len(report.already_in), report.refused) == (1, [])


def test_a_strict_import_that_no_batch_holds_is_refused(
    ledger: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.client.importer.STRICT_ROWS_MAX", 1)
    with pytest.raises(InputError) as refused:
        ledger.import_rows(row("co-1"), row("co-2"), strict=True)
    assert refused.value.rule == "strict-size"
    assert _size(ledger) == 2


def test_items_that_nobody_described_are_warned_of(ledger: Served) -> None:
    ledger.import_rows(item_row("H100", aliases=["H100 SXM5"]))
    report = ledger.import_rows(
        row("co-1", items=["h100 sxm5", "B30A"]), item_row("H20"), row("co-2", items=["H20"])
    )
    assert len(report.warnings) == 1
    assert "B30A" in report.warnings[0]
    assert "rows.jsonl:1" in report.warnings[0]


def test_a_refused_row_warns_of_nothing(ledger: Served) -> None:
    report = ledger.import_rows(row("co-2", stream="claims/co-2", items=["B30A"]))
    assert (len(report.refused), report.warnings) == (1, [])


def test_progress_runs_to_its_end(ledger: Served) -> None:
    told: list[tuple[int, int]] = []
    importer = ledger.importer(progress=lambda done, total: told.append((done, total)))
    importer.run(read_rows(MemoryFile("bad", "{\n{\n{\n")))
    assert told[-1] == (6, 6)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_large_files_go_in_by_batches(ledger: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.client.importer.BATCH_ROWS", 2)
    report = ledger.import_rows(*(row(f"co-{place}") for place in range(5)))
    assert [proved.head.size for _, proved in report.appended] == [4, 4, 6, 6, 7]


def test_large_rows_make_smaller_batches(ledger: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.client.importer.BATCH_BYTES", 1)
    report = ledger.import_rows(row("co-1"), row("co-2"))
    assert [proved.head.size for _, proved in report.appended] == [3, 4]


class Between:
    """A client to which something happens whenever it appends a batch."""

    def __init__(self, client: LedgerClient, append: Callable[[list[bytes]], Any]) -> None:
        self._client = client
        self.append_batch = append

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


def _importer(
    ledger: Served, append: Callable[[list[bytes]], Any], clock: Callable[[], int] = clock_ms
) -> Importer:
    client: Any = Between(ledger.client, append)
    return Importer(client, ledger.founded.registrar, clock_ms=clock)


def _file(*rows: dict[str, Any]) -> MemoryFile:
    return MemoryFile("rows.jsonl", "".join(f"{json.dumps(one)}\n" for one in rows))


@pytest.mark.parametrize("after", [0, 1, 2])
def test_an_interrupted_import_is_resumed_without_doubling(
    ledger: Served, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    monkeypatch.setattr("ledger.client.importer.BATCH_ROWS", 2)
    rows = [item_row(), item_row(note="new"), *(row(f"co-{place}") for place in range(4))]
    batches = 0

    def append(envelopes: list[bytes]) -> Any:
        nonlocal batches
        done = ledger.client.append_batch(envelopes)
        if batches == after:
            raise UnavailableError("The connection broke.")
        batches += 1
        return done

    importer = _importer(ledger, append)
    with pytest.raises(UnavailableError):
        importer.run(read_rows(_file(*rows)))
    assert len(importer.report.appended) == 2 * after
    report = ledger.import_rows(*rows)
    assert report.refused == []
    assert len(report.already_in) == 2 * after + 2
    assert _size(ledger) == 2 + len(rows)


def test_an_import_that_another_one_overtook_doubles_nothing(ledger: Served) -> None:
    """Both settled their rows while nothing was on record; the second to append finds them in."""
    rows = [item_row(), row("co-1"), row("co-1-more", stream="orders/co-1")]

    def append(envelopes: list[bytes]) -> Any:
        ledger.import_rows(*rows)
        return ledger.client.append_batch(envelopes)

    slow = _importer(ledger, append, clock=lambda: clock_ms() + 1)
    report = slow.run(read_rows(_file(*rows)))
    assert (len(report.already_in), report.appended, report.refused) == (3, [], [])
    assert _size(ledger) == 5


def test_a_row_that_another_import_put_in_with_other_content_is_refused(ledger: Served) -> None:
    def append(envelopes: list[bytes]) -> Any:
        ledger.import_rows(row("co-1"))
        return ledger.client.append_batch(envelopes)

    report = _importer(ledger, append).run(read_rows(_file(row("co-1", note="late"))))
    assert len(report.refused) == 1
    assert _size(ledger) == 3


def test_a_stream_that_others_keep_moving_is_given_up(ledger: Served) -> None:
    def append(_: list[bytes]) -> Any:
        raise VersionConflictError("moved", expected=0, actual=1)

    report = _importer(ledger, append).run(read_rows(_file(row("co-1"))))
    assert _reasons(report) == [(1, "expected-version")]


def test_a_duplicate_that_is_not_on_record_is_refused_as_the_ledger_says(ledger: Served) -> None:
    def append(_: list[bytes]) -> Any:
        raise DuplicateError("The nonce is taken.", rule="nonce-taken")

    report = _importer(ledger, append).run(read_rows(_file(row("co-1"))))
    assert _reasons(report) == [(1, "nonce-taken")]


@pytest.mark.parametrize("field", ["somewhere", "envelopes[7]", ""])
def test_a_server_that_does_not_say_which_row_is_at_fault_is_asked_row_by_row(
    ledger: Served, field: str
) -> None:
    def append(envelopes: list[bytes]) -> Any:
        try:
            return ledger.client.append_batch(envelopes)
        except RefusedError as error:
            error.field = field
            raise

    rows = (row("co-1"), row("co-2", stream="claims/co-2"))
    report = _importer(ledger, append).run(read_rows(_file(*rows)))
    assert _ids(report) == ["co-1"]
    assert [one.line for one in report.refused] == [2]


def test_a_receipt_that_does_not_hold_stops_the_import(ledger: Served) -> None:
    def spoil(reply: services_pb2.AppendBatchResponse) -> None:
        reply.receipts[0].index += 1

    change = changing("AppendBatch", services_pb2.AppendBatchResponse, spoil)
    file = _file(row("co-1"))
    with lying(ledger.address, change) as address, ledger.connect(address) as client:
        importer = Importer(client, ledger.founded.registrar, clock_ms=clock_ms)
        with pytest.raises(VerificationError):
            importer.run(read_rows(file))


def test_the_case_file_goes_in_whole(ledger: Served) -> None:
    files = [casefile.path(name) for name in casefile.IMPORT_ORDER]
    rows = [one for file in files for one in read_rows(file)]
    report = ledger.importer().run(rows)
    assert (report.refused, report.warnings, len(report.appended)) == ([], [], 268)


def test_files_on_disk_are_named_in_the_report(ledger: Served, tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text("{\n", encoding="utf-8")
    report = ledger.importer().run(read_rows(path))
    assert report.refused[0].file == "mine.jsonl"
