from __future__ import annotations

from ledger.service.limits import Places, RateLimit


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_a_caller_may_spend_a_second_at_once_and_no_more() -> None:
    limit = RateLimit(3, clock=Clock())

    assert [limit.take("ada") for _ in range(4)] == [True, True, True, False]


def test_tokens_come_back_with_time() -> None:
    clock = Clock()
    limit = RateLimit(2, clock=clock)
    taken = [limit.take("ada") for _ in range(3)]

    clock.now += 0.5

    assert taken == [True, True, False]
    assert [limit.take("ada"), limit.take("ada")] == [True, False]


def test_rest_saves_up_one_second_at_most() -> None:
    clock = Clock()
    limit = RateLimit(2, clock=clock)
    limit.take("ada")

    clock.now += 3_600

    assert [limit.take("ada") for _ in range(3)] == [True, True, False]


def test_callers_do_not_spend_for_each_other() -> None:
    limit = RateLimit(1, clock=Clock())

    assert limit.take("ada")
    assert limit.take("bob")
    assert not limit.take("ada")


def test_callers_seen_longest_ago_are_forgotten() -> None:
    limit = RateLimit(1, clock=Clock())
    limit.take("first")
    for number in range(10_000):
        limit.take(f"caller {number}")

    assert limit.take("first")
    assert not limit.take("caller 9999")


def test_a_place_is_free_again_once_given_back() -> None:
    places = Places(2)
    taken = [places.take(), places.take(), places.take()]

    places.give_back()

    assert taken == [True, True, False]
    assert places.take()
    assert not places.take()
