from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import (
    ForkError,
    InputError,
    NoteError,
    NotFoundError,
    OldSizeError,
    VerificationError,
)
from ledger.log.checkpoint import sign_checkpoint
from ledger.log.proofs import consistency_proof
from ledger.log.witnessing import (
    REQUEST_BYTES_MAX,
    AddCheckpoint,
    Cosigned,
    open_request,
    parse_cosignatures,
    parse_size,
    require_next,
)
from tests.unit.log.builders import (
    ORIGIN,
    checkpoint_of,
    flipped,
    signer_of,
    tree_of,
)

LOG = signer_of()
LOGS = {ORIGIN: (LOG.key,)}
NOTE = sign_checkpoint(checkpoint_of(), [LOG])
HASH = "A" * 43 + "="
LINE = "— w.example/1 " + "A" * 104 + "\n"


def request_of(old: int, new: int, **more: object) -> AddCheckpoint:
    """What an honest log asks, of trees that grow."""
    proof = consistency_proof(old, new, tree_of(new)) if old else []
    fields = {
        "old_size": old,
        "proof": tuple(proof),
        "note": sign_checkpoint(checkpoint_of(new), [LOG]),
    }
    return AddCheckpoint(**(fields | more))  # type: ignore[arg-type]


def cosigned(size: int) -> Cosigned:
    return Cosigned(size, tree_of(size).root())


@pytest.mark.parametrize(("old", "new"), [(0, 1), (0, 5), (3, 7), (4, 8), (7, 7)])
def test_a_request_comes_back_as_it_went(old: int, new: int) -> None:
    request = request_of(old, new)

    assert AddCheckpoint.parse(request.to_bytes()) == request


def test_a_request_is_the_lines_of_the_specification() -> None:
    first, *proof, border = request_of(3, 7).to_bytes().split(b"\n")[:6]

    assert first == b"old 3"
    assert [len(line) for line in proof] == [44, 44, 44, 44]
    assert border == b""
    assert request_of(0, 5).to_bytes() == b"old 0\n\n" + request_of(0, 5).note


@pytest.mark.parametrize(
    "head",
    [
        "",
        "\n",
        "old\n",
        "old \n",
        "old 05\n",
        "old +5\n",
        "old -1\n",
        "old 1_000\n",
        "old 5 \n",
        "old  5\n",
        " old 5\n",
        "OLD 5\n",
        "old 5\r\n",
        "old \u0665\n",
        "old 9223372036854775808\n",
        f"{HASH}\nold 5\n",
        f"old 5\n{HASH[:-1]}\n",
        f"old 5\n{HASH} \n",
        "old 5\nAAAA\n",
        f"old 5\n{HASH}{HASH}\n",
        "old 5\n" + f"{HASH}\n" * 64,
    ],
)
def test_a_request_that_departs_from_the_form_is_refused(head: str) -> None:
    with pytest.raises(NoteError):
        AddCheckpoint.parse(head.encode() + b"\n" + NOTE)


def test_a_request_of_63_hashes_is_read() -> None:
    body = b"old 5\n" + f"{HASH}\n".encode() * 63 + b"\n" + NOTE

    assert len(AddCheckpoint.parse(body).proof) == 63


def test_a_request_that_is_too_long_is_refused() -> None:
    with pytest.raises(NoteError):
        AddCheckpoint.parse(b"old 0\n\n" + b"x" * REQUEST_BYTES_MAX)


@given(st.binary(max_size=60))
def test_whatever_comes_is_a_request_or_refused(data: bytes) -> None:
    with pytest.raises(NoteError):
        AddCheckpoint.parse(data)


def test_what_a_known_log_signed_may_be_cosigned() -> None:
    assert open_request(request_of(3, 7), LOGS) == checkpoint_of(7)


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (request_of(8, 8, old_size=9), InputError),
        (
            request_of(
                0,
                5,
                note=sign_checkpoint(
                    checkpoint_of(5, "other.example"), [signer_of("other.example")]
                ),
            ),
            NotFoundError,
        ),
        (
            request_of(0, 5, note=sign_checkpoint(checkpoint_of(), [signer_of(seed=2)])),
            VerificationError,
        ),
        (request_of(0, 5, note=flipped(NOTE, 8 * len(NOTE) - 80)), VerificationError),
        (request_of(0, 5, note=NOTE.replace(b"\n\n", b"\nextension\n\n")), NoteError),
    ],
    ids=["old beyond new", "unknown log", "another's key", "failing signature", "extension"],
)
def test_what_no_known_log_signed_is_refused(
    request_: AddCheckpoint, error: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        open_request(request_, LOGS)

    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("old", "new", "last"),
    [
        (0, 1, None),
        (0, 5, None),
        (0, 0, None),
        (0, 5, cosigned(0)),
        (3, 7, cosigned(3)),
        (7, 7, cosigned(7)),
        (255, 256, cosigned(255)),
    ],
)
def test_a_checkpoint_that_continues_the_last_one_may_be_cosigned(
    old: int, new: int, last: Cosigned | None
) -> None:
    require_next(request_of(old, new), checkpoint_of(new), last)


@pytest.mark.parametrize(
    ("old", "new", "last", "held"),
    [
        (0, 5, cosigned(3), 3),
        (3, 7, None, 0),
        (3, 7, cosigned(4), 4),
        (3, 7, cosigned(9), 9),
        (5, 5, Cosigned(5, b"\1" * 32), 5),
    ],
)
def test_one_that_builds_on_another_is_told_what_was_cosigned_last(
    old: int, new: int, last: Cosigned | None, held: int
) -> None:
    with pytest.raises(OldSizeError) as caught:
        require_next(request_of(old, new), checkpoint_of(new), last)

    assert caught.value.size == held


@pytest.mark.parametrize(
    ("request_", "new", "last"),
    [
        (request_of(3, 7, proof=()), 7, cosigned(3)),
        (request_of(3, 7), 7, Cosigned(3, b"\1" * 32)),
        (request_of(3, 7, proof=request_of(3, 7).proof[::-1]), 7, cosigned(3)),
        (request_of(7, 7, proof=(b"\1" * 32,)), 7, cosigned(7)),
        (request_of(0, 5, proof=(b"\1" * 32,)), 5, None),
    ],
    ids=["no proof", "another history", "proof reversed", "proof of nothing", "proof from 0"],
)
def test_one_that_is_not_shown_to_continue_it_is_refused(
    request_: AddCheckpoint, new: int, last: Cosigned | None
) -> None:
    with pytest.raises(ForkError):
        require_next(request_, checkpoint_of(new), last)


def test_a_reply_is_signature_lines() -> None:
    lines = parse_cosignatures((LINE * 2).encode())

    assert [str(line) + "\n" for line in lines] == [LINE, LINE]


@pytest.mark.parametrize(
    "body",
    [b"", b"\n", LINE.encode()[:-1], (LINE + "\n").encode(), b"\xff\n", (LINE * 17).encode()],
)
def test_a_reply_that_is_anything_else_is_refused(body: bytes) -> None:
    with pytest.raises(NoteError):
        parse_cosignatures(body)


def test_a_conflict_names_a_size() -> None:
    assert parse_size(b"20852014\n") == 20_852_014


@pytest.mark.parametrize(
    "body", [b"", b"5", b"05\n", b"5\n\n", b" 5\n", b"5\r\n", "\u0665\n".encode()]
)
def test_a_conflict_that_names_none_is_refused(body: bytes) -> None:
    with pytest.raises(NoteError):
        parse_size(body)
