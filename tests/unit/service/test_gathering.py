"""Cosignatures are gathered from witnesses of every kind: honest, slow, lying, ahead, gone."""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from ledger.errors import OldSizeError, StoreError, UnavailableError
from ledger.log.note import SignatureLine, SignedNote, cosignature_of
from ledger.log.policy import FUTURE_S_MAX, TrustPolicy
from ledger.log.witnessing import AddCheckpoint
from ledger.service import gathering
from ledger.service.bridges import Door
from ledger.service.gathering import AskWitness, Gatherer
from ledger.service.progress import Progress
from ledger.service.witnessing import Witnessing
from ledger.store.cosignatures import Cosignatures
from ledger.store.rows import StoredCheckpoint
from tests import builders
from tests.simulator import FOUNDED_SIZE, START_MS, Clock, Simulator
from tests.witnessed import cosigner

NOW_S = START_MS // 1_000
WAIT_S = 20.0
W1, W2 = cosigner("w1"), cosigner("w2")
BOTH = f"witness w1 {W1.key.vkey()}\nwitness w2 {W2.key.vkey()}\ngroup g all w1 w2\nquorum g\n"
FIRST = f"witness w1 {W1.key.vkey()}\nquorum w1\n"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    with Simulator(tmp_path_factory.mktemp("gathering")) as simulator:
        yield simulator


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Cosignatures]:
    with closing(Cosignatures(tmp_path / "cosignatures")) as cosignatures:
        yield cosignatures


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "POLL_S", 0.005)
    monkeypatch.setattr(gathering, "PAUSE_S_MIN", 0.001)


class Reached:
    """Hears which sizes are witnessed, and waits for one."""

    def __init__(self) -> None:
        self._sizes: set[int] = set()
        self._heard = threading.Condition()

    def __call__(self, size: int) -> None:
        with self._heard:
            self._sizes.add(size)
            self._heard.notify_all()

    def wait_for(self, size: int) -> None:
        with self._heard:
            assert self._heard.wait_for(lambda: size in self._sizes, WAIT_S)


@contextmanager
def gathering_from(
    log: Simulator, kept: Cosignatures, policy: str, **asked: AskWitness
) -> Iterator[Reached]:
    """Gather, from the witnesses of a policy, by their names in it."""
    reader, reached = log.opened.parts.reader, Reached()
    read = TrustPolicy.parse(policy.encode())
    witnesses = {read.witnesses[name.encode()].key: ask for name, ask in asked.items()}
    witnessing = Witnessing(reader, Progress(Door()), cosignatures=kept, policy=read)
    with Gatherer(
        reader,
        witnesses,
        witnessing,
        kept,
        reached=reached,
        news=threading.Event(),
        lock=log.directory / "lock",
        clock=Clock(),
    ):
        yield reached


def signing(name: str, time_s: int = NOW_S) -> AskWitness:
    """A witness that cosigns whatever it is asked."""

    def ask(request: AddCheckpoint) -> Sequence[SignatureLine]:
        text = SignedNote.parse(request.note).text
        return [cosignature_of(text, cosigner(name), time_s=time_s)]

    return ask


def in_turn(*asks: AskWitness) -> AskWitness:
    """A witness that behaves otherwise each time, and then like the last."""
    left = list(asks)

    def ask(request: AddCheckpoint) -> Sequence[SignatureLine]:
        return (left.pop(0) if len(left) > 1 else left[0])(request)

    return ask


def holding(size: int) -> AskWitness:
    """A witness that has cosigned another size."""

    def ask(_: AddCheckpoint) -> Sequence[SignatureLine]:
        raise OldSizeError("No.", size=size)

    return ask


def failing(error: Exception) -> AskWitness:
    def ask(_: AddCheckpoint) -> Sequence[SignatureLine]:
        raise error

    return ask


def by_another(request: AddCheckpoint) -> Sequence[SignatureLine]:
    return signing("w2")(request)


def over_another_note(_: AddCheckpoint) -> Sequence[SignatureLine]:
    return [cosignature_of("another\n", W1, time_s=NOW_S)]


def test_what_all_cosign_is_told_and_kept_in_the_order_in_which_it_came(
    log: Simulator, kept: Cosignatures
) -> None:
    size = log.tree_size()
    with gathering_from(log, kept, BOTH, w1=signing("w1"), w2=signing("w2")) as reached:
        reached.wait_for(size)
        appended = log.append(builders.order("order-told"))
        reached.wait_for(appended.index + 1)

    for done in (size, appended.index + 1):
        assert {line.name for line in kept.at(done)} == {"w1", "w2"}


