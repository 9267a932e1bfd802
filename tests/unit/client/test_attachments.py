from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import grpc
import pytest

from ledger.audit.served import verify_log
from ledger.client.attachments import (
    Attachment,
    attach,
    get_attachment,
    named_in,
    put_attachment,
)
from ledger.client.authoring import append_fact
from ledger.client.client import LedgerClient, Proved
from ledger.client.signer import Place, sign, state
from ledger.domain.attachments import (
    CONTENT_BYTES_MAX,
    AttachmentState,
    commitment_of,
    erasure,
)
from ledger.errors import ErasedError, InputError, NotFoundError, VerificationError
from ledger.service.status import DETAILS_TRAILER, status_of
from ledger.v1 import services_pb2 as pb
from tests import builders
from tests.unit.client.served import (
    CLOCK_MS,
    RefusalError,
    Served,
    changing,
    clock_ms,
    lied_to,
    served,
)

LETTER = attach(b"Dear Secretary", "text/plain")
CONTRACT = attach(b"The parties agree", "application/pdf")
ERASED = attach(b"A name and an address", "text/plain")


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A ledger with an order that names three documents; one is put, and one put and erased."""
    with served(tmp_path_factory.mktemp("attachments")) as running:
        client, author = running.client, running.founded.registrar
        place = Place(ledger_id=client.ledger_id, expected_version=0, signed_at_ms=CLOCK_MS)
        named = [attachment.named for attachment in (LETTER, CONTRACT, ERASED)]
        statement = state(builders.order("order-1"), author.name, place, named)
        proved = client.append(sign(statement, [author.signer]))
        put_attachment(client, proved, LETTER)
        put_attachment(client, proved, ERASED)
        erase(running, ERASED.commitment)
        yield running


def erase(ledger: Served, commitment: bytes) -> Proved:
    administrator = ledger.founded.administrator
    return append_fact(
        ledger.client,
        erasure(commitment, "It names a person."),
        author=administrator.name,
        signers=[administrator.signer],
        clock_ms=clock_ms,
    )


def get(client: LedgerClient, attachment: Attachment) -> Attachment:
    return get_attachment(client, client.proved("order-1"), attachment.commitment)


def test_a_document_comes_back_as_it_was_put(ledger: Served) -> None:
    assert get(ledger.client, LETTER) == LETTER


def test_two_salts_make_two_commitments_of_one_document() -> None:
    again = attach(LETTER.content, "text/plain")

    assert again.commitment != LETTER.commitment
    assert again.commitment == commitment_of(again.salt, LETTER.content)


def test_what_is_too_large_is_not_committed_to() -> None:
    with pytest.raises(InputError) as refused:
        attach(bytes(CONTENT_BYTES_MAX + 1), "text/plain")

    assert refused.value.rule == "content-size"


def test_what_the_statement_does_not_name_is_neither_put_nor_asked_for(ledger: Served) -> None:
    proved = ledger.client.proved("order-1")
    other_type = replace(
        LETTER, named=LETTER.named.model_copy(update={"media_type": "application/pdf"})
    )

    for stranger in (attach(b"Another letter", "text/plain"), other_type):
        with pytest.raises(InputError) as unnamed:
            put_attachment(ledger.client, proved, stranger)
        assert unnamed.value.rule == "attachment-named"
    with pytest.raises(NotFoundError):
        named_in(proved, bytes(32))


def test_one_that_was_never_put_is_missing(ledger: Served) -> None:
    with pytest.raises(NotFoundError) as refused:
        get(ledger.client, CONTRACT)

    assert refused.value.rule == "attachment-missing"


def test_an_erasure_is_told_with_who_when_and_why(ledger: Served) -> None:
    proved = ledger.client.proved("order-1")
    for ask in (
        lambda: get(ledger.client, ERASED),
        lambda: put_attachment(ledger.client, proved, ERASED),
    ):
        with pytest.raises(ErasedError) as refused:
            ask()
        assert refused.value.index == 3
        assert "by administrator at index 3: It names a person." in refused.value.message


@pytest.mark.parametrize(
    "lie",
    [
        lambda reply: setattr(reply, "content", b"Dear Madam"),
        lambda reply: setattr(reply, "salt", bytes(32)),
        lambda reply: setattr(reply, "salt", b""),
    ],
    ids=["content", "salt", "no salt"],
)
def test_another_document_than_the_one_committed_to_is_found_out(
    ledger: Served, lie: object
) -> None:
    assert callable(lie)
    change = changing("GetAttachment", pb.GetAttachmentResponse, lie)

    with pytest.raises(VerificationError) as found:
        lied_to(ledger, change, lambda client: get(client, LETTER))

    assert found.value.rule == "attachment-commitment"


def test_a_pretended_erasure_is_found_out(ledger: Served) -> None:
    status = status_of(ErasedError("It was erased.", index=3))

    def change(method: str, reply: bytes) -> bytes:
        if method != "GetAttachment":
            return reply
        trailer = (DETAILS_TRAILER, status.SerializeToString())
        raise RefusalError(grpc.StatusCode.NOT_FOUND, status.message, (trailer,))

    with pytest.raises(VerificationError) as found:
        lied_to(ledger, change, lambda client: get(client, LETTER))

    assert found.value.rule == "erasure"


def test_an_audit_learns_what_became_of_every_document(ledger: Served) -> None:
    report = verify_log(ledger.client)

    states = {status.attachment.named.commitment: status.state for status in report.attachments}

    assert states == {
        LETTER.commitment: AttachmentState.PRESENT,
        CONTRACT.commitment: AttachmentState.MISSING,
        ERASED.commitment: AttachmentState.ERASED,
    }
