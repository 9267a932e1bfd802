"""The explanation: every entry that was considered, in order, and what became of it.

model §4: "ordered list of every event considered, each APPLIED | SUPERSEDED_BY(id) |
NOT_YET_KNOWN | NOT_YET_EFFECTIVE | ENDED | OUT_OF_SCOPE(reason) | NO_STATUS_EFFECT". Entries stand
in the order of their own dates, so that the order of independent appends does not matter.
"""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from ledger.domain.determination.answer import Considered
from ledger.domain.determination.assessment import Assessment
from ledger.domain.determination.cut import by_own_day, own_day
from ledger.domain.determination.effects import Reach
from ledger.domain.determination.measures import is_open
from ledger.domain.determination.requirement import Finding
from ledger.domain.determination.situation import Situation
from ledger.domain.determination.standing import CLOSING, DEAD, Calendar, State
from ledger.domain.facts import ReportedFact
from ledger.domain.statement import Recorded
from ledger.domain.vocabulary import (
    Authorization,
    DestinationMeasure,
    Disposition,
    Family,
    RelationKind,
    Requirement,
)

_PRIORITY: Final = (
    Disposition.APPLIED,
    Disposition.CONFLICTING,
    Disposition.SUPERSEDED_BY,
    Disposition.ENDED,
    Disposition.NOT_YET_EFFECTIVE,
    Disposition.OUT_OF_SCOPE,
    Disposition.NO_STATUS_EFFECT,
)
"""A fact of several parts is listed once, with what weighs most."""

_STATE_DISPOSITION: Final = {
    State.NOT_YET_EFFECTIVE: Disposition.NOT_YET_EFFECTIVE,
    State.ENDED: Disposition.ENDED,
    State.SUPERSEDED: Disposition.SUPERSEDED_BY,
}


@dataclass(frozen=True, slots=True)
class Note:
    """What became of one part of a fact."""

    disposition: Disposition
    reason: str
    superseded_by: str = ""


@dataclass(slots=True)
class Explanation:
    """Collects what became of the parts of each fact."""

    situation: Situation
    assessment: Assessment
    disputing: frozenset[str] = frozenset()
    deciding: frozenset[str] = frozenset()
    notes: dict[str, list[Note]] = field(default_factory=lambda: defaultdict(list))

    def say(self, fact_id: str, disposition: Disposition, reason: str, by: str = "") -> None:
        """Note what became of one part of a fact."""
        note = Note(disposition, reason, by)
        if note not in self.notes[fact_id]:
            self.notes[fact_id].append(note)

    def still_stands(self, fact_id: str) -> bool:
        """Whether an act brought no provision, or one of those that it brought is alive."""
        own = [f for f in self.assessment.findings if f.reading.rule.fact.id == fact_id]
        return not own or any(finding.standing.state not in DEAD for finding in own)


def consider(
    situation: Situation,
    assessment: Assessment,
    *,
    disputing: Collection[str] = (),
    include_not_yet_known: bool,
) -> tuple[Considered, ...]:
    """The considered entries of an answer; ``disputing`` are the sides of its conflicts."""
    explanation = _explained(situation, assessment, disputing=frozenset(disputing))
    listed = tuple(
        _listed(recorded, recorded.fact, explanation)
        for recorded in _known(explanation)
        if isinstance(recorded.fact, ReportedFact) and _concerns(recorded.fact, explanation)
    )
    if not include_not_yet_known:
        return listed
    return tuple(sorted([*listed, *_unknown(situation)], key=lambda c: by_own_day(c.recorded)))


def deciding_facts(situation: Situation, assessment: Assessment) -> tuple[ReportedFact, ...]:
    """The facts that make an assessment what it is, in the order of their own dates.

    Those that it applies, and both sides of a conflict that is itself the value of an axis.
    """
    explanation = _explained(situation, assessment, reaching_only=True)
    makers = {reach.fact.id for reach in assessment.measure.by}
    applied = (
        situation.register.facts[fact_id].fact
        for fact_id, notes in explanation.notes.items()
        if fact_id in makers or any(note.disposition is Disposition.APPLIED for note in notes)
    )
    reported = (fact for fact in applied if isinstance(fact, ReportedFact))
    return tuple(sorted(reported, key=own_day))


def _explained(
    situation: Situation,
    assessment: Assessment,
    *,
    reaching_only: bool = False,
    disputing: frozenset[str] = frozenset(),
) -> Explanation:
    """What became of every part; or of those only that reach the question, as all that decides."""
    deciding = frozenset(finding.id for finding in assessment.reduced.deciding)
    explanation = Explanation(situation, assessment, disputing, deciding)
    for finding in assessment.findings:
        if not (reaching_only and finding.truth.value is False):
            _explain_finding(explanation, finding)
    for reach in assessment.effects:
        if not (reaching_only and reach.truth.value is False):
            _explain_effect(explanation, reach)
    for lane in (reason.lane for reason in assessment.deciding):
        if lane is not None:
            carrier = lane.brought_by
            explanation.say(
                carrier.reading.rule.fact.id,
                Disposition.APPLIED,
                f"{carrier.id}: its review lane on {lane.lane.on_provision} is open",
            )
    return explanation


