from __future__ import annotations

import pytest

from ledger.domain.determination.engine import determine
from ledger.domain.determination.question import Question
from ledger.domain.determination.register import Register
from ledger.domain.facts import Fact
from ledger.domain.statement import Recorded
from ledger.domain.vocabulary import RelationKind
from ledger.errors import QuestionError
from ledger.readmodels.models import ReadModels
from tests import builders
from tests.casebook import asking, recorded
from tests.properties import realrecord

LETTER = "us-2025-04-09-nvda-h20-letter"


def ends(target: str) -> Fact:
    return builders.action(
        "us-2025-05-01-end", relates_to=(builders.relation(RelationKind.ENDS, target),)
    )


LATER: tuple[Fact, ...] = (
    builders.order("order-1", items=("H20",)),
    builders.claim("claim-1", items=("H20",)),
    builders.submission("letter-1"),
    ends(LETTER),
    builders.order("order-2", items=("H20", "A100")),
    builders.item("H21"),
    builders.membership("VN", "D:5"),
)
ENTRIES = recorded(*LATER)
BEFORE = len(ENTRIES) - len(LATER)
QUESTIONS: list[Question] = [
    asking(),
    asking(destination="VN"),
    *realrecord.questions(7, 25, covered=True),
]


def models_of(entries: list[Recorded]) -> ReadModels:
    models = ReadModels()
    models.apply(entries)
    return models


def answers_as(register: Register, entries: list[Recorded]) -> None:
    fresh = Register.of(entries)
    assert register.tree_size == fresh.tree_size
    for question in QUESTIONS:
        assert determine(question, register) == determine(question, fresh)


@pytest.mark.parametrize("warm", [False, True], ids=["unasked", "asked before"])
def test_a_snapshot_stays_as_it_is_while_entries_are_applied(*, warm: bool) -> None:
    models = models_of(ENTRIES[:BEFORE])
    with models.register.snapshot() as snapshot:
        if warm:
            answers_as(snapshot, ENTRIES[:BEFORE])
        for place in range(BEFORE, len(ENTRIES)):
            models.apply([ENTRIES[place]])
            answers_as(snapshot, ENTRIES[:BEFORE])
            with models.register.reading() as current:
                answers_as(current, ENTRIES[: place + 1])


def test_snapshots_of_several_sizes_stand_beside_each_other() -> None:
    models = models_of(ENTRIES[:BEFORE])
    with models.register.snapshot() as first:
        models.apply(ENTRIES[BEFORE : BEFORE + 2])
        with models.register.snapshot() as second:
            models.apply(ENTRIES[BEFORE + 2 :])
            with models.register.snapshot() as third, models.register.snapshot(BEFORE) as older:
                for _ in range(2):
                    answers_as(first, ENTRIES[:BEFORE])
                    answers_as(third, ENTRIES)
                    answers_as(second, ENTRIES[: BEFORE + 2])
                    answers_as(older, ENTRIES[:BEFORE])


def test_what_a_snapshot_worked_out_serves_others_until_the_rules_move() -> None:
    models = models_of(ENTRIES[:BEFORE])
    with models.register.snapshot() as snapshot, models.register.reading() as current:
        assert snapshot.findings is current.findings
        models.apply(ENTRIES[BEFORE : BEFORE + 2])
        assert snapshot.findings is current.findings
        models.apply(ENTRIES[BEFORE + 2 :])
    with models.register.reading() as current:
        assert snapshot.findings is not current.findings


def test_without_a_snapshot_the_register_grows_in_place() -> None:
    models = models_of(ENTRIES[:BEFORE])
    with models.register.snapshot():
        pass
    with models.register.reading() as before:
        models.apply(ENTRIES[BEFORE:])
    with models.register.reading() as after:
        assert before is after


def test_a_snapshot_of_a_size_that_the_log_has_not_is_refused() -> None:
    models = models_of(ENTRIES[:BEFORE])
    with pytest.raises(QuestionError), models.register.snapshot(BEFORE + 1):
        pass
