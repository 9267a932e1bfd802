"""Documents are held against what was signed for: in a folder, at a server, in a bundle."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.audit.auditing import Options, audit
from ledger.audit.bundle import MANIFEST, Manifest
from ledger.audit.bundlesource import BundleSource, opening
from ledger.audit.exporting import export_bundle
from ledger.audit.served import ServerSource
from ledger.audit.source import Source
from ledger.audit.ziparchive import ZipReader, ZipWriter
from ledger.bootstrap import ATTACHMENTS_FOLDER, DATABASE_FILE, database_of
from ledger.client.client import LedgerClient
from ledger.client.connection import Connection
from ledger.client.heads import HeadsInMemory
from ledger.client.pins import PIN_FILE, Pin
from ledger.domain.attachments import NamedAttachment
from ledger.errors import NotFoundError, VerificationError
from ledger.store.vault import DOCUMENTS_FOLDER, KEYS_FOLDER, Document
from tests import builders
from tests.builders import committed, salt_of
from tests.documents import name, put
from tests.simulator import ADMINISTRATOR, FOUNDED_SIZE, Simulator

LETTER, CONTRACT, ERASED = "a letter", "a contract", "a name and an address"
NAMED = {text: committed(text).commitment.hex() for text in (LETTER, CONTRACT, ERASED)}
ERASURE = FOUNDED_SIZE + 1


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """An order that names three documents: one is held, one was never put, one is erased."""
    with Simulator(tmp_path_factory.mktemp("documents")) as running:
        name(running, "order-1", LETTER, CONTRACT, ERASED)
        put(running, "order-1", LETTER)
        put(running, "order-1", ERASED)
        running.append(builders.erased(ERASED), ADMINISTRATOR)
        running.caught_up()
        yield running


@pytest.fixture
def folder(service: Simulator, tmp_path: Path) -> Path:
    """A copy of the ledger's folder."""
    copy = tmp_path / "ledger"
    shutil.copytree(service.directory, copy)
    return copy


