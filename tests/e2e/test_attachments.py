"""Documents outside the log, over gRPC: put, got, listed, erased."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest

from ledger.bootstrap import (
    ATTACHMENTS_FOLDER,
    DATABASE_FILE,
    found_ledger,
    open_ledger,
    open_replica,
)
from ledger.client.pins import PIN_FILE
from ledger.client.signer import Author, sign
from ledger.domain.attachments import CONTENT_BYTES_MAX, commitment_of
from ledger.domain.authorship import Policy
from ledger.errors import SignatureError
from ledger.store.vault import Document, Vault
from ledger.v1 import services_pb2 as pb
from tests import builders
from tests.builders import committed, salt_of
from tests.documents import getting, key_file, name, put, putting, refused_get
from tests.e2e.refusals import read, refusal_of
from tests.simulator import ADMINISTRATOR, CALL_S, FOUNDED_SIZE, Simulator, key_of

LETTER, CONTRACT, LARGE = "a letter", "a contract", "x" * CONTENT_BYTES_MAX
ERASED_LETTER = "a letter that was erased"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Orders that name a letter, a contract, a large document and one that is erased."""
    with Simulator(tmp_path_factory.mktemp("attachments")) as service:
        name(service, "order-1", LETTER, CONTRACT)
        name(service, "order-2", LARGE)
        name(service, "order-3", ERASED_LETTER)
        put(service, "order-3", ERASED_LETTER)
        service.append(builders.erased(ERASED_LETTER), ADMINISTRATOR)
        put(service, "order-1", LETTER)
        service.caught_up()
        yield service


def listed(service: Simulator, **request: Any) -> list[tuple[str, str, int]]:
    response = service.ledger.ListAttachments(pb.ListAttachmentsRequest(**request), timeout=CALL_S)
    return [
        (one.fact_id, pb.AttachmentState.Name(one.state)[17:], one.erased_at_index)
        for one in response.attachments
    ]


def test_what_was_put_is_given_with_its_salt(world: Simulator) -> None:
    got = world.ledger.GetAttachment(getting("order-1", LETTER), timeout=CALL_S)

    assert (got.content, got.salt) == (LETTER.encode(), salt_of(LETTER))
    assert commitment_of(got.salt, got.content) == committed(LETTER).commitment


def test_a_statement_may_be_named_by_index_or_digest(world: Simulator) -> None:
    digest = world.opened.parts.models.catalog.at().records()[FOUNDED_SIZE].digest
    for named in ({"index": FOUNDED_SIZE}, {"statement_digest": digest}):
        request = pb.GetAttachmentRequest(commitment=committed(LETTER).commitment, **named)
        assert world.ledger.GetAttachment(request, timeout=CALL_S).content == LETTER.encode()


def test_the_largest_document_goes_through(world: Simulator) -> None:
    assert put(world, "order-2", LARGE) == committed(LARGE).commitment

    got = world.ledger.GetAttachment(getting("order-2", LARGE), timeout=CALL_S)

    assert got.content == LARGE.encode()


def test_a_larger_one_is_refused(world: Simulator) -> None:
    refusal = refusal_of(world.ledger.PutAttachment, putting("order-2", LARGE + "x"))

    assert (refusal.code, refusal.rule) == ("INVALID_ARGUMENT", "content-size")
    assert refusal.violations == ("content",)


def test_what_no_statement_names_is_refused(world: Simulator) -> None:
    for request in (putting("order-1", "another letter"), putting("order-2", LETTER)):
        refusal = refusal_of(world.ledger.PutAttachment, request)
        assert (refusal.code, refusal.rule) == ("NOT_FOUND", "attachment-named")
    assert refused_get(world, "order-2", LETTER).rule == "attachment-named"


