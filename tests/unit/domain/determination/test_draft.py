"""What-if: a draft laid over the record changes answers and appends nothing."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.domain.determination.draft import Outcome, evaluate, withdrawal
from ledger.domain.facts import Fact
from ledger.domain.scope import PlaceScope
from ledger.domain.steps import finished
from ledger.domain.vocabulary import Basis, Requirement
from ledger.errors import NotFoundError, QuestionError
from tests.casebook import asking, casebook
from tests.unit.domain.determination.world import act, named, provision

LETTER = "us-2025-04-09-nvda-h20-letter"


def _withdrawn(target: str, **supplied: object) -> Outcome:
    register = casebook()
    question = asking(**supplied)
    draft = withdrawal(target, register, question.as_of)
    return finished(evaluate(draft, question, register, ["H20"], ["CN", "MO", "FR"]))


def test_orders_are_held_against_the_changed_status_where_they_go_to() -> None:
    register, question = casebook(), asking()
    draft = withdrawal(LETTER, register, question.as_of)
    outcome = finished(evaluate(draft, question, register, ["H20"], ["AF", "CN", "MO"]))

    assert [d.after.destination for d in outcome.differences] == ["AF", "CN", "MO"]
    assert [(item, place) for item, place, _ in outcome.exposures] == [("H20", "CN")]


def _draft(fact_id: str = "us-draft-rule") -> Fact:
    return act(
        fact_id,
        provision(f"{fact_id}#all", items=named("L2"), destinations=PlaceScope(codes=("FR",))),
        public="2025-08-01",
    )


def test_withdrawing_the_letter_would_free_the_item_where_nothing_else_asks() -> None:
    outcome = _withdrawn(LETTER, consignee_headquarters="CN")

    changed = {d.after.destination: d.after.axes.requirement for d in outcome.differences}

    assert changed == dict.fromkeys(("CN", "MO", "FR"), Requirement.NO_LICENSE_REQUIRED)
    assert outcome.differences[0].causes == (f"draft-withdrawal-{LETTER}", LETTER)


def test_withdrawing_one_provision_leaves_the_other() -> None:
    outcome = _withdrawn(f"{LETTER}#place", consignee_headquarters="CN")

    assert outcome.differences == ()


def test_the_orders_of_a_changed_item_are_held_against_the_changed_status() -> None:
    outcome = _withdrawn(LETTER, consignee_headquarters="FR")

    ((item, destination, held),) = outcome.exposures
    assert (item, destination) == ("H20", "CN")
    assert all(o.now.axes.requirement is Requirement.NO_LICENSE_REQUIRED for o in held.orders)
    assert (900_000, 1_000_000) in [(total.min, total.max) for total in held.totals]


def test_a_new_rule_asks_only_where_it_reaches() -> None:
    question = asking(item="L2", exporter="Dell", consignee_headquarters="FR")
    outcome = finished(evaluate(_draft(), question, casebook(), ["L2", "L4"], ["FR", "DE"]))

    (difference,) = outcome.differences

    assert (difference.after.item, difference.after.destination) == ("L2", "FR")
    assert difference.before.axes.requirement is Requirement.NO_LICENSE_REQUIRED
    assert difference.after.axes.requirement is Requirement.LICENSE_REQUIRED
    assert difference.causes == ("us-draft-rule",)


def test_a_draft_that_is_public_later_moves_the_knowledge_of_both_sides() -> None:
    question = asking(
        item="L2", exporter="Dell", consignee_headquarters="FR", known_at="2025-07-01"
    )

    outcome = finished(evaluate(_draft(), question, casebook(), ["L2"], ["FR"]))

    assert outcome.pattern.known_at == date(2025, 8, 1)
    assert len(outcome.differences) == 1


def test_the_record_itself_is_left_as_it_was() -> None:
    register = casebook()
    size = register.tree_size

    finished(evaluate(_draft(), asking(), register, ["L2"], ["FR"]))

    assert register.tree_size == size
    assert "us-draft-rule" not in register.facts


def test_a_name_that_is_taken_is_refused() -> None:
    with pytest.raises(QuestionError, match="on record already"):
        finished(evaluate(_draft(LETTER), asking(), casebook(), ["L2"], ["FR"]))


def test_what_nobody_recorded_cannot_be_asked_on_basis_ledger() -> None:
    with pytest.raises(QuestionError, match="LEDGER"):
        finished(evaluate(_draft(), asking(basis=Basis.LEDGER), casebook(), ["L2"], ["FR"]))


@pytest.mark.parametrize("target", ["us-nothing", f"{LETTER}#nothing", "item-h20"])
def test_only_what_is_on_record_can_be_withdrawn(target: str) -> None:
    with pytest.raises(NotFoundError, match="cannot be withdrawn"):
        withdrawal(target, casebook(), date(2025, 8, 15))