def test_a_witness_is_asked_to_go_on_from_what_it_cosigned_last(
    log: Simulator, kept: Cosignatures
) -> None:
    asked: list[tuple[int, int]] = []

    def ask(request: AddCheckpoint) -> Sequence[SignatureLine]:
        asked.append((request.old_size, len(request.proof)))
        return in_order(request)

    size = log.tree_size()
    in_order = in_turn(holding(1), holding(FOUNDED_SIZE), signing("w1"))
    with gathering_from(log, kept, FIRST, w1=ask) as reached:
        reached.wait_for(size)
    with gathering_from(log, kept, FIRST, w1=ask) as reached:
        grown = log.append(builders.order(f"order-{size}")).index + 1
        reached.wait_for(grown)

    assert [old for old, _ in asked] == [0, 1, FOUNDED_SIZE, size]
    assert asked[0] == (0, 0)
    assert asked[-1][1] > 0


@pytest.mark.parametrize(
    "first",
    [
        failing(UnavailableError("Gone.")),
        failing(RuntimeError("broken")),
        by_another,
        over_another_note,
        signing("w1", 0),
        signing("w1", NOW_S + FUTURE_S_MAX + 1),
        holding(2**40),
        in_turn(holding(1), holding(2), holding(1), signing("w1")),
    ],
    ids=[
        "gone",
        "broken",
        "another's key",
        "another note",
        "no time",
        "of the future",
        "ahead of the log",
        "of two minds",
    ],
)
def test_what_cannot_be_kept_is_not_and_the_witness_is_asked_again(
    log: Simulator, kept: Cosignatures, first: AskWitness
) -> None:
    size = log.tree_size()
    with gathering_from(log, kept, FIRST, w1=in_turn(first, signing("w1"))) as reached:
        reached.wait_for(size)

    (line,) = kept.at(size)
    assert line.name == "w1"
    assert W1.key.verify(SignedNote.parse(note_at(log, size)).text, line.signature) == NOW_S


def note_at(log: Simulator, size: int) -> bytes:
    return log.opened.parts.reader.checkpoint_covering(size).note


def test_a_newer_checkpoint_is_asked_for_when_one_does_not_get_its_quorum(
    log: Simulator, kept: Cosignatures, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "ROUND_S", 0.01)
    old = log.tree_size()

    def only_newer(request: AddCheckpoint) -> Sequence[SignatureLine]:
        if f"\n{old}\n".encode() in request.note:
            raise UnavailableError("Not this one.")
        return signing("w2")(request)

    with gathering_from(log, kept, BOTH, w1=signing("w1"), w2=only_newer) as reached:
        newer = log.append(builders.order(f"order-{old}")).index + 1
        reached.wait_for(newer)

    assert [line.name for line in kept.at(old)] in ([], ["w1"])


def test_while_another_process_gathers_its_cosignatures_are_heard_of(
    log: Simulator, kept: Cosignatures
) -> None:
    size = log.tree_size()
    note = SignedNote.parse(note_at(log, size))
    asked = threading.Event()

    def ask(request: AddCheckpoint) -> Sequence[SignatureLine]:
        asked.set()
        return signing("w1")(request)

    with (log.directory / "lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with gathering_from(log, kept, FIRST, w1=ask) as reached:
            kept.keep(size, cosignature_of(note.text, W1, time_s=NOW_S))
            reached.wait_for(size)
            assert not asked.is_set()
            fcntl.flock(other, fcntl.LOCK_UN)
            grown = log.append(builders.order(f"order-{size}")).index + 1
            reached.wait_for(grown)


@pytest.mark.parametrize("error", [StoreError("Away."), RuntimeError("broken")])
def test_a_database_that_is_away_for_a_moment_is_waited_for(
    log: Simulator, kept: Cosignatures, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    reader, size = log.opened.parts.reader, log.tree_size()
    answers: list[Exception | StoredCheckpoint] = [error, reader.latest_checkpoint()]

    def latest() -> StoredCheckpoint:
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(reader, "latest_checkpoint", latest)
    with gathering_from(log, kept, FIRST, w1=signing("w1")) as reached:
        reached.wait_for(size)
