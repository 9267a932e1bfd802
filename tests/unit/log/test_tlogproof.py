from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import NoteError, VerificationError
from ledger.log.checkpoint import sign_checkpoint
from ledger.log.merkle import leaf_hash
from ledger.log.note import cosign_note
from ledger.log.proofs import inclusion_proof
from ledger.log.tlogproof import PROOF_BYTES_MAX, TlogProof
from tests.unit.log.builders import (
    ORIGIN,
    TIME_S,
    checkpoint_of,
    cosigner_of,
    flipped,
    signer_of,
    tree_of,
)
from tests.unit.log.oracle import numbered_leaves

SIGNER = signer_of()
SIZE = 5
NOTE = sign_checkpoint(checkpoint_of(SIZE), [SIGNER])


def proof_of(index: int = 2, extra: bytes = b"") -> TlogProof:
    hashes = inclusion_proof(index, SIZE, tree_of(SIZE))
    return TlogProof(index, tuple(hashes), NOTE, extra)


PROOF = proof_of()
DATA = PROOF.to_bytes()
LINES = [base64.b64encode(value) for value in PROOF.hashes]


def test_the_file_is_header_index_hashes_blank_line_and_checkpoint() -> None:
    expected = [b"c2sp.org/tlog-proof@v1", b"index 2", *LINES, b"", NOTE]

    assert b"\n".join(expected) == DATA


def test_extra_data_stands_before_the_index() -> None:
    assert proof_of(extra=b"more").to_bytes().split(b"\n")[1:3] == [b"extra bW9yZQ==", b"index 2"]


def test_a_tree_of_one_leaf_needs_no_hashes() -> None:
    note = sign_checkpoint(checkpoint_of(1), [SIGNER])
    proof = TlogProof(0, (), note)

    assert proof.to_bytes() == b"c2sp.org/tlog-proof@v1\nindex 0\n\n" + note
    assert TlogProof.parse(proof.to_bytes()) == proof


@given(
    index=st.integers(0, 2**63 - 1),
    hashes=st.lists(st.binary(min_size=32, max_size=32), max_size=63),
    extra=st.binary(max_size=100),
)
def test_a_proof_comes_back_as_it_went(index: int, hashes: list[bytes], extra: bytes) -> None:
    proof = TlogProof(index, tuple(hashes), NOTE, extra)

    assert TlogProof.parse(proof.to_bytes()) == proof


def test_the_longest_proof_is_not_too_long_to_read() -> None:
    proof = TlogProof(0, (bytes(32),) * 63, NOTE, bytes(65_535))

    assert TlogProof.parse(proof.to_bytes()) == proof


@given(st.binary(max_size=100), st.integers(0, len(DATA)))
def test_any_bytes_are_a_proof_in_one_spelling_or_refused(data: bytes, at: int) -> None:
    for candidate in (data, DATA[:at] + data + DATA[at:], DATA[:at] + data):
        try:
            proof = TlogProof.parse(candidate)
        except NoteError:
            continue
        assert proof.to_bytes() == candidate


@pytest.mark.parametrize("index", range(SIZE))
def test_a_proof_verifies_and_gives_the_checkpoint_it_rests_on(index: int) -> None:
    proof = TlogProof.parse(proof_of(index).to_bytes())

    leaf = leaf_hash(numbered_leaves(SIZE)[index])

    assert proof.verify(leaf, origin=ORIGIN, verifiers=[SIGNER.key]) == checkpoint_of(SIZE)


def test_a_proof_with_cosignatures_verifies() -> None:
    witness = cosigner_of()
    proof = TlogProof(2, PROOF.hashes, cosign_note(NOTE, witness, time_s=TIME_S))

    leaf = leaf_hash(numbered_leaves(SIZE)[2])

    assert proof.verify(leaf, origin=ORIGIN, verifiers=[SIGNER.key, witness.key]).size == SIZE


def test_a_proof_of_another_leaf_index_or_hash_is_refused() -> None:
    leaf = leaf_hash(numbered_leaves(SIZE)[2])
    changed = [
        (leaf_hash(b"another"), PROOF),
        (leaf, TlogProof(3, PROOF.hashes, NOTE)),
        (leaf, TlogProof(5, PROOF.hashes, NOTE)),
        (leaf, TlogProof(2, PROOF.hashes[:-1], NOTE)),
        (leaf, TlogProof(2, (flipped(PROOF.hashes[0]), *PROOF.hashes[1:]), NOTE)),
    ]

    for value, proof in changed:
        with pytest.raises(VerificationError):
            proof.verify(value, origin=ORIGIN, verifiers=[SIGNER.key])


