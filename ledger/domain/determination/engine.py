"""The engine: one question against one register.

Pure and deterministic: no clock, no I/O, no randomness. The same entries, question and engine
version give the same answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from typing import Final

from ledger.domain.determination.amendment import disputes
from ledger.domain.determination.answer import Answer, Axes, Conflict
from ledger.domain.determination.assessment import Assessment, assess
from ledger.domain.determination.considered import consider, deciding_facts, explain
from ledger.domain.determination.coverage import covering, declared
from ledger.domain.determination.evidence import weakest
from ledger.domain.determination.flags import Flag, flags_of, item_was_tested
from ledger.domain.determination.outlook import (
    next_change,
    relevant_effects,
    relevant_rules,
    requirement_since,
)
from ledger.domain.determination.question import (
    IS_EXPORT,
    NO_END_USE,
    NO_LISTED_PARTY,
    Question,
)
from ledger.domain.determination.register import Link, Register
from ledger.domain.determination.situation import Situation
from ledger.domain.facts import CoverageDeclared, ReportedFact
from ledger.domain.vocabulary import (
    Authorization,
    CommercialCondition,
    DestinationMeasure,
    Evidence,
    RelationKind,
    Requirement,
    ReviewPolicy,
)
from ledger.errors import NotFoundError

ENGINE_VERSION: Final = "1"

NO_RECORD: Final = Axes(
    requirement=Requirement.NO_RECORD,
    review_policy=ReviewPolicy.N_A,
    authorization=Authorization.NONE_ON_RECORD,
    destination_measure=DestinationMeasure.NONE_ON_RECORD,
    commercial_condition=CommercialCondition.NONE,
)


def determine(
    question: Question, register: Register, *, include_not_yet_known: bool = False
) -> Answer:
    """State the license status that the record bears.

    Raises:
        NotFoundError: No item of that name is on record at this tree size.
    """
    stream = register.item_stream(question.item)
    if stream is None:
        near = register.nearest_items(question.item)
        hint = f"; the nearest names on record: {', '.join(near)}" if near else ""
        message = f"no item named {question.item!r} is on record{hint}"
        raise NotFoundError(message, field="question.item", rule="item-on-record")
    situation = Situation.of(question, register, stream)
    if situation.item is None:
        note = f"{question.item} was not yet recorded at {question.known_at}."
        return _no_record(situation, Flag.ITEM_NOT_YET_RECORDED, note)
    covered = covering(situation, question.as_of)
    if not covered:
        return _no_record(situation, Flag.OUTSIDE_COVERAGE, _coverage_note(situation))
    return _stated(situation, covered, include_not_yet_known=include_not_yet_known)


def _stated(
    situation: Situation, covered: Sequence[CoverageDeclared], *, include_not_yet_known: bool
) -> Answer:
    """The answer to a question about a known item on a covered day."""
    question = situation.question
    assessment = assess(situation.rulebook, situation.effects, situation, question.as_of)
    rules = relevant_rules(situation)
    warnings = flags_of(assessment, situation)
    explanation = explain(situation, assessment)
    applied = deciding_facts(explanation)
    conflicts = _conflicts(situation, assessment, [fact.id for fact in applied])
    considered = consider(
        explanation,
        disputing={fact_id for conflict in conflicts for fact_id in conflict.fact_ids},
        include_not_yet_known=include_not_yet_known,
    )
    evidence = _weakest(applied, situation, assessment)
    by, condition = assessment.permission.by, assessment.condition.by
    details = (reach.effect.detail for reach in assessment.measure.by)
    deciding_ids = {reason.finding.id for reason in assessment.deciding}
    others = (r for r in assessment.reasons if r.finding.id not in deciding_ids)
    return Answer(
        question=question,
        axes=assessment.axes,
        evidence=evidence,
        since=requirement_since(
            assessment.reduced.value,
            rules,
            situation,
            not_before=_beginning(situation, covered),
        ),
        authorization_scope=(by.effect.scope or "") if by else "",
        authorization_detail=(by.effect.detail or "") if by else "",
        measure_detail="; ".join(dict.fromkeys(detail for detail in details if detail)),
        condition_detail=(condition.effect.detail or "") if condition else "",
        reasons=(*assessment.deciding, *others),
        offers=assessment.permission.offers or assessment.permission.partial,
        considered=considered,
        assumed=_assumed(question, assessment),
        missing=assessment.reduced.missing,
        conflicts=conflicts,
        flags=tuple(dict.fromkeys(flag.value for flag, _ in warnings)),
        notes=tuple(note for _, note in warnings),
        next_change=next_change(
            assessment,
            rules,
            relevant_effects(situation),
            situation,
            held=evidence,
            evidence=partial(_evidence, situation),
        ),
        item_record=situation.item_record,
        tree_size=situation.register.tree_size,
        engine_version=ENGINE_VERSION,
    )


def _evidence(situation: Situation, assessment: Assessment) -> Evidence | None:
    """The fifth axis of an assessment."""
    return _weakest(deciding_facts(explain(situation, assessment)), situation, assessment)


def _weakest(
    applied: Sequence[ReportedFact], situation: Situation, assessment: Assessment
) -> Evidence | None:
    return weakest(applied, situation.item, item_was_tested=item_was_tested(assessment))


def _beginning(situation: Situation, covered: Sequence[CoverageDeclared]) -> date:
    """The first day that an unbroken run may reach back to: covered, and with the item known of."""
    first = min(coverage.from_day for coverage in covered)
    item = situation.item
    seen = (item.launch or item.reported) if item else None
    return min(max(first, seen.earliest), situation.question.as_of) if seen else first


def _assumed(question: Question, assessment: Assessment) -> tuple[str, ...]:
    """What is assumed where nothing was supplied, "and named in `assumed`"."""
    held = assessment.held
    assumed = set(
        held.drawn("assumed", lambda: frozenset().union(*(f.truth.assumed for f in held.findings)))
    )
    if question.end_use is None:
        assumed.add(NO_END_USE)
    if question.consignee is None:
        assumed.add(NO_LISTED_PARTY)
    if _is_listed(assessment):
        assumed.discard(NO_LISTED_PARTY)
    if question.transaction is None:
        assumed.add(IS_EXPORT)
    return tuple(sorted(assumed))


def _is_listed(assessment: Assessment) -> bool:
    """Whether a list that decides names the consignee: then nothing is assumed about lists."""
    return any(
        finding.truth.value and finding.reading.provision.consignees is not None
        for finding in assessment.reduced.deciding
    )


def _no_record(situation: Situation, flag: Flag, note: str) -> Answer:
    """Silence is never consent: without item or coverage there is no record."""
    question = situation.question
    return Answer(
        question=question,
        axes=NO_RECORD,
        evidence=None,
        since=None,
        authorization_scope="",
        authorization_detail="",
        measure_detail="",
        condition_detail="",
        reasons=(),
        offers=(),
        considered=(),
        assumed=(),
        missing=(),
        conflicts=(),
        flags=(flag.value,),
        notes=(note,),
        next_change=None,
        item_record=situation.item_record,
        tree_size=situation.register.tree_size,
        engine_version=ENGINE_VERSION,
    )


def _coverage_note(situation: Situation) -> str:
    spans = [f"{c.from_day} to {c.to_day} ({c.regime})" for c in declared(situation)]
    known = "; ".join(spans) if spans else "no day at all"
    return f"The record is declared complete for {known}; {situation.question.as_of} lies outside."


def _speaks(link: Link, situation: Situation) -> bool:
    """Whether a contradicting fact is known and speaks of this item, or of none in particular."""
    names = situation.item_names
    about = not link.fact.items or any(name.casefold() in names for name in link.fact.items)
    return about and situation.knowledge.has(link.recorded)


def _changing_nothing(assessment: Assessment, applied: list[str]) -> Iterator[Conflict]:
    """What a weaker source tried to make of what reaches the question."""
    if not assessment.overruled:
        return
    reached = {f.id for f in assessment.findings if f.truth.value is not False}
    reached |= {name.partition("#")[0] for name in reached} | set(applied)
    for (weaker, target), why in sorted(assessment.overruled.items()):
        if target in reached:
            pair = (target.partition("#")[0], weaker)
            yield Conflict(pair, f"{weaker} changes nothing on {target}: {why}")


def _amended_apart(assessment: Assessment) -> Iterator[Conflict]:
    """Amendments of equal standing that contradict each other over what reaches the question."""
    for finding in assessment.findings:
        if finding.truth.value is False or not finding.reading.amended_by:
            continue
        for one, other, fields in disputes(finding.reading):
            about = f"both amend {finding.id} from one day and differ in {fields}"
            yield Conflict((one.fact.id, other.fact.id), about)


def _conflicts(
    situation: Situation, assessment: Assessment, applied: list[str]
) -> tuple[Conflict, ...]:
    """What the record says against itself.

    P8: "Weaker evidence never overrides stronger; it opens CONFLICT. Equal rank, contradictory =>
    CONFLICT, list both."
    """
    conflicts = []
    if assessment.axes.destination_measure is DestinationMeasure.CONFLICT:
        sides = tuple(sorted({reach.fact.id for reach in assessment.measure.by}))
        conflicts.append(Conflict(sides, "a block and an approval are both reported as open"))
    for event, standing in assessment.permission.outranked:
        pair = (standing.fact.id, event.fact.id)
        conflicts.append(Conflict(pair, "a later license event rests on weaker evidence"))
    conflicts.extend(_changing_nothing(assessment, applied))
    conflicts.extend(assessment.held.drawn("apart", lambda: tuple(_amended_apart(assessment))))
    deciding = {finding.id for finding in assessment.reduced.deciding}
    for target in sorted({*applied, *deciding}):
        for link in situation.register.links.get(target, ()):
            if link.kind is RelationKind.CONTRADICTS and _speaks(link, situation):
                about = f"{link.fact.id} ({link.fact.certainty.value}) contradicts {target}"
                conflicts.append(Conflict((target.partition("#")[0], link.fact.id), about))
    return tuple(sorted(dict.fromkeys(conflicts), key=lambda conflict: conflict.fact_ids))
