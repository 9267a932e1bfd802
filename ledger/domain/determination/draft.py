"""What-if: an unsigned draft, or the withdrawal of what is on record, laid over the record.

Nothing is appended: the draft stands in a register of its own, as the entry that would come next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ledger.domain.dates import Dates, OutsideDate
from ledger.domain.determination.difference import (
    EVIDENCE,
    Difference,
    Side,
    differing,
    side_by_side,
)
from ledger.domain.determination.exposure import Exposure, exposure
from ledger.domain.determination.question import Question
from ledger.domain.determination.register import Register
from ledger.domain.effects import Relation
from ledger.domain.facts import Fact, ReportedFact
from ledger.domain.statement import DIGEST_LENGTH, Recorded
from ledger.domain.steps import Steps
from ledger.domain.vocabulary import (
    Basis,
    Certainty,
    Family,
    Grade,
    Precision,
    RelationKind,
)
from ledger.errors import NotFoundError, QuestionError

DRAFT_AUTHOR = "draft"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a draft would change.

    Attributes:
        fact: The draft as it was laid over the record.
        pattern: The question's pattern, with the knowledge cut moved to take the draft in.
        differences: The cells that would change.
        exposures: For every item of a changed cell that has orders: its name, the destination for
            which it changes that most of them name, or else the first, and the orders against the
            changed status there.
    """

    fact: Fact
    pattern: Question
    differences: tuple[Difference, ...]
    exposures: tuple[tuple[str, str, Exposure], ...]


def withdrawal(target: str, register: Register, day: date) -> ReportedFact:
    """The draft that ends a fact, or one provision of it, on a day.

    Raises:
        NotFoundError: Nothing of that name is on record.
    """
    recorded = register.facts.get(target.partition("#")[0])
    known_provision = "#" not in target or target in register.rules
    if recorded is None or not isinstance(recorded.fact, ReportedFact) or not known_provision:
        message = f"{target} is not on record, so it cannot be withdrawn"
        raise NotFoundError(message, field="withdraw", rule="target-on-record")
    fact = recorded.fact
    on_day = OutsideDate(value=day.isoformat(), precision=Precision.DAY)
    return ReportedFact(
        id=withdrawal_id(fact.id),
        stream=fact.stream,
        family=Family.REGULATORY_ACTION,
        subtype="withdrawal",
        actor=fact.actor,
        issuer_country=fact.issuer_country,
        dates=Dates(effective=on_day, public=on_day),
        relates_to=(Relation(id=target, relation=RelationKind.ENDS),),
        certainty=Certainty.OFFICIAL,
        grade=Grade.MEMORY,
    )


def withdrawal_id(fact_id: str) -> str:
    """What the draft is called that withdraws a fact, or a provision of it."""
    return f"draft-withdrawal-{fact_id}"[:80].rstrip("-")


def evaluate(
    fact: Fact,
    pattern: Question,
    register: Register,
    items: Sequence[str],
    destinations: Sequence[str],
) -> Steps[Outcome]:
    """Lay a draft over the record and say which statuses and orders it would touch.

    Raises:
        QuestionError: The draft's name is taken, or the basis is LEDGER, on which a draft that
            nobody recorded is never known.
        NotFoundError: An item is not on record.
    """
    if fact.id in register.facts:
        message = f"{fact.id} is on record already; a draft needs a name of its own"
        raise QuestionError(message, field="draft.fact_id", rule="fact-id-taken")
    if pattern.basis is Basis.LEDGER:
        message = "a draft is not recorded, so basis LEDGER would never know of it"
        raise QuestionError(message, field="question.basis", rule="draft-is-not-recorded")
    known = _with_knowledge_of(fact, pattern)
    drafted = laid_over(fact, register)
    before, after = Side(known, register), Side(known, drafted)
    differences: list[Difference] = []
    for pair in side_by_side(before, after, items, destinations):
        # That other facts carry an unchanged status is not a change of status.
        differences += (d for d in differing([pair]) if d.axes != (EVIDENCE,))
        yield
    places: dict[str, list[str]] = {}
    for difference in differences:
        places.setdefault(difference.after.item, []).append(difference.after.destination)
    exposures = []
    for item, changed in places.items():
        exposures.append((yield from _exposed(known, drafted, item, changed)))
    return Outcome(
        fact=fact,
        pattern=known,
        differences=tuple(differences),
        exposures=tuple(e for e in exposures if e[2].orders),
    )


def laid_over(fact: Fact, register: Register) -> Register:
    """A register of its own that holds the record and, as its next entry, the draft."""
    drafted = register.copy()
    drafted.add(
        Recorded(
            index=register.tree_size,
            version=register.directory.length(fact.stream) + 1,
            recorded_ms=register.recorded_ms,
            author=DRAFT_AUTHOR,
            digest=bytes(DIGEST_LENGTH),
            fact=fact,
        )
    )
    return drafted


def _with_knowledge_of(fact: Fact, pattern: Question) -> Question:
    """Both sides know as much: the cut moves to the day on which the draft would be public."""
    public = fact.dates.public if isinstance(fact, ReportedFact) else None
    if public is None or public.certain <= pattern.known_at:
        return pattern
    return pattern.model_copy(update={"known_at": public.certain})


def _exposed(
    pattern: Question, register: Register, item: str, changed: Sequence[str]
) -> Steps[tuple[str, str, Exposure]]:
    """An item's orders against its status where it changes, and where they go to."""
    found = yield from exposure(_asking(pattern, item, changed[0]), register)
    named = Counter(
        code
        for order in found.orders
        for code in (order.fact.destinations.codes if order.fact.destinations else ())
    )
    place = max(changed, key=lambda code: named[code])
    if place != changed[0]:
        found = yield from exposure(_asking(pattern, item, place), register)
    return item, place, found


def _asking(pattern: Question, item: str, destination: str) -> Question:
    return pattern.model_copy(update={"item": item, "destination": destination})
