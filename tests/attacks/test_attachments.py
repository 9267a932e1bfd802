"""Who puts, gives or keeps another document than the one that was signed for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger.bootstrap import ATTACHMENTS_FOLDER
from ledger.client.attachments import get_attachment
from ledger.client.client import LedgerClient
from ledger.client.connection import Connection
from ledger.client.heads import HeadsInMemory
from ledger.errors import LedgerError, VerificationError
from ledger.store.vault import DOCUMENTS_FOLDER, KEYS_FOLDER
from ledger.v1 import services_pb2 as pb
from tests import builders
from tests.builders import committed, salt_of
from tests.documents import name, put, putting
from tests.e2e.refusals import refusal_of
from tests.simulator import ADMINISTRATOR, REGISTRAR, Simulator
from tests.unit.client.served import changing, lying

LETTER, CONTRACT, STRANGE = "a letter", "a contract", "a strange letter"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Simulator]:
    """An order that names a letter and a contract, both of which are held."""
    with Simulator(tmp_path) as running:
        name(running, "order-1", LETTER, CONTRACT)
        for document in (LETTER, CONTRACT):
            put(running, "order-1", document)
        yield running


def got(service: Simulator, address: str = "") -> bytes:
    """The letter, as a client that verifies gets it."""
    connection = Connection(target=address or str(service.addresses.grpc))
    with LedgerClient.connect(connection, service.pin, HeadsInMemory()) as client:
        proved = client.proved("order-1")
        return get_attachment(client, proved, committed(LETTER).commitment).content


def _another_document(reply: pb.GetAttachmentResponse) -> None:
    reply.content, reply.salt = CONTRACT.encode(), salt_of(CONTRACT)


def _one_bit(reply: pb.GetAttachmentResponse) -> None:
    reply.content = bytes([reply.content[0] ^ 1]) + reply.content[1:]


def _shifted(reply: pb.GetAttachmentResponse) -> None:
    """The same bytes in a row, with one taken from the content to the salt."""
    reply.salt, reply.content = reply.salt + reply.content[:1], reply.content[1:]


@pytest.mark.parametrize("lie", [_another_document, _one_bit, _shifted])
def test_a_server_cannot_give_another_document(
    service: Simulator, lie: Callable[[pb.GetAttachmentResponse], None]
) -> None:
    assert got(service) == LETTER.encode()
    change = changing("GetAttachment", pb.GetAttachmentResponse, lie)

    with (
        lying(str(service.addresses.grpc), change) as address,
        pytest.raises(VerificationError) as found,
    ):
        got(service, address)

    assert found.value.rule == "attachment-commitment"


def test_nobody_puts_what_no_author_signed_for(service: Simulator) -> None:
    guessed = pb.PutAttachmentRequest(fact_id="order-1", salt=bytes(32), content=LETTER.encode())

    for request in (putting("order-1", STRANGE), guessed):
        assert refusal_of(service.ledger.PutAttachment, request).rule == "attachment-named"


def test_files_that_change_places_on_the_disk_do_not_pass_for_each_other(
    service: Simulator,
) -> None:
    for half in (KEYS_FOLDER, DOCUMENTS_FOLDER):
        folder = service.directory / ATTACHMENTS_FOLDER / half
        letter, contract = (
            folder / committed(document).commitment.hex() for document in (LETTER, CONTRACT)
        )
        letter.write_bytes(contract.read_bytes())

    with pytest.raises(LedgerError):
        got(service)


def test_a_registrar_cannot_erase_nor_hide_an_erasure_in_a_stream_of_its_own(
    service: Simulator,
) -> None:
    elsewhere = builders.erased(LETTER, stream="orders/order-1")
    for fact, author, reason in (
        (builders.erased(LETTER), REGISTRAR, "ROLE_REFUSED"),
        (elsewhere, REGISTRAR, "ROLE_REFUSED"),
        (elsewhere, ADMINISTRATOR, "ROLE_REFUSED"),
        (builders.erased(LETTER, stream=builders.erased(CONTRACT).stream), ADMINISTRATOR, ""),
    ):
        envelope = service.envelope(fact, author, expected_version=0)
        refusal = refusal_of(service.ledger.Append, pb.AppendRequest(envelope=envelope))
        assert refusal.reason == (reason or "RULE_REFUSED")
    assert got(service) == LETTER.encode()


def test_an_erasure_is_not_undone_by_a_backup_of_the_documents(
    service: Simulator, tmp_path: Path
) -> None:
    """The folder of documents may be backed up: without the keys it is noise."""
    document = service.directory / ATTACHMENTS_FOLDER / DOCUMENTS_FOLDER
    sealed = document / committed(LETTER).commitment.hex()
    backup = sealed.read_bytes()
    service.append(builders.erased(LETTER), ADMINISTRATOR)
    sealed.write_bytes(backup)

    with pytest.raises(LedgerError) as refused:
        got(service)

    assert refused.value.rule == "attachment-erased"
    secrets = (LETTER.encode(), salt_of(LETTER))
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(secret in path.read_bytes() for path in files for secret in secrets)
