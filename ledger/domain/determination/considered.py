"""The explanation: every entry that was considered, in order, and what became of it.

model §4: "ordered list of every event considered, each APPLIED | SUPERSEDED_BY(id) |
NOT_YET_KNOWN | NOT_YET_EFFECTIVE | ENDED | OUT_OF_SCOPE(reason) | NO_STATUS_EFFECT". Entries stand
in the order of their own dates, so that the order of independent appends does not matter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Final, NamedTuple

from ledger.domain.determination.answer import Considered
from ledger.domain.determination.assessment import Assessment
from ledger.domain.determination.cut import by_own_day, own_day
from ledger.domain.determination.days import first_like
from ledger.domain.determination.effects import Reach
from ledger.domain.determination.measures import is_open
from ledger.domain.determination.register import Named
from ledger.domain.determination.requirement import Finding
from ledger.domain.determination.situation import Situation
from ledger.domain.determination.standing import CLOSING, DEAD, Calendar, State
from ledger.domain.facts import Fact, ReportedFact
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

_CLOSED: Final = frozenset({State.ENDED, State.SUPERSEDED})

_STATE_DISPOSITION: Final = {
    State.NOT_YET_EFFECTIVE: Disposition.NOT_YET_EFFECTIVE,
    State.ENDED: Disposition.ENDED,
    State.SUPERSEDED: Disposition.SUPERSEDED_BY,
}


class Note(NamedTuple):
    """What became of one part of a fact."""

    disposition: Disposition
    reason: str
    superseded_by: str = ""


@dataclass(slots=True)
class Explanation:
    """Collects what became of the parts of each fact.

    Attributes:
        situation: What was asked.
        assessment: What is explained.
        deciding: The provisions that decide.
        notes: What became of the parts of a fact, by its id.
        applied: The facts of which a part was applied.
    """

    situation: Situation
    assessment: Assessment
    deciding: frozenset[str]
    notes: dict[str, tuple[Note, ...]] = field(default_factory=dict)
    applied: set[str] = field(default_factory=set)

    def say(self, fact_id: str, disposition: Disposition, reason: str, by: str = "") -> None:
        """Note what became of one part of a fact."""
        self.note(fact_id, Note(disposition, reason, by))

    def note(self, fact_id: str, note: Note) -> None:
        """Take in what became of one part of a fact."""
        notes = self.notes.get(fact_id, ())
        if note not in notes:
            self.notes[fact_id] = (*notes, note)
            if note.disposition is Disposition.APPLIED:
                self.applied.add(fact_id)

    def still_stands(self, fact_id: str) -> bool:
        """Whether an act brought no provision, or one of those that it brought is alive."""
        own = [f for f in self.assessment.findings if f.reading.rule.fact.id == fact_id]
        return not own or any(finding.standing.state not in DEAD for finding in own)


def explain(situation: Situation, assessment: Assessment) -> Explanation:
    """What became of every part of every fact that an assessment looked at."""
    deciding = frozenset(finding.id for finding in assessment.reduced.deciding)
    of_rules = situation.register.findings(
        ("explained", assessment.held, deciding),
        partial(_explained, situation, assessment, deciding),
    )
    explanation = Explanation(
        situation, assessment, deciding, dict(of_rules.notes), set(of_rules.applied)
    )
    for reach in assessment.effects:
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


@dataclass(frozen=True, slots=True)
class Explained:
    """What became of an edition's rules, wherever the same of them decide."""

    notes: Mapping[str, tuple[Note, ...]]
    applied: Collection[str]


def _explained(situation: Situation, assessment: Assessment, deciding: frozenset[str]) -> Explained:
    explanation = Explanation(situation, assessment, deciding)
    for finding in assessment.findings:
        _explain_finding(explanation, finding)
    return Explained(explanation.notes, explanation.applied)


def deciding_facts(explanation: Explanation) -> tuple[ReportedFact, ...]:
    """The facts that make an assessment what it is, in the order of their own dates.

    Those that it applies, and both sides of a conflict that is itself the value of an axis.
    """
    facts = explanation.situation.register.facts
    makers = {reach.fact.id for reach in explanation.assessment.measure.by}
    applied = (facts[fact_id].fact for fact_id in explanation.applied | makers)
    reported = (fact for fact in applied if isinstance(fact, ReportedFact))
    return tuple(sorted(reported, key=own_day))


