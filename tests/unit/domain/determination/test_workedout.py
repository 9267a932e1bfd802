from __future__ import annotations

from itertools import count

from ledger.domain.determination.workedout import WorkedOut


def test_a_result_is_worked_out_once() -> None:
    numbers = count()
    worked_out = WorkedOut()

    assert [worked_out("a", lambda: next(numbers)) for _ in range(3)] == [0, 0, 0]
    assert worked_out("b", lambda: next(numbers)) == 1


def test_what_is_forgotten_is_worked_out_anew() -> None:
    worked_out = WorkedOut()
    worked_out("a", lambda: 1)
    worked_out.forget()

    assert worked_out("a", lambda: 2) == 2


def test_beyond_the_bound_everything_is_worked_out_anew() -> None:
    worked_out = WorkedOut(most=2)
    for name in "abc":
        worked_out(name, lambda: 1)

    assert worked_out("c", lambda: 2) == 1
    assert worked_out("a", lambda: 2) == 2


def test_without_a_bound_everything_is_kept() -> None:
    worked_out = WorkedOut(most=None)
    for name in range(10_000):
        worked_out(name, lambda: 1)

    assert worked_out(0, lambda: 2) == 1