def test_a_proof_under_a_checkpoint_nobody_known_signed_is_refused() -> None:
    leaf = leaf_hash(numbered_leaves(SIZE)[2])

    with pytest.raises(VerificationError):
        PROOF.verify(leaf, origin=ORIGIN, verifiers=[signer_of(seed=2).key])


HEADER = b"c2sp.org/tlog-proof@v1"


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        pytest.param(b"", "tlog-proof-form", id="nothing"),
        pytest.param(HEADER + b"\nindex 2", "tlog-proof-form", id="no blank line"),
        pytest.param(DATA.replace(b"@v1", b"@v2"), "tlog-proof-header", id="another version"),
        pytest.param(b"\xef\xbb\xbf" + DATA, "tlog-proof-form", id="byte order mark"),
        pytest.param(DATA.replace(b"index 2\n", b""), "tlog-proof-index", id="no index"),
        pytest.param(HEADER + b"\n\n" + NOTE, "tlog-proof-index", id="header only"),
        pytest.param(DATA.replace(b"index 2", b"Index 2"), "tlog-proof-index", id="upper case"),
        pytest.param(DATA.replace(b"index 2", b"index 02"), "decimal", id="leading zero"),
        pytest.param(DATA.replace(b"index 2", b"index  2"), "decimal", id="two spaces"),
        pytest.param(DATA.replace(b"index 2", b"index -2"), "decimal", id="negative"),
        pytest.param(DATA.replace(b"index 2", b"index %d" % 2**63), "decimal", id="beyond 63 bits"),
        pytest.param(
            DATA.replace(b"index", b"extra \nindex"), "tlog-proof-extra", id="empty extra"
        ),
        pytest.param(
            DATA.replace(b"index", b"extra bW9yZQ\nindex"), "base64", id="extra not padded"
        ),
        pytest.param(
            DATA.replace(b"index", b"extra QQ==\nextra QQ==\nindex"),
            "tlog-proof-index",
            id="extra twice",
        ),
        pytest.param(
            DATA.replace(b"index 2", b"index 2\nextra QQ=="), "base64", id="extra after index"
        ),
        pytest.param(DATA.replace(LINES[0], LINES[0][:-1]), "base64", id="hash not padded"),
        pytest.param(DATA.replace(LINES[0], b"QQ=="), "hash-length", id="short hash"),
        pytest.param(
            DATA.replace(LINES[0], b"\n".join([LINES[0]] * 63)), "tlog-proof-hashes", id="64 up"
        ),
        pytest.param(DATA.replace(b"\n", b"\r\n"), "tlog-proof-form", id="CRLF"),
        pytest.param(DATA[: -len(NOTE)], "note-form", id="no checkpoint"),
        pytest.param(DATA[:-1], "note-form", id="checkpoint cut"),
        pytest.param(DATA + bytes(PROOF_BYTES_MAX), "tlog-proof-length", id="too long"),
    ],
)
def test_a_proof_file_in_another_form_is_refused(data: bytes, rule: str) -> None:
    with pytest.raises(NoteError) as caught:
        TlogProof.parse(data)

    assert caught.value.rule == rule


@pytest.mark.parametrize(
    ("index", "hashes", "extra", "rule"),
    [
        pytest.param(-1, (), b"", "tlog-proof-index", id="negative index"),
        pytest.param(2**63, (), b"", "tlog-proof-index", id="index beyond 63 bits"),
        pytest.param(0, (b"short",), b"", "tlog-proof-hashes", id="short hash"),
        pytest.param(0, (bytes(32),) * 64, b"", "tlog-proof-hashes", id="64 hashes"),
        pytest.param(0, (), bytes(65_536), "tlog-proof-extra", id="long extra"),
    ],
)
def test_a_proof_no_file_could_hold_cannot_be_made(
    index: int, hashes: tuple[bytes, ...], extra: bytes, rule: str
) -> None:
    with pytest.raises(NoteError) as caught:
        TlogProof(index, hashes, NOTE, extra)

    assert caught.value.rule == rule
