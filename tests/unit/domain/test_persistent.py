from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.persistent import PersistentMap

ENTRIES = st.lists(st.tuples(st.text(max_size=4), st.integers()), max_size=60)


def grown(entries: list[tuple[str, int]]) -> PersistentMap[int]:
    mapping: PersistentMap[int] = PersistentMap()
    for key, value in entries:
        mapping = mapping.with_entry(key, value)
    return mapping


@given(ENTRIES)
def test_it_holds_what_a_dict_holds(entries: list[tuple[str, int]]) -> None:
    mapping = grown(entries)

    assert {key: mapping.get(key) for key, _ in entries} == dict(entries)


@given(ENTRIES, st.text(min_size=5))
def test_a_key_that_was_never_set_has_no_value(entries: list[tuple[str, int]], key: str) -> None:
    assert grown(entries).get(key) is None


@given(ENTRIES)
def test_the_order_of_growth_leaves_no_trace(entries: list[tuple[str, int]]) -> None:
    distinct = list(dict(entries).items())

    assert grown(distinct) == grown(distinct[::-1])


def test_an_older_version_keeps_what_it_held() -> None:
    before = grown([("a", 1), ("b", 2)])

    before.with_entry("a", 3).with_entry("c", 4)

    assert (before.get("a"), before.get("c")) == (1, None)


def test_ten_thousand_entries_are_all_found() -> None:
    mapping = grown([(f"key-{n}", n) for n in range(10_000)])

    assert all(mapping.get(f"key-{n}") == n for n in range(10_000))