@pytest.fixture(scope="module")
def bundle(service: Simulator, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The ledger's bundle, with its documents."""
    path = tmp_path_factory.mktemp("bundle") / "bundle"
    with database_of(service.directory / DATABASE_FILE, whole_folder=True) as source:
        export_bundle(source, service.pin, path, with_attachments=True)
    return path.read_bytes()


def findings(source: Source, pin: Pin) -> list[tuple[int, str, str]]:
    report = audit(source, pin, Options(processes=1))
    return [(one.index, one.where, one.rule) for one in report.findings]


def in_folder(folder: Path) -> list[tuple[int, str, str]]:
    with database_of(folder / DATABASE_FILE, whole_folder=True) as source:
        return findings(source, Pin.read(folder / PIN_FILE))


def contents(data: bytes) -> dict[str, bytes]:
    archive = ZipReader(io.BytesIO(data))
    return {member.name: archive.read(member.name) for member in archive.members}


def packed(members: dict[str, bytes], *documents: str) -> BundleSource:
    """A bundle of these members, whose manifest names these documents."""
    manifest = Manifest.parse(members[MANIFEST])
    named = {"attachments": tuple(sorted(documents))}
    members = members | {MANIFEST: manifest.model_copy(update=named).to_json()}
    file = io.BytesIO()
    writer = ZipWriter(file)
    for member, content in members.items():
        writer.add(member, content)
    writer.finish()
    return BundleSource(ZipReader(file), "bundle")


def test_a_document_in_the_folder_reads_back_as_what_was_signed_for(folder: Path) -> None:
    assert in_folder(folder) == []


def test_one_that_was_changed_in_the_folder_is_found(folder: Path) -> None:
    sealed = folder / ATTACHMENTS_FOLDER / DOCUMENTS_FOLDER / NAMED[LETTER]
    sealed.write_bytes(sealed.read_bytes()[:-1] + b"\0")

    assert in_folder(folder) == [(FOUNDED_SIZE, "attachment", "attachment-damaged")]


def test_one_that_was_erased_and_is_held_all_the_same_is_found(folder: Path) -> None:
    for half in (KEYS_FOLDER, DOCUMENTS_FOLDER):
        lying = folder / ATTACHMENTS_FOLDER / half
        shutil.copy(lying / NAMED[LETTER], lying / NAMED[ERASED])

    assert in_folder(folder) == [(ERASURE, "attachment", "erasure")]


def test_a_database_alone_has_no_documents(folder: Path) -> None:
    with database_of(folder / DATABASE_FILE) as source:
        attachment = NamedAttachment(FOUNDED_SIZE, "order-1", committed(LETTER))
        assert not source.holds(attachment.named.commitment)
        with pytest.raises(NotFoundError):
            source.document(attachment)


def test_a_bundle_carries_what_is_held_with_its_salt(service: Simulator, bundle: bytes) -> None:
    member = contents(bundle)[f"attachments/{NAMED[LETTER]}"]
    assert member == salt_of(LETTER) + LETTER.encode()
    source = BundleSource(ZipReader(io.BytesIO(bundle)), "bundle")
    attachment = NamedAttachment(FOUNDED_SIZE, "order-1", committed(LETTER))

    report = audit(source, service.pin, Options(processes=1))

    assert report.holds
    assert report.compared["documents"] == 1
    assert [one.state.value for one in report.attachments] == ["present", "missing", "erased"]
    assert source.document(attachment) == Document(salt_of(LETTER), LETTER.encode())


def test_documents_are_in_a_bundle_only_where_that_was_asked_for(
    service: Simulator, tmp_path: Path
) -> None:
    with database_of(service.directory / DATABASE_FILE, whole_folder=True) as source:
        manifest = export_bundle(source, service.pin, tmp_path / "bundle")

    assert manifest.attachments == ()


def test_a_server_hands_out_the_same_bundle(
    service: Simulator, bundle: bytes, tmp_path: Path
) -> None:
    connection = Connection(target=str(service.addresses.grpc))
    with LedgerClient.connect(connection, service.pin, HeadsInMemory()) as client:
        source = ServerSource(client, connection.target)
        export_bundle(source, service.pin, tmp_path / "bundle", with_attachments=True)

    with opening(tmp_path / "bundle") as served:
        assert served.manifest.attachments == (NAMED[LETTER],)
        assert findings(served, service.pin) == []
    assert contents((tmp_path / "bundle").read_bytes()).keys() >= {f"attachments/{NAMED[LETTER]}"}
    assert f"attachments/{NAMED[LETTER]}" in contents(bundle)


def test_another_document_is_not_exported(service: Simulator, tmp_path: Path) -> None:
    class Forging:
        """A source that hands out another document."""

        def __init__(self, source: Source) -> None:
            self._source = source

        def __getattr__(self, member: str) -> object:
            return getattr(self._source, member)

        def document(self, _: NamedAttachment) -> Document:
            return Document(salt_of(LETTER), b"Forged.")

    with database_of(service.directory / DATABASE_FILE, whole_folder=True) as source:
        forging: Source = Forging(source)  # type: ignore[assignment]
        with pytest.raises(VerificationError) as refused:
            export_bundle(forging, service.pin, tmp_path / "bundle", with_attachments=True)

    assert refused.value.rule == "attachment-commitment"
    assert not (tmp_path / "bundle").exists()


@pytest.mark.parametrize("content", [b"", b"short", salt_of(LETTER) + b"Forged."])
def test_another_document_in_a_bundle_is_found(
    service: Simulator, bundle: bytes, content: bytes
) -> None:
    member = f"attachments/{NAMED[LETTER]}"
    source = packed(contents(bundle) | {member: content}, NAMED[LETTER])

    ((_, where, rule),) = findings(source, service.pin)

    assert (where, rule) == (member, "attachment-commitment")


def test_a_document_that_nobody_named_or_that_was_erased_is_found_in_a_bundle(
    service: Simulator, bundle: bytes
) -> None:
    stray = committed("a stray").commitment.hex()
    members = contents(bundle)
    documents = {stray: "a stray", NAMED[ERASED]: ERASED, NAMED[LETTER]: LETTER}
    for commitment in sorted(documents):
        members.pop(f"attachments/{commitment}", None)
        text = documents[commitment]
        members[f"attachments/{commitment}"] = salt_of(text) + text.encode()

    found = findings(packed(members, *documents), service.pin)

    assert [(where, rule) for _, where, rule in found] == [
        ("attachment", "erasure"),
        (f"attachments/{stray}", "attachment-named"),
    ]
    assert found[0][0] == ERASURE
