"""An audit reads the whole log and finds what was changed, by its index."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.audit.served import verify_log
from ledger.cli.embedded import serving
from ledger.cli.tampering import copy_and_change
from ledger.client.client import LedgerClient
from ledger.client.connection import Connection
from ledger.client.heads import HeadsInMemory
from ledger.client.opened import open_entry
from ledger.client.signer import sign
from ledger.client.transport import finished
from ledger.codec.entries import decode_entry, encode_entry
from ledger.domain.statement import Entry
from ledger.errors import VerificationError
from ledger.log.merkle import leaf_hash
from ledger.signing.privatekeys import PrivateKey
from ledger.v1 import log_pb2
from tests.unit.client.served import Change, Served, changing, item_row, lying, row, served


def _audit_between(ledger: Served, change: Change) -> VerificationError:
    with (
        lying(ledger.address, change) as address,
        LedgerClient.connect(
            Connection(target=address), ledger.founded.pin, HeadsInMemory()
        ) as client,
        pytest.raises(VerificationError) as found,
    ):
        verify_log(client)
    return found.value


def test_a_log_that_holds_is_told_by_kind_and_author(ledger: Served) -> None:
    ledger.import_rows(item_row(), row("co-1"), row("co-2"))
    report = verify_log(ledger.client)
    assert report.tally.entries == {
        "ledger-founded.v1": 1,
        "author-enrolled.v1": 1,
        "item-described.v1": 1,
        "company-order.v1": 2,
    }
    assert report.tally.authors == {"administrator": 2, "registrar": 3}
    head = ledger.client.trust.head
    assert head is not None
    assert (report.checkpoint, report.note) == (head.checkpoint, head.note)


def test_progress_is_told_page_by_page(ledger: Served) -> None:
    told: list[tuple[int, int]] = []
    verify_log(ledger.client, lambda done, total: told.append((done, total)))
    assert told == [(0, 2), (2, 2)]


def _flip(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


@pytest.mark.parametrize("place", [0, 1, 8, 9, 40, -1])
def test_a_flipped_byte_names_its_entry(ledger: Served, place: int) -> None:
    """In the format, the recorded time, the envelope's head, the statement or the signature."""
    ledger.import_rows(row("co-1"), row("co-2"))

    def flip(reply: log_pb2.ReadEntriesResponse) -> None:
        data = reply.entries[2].entry
        reply.entries[2].entry = _flip(data, place % len(data))

    found = _audit_between(ledger, changing("ReadEntries", log_pb2.ReadEntriesResponse, flip))
    assert found.field == "entries[2]"


def test_a_byte_changed_on_the_disk_names_its_entry_wherever_it_lies(tmp_path: Path) -> None:
    with served(tmp_path) as ledger:
        ledger.import_rows(row("co-1", note="short"), row("co-2"))
        data = finished(ledger.client.steps.calls.receipt(2)).entry
    for place in range(0, len(data), 61):
        copy = tmp_path / f"copy-{place}"
        copy_and_change(ledger.folder, copy, data, data, _flip(data, place))
        with (
            serving(copy, for_audit=True) as address,
            ledger.connect(address) as client,
            pytest.raises(VerificationError) as found,
        ):
            verify_log(client)
        assert found.value.field == "entries[2]"


def test_a_signature_by_a_key_that_nobody_enrolled_is_found(ledger: Served) -> None:
    ledger.import_rows(row("co-1"))
    stranger = PrivateKey.generate()

    def sign_anew(reply: log_pb2.ReadEntriesResponse) -> None:
        entry = open_entry(reply.entries[2].entry, 2)
        envelope = sign(entry.statement, [stranger])
        reply.entries[2].entry = encode_entry(
            Entry(recorded_ms=entry.recorded_ms, envelope=envelope)
        )

    found = _audit_between(ledger, changing("ReadEntries", log_pb2.ReadEntriesResponse, sign_anew))
    assert (found.field, found.rule) == ("entries[2]", "key-unknown")


def test_two_entries_that_changed_places_are_found(ledger: Served) -> None:
    ledger.import_rows(row("co-1"), row("co-2"))

    def swap(reply: log_pb2.ReadEntriesResponse) -> None:
        one, two = reply.entries[2].entry, reply.entries[3].entry
        reply.entries[2].entry, reply.entries[3].entry = two, one

    found = _audit_between(ledger, changing("ReadEntries", log_pb2.ReadEntriesResponse, swap))
    assert found.field == "entries[2]"


