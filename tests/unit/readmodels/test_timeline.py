from __future__ import annotations

from datetime import date

import pytest

from ledger.domain.dates import Dates
from ledger.domain.facts import Fact
from ledger.domain.scope import PlaceScope
from ledger.errors import NotFoundError
from ledger.readmodels.catalog import Catalog
from ledger.readmodels.timeline import About, Timeline, day_of, index_of
from tests import builders
from tests.builders import day
from tests.unit.readmodels.records import ledger_of, recorded

ALL = {"first": date.min, "last": date.max}


def told(fact_id: str, on: str) -> Fact:
    return builders.order(fact_id, dates=Dates(public=day(on)))


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        (told("a-1x", "2025-07-28"), "2025-07-28"),
        (
            builders.action(
                "rule-1", dates=Dates(public=day("2023-10-25"), effective=day("2023-11-17"))
            ),
            "2023-10-25",
        ),
        (
            builders.action(
                "letter-1", dates=Dates(notified=day("2025-04-09"), public=day("2025-04-15"))
            ),
            "2025-04-09",
        ),
        (builders.item(launch=day("2024-02-01")), "2024-02-01"),
        (builders.item(launch=None, reported=day("2025-08-19")), "2025-08-19"),
        (builders.item(launch=None), None),
        (builders.membership(since="2026-07-10"), "2026-07-10"),
        (builders.membership(), None),
        (builders.coverage(), "2022-08-26"),
        (builders.party(), None),
        (builders.party(dates=Dates(public=day("2020-01-02"))), "2020-01-02"),
        (builders.party(dates=Dates(effective=day("2020-01-03"))), "2020-01-03"),
        (builders.party(dates=Dates(ends=day("2020-01-03"))), None),
        (builders.enrolled("registrar"), None),
    ],
)
def test_a_fact_stands_under_the_day_it_was_first_told(fact: Fact, expected: str | None) -> None:
    assert day_of(fact) == (date.fromisoformat(expected) if expected else None)


def timeline_of(*facts: Fact) -> Timeline:
    timeline = Timeline()
    for record in recorded(facts):
        timeline.apply(record)
    return timeline


def test_facts_stand_in_the_order_of_their_days_and_then_of_the_log() -> None:
    timeline = timeline_of(
        told("third", "2025-03-01"),
        told("first", "2025-01-01"),
        told("second", "2025-02-01"),
        told("also-first", "2025-01-01"),
    )

    assert timeline.indexes(4, **ALL) == [1, 3, 2, 0]


def test_an_older_tree_size_leaves_out_what_came_later() -> None:
    timeline = timeline_of(told("one", "2025-03-01"), told("two", "2025-01-01"))

    assert timeline.indexes(1, **ALL) == [0]


def test_reading_between_entries_keeps_the_order() -> None:
    records = recorded([told("one", "2025-03-01"), told("two", "2025-01-01")])
    timeline = Timeline()
    timeline.apply(records[0])
    before = timeline.indexes(2, **ALL)
    timeline.apply(records[1])

    assert before == [0]
    assert timeline.indexes(2, **ALL) == [1, 0]


def test_the_days_of_a_span_are_inclusive() -> None:
    timeline = timeline_of(*(told(f"day-{n}", f"2025-01-0{n}") for n in (1, 2, 3, 4)))

    span = {"first": date(2025, 1, 2), "last": date(2025, 1, 3)}
    assert timeline.indexes(4, **span) == [1, 2]


FACTS = (
    builders.item("H20", aliases=("H20 96GB",)),
    builders.membership("CN", "D:5"),
    builders.order("names-alias", items=("h20 96gb",)),
    builders.order("names-another", items=("A100",)),
    builders.action("by-code", destinations=PlaceScope(codes=("CN",))),
    builders.action("by-group", destinations=PlaceScope(any_group=("D:5",))),
    builders.action("by-seat", headquarters=PlaceScope(any_group=("D:5",))),
    builders.action("anywhere", destinations=PlaceScope(any=True)),
    builders.action("cut-out", destinations=PlaceScope(any_group=("D:5",), not_codes=("CN",))),
    builders.action("elsewhere", destinations=PlaceScope(codes=("AE",), any_group=("A:1",))),
    builders.membership("AE", "D:4"),
)


def about(item: str = "", destination: str = "", *, size: int = 0) -> list[str]:
    catalog = Catalog()
    for record in ledger_of(*FACTS):
        catalog.apply(record)
    view = catalog.at(size)
    asked = About.of(view, item=item, destination=destination)
    return [record.fact.id for record in view.records()[2:] if asked.includes(record.fact)]


def test_an_item_is_meant_by_any_of_its_names() -> None:
    assert about("H20") == ["item-h20", "names-alias"]
    assert about("h20 96GB") == ["item-h20", "names-alias"]


def test_a_destination_is_meant_by_code_group_and_seat() -> None:
    assert about(destination="CN") == [
        "group-d-5-cn-always",
        "by-code",
        "by-group",
        "by-seat",
        "anywhere",
    ]


def test_a_destination_without_groups_is_meant_by_code_alone() -> None:
    assert about(destination="FR") == ["anywhere"]


def test_item_and_destination_must_both_be_meant() -> None:
    assert about("H20", "CN") == []


def test_without_a_filter_everything_is_meant() -> None:
    assert len(about()) == len(FACTS)


def test_an_item_that_is_not_on_record_is_not_found() -> None:
    with pytest.raises(NotFoundError) as caught:
        about("H2O")

    assert caught.value.field == "item"


def test_names_resolve_at_the_tree_size() -> None:
    with pytest.raises(NotFoundError):
        about("H20", size=2)


def test_many_rows_and_few_are_put_in_the_same_order() -> None:
    days = [
        f"20{year}-0{month}-1{day}" for year in (25, 24) for month in (3, 1, 2) for day in "719"
    ]
    facts = [told(f"fact-{place}", day) for place, day in enumerate(days * 5)]
    records = recorded(facts)
    at_once, by_and_by = Timeline(), Timeline()
    for record in records:
        at_once.apply(record)
        by_and_by.apply(record)
        by_and_by.indexes(record.index + 1, **ALL)

    expected = sorted(range(len(facts)), key=lambda place: ((days * 5)[place], place))
    assert at_once.indexes(len(facts), **ALL) == expected
    assert by_and_by.indexes(len(facts), **ALL) == expected


def test_the_rows_go_on_from_where_somebody_stopped_whatever_was_added_before_it() -> None:
    records = recorded(
        [told("second", "2025-02-01"), told("third", "2025-03-01"), told("first", "2025-01-01")]
    )
    timeline = Timeline()
    for record in records[:2]:
        timeline.apply(record)
    first, second = timeline.rows(2, first=date.min, last=date.max)
    timeline.apply(records[2])

    assert list(timeline.rows(2, first=date.min, last=date.max, start=second)) == [second]
    assert [index_of(row) for row in (first, second)] == [0, 1]
