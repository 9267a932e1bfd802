"""The survey: the axes for many items and destinations at once, without the explanation.

What depends on the item alone is settled once an item, and destinations that no provision on record
can tell apart are answered once, so that the whole matrix costs little more than its cells. Every
cell equals the answer to its question.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ledger.domain.determination.answer import Axes
from ledger.domain.determination.assessment import assess
from ledger.domain.determination.considered import deciding_facts, explain
from ledger.domain.determination.coverage import covering
from ledger.domain.determination.engine import NO_RECORD
from ledger.domain.determination.evidence import weakest
from ledger.domain.determination.flags import item_was_tested
from ledger.domain.determination.kinship import kinship
from ledger.domain.determination.outlook import relevant_effects, relevant_rules
from ledger.domain.determination.question import Question
from ledger.domain.determination.register import Register
from ledger.domain.determination.situation import Situation
from ledger.domain.vocabulary import Evidence
from ledger.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Cell:
    """One item for one destination.

    Attributes:
        item: The item's name on record.
        destination: The country's code.
        axes: The five axes less the evidence, and the side fact.
        evidence: The weakest applied link.
        missing: Facts of which some value would change the requirement.
        deciding: The facts that decide, by id.
        provisions: The provisions that decide.
        halted: Provisions that reach the question, each with an act that keeps it from deciding.
        ground: What the answer stands on besides, by id: the item's description, and all
            memberships of the destination and the consignee's seats, each with its group.
        tested: The groups that provisions and effects test.
        coverage: The declarations that take in the day, by id.
    """

    item: str
    destination: str
    axes: Axes
    evidence: Evidence | None
    missing: tuple[str, ...]
    deciding: tuple[str, ...]
    provisions: frozenset[str] = frozenset()
    halted: frozenset[tuple[str, str]] = frozenset()
    ground: frozenset[tuple[str, str]] = frozenset()
    tested: frozenset[str] = frozenset()
    coverage: frozenset[str] = frozenset()


def survey(
    pattern: Question, register: Register, items: Iterable[str], destinations: Sequence[str]
) -> Iterator[Cell]:
    """Answer the pattern for every item and destination, items outermost.

    Args:
        pattern: The question; its own item and destination are not read.
        register: The record up to one tree size.
        items: Names or aliases.
        destinations: ISO 3166-1 alpha-2 codes.

    Raises:
        NotFoundError: An item is not on record at this tree size.
    """
    for name in items:
        stream = register.item_stream(name)
        if stream is None:
            message = f"no item named {name!r} is on record"
            raise NotFoundError(message, field="items", rule="item-on-record")
        question = pattern.model_copy(update={"item": name})
        situation = Situation.of(question, register, stream)
        covered = frozenset(c.id for c in covering(situation, pattern.as_of))
        if situation.item is None or not covered:
            for code in destinations:
                yield Cell(name, code, NO_RECORD, None, (), (), coverage=covered)
            continue
        alike, groups = kinship(situation), {group for group, _ in register.memberships}
        answered: dict[Hashable, Cell] = {}
        for code in destinations:
            question = question.model_copy(update={"destination": code})
            here = replace(situation, question=question)
            kind = alike(code)
            if kind not in answered:
                answered[kind] = _cell(here, covered)
            yield replace(
                answered[kind],
                destination=code,
                ground=frozenset(_ground(here, groups)),
                tested=frozenset(alike.groups),
            )


def _ground(situation: Situation, groups: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The item's description, of no group, and the memberships that hold on the day."""
    if situation.item:
        yield "", situation.item.id
    seats = situation.consignee.seats if situation.consignee else frozenset()
    for country in {situation.question.destination, *seats}:
        yield from situation.memberships(country, groups, situation.question.as_of)


def _cell(here: Situation, covered: frozenset[str]) -> Cell:
    assessment = assess(relevant_rules(here), relevant_effects(here), here, here.question.as_of)
    facts = deciding_facts(explain(here, assessment))
    tested = item_was_tested(assessment)
    return Cell(
        item=here.item.name if here.item else here.question.item,
        destination=here.question.destination,
        axes=assessment.axes,
        evidence=weakest(facts, here.item, item_was_tested=tested),
        missing=assessment.reduced.missing,
        deciding=tuple(fact.id for fact in facts),
        provisions=frozenset(finding.id for finding in assessment.reduced.deciding),
        halted=frozenset(
            (finding.id, act)
            for finding in assessment.findings
            if finding.truth.value is not False
            for act in finding.standing.by
        ),
        coverage=covered,
    )
