from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import NoteError, SettingError, VerificationError
from ledger.log.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.log.merkle import EMPTY_ROOT
from ledger.log.note import cosign_note, sign_note
from ledger.log.notekeys import NoteSigner, SignatureType
from ledger.log.strict import SIZE_MAX
from tests.unit.log.builders import (
    ORIGIN,
    TIME_S,
    WITNESS,
    checkpoint_of,
    cosigner_of,
    signer_of,
)

CHECKPOINT = checkpoint_of()
SIGNER = signer_of()
NOTE = sign_checkpoint(CHECKPOINT, [SIGNER])
ROOT = base64.b64encode(CHECKPOINT.root).decode()


def test_the_body_is_origin_size_and_root_a_line_each() -> None:
    assert CHECKPOINT.to_text() == f"{ORIGIN}\n5\n{ROOT}\n"


@given(
    origin=st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1),
    size=st.integers(1, SIZE_MAX),
    root=st.binary(min_size=32, max_size=32),
)
def test_a_body_comes_back_as_it_went(origin: str, size: int, root: bytes) -> None:
    checkpoint = Checkpoint(origin, size, root)

    assert Checkpoint.parse(checkpoint.to_text()) == checkpoint


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        pytest.param("", "checkpoint-body-lines", id="nothing"),
        pytest.param(f"{ORIGIN}\n5\n{ROOT}", "checkpoint-body-lines", id="no final newline"),
        pytest.param(f"{ORIGIN}\n5\n", "checkpoint-body-lines", id="no root"),
        pytest.param(f"{ORIGIN}\n5\n{ROOT}\n\n", "checkpoint-body-lines", id="blank line after"),
        pytest.param(f"{ORIGIN}\n5\n{ROOT}\nmore\n", "checkpoint-body-lines", id="extension line"),
        pytest.param(f"{ORIGIN}\n5\n{ROOT}\nmore", "checkpoint-body-lines", id="words after"),
        pytest.param(f"\n5\n{ROOT}\n", "checkpoint-origin", id="no origin"),
        pytest.param(f"a\rb\n5\n{ROOT}\n", "checkpoint-origin", id="control in the origin"),
        pytest.param(f"{ORIGIN}\n05\n{ROOT}\n", "decimal", id="leading zero"),
        pytest.param(f"{ORIGIN}\n+5\n{ROOT}\n", "decimal", id="plus"),
        pytest.param(f"{ORIGIN}\n-5\n{ROOT}\n", "decimal", id="minus"),
        pytest.param(f"{ORIGIN}\n5 \n{ROOT}\n", "decimal", id="space after the size"),
        pytest.param(f"{ORIGIN}\n\u0665\n{ROOT}\n", "decimal", id="Arabic five"),
        pytest.param(f"{ORIGIN}\n{2**63}\n{ROOT}\n", "decimal", id="beyond 63 bits"),
        pytest.param(f"{ORIGIN}\n5\n{ROOT[:-1]}\n", "base64", id="padding missing"),
        pytest.param(f"{ORIGIN}\n5\nAAAA\n", "hash-length", id="short root"),
        pytest.param(f"{ORIGIN}\n0\n{ROOT}\n", "checkpoint-root", id="empty tree, other root"),
    ],
)
def test_a_body_in_another_form_is_refused(text: str, rule: str) -> None:
    with pytest.raises(NoteError) as caught:
        Checkpoint.parse(text)

    assert caught.value.rule == rule


@pytest.mark.parametrize(
    ("size", "root"), [(-1, EMPTY_ROOT), (2**63, EMPTY_ROOT), (5, b"short"), (0, bytes(32))]
)
def test_a_checkpoint_no_tree_could_have_cannot_be_made(size: int, root: bytes) -> None:
    with pytest.raises(NoteError):
        Checkpoint(ORIGIN, size, root)


def test_the_empty_tree_has_a_checkpoint() -> None:
    empty = Checkpoint(ORIGIN, 0, EMPTY_ROOT)

    assert (
        open_checkpoint(sign_checkpoint(empty, [SIGNER]), origin=ORIGIN, verifiers=[SIGNER.key])
        == empty
    )


def test_a_signed_checkpoint_opens_under_origin_and_key() -> None:
    assert open_checkpoint(NOTE, origin=ORIGIN, verifiers=[SIGNER.key]) == CHECKPOINT


def test_while_the_key_is_changed_either_key_opens_the_checkpoint() -> None:
    old, new = signer_of(seed=1), signer_of(seed=2)
    note = sign_checkpoint(CHECKPOINT, [old, new])

    for pinned in ([old.key], [new.key], [new.key, old.key]):
        assert open_checkpoint(note, origin=ORIGIN, verifiers=pinned) == CHECKPOINT


