"""The client believes nothing that it cannot verify, whatever the server says."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.cli.embedded import serving
from ledger.client.client import LedgerClient, first_pin
from ledger.client.connection import Connection
from ledger.client.heads import HeadFile, HeadsInMemory
from ledger.client.pins import Pin
from ledger.client.signer import Place, sign, state
from ledger.client.transport import finished
from ledger.errors import (
    DuplicateError,
    NotFoundError,
    RollbackError,
    RuleError,
    VerificationError,
)
from ledger.v1 import axes_pb2, log_pb2, queries_pb2, services_pb2
from tests.builders import order
from tests.unit.client.served import (
    CLOCK_MS,
    COVERAGE,
    LETTER,
    Served,
    changing,
    item_row,
    lied_to,
    lying,
    row,
    served,
)

LETTER_TO_AMD = LETTER | {
    "id": "us-amd",
    "stream": "instruments/us-amd",
    "addressee": "AMD",
    "provisions": [
        {
            "id": "us-amd#place",
            "items": {"names": ["H20"]},
            "destinations": {"codes": ["CN"]},
            "addressee": "AMD",
            "requirement": "LICENSE_REQUIRED",
        }
    ],
}


def _envelope(ledger: Served, fact_id: str = "co-1", **more: Any) -> bytes:
    place = Place(
        ledger_id=ledger.client.ledger_id,
        expected_version=0,
        signed_at_ms=more.pop("signed_at_ms", CLOCK_MS),
    )
    author = ledger.founded.registrar
    fact = order(fact_id, **more)
    return sign(state(fact, author.name, place), [author.signer])


def _question(**more: Any) -> queries_pb2.GetLicenseStatusRequest:
    question = queries_pb2.Question(
        item="H20", destination="CN", exporter="NVIDIA", as_of="2025-05-01", known_at="2025-05-01"
    )
    return queries_pb2.GetLicenseStatusRequest(question=question, **more)


def test_an_append_is_proved_under_a_checkpoint_that_becomes_the_head(ledger: Served) -> None:
    proved = ledger.client.append(_envelope(ledger))
    assert (proved.entry.index, proved.entry.fact) == (2, order("co-1"))
    assert ledger.client.trust.head == proved.head
    assert proved.head.size == 3


def test_a_retry_gets_the_first_receipt_also_under_another_signature(ledger: Served) -> None:
    first = ledger.client.append(_envelope(ledger))
    ledger.client.append(_envelope(ledger, "co-2"))
    again = ledger.client.append(_envelope(ledger))
    assert again.receipt == first.receipt


def test_the_same_nonce_with_other_bytes_is_a_duplicate(ledger: Served) -> None:
    ledger.client.append(_envelope(ledger))
    with pytest.raises(DuplicateError):
        ledger.client.append(_envelope(ledger, signed_at_ms=CLOCK_MS + 1))


def test_a_refused_batch_says_which_statement_is_at_fault(ledger: Served) -> None:
    bare = _envelope(ledger, "co-2", stream="orders/elsewhere")
    with pytest.raises(RuleError) as refused:
        ledger.client.append_batch([_envelope(ledger), bare])
    assert refused.value.field.startswith("envelopes[1]")
    assert ledger.client.checkpoint().size == 2


def test_a_validation_stores_nothing(ledger: Served) -> None:
    ledger.client.validate_batch([_envelope(ledger)])
    assert ledger.client.checkpoint().size == 2


@pytest.mark.parametrize("name", [2, "co-1"])
def test_an_entry_is_found_by_index_and_by_fact_id(ledger: Served, name: str | int) -> None:
    ledger.client.append(_envelope(ledger))
    assert ledger.client.proved(name).entry.fact == order("co-1")


def test_an_entry_is_found_by_its_digest(ledger: Served) -> None:
    proved = ledger.client.append(_envelope(ledger))
    assert ledger.client.proved(proved.entry.digest).entry.index == 2


def test_a_receipt_that_came_by_another_way_is_verified_alike(ledger: Served) -> None:
    receipt = ledger.client.append(_envelope(ledger)).receipt
    client = ledger.connect()
    with client:
        assert client.verified(receipt).entry.index == 2
        with pytest.raises(VerificationError):
            client.verified(replace(receipt, index=1))


def test_what_is_not_there_is_not_found(ledger: Served) -> None:
    with pytest.raises(NotFoundError):
        ledger.client.proved("co-9")


def _other_entry(receipt: log_pb2.Receipt) -> None:
    receipt.entry = receipt.entry[:-1] + bytes([receipt.entry[-1] ^ 1])


def _other_index(receipt: log_pb2.Receipt) -> None:
    receipt.index -= 1


def _no_proof(receipt: log_pb2.Receipt) -> None:
    del receipt.inclusion_proof[:]


@pytest.mark.parametrize("spoil", [_other_entry, _other_index, _no_proof])
def test_a_receipt_that_does_not_hold_is_refused(
    ledger: Served, spoil: Callable[[log_pb2.Receipt], None]
) -> None:
    change = changing("Append", services_pb2.AppendResponse, lambda reply: spoil(reply.receipt))
    with pytest.raises(VerificationError):
        lied_to(ledger, change, lambda client: client.append(_envelope(ledger)))


def test_a_receipt_of_another_statement_is_refused(ledger: Served) -> None:
    other = ledger.client.append(_envelope(ledger, "co-other")).receipt

    def swap(reply: services_pb2.AppendResponse) -> None:
        reply.receipt.entry = other.entry
        reply.receipt.index = other.index
        reply.receipt.checkpoint = other.checkpoint
        reply.receipt.inclusion_proof[:] = other.inclusion_proof

    change = changing("Append", services_pb2.AppendResponse, swap)
    with pytest.raises(VerificationError) as found:
        lied_to(ledger, change, lambda client: client.append(_envelope(ledger)))
    assert found.value.rule == "receipt-of-another"


def test_a_batch_that_comes_back_short_is_refused(ledger: Served) -> None:
    def lose(reply: services_pb2.AppendBatchResponse) -> None:
        del reply.receipts[0]

    change = changing("AppendBatch", services_pb2.AppendBatchResponse, lose)
    with pytest.raises(VerificationError) as found:
        lied_to(ledger, change, lambda client: client.append_batch([_envelope(ledger)]))
    assert found.value.rule == "receipt-count"


def test_the_receipt_of_another_fact_than_was_asked_for_is_refused(ledger: Served) -> None:
    ledger.client.append(_envelope(ledger))
    founding = finished(ledger.client.steps.calls.receipt(0))

    def swap(reply: services_pb2.GetReceiptResponse) -> None:
        if reply.receipt.index:
            reply.receipt.entry = founding.entry
            reply.receipt.index = 0
            reply.receipt.checkpoint = founding.checkpoint
            reply.receipt.inclusion_proof[:] = founding.inclusion_proof

    change = changing("GetReceipt", services_pb2.GetReceiptResponse, swap)
    with pytest.raises(VerificationError) as found:
        lied_to(ledger, change, lambda client: client.proved("co-1"))
    assert found.value.rule == "receipt-of-another"


def test_another_ledger_than_the_pinned_one_is_refused_at_once(
    ledger: Served, tmp_path: Path
) -> None:
    pin = ledger.founded.pin
    other = Pin(pin.origin, bytes(32), pin.log_keys)
    with pytest.raises(VerificationError) as found:
        LedgerClient.connect(Connection(target=ledger.address), other, HeadsInMemory())
    assert found.value.rule == "pinned-ledger"
    with served(tmp_path / "other") as elsewhere, pytest.raises(VerificationError):
        ledger.connect(elsewhere.address)


def test_a_ledger_seen_before_is_not_asked_for_its_founding_again(
    ledger: Served, tmp_path: Path
) -> None:
    memory = HeadFile(tmp_path / "head.note")
    ledger.connect(memory=memory).close()
    asked: list[str] = []

    def listen(method: str, reply: bytes) -> bytes:
        asked.append(method)
        return reply

    with lying(ledger.address, listen) as address:
        ledger.connect(address, memory).close()
    assert asked == []


def test_a_first_use_takes_the_pin_from_the_server(ledger: Served) -> None:
    assert first_pin(Connection(target=ledger.address)) == ledger.founded.pin


def test_an_older_checkpoint_than_one_seen_before_is_a_rollback(ledger: Served) -> None:
    old = finished(ledger.client.steps.calls.checkpoint(0))[0]
    ledger.client.append(_envelope(ledger))
    head = ledger.client.trust.head
    assert head is not None
    memory = HeadsInMemory()
    memory.replace(head.note, known=None)

    def shrink(reply: log_pb2.GetCheckpointResponse) -> None:
        reply.checkpoint = old

    change = changing("GetCheckpoint", log_pb2.GetCheckpointResponse, shrink)
    with lying(ledger.address, change) as address:
        client = ledger.connect(address, memory)
        with client, pytest.raises(RollbackError):
            client.checkpoint()


@pytest.mark.parametrize(
    "ask", [LedgerClient.checkpoint, lambda client: client.status(_question())]
)
def test_an_old_backup_that_is_served_is_a_rollback(
    tmp_path: Path, ask: Callable[[LedgerClient], object]
) -> None:
    memory = HeadsInMemory()
    with served(tmp_path) as ledger:
        ledger.import_rows(item_row(), COVERAGE)
    shutil.copytree(ledger.folder, tmp_path / "backup")
    pin = ledger.founded.pin
    with (
        serving(ledger.folder) as address,
        LedgerClient.connect(Connection(target=address), pin, memory) as client,
    ):
        for fact_id in ("co-1", "co-2"):
            client.append(_envelope(ledger, fact_id))
    with (
        serving(tmp_path / "backup") as address,
        LedgerClient.connect(Connection(target=address), pin, memory) as client,
        pytest.raises(RollbackError),
    ):
        ask(client)


def test_a_checkpoint_without_a_proof_is_refused(ledger: Served) -> None:
    ledger.import_rows(row("co-1"), row("co-2"))

    def lose(reply: log_pb2.GetCheckpointResponse) -> None:
        del reply.consistency_proof[:]

    change = changing("GetCheckpoint", log_pb2.GetCheckpointResponse, lose)
    with pytest.raises(VerificationError) as found:
        lied_to(ledger, change, lambda client: client.checkpoint())
    assert found.value.rule == "consistency-proof"


def test_an_answer_stands_on_a_verified_checkpoint(ledger: Served) -> None:
    ledger.import_rows(item_row(), COVERAGE, LETTER, LETTER_TO_AMD)
    response = ledger.client.status(_question())
    assert response.requirement == axes_pb2.Requirement.LICENSE_REQUIRED
    head = ledger.client.trust.head
    assert head is not None
    assert response.tree_size == head.size


def _to_another_question(reply: queries_pb2.GetLicenseStatusResponse) -> None:
    reply.question.exporter = "AMD"


def _at_another_basis(reply: queries_pb2.GetLicenseStatusResponse) -> None:
    reply.question.as_of = "2025-05-02"


def _on_another_size(reply: queries_pb2.GetLicenseStatusResponse) -> None:
    reply.tree_size -= 1


def _under_a_false_checkpoint(reply: queries_pb2.GetLicenseStatusResponse) -> None:
    reply.checkpoint = reply.checkpoint.replace(b"\n5\n", b"\n6\n")


def _from_outside(reply: queries_pb2.GetLicenseStatusResponse) -> None:
    reply.considered[0].index = 99


def _of_another_fact(reply: queries_pb2.GetLicenseStatusResponse) -> None:
    _applied(reply).fact_id = "us-other"


def _by_another_author(reply: queries_pb2.GetLicenseStatusResponse) -> None:
    _applied(reply).attribution = "FIRST_PARTY"


def _without_proof(reply: queries_pb2.GetLicenseStatusResponse) -> None:
    del _applied(reply).inclusion_proof[:]


def _applied(reply: queries_pb2.GetLicenseStatusResponse) -> queries_pb2.ConsideredEntry:
    return next(
        entry for entry in reply.considered if entry.disposition == axes_pb2.Disposition.APPLIED
    )


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (_to_another_question, "answers-another-question"),
        (_at_another_basis, "answers-another-question"),
        (_on_another_size, "tree-size"),
        (_under_a_false_checkpoint, "note-signature"),
        (_from_outside, "tree-size"),
        (_of_another_fact, "record-differs"),
        (_by_another_author, "record-differs"),
        (_without_proof, "proof-length"),
    ],
)
def test_an_answer_that_does_not_hold_is_refused(
    ledger: Served, spoil: Callable[[queries_pb2.GetLicenseStatusResponse], None], rule: str
) -> None:
    ledger.import_rows(item_row(), COVERAGE, LETTER)
    change = changing("GetLicenseStatus", queries_pb2.GetLicenseStatusResponse, spoil)
    with pytest.raises(VerificationError) as found:
        lied_to(ledger, change, lambda client: client.status(_question()))
    assert found.value.rule == rule


def test_an_answer_at_another_size_than_asked_is_refused(ledger: Served) -> None:
    ledger.import_rows(item_row(), COVERAGE)
    newest = finished(ledger.client.steps.calls.status(_question())).SerializeToString()
    ledger.import_rows(LETTER)

    def replay(method: str, reply: bytes) -> bytes:
        return newest if method == "GetLicenseStatus" else reply

    with pytest.raises(VerificationError) as found:
        lied_to(ledger, replay, lambda client: client.status(_question(min_tree_size=5)))
    assert found.value.rule == "tree-size"


def test_a_question_without_proofs_reads_no_entries(ledger: Served) -> None:
    ledger.import_rows(item_row(), COVERAGE, LETTER)
    asked: list[str] = []

    def listen(method: str, reply: bytes) -> bytes:
        asked.append(method)
        return reply

    lied_to(ledger, listen, lambda client: client.status(_question(), prove=False))
    assert "ReadEntries" not in asked
