"""A bundle is read strictly, byte for byte, and audited without anything else."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from ledger.audit.auditing import Options, audit
from ledger.audit.bundle import MANIFEST, Manifest
from ledger.audit.bundlesource import BundleSource, opening
from ledger.audit.database import DatabaseSource
from ledger.audit.exporting import appearing, export_bundle
from ledger.audit.findings import NOWHERE
from ledger.audit.ziparchive import ZipReader, ZipWriter
from ledger.errors import InputError, LedgerError, NotFoundError, VerificationError
from ledger.log.tiles import TilePath
from ledger.store.inspection import inspecting
from tests.unit.audit.ledgers import PIN, SignedLog, with_bad_signature
from tests.unit.store.builders import order

SIZE = 8
MEMBERS = [
    "manifest.json",
    "pin.json",
    "checkpoint",
    "policy",
    "tile/entries/000.p/8",
    "tile/0/000.p/8",
    "notes/000.p/4",
]


def contents(bundle: bytes) -> dict[str, bytes]:
    """What stands in a bundle, by name."""
    archive = ZipReader(io.BytesIO(bundle))
    return {member.name: archive.read(member.name) for member in archive.members}


def packed(members: dict[str, bytes]) -> bytes:
    """A file with these members, its check sums right."""
    file = io.BytesIO()
    writer = ZipWriter(file)
    for name, content in members.items():
        writer.add(name, content)
    writer.finish()
    return file.getvalue()


def source_of(bundle: bytes) -> BundleSource:
    """A bundle, opened."""
    return BundleSource(ZipReader(io.BytesIO(bundle)), "test")


def found(bundle: bytes) -> list[tuple[int, str, str]]:
    """Index, place and rule of what is found in a bundle."""
    report = audit(source_of(bundle), PIN, Options(processes=1))
    return [(one.index, one.where, one.rule) for one in report.findings]


def test_a_bundle_holds_and_says_what_it_is(bundle: bytes) -> None:
    assert found(bundle) == []
    assert list(contents(bundle)) == MEMBERS
    source = source_of(bundle)
    assert source.pin() == PIN
    assert (source.count(), source.kind, source.is_latest) == (SIZE, "bundle", False)


def test_any_zip_tool_reads_it(bundle: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == MEMBERS
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
        assert archive.read("policy") == b"quorum none\n"


def test_the_same_log_makes_the_same_bytes(bundle: bytes, stored: Path, tmp_path: Path) -> None:
    with inspecting(stored / "ledger.sqlite3") as inspection:
        path = tmp_path / "again"
        export_bundle(DatabaseSource(inspection), PIN, path, policy=b"quorum none\n")
    assert path.read_bytes() == bundle


def test_a_bundle_of_more_than_a_tile_holds_every_level(tmp_path: Path) -> None:
    log = SignedLog.of(*map(order, range(298)))
    path = tmp_path / "bundle"
    manifest = export_bundle(log, PIN, path)
    assert manifest.tree_size == 300
    with opening(path) as source:
        names = list(source.manifest.members())
        assert names[3:8] == [
            "tile/entries/000",
            "tile/entries/001.p/44",
            "tile/0/000",
            "tile/0/001.p/44",
            "tile/1/000.p/1",
        ]
        read = [piece.data for page in source.pages(250, 260) for piece in page]
    assert read == log.entries[250:260]


def test_a_bundle_of_an_earlier_size(stored: Path, tmp_path: Path) -> None:
    with inspecting(stored / "ledger.sqlite3") as inspection:
        path = tmp_path / "earlier"
        manifest = export_bundle(DatabaseSource(inspection), PIN, path, tree_size=2)
    assert (manifest.tree_size, manifest.notes) == (2, 2)
    assert found(path.read_bytes()) == []
    with pytest.raises(NotFoundError, match="one of 2 entries"):
        source_of(path.read_bytes()).checkpoint(8)


def test_what_is_not_as_it_was_signed_is_not_exported(tmp_path: Path) -> None:
    class Changed(SignedLog):
        def checkpoint(self, tree_size: int = 0) -> bytes:
            return SignedLog([*self.entries[:-1], b"other"]).checkpoint(tree_size)

    class Holed(SignedLog):
        def pages(self, start, end):  # type: ignore[no-untyped-def]
            pages = list(super().pages(start, end))
            yield from pages[:-1]
            yield [type(pages[-1][0])(one.index, None) for one in pages[-1]]

    entries = SignedLog.of(order(1)).entries
    for log, rule in ((Changed(entries), "root-hash"), (Holed(entries), "entry-missing")):
        with pytest.raises(VerificationError) as refused:
            export_bundle(log, PIN, tmp_path / "bundle")
        assert refused.value.rule == rule
        assert list(tmp_path.iterdir()) == []


def test_a_file_appears_whole_or_not_at_all_and_replaces_none(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with appearing(path) as file:
        file.write(b"whole")
        assert not path.exists()
    assert path.read_bytes() == b"whole"
    with pytest.raises(InputError, match="exists"), appearing(path):
        pass
    with pytest.raises(ZeroDivisionError), appearing(tmp_path / "other") as file:
        file.write(bytes(1 // 0))
    with pytest.raises(InputError, match="cannot be written"), appearing(tmp_path / "no" / "file"):
        pass
    assert list(tmp_path.iterdir()) == [path]
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_changed_entry_is_named_though_its_member_was_written_anew(bundle: bytes) -> None:
    members = contents(bundle)
    content = members["tile/entries/000.p/8"]
    members["tile/entries/000.p/8"] = content.replace(b"order-1", b"order-9", 1)
    names = found(packed(members))
    assert {index for index, _, rule in names if rule == "leaf-hash"} == {4}
    assert (NOWHERE, "checkpoint", "root-hash") in names


def test_a_damaged_member_is_named_and_the_entries_in_it_that_do_not_hold(bundle: bytes) -> None:
    place = bundle.index(b"order-1")
    damaged = bundle[:place] + b"O" + bundle[place + 1 :]
    names = found(damaged)
    assert (4, "entry", "leaf-hash") in names
    assert (NOWHERE, "tile/entries/000.p/8", "bundle-crc") in names


def test_members_that_do_not_follow_from_the_entries_are_named(bundle: bytes) -> None:
    members = contents(bundle)
    tile = bytearray(members["tile/0/000.p/8"])
    tile[0] ^= 1
    for name, content, rule in (
        ("tile/0/000.p/8", bytes(tile), "tile"),
        ("tile/0/000.p/8", b"short", "tile"),
        ("tile/entries/000.p/8", b"short", "entry-missing"),
        ("notes/000.p/4", b"short", "entry-bundle"),
        ("pin.json", members["pin.json"] + b" ", "bundle-pin"),
        ("pin.json", members["pin.json"].replace(b"tests", b"rests"), "pin-form"),
        ("checkpoint", members["checkpoint"][:-2], "note-form"),
        ("policy", bytes(70_000), "bundle-member-length"),
    ):
        rules = {one for _, _, one in found(packed(members | {name: content}))}
        assert rule in rules, name


def test_a_bundle_of_another_ledger_is_named(bundle: bytes) -> None:
    other = type(PIN)(PIN.origin, bytes(32), PIN.log_keys)
    report = audit(source_of(bundle), other, Options(processes=1))
    rules = {one.rule for one in report.findings}
    assert {"pinned-ledger", "bundle-manifest", "bundle-pin"} <= rules


def test_what_a_manifest_says_must_be_so_and_be_written_so(bundle: bytes) -> None:
    members = contents(bundle)
    manifest = json.loads(members[MANIFEST])
    changed = Manifest.model_validate({**manifest, "attachments": (), "root_hash": "00" * 32})
    assert (NOWHERE, MANIFEST, "bundle-manifest") in found(
        packed(members | {MANIFEST: changed.to_json()})
    )
    for content in (
        b"{}",
        members[MANIFEST] + b"\n",
        json.dumps(manifest).encode(),
        changed.model_copy(update={"attachments": ("11" * 32, "00" * 32)}).to_json(),
    ):
        with pytest.raises(InputError, match="manifest"):
            source_of(packed(members | {MANIFEST: content}))


def test_members_are_those_that_the_manifest_names_in_its_order(bundle: bytes) -> None:
    members = contents(bundle)
    swapped = dict(reversed(members.items()))
    without = {name: content for name, content in members.items() if name != "policy"}
    manifest = Manifest.parse(members[MANIFEST])
    huge = manifest.model_copy(update={"tree_size": 2**52}).to_json()
    for changed in (
        members | {"../../evil": b""},
        members | {"extra": b""},
        swapped,
        without,
        members | {MANIFEST: huge},
    ):
        with pytest.raises(InputError, match="members"):
            source_of(packed(changed))
    with pytest.raises(InputError, match="missing"):
        source_of(packed({"pin.json": b""}))


def test_an_attachment_has_a_place_in_the_format(bundle: bytes) -> None:
    members = contents(bundle)
    manifest = Manifest.parse(members[MANIFEST])
    commitment = "ab" * 32
    members[MANIFEST] = manifest.model_copy(update={"attachments": (commitment,)}).to_json()
    members[f"attachments/{commitment}"] = b"content"
    assert source_of(packed(members)).manifest.attachments == (commitment,)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data + b"\0",
        lambda data: b"\0" + data,
        lambda data: data[:-1],
        lambda data: data[:-22],
        lambda data: data[:0],
        lambda data: data[:0] + b"PK\x05\x06" + bytes(18) + b"x",
        lambda data: data[:-12] + b"\xff\xff" + data[-10:],
    ],
)
def test_a_file_that_is_not_spelled_as_a_bundle_is_refused(bundle: bytes, change: object) -> None:
    assert callable(change)
    with pytest.raises(InputError, match="not a bundle"):
        ZipReader(io.BytesIO(change(bundle)))


def test_a_member_twice_or_without_a_name_is_refused() -> None:
    file = io.BytesIO()
    writer = ZipWriter(file)
    writer.add("one", b"1")
    writer.add("one", b"2")
    writer.finish()
    with pytest.raises(InputError, match="twice"):
        ZipReader(file)
    for name in ("", "n" * 200):
        with pytest.raises(InputError, match="name"):
            ZipReader(io.BytesIO(packed({name: b""})))


def test_what_another_zip_tool_wrote_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("manifest.json", "{}")
    with pytest.raises(InputError, match="directory"):
        ZipReader(file)


def test_an_empty_archive_is_one_and_reads_nothing() -> None:
    archive = ZipReader(io.BytesIO(packed({})))
    assert archive.members == ()
    with pytest.raises(InputError, match="missing"):
        archive.read("one")
    with pytest.raises(InputError, match="missing"):
        archive.salvage("one")


def test_an_archive_has_an_upper_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.audit.ziparchive.MEMBERS_MAX", 1)
    writer = ZipWriter(io.BytesIO())
    writer.add("one", b"")
    with pytest.raises(InputError, match="at most"):
        writer.add("two", b"")


def test_opening_what_is_no_bundle_is_a_failed_verification(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"hello")
    with pytest.raises(VerificationError, match="not a bundle"), opening(path):
        pass
    with pytest.raises(InputError, match="cannot be read"), opening(tmp_path / "none"):
        pass


def test_entries_that_were_let_in_against_the_rules_are_found_in_a_bundle(tmp_path: Path) -> None:
    path = tmp_path / "bundle"
    export_bundle(SignedLog.of(order(1), with_bad_signature(order(2))), PIN, path)
    assert found(path.read_bytes()) == [(3, "entry", "signature")]


def test_a_member_that_says_more_than_it_may_is_not_read(bundle: bytes) -> None:
    members = contents(bundle)
    members["tile/0/000.p/8"] = bytes(17_000_000)
    assert (NOWHERE, "tile/0/000.p/8", "bundle-member-length") in found(packed(members))
    assert str(TilePath(0, 0, SIZE)) == "tile/0/000.p/8"
    with pytest.raises(LedgerError):
        source_of(packed({MANIFEST: bytes(65 * 1024 * 1024)}))