def test_after_the_change_the_old_key_alone_does_not_open_it() -> None:
    note = sign_checkpoint(CHECKPOINT, [signer_of(seed=2)])

    with pytest.raises(VerificationError):
        open_checkpoint(note, origin=ORIGIN, verifiers=[signer_of(seed=1).key])


def test_another_size_or_root_under_the_same_signature_is_refused() -> None:
    for changed in (
        NOTE.replace(b"\n5\n", b"\n6\n"),
        NOTE.replace(ROOT.encode(), b"A" * 43 + b"="),
    ):
        assert changed != NOTE
        with pytest.raises(VerificationError):
            open_checkpoint(changed, origin=ORIGIN, verifiers=[SIGNER.key])


def test_a_checkpoint_of_another_log_is_refused_though_its_key_is_known() -> None:
    """Two origins under one key: the name on the line decides whose log it is."""
    other = sign_checkpoint(
        checkpoint_of(origin="other.example"), [signer_of(name="other.example")]
    )
    verifiers = [SIGNER.key, signer_of(name="other.example").key]

    with pytest.raises(VerificationError) as caught:
        open_checkpoint(other, origin=ORIGIN, verifiers=verifiers)

    assert caught.value.rule == "log-signature"


def test_a_body_of_another_origin_is_refused_though_the_log_signed_it() -> None:
    note = sign_note(checkpoint_of(origin="other.example").to_text(), [SIGNER])

    with pytest.raises(VerificationError) as caught:
        open_checkpoint(note, origin=ORIGIN, verifiers=[SIGNER.key])

    assert caught.value.rule == "origin"


def test_a_note_of_the_log_that_is_no_checkpoint_is_refused() -> None:
    with pytest.raises(NoteError):
        open_checkpoint(sign_note("hello\n", [SIGNER]), origin=ORIGIN, verifiers=[SIGNER.key])


def test_witnesses_alone_do_not_make_a_checkpoint_the_logs() -> None:
    witness = cosigner_of()
    unsigned = sign_note(CHECKPOINT.to_text(), [signer_of("mirror.example", 3)])
    note = cosign_note(unsigned, witness, time_s=TIME_S)

    with pytest.raises(VerificationError) as caught:
        open_checkpoint(note, origin=ORIGIN, verifiers=[SIGNER.key, witness.key])

    assert caught.value.rule == "log-signature"


def test_a_cosigner_named_like_the_log_is_not_the_log() -> None:
    impostor = signer_of(ORIGIN, 9, SignatureType.COSIGNATURE_V1)
    note = cosign_note(
        sign_note(CHECKPOINT.to_text(), [signer_of("mirror.example", 3)]), impostor, time_s=TIME_S
    )

    with pytest.raises(VerificationError) as caught:
        open_checkpoint(note, origin=ORIGIN, verifiers=[SIGNER.key, impostor.key])

    assert caught.value.rule == "log-signature"


def test_a_cosigned_checkpoint_opens_with_and_without_the_witness_known() -> None:
    witness = cosigner_of()
    note = cosign_note(NOTE, witness, time_s=TIME_S)

    for pinned in ([SIGNER.key], [SIGNER.key, witness.key]):
        assert open_checkpoint(note, origin=ORIGIN, verifiers=pinned) == CHECKPOINT


def test_a_cosignature_over_another_checkpoint_condemns_this_one() -> None:
    witness = cosigner_of()
    elsewhere = cosign_note(
        sign_checkpoint(checkpoint_of(size=6), [SIGNER]), witness, time_s=TIME_S
    )
    moved = NOTE + elsewhere.splitlines(keepends=True)[-1]

    assert WITNESS.encode() in moved
    with pytest.raises(VerificationError):
        open_checkpoint(moved, origin=ORIGIN, verifiers=[SIGNER.key, witness.key])


@pytest.mark.parametrize(
    "signer",
    [
        pytest.param(signer_of("other.example"), id="another name"),
        pytest.param(signer_of(ORIGIN, 1, SignatureType.COSIGNATURE_V1), id="a cosigner"),
    ],
)
def test_only_keys_of_the_log_sign_its_checkpoints(signer: NoteSigner) -> None:
    with pytest.raises(SettingError) as caught:
        sign_checkpoint(CHECKPOINT, [SIGNER, signer])

    assert caught.value.rule == "log-key"


def test_a_checkpoint_without_signers_is_refused() -> None:
    with pytest.raises(NoteError):
        sign_checkpoint(CHECKPOINT, [])
