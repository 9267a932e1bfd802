from __future__ import annotations

from datetime import date

from ledger.domain.dates import Dates, OutsideDate
from ledger.domain.determination.days import Days, days_in, first_like
from ledger.domain.vocabulary import Precision


def day(number: int) -> date:
    return date(2025, 1, number)


def days(*numbers: int) -> Days:
    found = Days()
    found.add(map(day, numbers))
    return found


def first(of: int, *several: Days) -> int:
    return first_like(day(of), several) - date(2024, 12, 31).toordinal()


def test_a_day_on_record_and_the_one_after_it_stand_alone() -> None:
    several = days(10)

    assert [first(of, several) for of in range(10, 15)] == [10, 11, 12, 12, 12]


def test_days_before_all_that_are_on_record_are_alike() -> None:
    assert first_like(day(3), [days(10)]) == first_like(date(1, 1, 1), [days(10)])


def test_without_days_on_record_all_days_are_alike() -> None:
    assert first_like(day(3), []) == first_like(day(20), [Days()]) == 0


def test_the_latest_of_several_tells_days_apart() -> None:
    assert first(20, days(3, 30), days(5, 12)) == 14


def test_a_day_that_comes_later_is_found_in_its_place() -> None:
    found = days(10)
    found.add([day(5), day(10)])

    assert first(7, found) == 7
    assert first(9, found) == 7
    assert first(10, found) == 10


def test_a_copy_grows_by_itself() -> None:
    found = days(10)
    found.copy().add([day(15)])

    assert first(20, found) == 12


def test_an_imprecise_date_names_its_first_and_its_last_day() -> None:
    month = OutsideDate(value="2025-02", precision=Precision.MONTH)
    exact = OutsideDate(value="2025-03-04", precision=Precision.DAY)

    named = list(days_in((Dates(effective=month, public=exact), "2025-05-05", None, day(6))))

    assert named == [
        date(2025, 2, 1),
        date(2025, 2, 28),
        date(2025, 3, 4),
        date(2025, 3, 4),
        day(6),
    ]