def consider(
    explanation: Explanation, *, disputing: Collection[str] = (), include_not_yet_known: bool
) -> tuple[Considered, ...]:
    """The considered entries of an answer; ``disputing`` are the sides of its conflicts.

    Regulatory actions and the sides of a conflict are listed always; others if something became of
    them, or they speak of this item.
    """
    situation = explanation.situation
    named = situation.register.named(situation.item_names)
    known = _known(situation, named)
    listed = known.listed.union(explanation.notes, disputing)
    facts = _with_others(known, listed, situation)
    like = first_like(situation.question.as_of, (situation.register.days, *named.days))
    notes = explanation.notes
    entries = tuple(
        [
            Considered(recorded, *_weightiest(noted))
            if (noted := notes.get(recorded.fact.id))
            else _unnoted(recorded, like, situation)
            for recorded in facts
            if recorded.fact.id in listed
        ]
    )
    if not include_not_yet_known:
        return entries
    return tuple(sorted([*entries, *_unknown(situation)], key=lambda c: by_own_day(c.recorded)))


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
        day = explanation.situation.question.as_of
        restated = finding.restates in explanation.deciding
        why_not = finding.explained(restated, partial(_why_not, finding, day, restated=restated))
        explanation.note(fact_id, why_not)
        for amendment in finding.reading.amended_by:
            explanation.say(amendment.fact.id, *why_not[:2])
    if finding.truth.value and finding.standing.state in _CLOSED:
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


def _why_not(finding: Finding, day: date, *, restated: bool) -> Note:
    """Why a provision decides nothing: time first, then scope (P1), then rank.

    ``restated`` says whether what it says again decides.

    P11: "Declaratory guidance is APPLIED from the date it declares, as an annotation, once known";
    it annotates and never re-dates (P5).
    """
    standing, declared = finding.standing, finding.reading.provision.declares_from
    if declared and finding.truth.value and declared.certain <= day:
        return Note(Disposition.APPLIED, f"{finding.id}: declares what holds from {declared}")
    disposition = _STATE_DISPOSITION.get(standing.state)
    if disposition is not None:
        return Note(disposition, f"{finding.id}: {standing.why}", *standing.by[:1])
    if finding.truth.value is False:
        return Note(Disposition.OUT_OF_SCOPE, f"{finding.id}: {finding.truth.why}")
    if finding.exempted_by:
        why = f"{finding.id}: exempt under {finding.exempted_by}"
        return Note(Disposition.OUT_OF_SCOPE, why)
    if restated and finding.truth.value:
        return Note(Disposition.APPLIED, f"{finding.id}: says again what {finding.restates} asks")
    if not finding.is_requirement:
        return Note(Disposition.NO_STATUS_EFFECT, f"{finding.id}: asks for no license itself")
    if finding.value is Requirement.INDETERMINATE:
        lacks = ", ".join(sorted(finding.lacks))
        why = f"{finding.id}: undetermined (lacks {lacks}), and would change nothing"
        return Note(Disposition.NO_STATUS_EFFECT, why)
    value = finding.value.value if finding.value else "nothing"
    return Note(Disposition.NO_STATUS_EFFECT, f"{finding.id}: {value}, outweighed")


def _explain_effect(explanation: Explanation, reach: Reach) -> None:
    explanation.note(reach.fact.id, _effect_note(explanation.assessment, reach))
    if reach in _deciding_effects(explanation.assessment):
        label = f"{reach.effect.axis.value} {reach.effect.value}"
        for fact_id in reach.acts:
            explanation.say(fact_id, Disposition.APPLIED, f"acts on {reach.fact.id}: {label}")


def _effect_note(assessment: Assessment, reach: Reach) -> Note:
    label = f"{reach.effect.axis.value} {reach.effect.value}"
    if reach.truth.value is False:
        return Note(Disposition.OUT_OF_SCOPE, f"{label}: {reach.truth.why}")
    if reach in _deciding_effects(assessment):
        if assessment.axes.destination_measure is DestinationMeasure.CONFLICT and (
            reach in assessment.measure.by
        ):
            return Note(Disposition.CONFLICTING, f"{label}, against another measure")
        return Note(Disposition.APPLIED, label)
    if reach.ended:
        return Note(Disposition.ENDED, f"{label}: ended by {reach.closed_by}")
    if reach.closed_by:
        return Note(Disposition.SUPERSEDED_BY, label, reach.closed_by)
    if reach.is_possible:
        lacks = ", ".join(sorted(reach.truth.lacks)) or f"its scope: {reach.effect.scope}"
        return Note(Disposition.OUT_OF_SCOPE, f"{label}: possibly relevant, not shown ({lacks})")
    if reach.over:
        return Note(Disposition.ENDED, f"{label}: its scheduled end has passed")
    return _outweighed(assessment, reach, label)


def _deciding_effects(assessment: Assessment) -> tuple[Reach, ...]:
    single = (assessment.permission.by, assessment.condition.by)
    return (*assessment.measure.by, *(reach for reach in single if reach is not None))


