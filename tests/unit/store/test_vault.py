from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.domain.attachments import commitment_of
from ledger.errors import ErasedError, NotFoundError, StoreError
from ledger.store.vault import DOCUMENTS_FOLDER, KEYS_FOLDER, Document, Vault
from tests.builders import salt_of

LETTER = Document(salt_of("a letter"), b"Dear Secretary, " * 100)
COMMITMENT = commitment_of(*LETTER)


def allow() -> None:
    """Nothing speaks against it."""


def files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "attachments")


@pytest.fixture
def key(tmp_path: Path, vault: Vault) -> Path:
    """The key's file of the letter, which is in the vault."""
    vault.put(LETTER, check=allow)
    return tmp_path / "attachments" / KEYS_FOLDER / COMMITMENT.hex()


@pytest.fixture
def sealed(tmp_path: Path, key: Path) -> Path:
    """The letter's file."""
    return tmp_path / "attachments" / DOCUMENTS_FOLDER / key.name


def test_what_was_put_is_got_back_by_its_commitment(vault: Vault) -> None:
    assert not vault.holds(COMMITMENT)

    assert vault.put(LETTER, check=allow) == COMMITMENT

    assert vault.holds(COMMITMENT)
    assert vault.get(COMMITMENT) == LETTER


def test_an_empty_document_is_a_document(vault: Vault) -> None:
    empty = Document(LETTER.salt, b"")

    assert vault.get(vault.put(empty, check=allow)) == empty


@pytest.mark.usefixtures("sealed")
def test_neither_content_nor_salt_is_on_the_disk_as_it_is(tmp_path: Path) -> None:
    written = [path.read_bytes() for path in files(tmp_path)]

    assert len(written) == 3
    assert not any(b"Dear Secretary" in data or LETTER.salt in data for data in written)


def test_files_are_closed_to_other_users(key: Path, sealed: Path) -> None:
    assert [stat.S_IMODE(path.stat().st_mode) for path in (key, sealed)] == [0o600, 0o600]
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700


def test_every_document_has_a_key_of_its_own(vault: Vault, key: Path) -> None:
    other = vault.put(Document(salt_of("a contract"), LETTER.content), check=allow)

    assert key.read_bytes() != key.with_name(other.hex()).read_bytes()


def test_putting_again_changes_nothing(vault: Vault, key: Path, sealed: Path) -> None:
    before = key.read_bytes(), sealed.read_bytes()

    vault.put(LETTER, check=allow)

    assert (key.read_bytes(), sealed.read_bytes()) == before


def test_what_may_not_be_stored_is_not_written(vault: Vault, tmp_path: Path) -> None:
    def refuse() -> None:
        raise ErasedError("It was erased.", index=7)

    with pytest.raises(ErasedError):
        vault.put(LETTER, check=refuse)

    assert not vault.holds(COMMITMENT)
    assert [path.name for path in files(tmp_path)] == ["lock"]


def test_a_document_that_is_not_here_is_missing(vault: Vault, sealed: Path) -> None:
    sealed.unlink()

    with pytest.raises(NotFoundError) as refused:
        vault.get(COMMITMENT)

    assert refused.value.rule == "attachment-missing"


@pytest.mark.parametrize(
    "damage",
    [lambda data: data[:-1], lambda data: b"\x02" + data[1:], lambda _: b"", lambda _: bytes(90)],
    ids=["cut", "another format", "empty", "zeros"],
)
def test_a_changed_file_does_not_read_back_and_can_be_put_again(
    vault: Vault, sealed: Path, damage: object
) -> None:
    assert callable(damage)
    sealed.write_bytes(damage(sealed.read_bytes()))
    with pytest.raises(StoreError) as refused:
        vault.get(COMMITMENT)
    assert refused.value.rule == "attachment-damaged"

    vault.put(LETTER, check=allow)

    assert vault.get(COMMITMENT) == LETTER


def test_the_file_of_another_document_does_not_pass_for_this_one(
    vault: Vault, key: Path, sealed: Path
) -> None:
    other = vault.put(Document(salt_of("a contract"), b"Forged."), check=allow).hex()
    sealed.write_bytes(sealed.with_name(other).read_bytes())
    key.write_bytes(key.with_name(other).read_bytes())

    with pytest.raises(StoreError, match="does not read back"):
        vault.get(COMMITMENT)


def test_destroying_leaves_no_byte_of_the_key_and_no_document(
    vault: Vault, key: Path, sealed: Path, tmp_path: Path
) -> None:
    secret = key.read_bytes()
    # A second name for the very bytes: they are overwritten where they lie, not only unlinked.
    os.link(key, tmp_path / "the same bytes")

    vault.destroy(COMMITMENT)

    assert not key.exists()
    assert not sealed.exists()
    assert (tmp_path / "the same bytes").read_bytes() == bytes(32)
    assert not any(secret in path.read_bytes() for path in files(tmp_path))


def test_a_draft_that_a_crash_left_behind_is_destroyed_too(vault: Vault, key: Path) -> None:
    draft = key.rename(key.with_name(key.name + ".new"))

    vault.destroy(COMMITMENT)

    assert not draft.exists()


def test_destroying_what_is_not_there_makes_nothing(vault: Vault, tmp_path: Path) -> None:
    vault.destroy(COMMITMENT)

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "attachments").write_text("This is no folder.")

    with pytest.raises(StoreError) as refused:
        Vault(tmp_path / "attachments").put(LETTER, check=allow)

    assert refused.value.rule == "attachment-files"
    with pytest.raises(StoreError):
        Vault(tmp_path / "gone" / "attachments").put(LETTER, check=allow)
