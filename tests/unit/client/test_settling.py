"""Which rows are new, which are on record already, and which contradict it."""

from __future__ import annotations

import pytest

from ledger.client.rows import RefusedRow, Row
from ledger.client.settling import Outcome, Settled, Settler
from ledger.domain.facts import Fact
from ledger.errors import NotFoundError
from tests.builders import item, membership, order


class Known:
    """A record that holds what it is given."""

    def __init__(self, *facts: Fact) -> None:
        self._facts = list(facts)

    def fact(self, fact_id: str) -> Fact:
        for fact in self._facts:
            if fact.id == fact_id:
                return fact
        raise NotFoundError("There is no such fact.")

    def stream(self, name: str) -> list[Fact]:
        return [fact for fact in self._facts if fact.stream == name]

    def version(self, name: str) -> int:
        return len(self.stream(name))


def _row(fact: Fact, line: int = 1) -> Row:
    return Row("rows.jsonl", line, fact)


def _settled(settler: Settler, fact: Fact, line: int = 1) -> tuple[str, Outcome]:
    settled = settler.settle(_row(fact, line))
    assert isinstance(settled, Settled)
    return settled.row.fact.id, settled.outcome


def test_a_fact_that_nobody_has_is_new() -> None:
    assert _settled(Settler(Known()), order("co-1")) == ("co-1", Outcome.NEW)


def test_a_fact_on_record_with_the_same_content_is_already_in() -> None:
    known = Settler(Known(order("co-1")))
    assert _settled(known, order("co-1")) == ("co-1", Outcome.ALREADY_IN)


@pytest.mark.parametrize("other", [order("co-1", note="more"), order("co-1", "orders/co-9")])
def test_a_fact_on_record_with_other_content_or_place_is_refused(other: Fact) -> None:
    refused = Settler(Known(order("co-1"))).settle(_row(other))
    assert isinstance(refused, RefusedRow)
    assert refused.rule == "fact-id-taken"
    assert "append a correction" in refused.reason


def test_a_row_that_stands_twice_goes_in_once() -> None:
    settler = Settler(Known())
    assert _settled(settler, order("co-1")) == ("co-1", Outcome.NEW)
    assert _settled(settler, order("co-1"), 2) == ("co-1", Outcome.ALREADY_IN)


def test_two_rows_that_say_two_things_under_one_id_are_told_apart_by_their_lines() -> None:
    settler = Settler(Known())
    settler.settle(_row(order("co-1"), 7))
    refused = settler.settle(_row(order("co-1", note="more"), 9))
    assert isinstance(refused, RefusedRow)
    assert "rows.jsonl:7" in refused.reason


def test_an_item_described_anew_is_its_next_version() -> None:
    settler = Settler(Known(item("H20")))
    assert _settled(settler, item("H20")) == ("item-h20", Outcome.ALREADY_IN)
    assert _settled(settler, item("H20", note="new")) == ("item-h20-v2", Outcome.NEW)
    assert _settled(settler, item("H20", note="newer")) == ("item-h20-v3", Outcome.NEW)
    assert _settled(settler, item("H20", note="new")) == ("item-h20-v2", Outcome.ALREADY_IN)


def test_an_earlier_description_of_an_item_is_already_in() -> None:
    versions = item("H20"), item("H20", id="item-h20-v2", note="new")
    settler = Settler(Known(*versions))
    assert _settled(settler, item("H20")) == ("item-h20", Outcome.ALREADY_IN)
    assert _settled(settler, item("H20", note="new")) == ("item-h20-v2", Outcome.ALREADY_IN)


def test_an_id_that_somebody_took_out_of_turn_is_passed_over() -> None:
    taken = item("H20"), item("H20", id="item-h20-v3", note="odd")
    assert _settled(Settler(Known(*taken)), item("H20", note="new")) == (
        "item-h20-v4",
        Outcome.NEW,
    )


def test_an_item_with_an_id_of_its_own_is_a_fact_like_any_other() -> None:
    own = item("H20", id="item-h20-corrected", note="right")
    settler = Settler(Known(item("H20")))
    assert _settled(settler, own) == ("item-h20-corrected", Outcome.NEW)
    refused = Settler(Known(own)).settle(_row(own.model_copy(update={"note": "wrong"})))
    assert isinstance(refused, RefusedRow)


def test_a_membership_with_another_source_is_described_anew() -> None:
    first = membership("CN", "D:5")
    second = membership("CN", "D:5", source="another list")
    other = membership("CN", "D:1")
    settler = Settler(Known(first, other))
    assert _settled(settler, second) == (f"{first.id}-v2", Outcome.NEW)
    assert _settled(settler, membership("CN", "D:4")) == ("group-d-4-cn-always", Outcome.NEW)


def test_a_duplicate_of_the_ledger_is_settled_by_what_is_on_record_now() -> None:
    settler = Settler(Known(order("co-1")))
    again = settler.settle_again(_row(order("co-1")))
    assert isinstance(again, Settled)
    assert again.outcome is Outcome.ALREADY_IN
    assert isinstance(settler.settle_again(_row(order("co-1", note="more"))), RefusedRow)
    assert settler.settle_again(_row(order("co-2"))) is None
