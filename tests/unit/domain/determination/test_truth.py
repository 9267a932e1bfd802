from __future__ import annotations

from collections.abc import Iterator

import pytest

from ledger.domain.determination.truth import (
    HOLDS,
    Truth,
    all_of,
    any_of,
    both,
    fails,
    lacking,
    on,
)


def test_no_tests_at_all_hold() -> None:
    """FORMAT §2: "a test left out holds"."""
    assert all_of([]) is HOLDS


def test_a_failing_test_outweighs_an_undetermined_one() -> None:
    assert all_of([lacking("exporter"), fails("not its place")]) == fails("not its place")


def test_a_test_that_lacks_a_fact_is_undetermined() -> None:
    """FORMAT §2: "A test that lacks a fact is undetermined"."""
    truth = all_of([HOLDS, lacking("exporter"), lacking("tpp")])

    assert truth.value is None
    assert truth.lacks == {"exporter", "tpp"}


def test_a_failure_on_the_record_outweighs_one_on_an_assumption() -> None:
    assumed = fails("assumed", assumed="no listed party")

    assert all_of([assumed, fails("on record")]).assumed == frozenset()


def test_a_failure_on_an_assumption_outweighs_what_is_undetermined() -> None:
    assumed = fails("assumed", assumed="no listed party")

    assert all_of([lacking("exporter"), assumed, lacking("tpp")]) == assumed


def test_of_two_assumed_failures_the_first_is_blamed() -> None:
    first, second = fails("one", assumed="a"), fails("two", assumed="b")

    assert all_of([first, second]) == first


def test_nothing_is_tested_after_a_failure_on_the_record() -> None:
    def tests() -> Iterator[Truth]:
        yield fails("first")
        pytest.fail("a later test was drawn")

    assert all_of(tests()).why == "first"


def test_both_hold_only_where_both_hold() -> None:
    assert both(HOLDS, HOLDS) is HOLDS
    assert both(HOLDS, lacking("tpp")) == lacking("tpp")
    assert both(lacking("tpp"), HOLDS) == lacking("tpp")
    assert both(lacking("a"), lacking("b")).lacks == {"a", "b"}


def test_two_undetermined_tests_keep_both_their_names() -> None:
    joined = both(on("one", lacking("a")), on("two", lacking("b")))

    assert joined.atoms == {"one", "two"}


def test_only_an_undetermined_truth_takes_a_name() -> None:
    assert on("test", lacking("tpp")).atoms == {"test"}
    assert on("test", HOLDS) is HOLDS
    assert on("test", fails("no")).atoms == frozenset()


def test_one_alternative_suffices() -> None:
    assert any_of([fails("no"), lacking("tpp"), HOLDS], otherwise="none") is HOLDS


def test_an_alternative_that_lacks_a_fact_leaves_the_whole_undetermined() -> None:
    truth = any_of([fails("no"), lacking("tpp"), lacking("io_gbs")], otherwise="none")

    assert truth.value is None
    assert truth.lacks == {"tpp", "io_gbs"}


def test_where_no_alternative_holds_the_reason_is_given() -> None:
    assert any_of([fails("no")], otherwise="none of them") == fails("none of them")
