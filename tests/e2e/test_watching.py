from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ledger.v1 import queries_pb2 as pb
from tests import builders
from tests.e2e.refusals import refusal_of
from tests.e2e.world import NOT_REQUIRED, REQUIRED, RULE, question
from tests.simulator import CALL_S, Simulator


def events(watch: Any, kind: str) -> Iterator[Any]:
    """The events of one kind, as they come."""
    for event in watch:
        if event.WhichOneof("event") == kind:
            yield getattr(event, kind)


def test_a_watch_tells_the_first_answers_and_then_what_changes(service: Simulator) -> None:
    for fact in (builders.item("H20"), builders.membership("CN", "D:5"), builders.coverage()):
        service.append(fact)
    service.caught_up()
    watch = service.stream.WatchLicenseStatus(
        pb.WatchLicenseStatusRequest(questions=[question("FR"), question("CN")]), timeout=CALL_S
    )
    initial = [next(events(watch, "initial")) for _ in range(2)]
    next(events(watch, "progress"))

    service.append(RULE)
    changed = next(events(watch, "changed"))
    seen = next(events(watch, "progress"))
    watch.cancel()

    assert [answer.question.destination for answer in initial] == ["FR", "CN"]
    assert changed.question_index == 1
    assert (changed.before.requirement, changed.after.requirement) == (NOT_REQUIRED, REQUIRED)
    assert list(changed.causes) == ["rule-2023"]
    assert seen.tree_size == changed.after.tree_size == service.tree_size()


def test_a_watch_follows_the_calendar(service: Simulator) -> None:
    midnight = (service.clock.now_ms // 86_400_000 + 1) * 86_400_000
    service.append(builders.item("H20"))
    service.caught_up()
    service.clock.now_ms = midnight - 5
    watch = service.stream.WatchLicenseStatus(
        pb.WatchLicenseStatusRequest(questions=[pb.Question(item="H20", destination="CN")]),
        timeout=CALL_S,
    )
    days = (progress.today for progress in events(watch, "progress"))
    before = next(days)
    service.clock.now_ms = midnight

    after = next(today for today in days if today != before)
    watch.cancel()

    assert (before, after) == ("2025-10-09", "2025-10-10")


@pytest.mark.parametrize(
    ("questions", "rule", "field"),
    [
        ([], "watch-size", "questions"),
        ([pb.Question()] * 101, "watch-size", "questions"),
        ([question(), question("UK")], "question", "questions[1].question.destination"),
        ([question(item="H2O")], "item-on-record", "questions[0].items"),
    ],
)
def test_a_watch_that_cannot_begin_is_refused(
    world: Simulator, questions: list[pb.Question], rule: str, field: str
) -> None:
    request = pb.WatchLicenseStatusRequest(questions=questions)

    refusal = refusal_of(world.stream.WatchLicenseStatus, request)

    assert (refusal.rule, refusal.field) == (rule, field)