def _explain_finding(explanation: Explanation, finding: Finding) -> None:
    fact_id = finding.reading.rule.fact.id
    decides = finding.id in explanation.deciding
    if decides:
        explanation.say(fact_id, Disposition.APPLIED, _asks(finding))
        for amendment in finding.reading.amended_by:
            explanation.say(
                amendment.fact.id,
                Disposition.APPLIED,
                f"{amendment.provision.id}: amends {finding.id}",
            )
        for acting in finding.standing.by:
            explanation.say(acting, Disposition.APPLIED, f"{finding.id}: {finding.standing.why}")
        for exempting in finding.doubted_by:
            explanation.say(
                exempting.partition("#")[0],
                Disposition.APPLIED,
                f"{exempting}: may exempt from {finding.id}",
            )
    else:
        decided = finding.restates in explanation.deciding
        why_not = _why_not(finding, explanation.situation.question.as_of, restated=decided)
        explanation.say(fact_id, *why_not)
        for amendment in finding.reading.amended_by:
            explanation.say(amendment.fact.id, *why_not[:2])
    if finding.truth.value and finding.standing.state in {State.ENDED, State.SUPERSEDED}:
        for closing in filter(explanation.still_stands, finding.standing.by):
            explanation.say(closing, Disposition.APPLIED, f"{finding.id}: {finding.standing.why}")
    if finding.exempted_by and finding.truth.value is not False:
        exempting = finding.exempted_by.partition("#")[0]
        explanation.say(
            exempting, Disposition.APPLIED, f"{finding.exempted_by}: exempts from {finding.id}"
        )


def _asks(finding: Finding) -> str:
    if finding.value is Requirement.INDETERMINATE:
        return f"{finding.id}: undetermined, lacks {', '.join(sorted(finding.lacks))}"
    value = finding.value.value if finding.value else ""
    reason = f" ({finding.standing.why})" if finding.standing.why else ""
    return f"{finding.id}: {value}{reason}"


def _why_not(finding: Finding, day: date, *, restated: bool) -> tuple[Disposition, str, str]:
    """Why a provision decides nothing: time first, then scope (P1), then rank.

    ``restated`` says whether what it says again decides.

    P11: "Declaratory guidance is APPLIED from the date it declares, as an annotation, once known";
    it annotates and never re-dates (P5).
    """
    standing, declared = finding.standing, finding.reading.provision.declares_from
    if declared and finding.truth.value and declared.certain <= day:
        return Disposition.APPLIED, f"{finding.id}: declares what holds from {declared}", ""
    disposition = _STATE_DISPOSITION.get(standing.state)
    if disposition is not None:
        return disposition, f"{finding.id}: {standing.why}", standing.by[0] if standing.by else ""
    if finding.truth.value is False:
        return Disposition.OUT_OF_SCOPE, f"{finding.id}: {finding.truth.why}", ""
    if finding.exempted_by:
        why = f"{finding.id}: exempt under {finding.exempted_by}"
        return Disposition.OUT_OF_SCOPE, why, ""
    if restated and finding.truth.value:
        return Disposition.APPLIED, f"{finding.id}: says again what {finding.restates} asks", ""
    if not finding.is_requirement:
        return Disposition.NO_STATUS_EFFECT, f"{finding.id}: asks for no license itself", ""
    if finding.value is Requirement.INDETERMINATE:
        lacks = ", ".join(sorted(finding.lacks))
        why = f"{finding.id}: undetermined (lacks {lacks}), and would change nothing"
        return Disposition.NO_STATUS_EFFECT, why, ""
    value = finding.value.value if finding.value else "nothing"
    return Disposition.NO_STATUS_EFFECT, f"{finding.id}: {value}, outweighed", ""


def _explain_effect(explanation: Explanation, reach: Reach) -> None:
    explanation.say(reach.fact.id, *_effect_note(explanation.assessment, reach))
    if reach in _deciding_effects(explanation.assessment):
        label = f"{reach.effect.axis.value} {reach.effect.value}"
        for fact_id in reach.acts:
            explanation.say(fact_id, Disposition.APPLIED, f"acts on {reach.fact.id}: {label}")


def _effect_note(assessment: Assessment, reach: Reach) -> tuple[Disposition, str, str]:
    label = f"{reach.effect.axis.value} {reach.effect.value}"
    if reach.truth.value is False:
        return Disposition.OUT_OF_SCOPE, f"{label}: {reach.truth.why}", ""
    if reach in _deciding_effects(assessment):
        if assessment.axes.destination_measure is DestinationMeasure.CONFLICT and (
            reach in assessment.measure.by
        ):
            return Disposition.CONFLICTING, f"{label}, against another measure", ""
        return Disposition.APPLIED, label, ""
    if reach.ended:
        return Disposition.ENDED, f"{label}: ended by {reach.closed_by}", ""
    if reach.closed_by:
        return Disposition.SUPERSEDED_BY, label, reach.closed_by
    if reach.is_possible:
        lacks = ", ".join(sorted(reach.truth.lacks)) or f"its scope: {reach.effect.scope}"
        return Disposition.OUT_OF_SCOPE, f"{label}: possibly relevant, not shown ({lacks})", ""
    if reach.over:
        return Disposition.ENDED, f"{label}: its scheduled end has passed", ""
    return _outweighed(assessment, reach, label)


