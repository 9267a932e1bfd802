"""What a witness answers over HTTP, request by request, as C2SP tlog-witness lists it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

import pytest

from ledger.client.web import Answer, WebClient
from ledger.errors import OldSizeError
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.hashtree import HashTree
from ledger.log.merkle import leaf_hash
from ledger.log.note import SignedNote, open_note
from ledger.log.notekeys import NoteSigner
from ledger.log.proofs import consistency_proof
from ledger.log.witnessing import AddCheckpoint, Cosigned, parse_cosignatures
from ledger.service import bridges
from ledger.service.witness import Witness, WitnessServer
from ledger.settings import Address
from ledger.store import witnessstate
from ledger.store.witnessstate import WitnessState
from tests.simulator import START_MS, Clock, on_loop
from tests.unit.log.builders import ORIGIN, checkpoint_of, cosigner_of, signer_of, tree_of
from tests.unit.log.oracle import numbered_leaves

LOG, COSIGNER, OTHER = signer_of(), cosigner_of(), signer_of(seed=2)


class Asked(NamedTuple):
    """A witness behind a real port."""

    web: WebClient
    url: str
    state: Path


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    state = tmp_path / "state"
    witness = Witness(COSIGNER, {ORIGIN: (LOG.key,)}, WitnessState(state), Clock())
    server = WitnessServer(witness)
    address = on_loop(server.start(Address("127.0.0.1", 0)))
    with WebClient(f"http://{address}") as web:
        yield Asked(web, f"http://{address}", state)
    on_loop(server.stop())


def body(old: int, new: int, **more: object) -> bytes:
    """What an honest log sends, with parts replaced."""
    fields: Mapping[str, object] = {
        "old_size": old,
        "proof": tuple(consistency_proof(old, new, tree_of(new)) if old else ()),
        "note": sign_checkpoint(checkpoint_of(new), [LOG]),
    }
    return AddCheckpoint(**{**fields, **more}).to_bytes()  # type: ignore[arg-type]


def forked(size: int) -> bytes:
    """A checkpoint of another history that the log signed all the same."""
    return sign_checkpoint(Checkpoint(ORIGIN, size, b"\1" * 32), [LOG])


def add(asked: Asked, request: bytes) -> Answer:
    return asked.web.post("add-checkpoint", request, bytes_max=10_000)


def test_a_log_is_witnessed_from_its_first_checkpoint_on(asked: Asked) -> None:
    for old, new in ((0, 3), (3, 3), (3, 7), (7, 256)):
        answer = add(asked, body(old, new))

        (line,) = parse_cosignatures(answer.body)
        note = SignedNote.parse(sign_checkpoint(checkpoint_of(new), [LOG])).with_signatures([line])
        opened = open_note(note.to_bytes(), [LOG.key, COSIGNER.key])
        assert answer.status == 200
        assert [(one.key, one.time_s) for one in opened.signatures] == [
            (LOG.key, None),
            (COSIGNER.key, START_MS // 1_000),
        ]


REPLIES: dict[str, tuple[bytes, int, bytes | None]] = {
    "the next checkpoint": (body(3, 7), 200, None),
    "the same checkpoint": (body(3, 3), 200, None),
    "nothing": (b"", 400, None),
    "no request": (b"old 3\n", 400, None),
    "an old size with a zero in front": (body(3, 7).replace(b"old 3", b"old 03"), 400, None),
    "an old size beyond the checkpoint's": (body(7, 7, old_size=8), 400, None),
    "an extension line": (body(3, 7).replace(b"\n7\n", b"\n7\nmore\n"), 400, None),
    "a note that no key of the log signed": (
        body(3, 7, note=sign_checkpoint(checkpoint_of(7), [OTHER])),
        403,
        None,
    ),
    "a note that was changed": (body(3, 7).replace(b"\n7\n", b"\n8\n"), 403, None),
    "another log": (
        body(
            3,
            7,
            note=sign_checkpoint(checkpoint_of(7, "other.example"), [signer_of("other.example")]),
        ),
        404,
        None,
    ),
    "from the beginning": (body(0, 7), 409, b"3\n"),
    "an older checkpoint": (body(2, 2), 409, b"3\n"),
    "an old size that was never cosigned": (body(4, 7), 409, b"3\n"),
    "another root at the same size": (body(3, 3, note=forked(3)), 409, b"3\n"),
    "another history": (body(3, 7, note=forked(7)), 422, None),
    "no proof": (body(3, 7, proof=()), 422, None),
    "a proof of something else": (body(3, 7, proof=(b"\1" * 32,) * 4), 422, None),
    "a hash where nothing is to be proved": (body(3, 3, proof=(b"\1" * 32,)), 422, None),
}


@pytest.mark.parametrize("sent", REPLIES)
def test_after_a_checkpoint_of_three_each_request_has_its_reply(asked: Asked, sent: str) -> None:
    request, status, said = REPLIES[sent]
    assert add(asked, body(0, 3)).status == 200

    answer = add(asked, request)

    assert answer.status == status
    if said is not None:
        assert (answer.body, answer.content_type) == (said, "text/x.tlog.size")
    # Whatever was refused has left no trace: the witness goes on from where it was.
    last = 7 if sent == "the next checkpoint" else 3
    assert add(asked, body(last, 9)).status == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "add-checkpoint", 405), ("POST", "", 404), ("POST", "checkpoint", 404)],
)
def test_there_is_nothing_else_to_ask(asked: Asked, method: str, path: str, status: int) -> None:
    if method == "GET":
        assert asked.web.get(path, bytes_max=100).status == status
    else:
        assert asked.web.post(path, b"", bytes_max=100).status == status


def test_what_cannot_be_remembered_is_not_cosigned(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witnessstate, "BUSY_TIMEOUT_S", 0.01)
    with closing(sqlite3.connect(asked.state, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = add(asked, body(0, 3))

    assert (answer.status, answer.body) == (503, b"Service Unavailable\n")
    assert add(asked, body(0, 3)).status == 200


def test_of_two_histories_at_once_one_is_cosigned(tmp_path: Path) -> None:
    """Each is proved to continue what was cosigned; two witnesses share a file, as processes do.

    Whoever is about to sign waits for the other: if both could be there at once, both would sign.
    """
    leaves = [*numbered_leaves(3), b"of", b"the", b"other", b"history"]
    other = HashTree(map(leaf_hash, leaves))
    note = sign_checkpoint(Checkpoint(ORIGIN, 7, other.root()), [LOG])
    fork = body(3, 7, note=note, proof=tuple(consistency_proof(3, 7, other)))
    rivals = [body(3, 7), fork]
    logs, path = {ORIGIN: (LOG.key,)}, tmp_path / "state"
    Witness(COSIGNER, logs, WitnessState(path), Clock()).add_checkpoint(body(0, 3))
    meeting = threading.Barrier(len(rivals))

    def sign(message: bytes) -> bytes:
        with suppress(threading.BrokenBarrierError):
            meeting.wait(0.1)
        return COSIGNER.sign(message)

    def ask(request: bytes) -> bool:
        signer = NoteSigner(COSIGNER.key, sign)
        try:
            Witness(signer, logs, WitnessState(path), Clock()).add_checkpoint(request)
        except OldSizeError:
            return False
        return True

    with ThreadPoolExecutor(len(rivals)) as pool:
        cosigned = list(pool.map(ask, rivals))

    assert sum(cosigned) == 1
    winner = (checkpoint_of(7).root, other.root())[cosigned.index(True)]
    assert WitnessState(path).last(ORIGIN) == Cosigned(7, winner)


def test_a_checkpoint_that_came_late_does_not_take_the_witness_back(tmp_path: Path) -> None:
    """The race of the specification: a smaller size is decided on after a larger one was kept."""
    state = WitnessState(tmp_path / "state")
    witness = Witness(COSIGNER, {ORIGIN: (LOG.key,)}, state, Clock())
    witness.add_checkpoint(body(0, 3))
    witness.add_checkpoint(body(3, 9))

    with pytest.raises(OldSizeError):
        witness.add_checkpoint(body(3, 7))


def test_a_witness_that_has_too_much_to_decide_says_so(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bridges, "WAITING_MAX", 0)

    assert add(asked, body(0, 3)).status == 503
