"""What is prepared is handed on in its order: sound, refused, or as it came."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ledger.domain.keyring import Keyring
from ledger.errors import EnvelopeError
from ledger.service.preparing import TOGETHER_MAX, Preparer, Ready
from ledger.store.intake import Submission
from ledger.store.preparing import Prepared
from tests import builders
from tests.simulator import CALL_S, Simulator


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    folder: Path = tmp_path_factory.mktemp("preparing")
    with Simulator(folder) as simulator:
        simulator.caught_up()
        yield simulator


def submissions(service: Simulator, *sizes: int) -> list[Submission]:
    """Submissions of so many orders each."""
    names = iter(range(10**6))
    return [
        Submission(
            tuple(service.envelope(builders.order(f"order-{next(names)}")) for _ in range(size)),
            lambda _: None,
        )
        for size in sizes
    ]


def prepared(
    given: Sequence[Submission], keyring: Keyring, *, waits: bool = False
) -> list[list[Ready]]:
    """What a preparer hands on, each time that it does."""
    handed: list[list[Ready]] = []
    done = threading.Event()

    def ready(some: Sequence[Ready]) -> None:
        handed.append(list(some))
        if sum(map(len, handed)) == len(given):
            done.set()

    preparer = Preparer(lambda: keyring, lambda _: waits, ready)
    preparer.put(given)
    preparer.start()
    assert done.wait(CALL_S)
    preparer.close()
    return handed


def keyring_of(service: Simulator) -> Keyring:
    return service.opened.parts.models.catalog.at().keyring()


def test_statements_are_parsed_and_verified_in_their_order(service: Simulator) -> None:
    given = submissions(service, 1, 2, 3)

    (handed,) = prepared(given, keyring_of(service))

    assert [submission.done for submission, _ in handed] == [each.done for each in given]
    for (submission, error), each in zip(handed, given, strict=True):
        assert error is None
        assert all(isinstance(one, Prepared) and one.verified for one in submission.statements)
        assert submission.size == each.size


def test_a_signature_by_an_unknown_key_is_left_to_the_writer(service: Simulator) -> None:
    ((ready,),) = prepared(submissions(service, 1), Keyring())

    submission, error = ready
    assert error is None
    assert [isinstance(one, Prepared) and one.verified for one in submission.statements] == [False]


def test_what_is_unsound_is_handed_on_with_what_is_wrong(service: Simulator) -> None:
    sound, other = submissions(service, 1, 1)
    broken = Submission((*other.statements, b"\xff"), other.done)

    (handed,) = prepared([sound, broken, sound], keyring_of(service))

    errors = [error for _, error in handed]
    assert errors[0] is errors[2] is None
    assert isinstance(errors[1], EnvelopeError)
    assert errors[1].field.startswith("envelopes[1]")


def test_while_the_writer_waits_statements_are_handed_on_as_they_came(service: Simulator) -> None:
    given = submissions(service, 1, 2)

    assert prepared(given, keyring_of(service), waits=True) == [[(each, None) for each in given]]


def test_a_hundred_statements_are_handed_on_at_once_or_one_larger_submission(
    service: Simulator,
) -> None:
    given = submissions(service, TOGETHER_MAX - 1, 1, 1, TOGETHER_MAX + 1, 1)

    handed = prepared(given, keyring_of(service), waits=True)

    sizes = [[len(submission.statements) for submission, _ in some] for some in handed]
    assert sizes == [[TOGETHER_MAX - 1, 1], [1], [TOGETHER_MAX + 1], [1]]


def test_a_preparer_that_is_closed_leaves_what_waits(service: Simulator) -> None:
    handed: list[Sequence[Ready]] = []
    preparer = Preparer(lambda: keyring_of(service), lambda _: True, handed.append)
    preparer.close()
    preparer.put(submissions(service, 1))
    preparer.start()
    preparer.close()

    assert handed == []