def _outweighed(assessment: Assessment, reach: Reach, label: str) -> Note:
    latest = assessment.permission.by
    if reach.effect.value in set(Authorization) and latest is not None:
        if any(event is reach for event, _ in assessment.permission.outranked):
            why = f"{label}: on weaker evidence than the license event"
            return Note(Disposition.CONFLICTING, why)
        return Note(Disposition.SUPERSEDED_BY, label, latest.fact.id)
    if is_open(reach) and assessment.measure.by:
        severest = assessment.measure.by[0]
        why = f"{label}: open, but {severest.effect.value} is severer"
        return Note(Disposition.NO_STATUS_EFFECT, why)
    return Note(Disposition.NO_STATUS_EFFECT, f"{label}: outweighed")


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """The known facts that may concern questions about an item.

    Attributes:
        facts: Those that bear on every question or name the item, in the order of their own days.
        ids: Their names.
        listed: Of these, the regulatory actions and whatever names the item: no explanation leaves
            them out.
    """

    facts: tuple[Recorded, ...]
    ids: frozenset[str]
    listed: frozenset[str]


def _known(situation: Situation, named: Named) -> Known:
    """The known facts about the item, arranged once for all by whom the same of them is known."""
    register, knowledge = situation.register, situation.knowledge
    if named.facts is None:
        return _arranged(situation, register.naming_any(situation.item_names))
    like = first_like(knowledge.known_at, (register.days, *named.days))
    told = knowledge.exporter_names & named.addressed
    return register.worked_out(
        ("known", situation.cut, named, like, told), partial(_arranged, situation, named.facts)
    )


def _arranged(situation: Situation, naming: Mapping[int, Recorded]) -> Known:
    ordered = situation.cut.bearing
    named = {i: recorded for i, recorded in naming.items() if situation.knowledge.has(recorded)}
    further = named.keys() - {recorded.index for recorded in ordered}
    if further:
        ordered = tuple(sorted([*ordered, *(named[i] for i in further)], key=by_own_day))
    return Known(
        ordered,
        frozenset(recorded.fact.id for recorded in ordered),
        frozenset(r.fact.id for r in ordered if r.index in named or _is_regulatory(r.fact)),
    )


def _is_regulatory(fact: Fact) -> bool:
    return isinstance(fact, ReportedFact) and fact.family is Family.REGULATORY_ACTION


def _with_others(known: Known, listed: frozenset[str], situation: Situation) -> Sequence[Recorded]:
    """The known facts, and among them the others that are to be listed."""
    others = [situation.register.facts[fact_id] for fact_id in listed - known.ids]
    if not others:
        return known.facts
    also = filter(situation.knowledge.has, others)
    return sorted([*known.facts, *also], key=by_own_day)


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


def _names_item(fact: ReportedFact, situation: Situation) -> bool:
    return any(name.casefold() in situation.item_names for name in fact.items)


def _unnoted(recorded: Recorded, like: int, situation: Situation) -> Considered:
    """A fact of which no part was noted; no day of a listed fact tells the day from ``like``."""
    return situation.register.findings(
        ("without effect", situation.cut, recorded.index, like),
        partial(_without_effect, recorded, situation),
    )


def _weightiest(notes: tuple[Note, ...]) -> Note:
    """What became of a fact, by what became of its parts."""
    if len(notes) == 1:
        return notes[0]
    chosen = min((note.disposition for note in notes), key=_PRIORITY.index)
    same = [note for note in notes if note.disposition is chosen]
    reason = "; ".join(dict.fromkeys(note.reason for note in same))
    by = next((note.superseded_by for note in same if note.superseded_by), "")
    return Note(chosen, reason, by)


def _without_effect(recorded: Recorded, situation: Situation) -> Considered:
    return Considered(recorded, *_of_the_whole(recorded.fact, situation))


def _of_the_whole(fact: Fact, situation: Situation) -> Note:
    assert isinstance(fact, ReportedFact)  # noqa: S101 - nothing else bears or names an item
    day, start = situation.question.as_of, fact.dates.starts
    if start is not None and day < start.earliest:
        return Note(Disposition.NOT_YET_EFFECTIVE, f"{fact.subtype}: from {start}")
    calendar = Calendar(situation.cut)
    closing = calendar.closing_fact(fact, day, CLOSING)
    if closing is not None and closing.kind is RelationKind.ENDS:
        return Note(Disposition.ENDED, f"ended by {closing.fact.id}")
    if closing is not None:
        return Note(Disposition.SUPERSEDED_BY, f"superseded by {closing.fact.id}", closing.fact.id)
    if fact.dates.ends is not None and not calendar.within(fact.dates.ends, fact, day):
        return Note(Disposition.ENDED, f"its scheduled end ({fact.dates.ends}) has passed")
    links = ", ".join(f"{r.relation.value} {r.id}" for r in fact.relates_to)
    kind = fact.subtype.replace("_", " ")
    return Note(Disposition.NO_STATUS_EFFECT, f"{kind}: {links}" if links else kind)