def test_a_short_salt_a_missing_name_and_an_unknown_fact_are_refused(world: Simulator) -> None:
    letter = {"salt": salt_of(LETTER), "content": LETTER.encode()}
    for fields, rule in (
        ({"fact_id": "order-1", **letter, "salt": b"short"}, "salt-length"),
        (letter, "receipt-name"),
        ({"fact_id": "order-9", **letter}, "no-fact"),
        ({"index": 10**6, **letter}, "no-entry"),
        ({"index": 2**64 - 1, **letter}, "no-entry"),
        ({"statement_digest": bytes(32), **letter}, "no-statement"),
    ):
        assert (
            refusal_of(world.ledger.PutAttachment, pb.PutAttachmentRequest(**fields)).rule == rule
        )


def test_a_document_that_was_never_put_is_missing(world: Simulator) -> None:
    refusal = refused_get(world, "order-1", CONTRACT)

    assert (refusal.code, refusal.rule) == ("NOT_FOUND", "attachment-missing")


def test_an_erased_one_is_refused_with_the_index_of_its_erasure(world: Simulator) -> None:
    refusal = refused_get(world, "order-3", ERASED_LETTER)

    assert (refusal.code, refusal.rule) == ("NOT_FOUND", "attachment-erased")
    assert refusal.metadata["erased_at_index"] == str(FOUNDED_SIZE + 3)


def test_an_erased_one_is_not_put_again(world: Simulator) -> None:
    refusal = refusal_of(world.ledger.PutAttachment, putting("order-3", ERASED_LETTER))

    assert refusal.rule == "attachment-erased"
    assert not world.opened.parts.vault.holds(committed(ERASED_LETTER).commitment)


def test_documents_are_listed_with_their_state(world: Simulator) -> None:
    put(world, "order-2", LARGE)

    assert listed(world) == [
        ("order-1", "PRESENT", 0),
        ("order-1", "MISSING", 0),
        ("order-2", "PRESENT", 0),
        ("order-3", "ERASED", FOUNDED_SIZE + 3),
    ]
    assert [fact_id for fact_id, *_ in listed(world, fact_id="order-2")] == ["order-2"]
    request = pb.ListAttachmentsRequest(fact_id="order-9")
    assert refusal_of(world.ledger.ListAttachments, request).rule == "no-fact"


def test_a_list_goes_on_from_page_to_page_at_one_tree_size(world: Simulator) -> None:
    request = pb.ListAttachmentsRequest(page_size=3)
    first = world.ledger.ListAttachments(request, timeout=CALL_S)
    request.page_token = first.next_page_token
    last = world.ledger.ListAttachments(request, timeout=CALL_S)

    assert [len(first.attachments), len(last.attachments)] == [3, 1]
    assert (last.next_page_token, last.tree_size) == ("", first.tree_size)
    earlier = listed(world, tree_size=FOUNDED_SIZE + 3)
    assert earlier[-1] == ("order-3", "MISSING", 0)


def test_a_length_that_the_author_stated_wrongly_is_refused(world: Simulator) -> None:
    document = "an invoice"
    wrong = committed(document).model_copy(update={"length": 5})
    world.append(builders.order("order-wrong"), attachments=(wrong,))

    refusal = refusal_of(world.ledger.PutAttachment, putting("order-wrong", document))

    assert (refusal.rule, refusal.field) == ("attachment-length", "content")


def test_only_administrators_erase(world: Simulator) -> None:
    envelope = world.envelope(builders.erased(CONTRACT))

    refusal = refusal_of(world.ledger.Append, pb.AppendRequest(envelope=envelope))

    assert (refusal.code, refusal.reason) == ("PERMISSION_DENIED", "ROLE_REFUSED")


def test_erasing_destroys_the_key_before_the_receipt_and_every_proof_still_holds(
    tmp_path: Path,
) -> None:
    with Simulator(tmp_path) as service:
        name(service, "order-1", LETTER, CONTRACT)
        for document in (LETTER, CONTRACT):
            put(service, "order-1", document)
        key = key_file(service, committed(LETTER))
        secret = key.read_bytes()

        service.append(builders.erased(LETTER), ADMINISTRATOR)

        assert not key.exists()
        assert refused_get(service, "order-1", LETTER).rule == "attachment-erased"
        kept = service.ledger.GetAttachment(getting("order-1", CONTRACT), timeout=CALL_S)
        assert kept.content == CONTRACT.encode()
        service.verify(service.opened.parts.reader.receipt(FOUNDED_SIZE))
        # While the server still runs: whatever a database would keep in its log is in the files.
        written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for destroyed in (secret, salt_of(LETTER), LETTER.encode()):
        assert destroyed not in written


