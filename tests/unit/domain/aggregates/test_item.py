from __future__ import annotations

from decimal import Decimal

from tests.builders import item
from tests.unit.domain.aggregates.folding import fold, refusal


def test_an_item_lives_in_the_stream_that_its_name_gives() -> None:
    refused = refusal(item("RTX 4090D", stream="items/rtx-4090"))

    assert (refused.rule, refused.field) == ("item-name-gives-stream", "stream")


def test_a_name_that_leaves_nothing_for_a_stream_is_refused() -> None:
    refused = refusal(item("H20").model_copy(update={"name": "昇腾"}))

    assert (refused.rule, refused.field) == ("item-name-gives-stream", "name")


def test_a_later_version_brings_another_parameter() -> None:
    later = item("H20", id="item-h20-v2", parameters={"tpp": Decimal(2368)})

    assert fold(item("H20"), later).current == later


def test_a_version_that_says_the_same_is_refused() -> None:
    assert refusal(item("H20"), item("H20", id="item-h20-v2")).rule == "item-unchanged"


def test_what_an_earlier_version_said_may_be_said_again() -> None:
    other = item("H20", id="item-h20-v2", note="Not for sale.")

    assert fold(item("H20"), other, item("H20", id="item-h20-v3")).version == 3


def test_an_item_keeps_its_vendor() -> None:
    refused = refusal(item("H20"), item("H20", id="item-h20-v2", vendor="AMD"))

    assert (refused.rule, refused.field) == ("item-keeps-its-vendor", "vendor")


def test_a_vendor_is_one_in_either_case() -> None:
    assert fold(item("H20"), item("H20", id="item-h20-v2", vendor="Nvidia")).version == 2
