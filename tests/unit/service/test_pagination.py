from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable

import pytest

from ledger.errors import InputError
from ledger.service.pagination import (
    PAGE_BYTES_MAX,
    PAGE_SIZE_DEFAULT,
    PAGE_SIZE_MAX,
    PageStart,
    Paginator,
    fill,
    page_size_of,
)
from ledger.v1 import queries_pb2

PAGES = Paginator(b"k" * 32)
START = PageStart(tree_size=70, offset=50, day=739_000)


def request(**fields: object) -> queries_pb2.ListTimelineRequest:
    return queries_pb2.ListTimelineRequest(**fields)  # type: ignore[arg-type]  # any field


def refused(message: queries_pb2.ListTimelineRequest | queries_pb2.ListItemsRequest) -> InputError:
    with pytest.raises(InputError) as caught:
        PAGES.start(message)
    return caught.value


def test_a_list_begins_without_a_token_at_the_size_asked_for() -> None:
    assert PAGES.start(request(tree_size=9)) == PageStart(9, 0, 0)


def test_a_token_leads_to_where_it_was_made_for() -> None:
    token = PAGES.token(request(item="H20"), START)

    assert PAGES.start(request(item="H20", page_token=token)) == START


def test_the_page_size_may_change_on_the_way() -> None:
    token = PAGES.token(request(page_size=5), START)

    assert PAGES.start(request(page_token=token, page_size=9)) == START


def test_a_token_of_another_question_is_refused() -> None:
    token = PAGES.token(request(item="H20"), START)
    error = refused(request(item="A100", page_token=token))

    assert (error.field, error.rule) == ("page_token", "page-token")


def test_a_token_of_another_list_is_refused() -> None:
    token = PAGES.token(queries_pb2.ListOrdersRequest(), START)

    assert refused(queries_pb2.ListItemsRequest(page_token=token)).rule == "page-token"


def test_a_token_of_another_key_is_refused() -> None:
    token = Paginator(b"o" * 32).token(request(), START)

    assert refused(request(page_token=token)).rule == "page-token"


@pytest.mark.parametrize("place", range(40))
def test_a_token_with_one_byte_changed_is_refused(place: int) -> None:
    token = bytearray(urlsafe_b64decode(PAGES.token(request(), START)))
    token[place] ^= 1

    error = refused(request(page_token=urlsafe_b64encode(token).decode()))
    assert error.field == "page_token"


@pytest.mark.parametrize("token", ["x", "é", "====", "A" * 4_000, "AAAA"])
def test_text_that_is_no_token_is_refused(token: str) -> None:
    assert refused(request(page_token=token)).rule == "page-token"


@pytest.mark.parametrize(
    ("wanted", "given"),
    [(0, PAGE_SIZE_DEFAULT), (7, 7), (PAGE_SIZE_MAX, PAGE_SIZE_MAX), (2**31 - 1, PAGE_SIZE_MAX)],
)
def test_a_page_has_a_largest_size(wanted: int, given: int) -> None:
    assert page_size_of(request(page_size=wanted)) == given


def test_a_negative_page_size_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        page_size_of(request(page_size=-1))

    assert caught.value.field == "page_size"


def rows(*lengths: int) -> list[Callable[[], queries_pb2.FactRecord]]:
    return [lambda n=n: queries_pb2.FactRecord(fact_id="x" * n) for n in lengths]  # type: ignore[misc]


def test_a_page_ends_with_its_rows() -> None:
    assert len(fill(rows(1, 2, 3), 2)) == 2
    assert len(fill(rows(1, 2, 3), 9)) == 3


def test_a_step_without_a_row_takes_no_place_in_a_page() -> None:
    assert len(fill([None, *rows(1), None, *rows(2, 3)], 2)) == 2


def test_a_full_page_asks_for_no_further_row() -> None:
    further = iter(rows(1, 2, 3))
    fill(further, 2)

    assert len(list(further)) == 1


def test_a_page_ends_before_it_grows_too_large() -> None:
    assert len(fill(rows(PAGE_BYTES_MAX // 2, PAGE_BYTES_MAX // 2, 1), 9)) == 1


def test_one_row_fits_whatever_its_size() -> None:
    assert len(fill(rows(PAGE_BYTES_MAX + 1, 1), 9)) == 1