def test_as_many_administrators_erase_as_must_sign_together(tmp_path: Path) -> None:
    names = ("ada", "bo")
    pin = found_ledger(
        tmp_path / "ledger",
        administrators=[Author(each, key_of(each)) for each in names],
        threshold=2,
        policy=Policy(),
    )
    statement = builders.statement(builders.erased(LETTER), "ada", ledger_id=pin.ledger_id)
    with open_ledger(tmp_path / "ledger") as ledger:
        with pytest.raises(SignatureError) as refused:
            ledger.parts.appender.append(sign(statement, [key_of("ada")]))
        assert refused.value.rule == "administrators-threshold"
        assert ledger.parts.reader.erased_at(committed(LETTER).commitment) is None

        ledger.parts.appender.append(sign(statement, [key_of(each) for each in names]))

        assert ledger.parts.reader.erased_at(committed(LETTER).commitment) == 1


def test_whoever_puts_while_it_is_erased_does_not_bring_it_back(tmp_path: Path) -> None:
    with Simulator(tmp_path) as service, ThreadPoolExecutor() as pool:
        name(service, "order-1", LETTER)
        erased = threading.Event()

        def put_until_refused() -> str:
            while not erased.is_set():
                try:
                    put(service, "order-1", LETTER)
                except grpc.RpcError as error:
                    return read(error).rule
            return refusal_of(service.ledger.PutAttachment, putting("order-1", LETTER)).rule

        putting_all = [pool.submit(put_until_refused) for _ in range(4)]
        put(service, "order-1", LETTER)
        service.append(builders.erased(LETTER), ADMINISTRATOR)
        erased.set()

        assert {one.result() for one in putting_all} == {"attachment-erased"}
        assert not service.opened.parts.vault.holds(committed(LETTER).commitment)
        assert not key_file(service, committed(LETTER)).exists()


def test_a_replica_destroys_its_own_copies(tmp_path: Path) -> None:
    with Simulator(tmp_path) as service:
        name(service, "order-1", LETTER)
        put(service, "order-1", LETTER)
        replica = tmp_path / "replica"
        shutil.copytree(service.directory / ATTACHMENTS_FOLDER, replica / ATTACHMENTS_FOLDER)
        shutil.copy(service.directory / PIN_FILE, replica)
        (replica / DATABASE_FILE).symlink_to(service.directory / DATABASE_FILE)
        copy = Vault(replica / ATTACHMENTS_FOLDER)
        commitment = committed(LETTER).commitment
        with open_replica(replica, poll_s=0.01):
            assert copy.holds(commitment)
            service.append(builders.erased(LETTER), ADMINISTRATOR)
            while copy.has_traces(commitment):
                time.sleep(0.01)

        copy.put(Document(salt_of(LETTER), LETTER.encode()), check=lambda: None)
        with open_replica(replica):
            assert not copy.has_traces(commitment)


def test_what_could_not_be_destroyed_is_destroyed_when_the_ledger_is_opened_next(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Simulator(tmp_path) as service:
        name(service, "order-1", LETTER)
        put(service, "order-1", LETTER)
        key = key_file(service, committed(LETTER))
        secret = key.read_bytes()
        key.unlink()
        key.mkdir()
        service.append(builders.erased(LETTER), ADMINISTRATOR)
        assert "erased attachment" in caplog.text
        assert refused_get(service, "order-1", LETTER).rule == "attachment-erased"
    key.rmdir()
    key.write_bytes(secret)

    with Simulator(tmp_path) as service:
        assert not key.exists()
        assert refused_get(service, "order-1", LETTER).rule == "attachment-erased"