def test_an_entry_that_was_moved_in_time_alone_is_found_by_its_hash(ledger: Served) -> None:
    """Nobody signs the recorded time but the log."""
    ledger.import_rows(row("co-1"))

    def later(reply: log_pb2.ReadEntriesResponse) -> None:
        entry = decode_entry(reply.entries[2].entry)
        moved = Entry(recorded_ms=entry.recorded_ms + 1, envelope=entry.envelope)
        reply.entries[2].entry = encode_entry(moved)

    found = _audit_between(ledger, changing("ReadEntries", log_pb2.ReadEntriesResponse, later))
    assert (found.field, found.rule) == ("entries[2]", "inclusion-proof")


def test_an_entry_recorded_before_the_one_in_front_of_it_is_found(ledger: Served) -> None:
    ledger.import_rows(row("co-1"))

    def earlier(reply: log_pb2.ReadEntriesResponse) -> None:
        entry = decode_entry(reply.entries[2].entry)
        reply.entries[2].entry = encode_entry(Entry(recorded_ms=1, envelope=entry.envelope))

    found = _audit_between(ledger, changing("ReadEntries", log_pb2.ReadEntriesResponse, earlier))
    assert (found.field, found.rule) == ("entries[2]", "recorded-in-order")


def test_an_entry_that_is_in_the_log_twice_is_found(ledger: Served) -> None:
    ledger.import_rows(row("co-1"), row("co-2"))

    def twice(reply: log_pb2.ReadEntriesResponse) -> None:
        reply.entries[3].entry = reply.entries[2].entry

    found = _audit_between(ledger, changing("ReadEntries", log_pb2.ReadEntriesResponse, twice))
    assert found.field == "entries[3]"


def test_a_fact_id_that_is_in_the_log_twice_is_found(ledger: Served) -> None:
    """Properly signed, and in another stream: only the whole log can tell."""
    ledger.import_rows(row("co-1"), row("co-2"))
    registrar = ledger.founded.registrar

    def take_the_name(reply: log_pb2.ReadEntriesResponse) -> None:
        entry = open_entry(reply.entries[3].entry, 3)
        fact = entry.fact.model_copy(update={"id": "co-1"})
        statement = entry.statement.model_copy(update={"fact": fact, "nonce": bytes(16)})
        envelope = sign(statement, [registrar.signer])
        moved = Entry(recorded_ms=entry.recorded_ms, envelope=envelope)
        reply.entries[3].entry = encode_entry(moved)

    change = changing("ReadEntries", log_pb2.ReadEntriesResponse, take_the_name)
    found = _audit_between(ledger, change)
    assert (found.field, found.rule) == ("entries[3]", "unique")


def test_a_log_that_invents_its_proofs_too_is_found_by_the_signed_root(ledger: Served) -> None:
    """A server that hashes the changed entry anew cannot sign for it without the log's key."""
    ledger.import_rows(row("co-1"))

    def later(reply: log_pb2.ReadEntriesResponse) -> None:
        entry = decode_entry(reply.entries[2].entry)
        moved = Entry(recorded_ms=entry.recorded_ms + 1, envelope=entry.envelope)
        reply.entries[2].entry = encode_entry(moved)

    def no_proof(reply: log_pb2.GetInclusionProofResponse) -> None:
        reply.inclusion_proof[0] = leaf_hash(b"invented")

    entries = changing("ReadEntries", log_pb2.ReadEntriesResponse, later)
    proofs = changing("GetInclusionProof", log_pb2.GetInclusionProofResponse, no_proof)
    found = _audit_between(ledger, lambda name, reply: proofs(name, entries(name, reply)))
    assert found.field == "entries[0]"


def _lie_about_nothing(_: log_pb2.ReadEntriesResponse) -> None:
    """Change nothing: the bytes are parsed and written again."""


def test_a_server_between_that_does_not_lie_is_no_finding(ledger: Served) -> None:
    ledger.import_rows(row("co-1"))
    change: Change = changing("ReadEntries", log_pb2.ReadEntriesResponse, _lie_about_nothing)
    with lying(ledger.address, change) as address, ledger.connect(address) as client:
        assert verify_log(client).tree_size == 3