def _deciding_effects(assessment: Assessment) -> tuple[Reach, ...]:
    single = (assessment.permission.by, assessment.condition.by)
    return (*assessment.measure.by, *(reach for reach in single if reach is not None))


def _outweighed(assessment: Assessment, reach: Reach, label: str) -> tuple[Disposition, str, str]:
    latest = assessment.permission.by
    if reach.effect.value in set(Authorization) and latest is not None:
        if any(event is reach for event, _ in assessment.permission.outranked):
            return (
                Disposition.CONFLICTING,
                f"{label}: on weaker evidence than the license event",
                "",
            )
        return Disposition.SUPERSEDED_BY, label, latest.fact.id
    if is_open(reach) and assessment.measure.by:
        severest = assessment.measure.by[0]
        why = f"{label}: open, but {severest.effect.value} is severer"
        return Disposition.NO_STATUS_EFFECT, why, ""
    return Disposition.NO_STATUS_EFFECT, f"{label}: outweighed", ""


def _known(explanation: Explanation) -> Sequence[Recorded]:
    """The known facts that may concern the question, in the order of their days."""
    situation, register = explanation.situation, explanation.situation.register
    bearing = situation.cut.bearing
    there = {recorded.fact.id for recorded in bearing}
    told = {*explanation.notes, *explanation.disputing} - there
    others = {
        recorded.index: recorded
        for recorded in (
            *register.naming_any(situation.item_names).values(),
            *map(register.facts.__getitem__, told),
        )
        if recorded.fact.id not in there and situation.knowledge.has(recorded)
    }
    if not others:
        return bearing
    known = list(bearing)
    for recorded in others.values():
        insort(known, recorded, key=by_own_day)
    return known


def _unknown(situation: Situation) -> Iterator[Considered]:
    """The facts that are not known yet and speak of the item, or would bear on a question."""
    register, names = situation.register, situation.item_names
    looked_at = {recorded.index: recorded for recorded in register.bearing}
    looked_at |= register.naming_any(names)
    for recorded in looked_at.values():
        fact, known_from = recorded.fact, situation.knowledge.known_from(recorded)
        if not isinstance(fact, ReportedFact) or situation.knowledge.has(recorded):
            continue
        if fact.provisions or fact.effects or _names_item(fact, situation):
            since = f"known from {known_from}" if known_from else "not public"
            yield Considered(recorded, Disposition.NOT_YET_KNOWN, since)


def _concerns(fact: ReportedFact, explanation: Explanation) -> bool:
    """Regulatory actions and the sides of a conflict always; others if they speak of this item."""
    if explanation.notes.get(fact.id) or fact.family is Family.REGULATORY_ACTION:
        return True
    return fact.id in explanation.disputing or _names_item(fact, explanation.situation)


def _names_item(fact: ReportedFact, situation: Situation) -> bool:
    return any(name.casefold() in situation.item_names for name in fact.items)


def _listed(recorded: Recorded, fact: ReportedFact, explanation: Explanation) -> Considered:
    notes = explanation.notes.get(fact.id)
    if not notes:
        return Considered(recorded, *_without_effect(fact, explanation.situation))
    if len(notes) == 1:
        (note,) = notes
        return Considered(recorded, note.disposition, note.reason, note.superseded_by)
    chosen = min((note.disposition for note in notes), key=_PRIORITY.index)
    same = [note for note in notes if note.disposition is chosen]
    reason = "; ".join(dict.fromkeys(note.reason for note in same))
    by = next((note.superseded_by for note in same if note.superseded_by), "")
    return Considered(recorded, chosen, reason, by)


def _without_effect(fact: ReportedFact, situation: Situation) -> tuple[Disposition, str, str]:
    day, start = situation.question.as_of, fact.dates.starts
    if start is not None and day < start.earliest:
        return Disposition.NOT_YET_EFFECTIVE, f"{fact.subtype}: from {start}", ""
    calendar = Calendar(situation.cut)
    closing = calendar.closing_fact(fact, day, CLOSING)
    if closing is not None and closing.kind is RelationKind.ENDS:
        return Disposition.ENDED, f"ended by {closing.fact.id}", ""
    if closing is not None:
        return Disposition.SUPERSEDED_BY, f"superseded by {closing.fact.id}", closing.fact.id
    if fact.dates.ends is not None and not calendar.within(fact.dates.ends, fact, day):
        return Disposition.ENDED, f"its scheduled end ({fact.dates.ends}) has passed", ""
    links = ", ".join(f"{r.relation.value} {r.id}" for r in fact.relates_to)
    kind = fact.subtype.replace("_", " ")
    return Disposition.NO_STATUS_EFFECT, f"{kind}: {links}" if links else kind, ""
