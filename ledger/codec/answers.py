"""Answers from the domain to the wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, final

from ledger.codec.questions import question_to_proto
from ledger.domain.determination.answer import Answer, Considered, NextChange
from ledger.domain.determination.question import Question
from ledger.domain.determination.review import Offer, Reason
from ledger.domain.determination.survey import Cell
from ledger.domain.facts import ItemDescribed, ReportedFact
from ledger.domain.statement import Recorded
from ledger.domain.vocabulary import Disposition, Requirement
from ledger.v1 import axes_pb2, facts_pb2, queries_pb2, shared_pb2

Attribution = Callable[[Recorded], str]
Delegate = Callable[[Recorded], str]


ROWS_MAX: Final = 8_192
"""How many rows are kept written; beyond, all are written anew."""


@final
class Rows:
    """Writes the considered entries of answers, most of which come again in other answers.

    Args:
        attribution: Says FIRST_PARTY or TRANSCRIBED_BY for a recorded fact, always the same.
        delegate: Gives the keyid of the delegate who signed it, or "", always the same.
    """

    def __init__(self, *, attribution: Attribution, delegate: Delegate) -> None:
        self._attribution = attribution
        self._delegate = delegate
        self._written: dict[tuple[int, Disposition, str, str], queries_pb2.ConsideredEntry] = {}

    def __call__(self, entry: Considered) -> queries_pb2.ConsideredEntry:
        """The message of an entry; whoever takes it copies it."""
        key = (entry.recorded.index, entry.disposition, entry.reason, entry.superseded_by)
        found = self._written.get(key)
        if found is None:
            if len(self._written) >= ROWS_MAX:
                self._written.clear()
            found = self._written[key] = _considered(entry, self._attribution, self._delegate)
        return found


def answer_to_proto(answer: Answer, row: Rows) -> queries_pb2.GetLicenseStatusResponse:
    """Write an answer; checkpoint and proofs are the service's to add.

    Args:
        answer: The determination's answer.
        row: Writes its considered entries.
    """
    axes = answer.axes
    return queries_pb2.GetLicenseStatusResponse(
        question=question_to_proto(answer.question),
        requirement=axes_pb2.Requirement.Value.Value(axes.requirement.value),
        review_policy=axes_pb2.ReviewPolicy.Value.Value(axes.review_policy.value),
        authorization=axes_pb2.Authorization.Value.Value(axes.authorization.value),
        destination_measure=axes_pb2.DestinationMeasure.Value.Value(axes.destination_measure.value),
        evidence=axes_pb2.Evidence.Value.Value(answer.evidence.value if answer.evidence else _NONE),
        commercial_condition=axes_pb2.CommercialCondition.Value.Value(
            axes.commercial_condition.value
        ),
        since=answer.since.isoformat() if answer.since else "",
        authorization_scope=answer.authorization_scope,
        authorization_detail=answer.authorization_detail,
        measure_detail=answer.measure_detail,
        condition_detail=answer.condition_detail,
        reasons=[_reason(reason) for reason in answer.reasons],
        exceptions=[_offer(offer) for offer in answer.offers],
        considered=map(row, answer.considered),
        supplied=answer.supplied,
        assumed=answer.assumed,
        missing=answer.missing,
        conflicts=[
            queries_pb2.Conflict(fact_ids=conflict.fact_ids, about=conflict.about)
            for conflict in answer.conflicts
        ],
        flags=answer.flags,
        notes=answer.notes,
        next_change=_next_change(answer.next_change),
        item_version=_item_version(answer.item_record),
        tree_size=answer.tree_size,
        engine_version=answer.engine_version,
    )


def question_part(question: Question) -> queries_pb2.GetLicenseStatusResponse:
    """What an answer repeats of its question, and as first day of the requirement that asked about.

    That is how it stands since then unless the record knows better.
    """
    return queries_pb2.GetLicenseStatusResponse(
        question=question_to_proto(question),
        since=question.as_of.isoformat(),
        supplied=question.supplied(),
    )


_NONE = "UNSPECIFIED"


def _reason(reason: Reason) -> queries_pb2.Reason:
    finding = reason.finding
    provision = finding.reading.provision
    start = provision.effective or finding.reading.rule.fact.dates.starts
    closed = reason.closed_lane
    return queries_pb2.Reason(
        provision_id=finding.id,
        requirement=axes_pb2.Requirement.Value.Value(
            (finding.value or Requirement.NO_LICENSE_REQUIRED).value
        ),
        review_policy=axes_pb2.ReviewPolicy.Value.Value(reason.policy.value),
        undetermined=sorted(finding.lacks) if finding.value is Requirement.INDETERMINATE else [],
        exceptions=[_offer(offer) for offer in reason.offers],
        lane=reason.lane.brought_by.id if reason.lane else "",
        lane_preconditions=closed.unaffirmed if closed else (),
        presumes=provision.presumes or "",
        since=str(start) if start else "",
    )


def _offer(offer: Offer) -> queries_pb2.OfferedException:
    return queries_pb2.OfferedException(
        code=offer.exception.code,
        preconditions=offer.exception.preconditions,
        unaffirmed=offer.unaffirmed,
        provision_id=offer.provision_id,
    )


def _considered(
    entry: Considered, attribution: Attribution, delegate: Delegate
) -> queries_pb2.ConsideredEntry:
    recorded = entry.recorded
    message = queries_pb2.ConsideredEntry(
        fact_id=recorded.fact.id,
        stream=recorded.fact.stream,
        index=recorded.index,
        disposition=axes_pb2.Disposition.Value.Value(entry.disposition.value),
        reason=entry.reason,
        superseded_by=entry.superseded_by,
        attribution=attribution(recorded),
        statement_digest=recorded.digest,
        delegate_keyid=delegate(recorded),
    )
    if isinstance(recorded.fact, ReportedFact):
        fact = recorded.fact
        message.citation = fact.citation or ""
        message.certainty = facts_pb2.Certainty.Value(f"CERTAINTY_{fact.certainty.value.upper()}")
        message.grade = shared_pb2.Grade.Value(f"GRADE_{fact.grade.value.upper()}")
    return message


def _next_change(change: NextChange | None) -> queries_pb2.NextChange | None:
    if change is None:
        return None
    return queries_pb2.NextChange(
        date=change.day.isoformat(),
        description=change.description,
        fact_ids=change.fact_ids,
        requirement=axes_pb2.Requirement.Value.Value(change.axes.requirement.value),
    )


def _item_version(recorded: Recorded | None) -> queries_pb2.ItemVersion | None:
    if recorded is None or not isinstance(recorded.fact, ItemDescribed):
        return None
    return queries_pb2.ItemVersion(
        fact_id=recorded.fact.id,
        name=recorded.fact.name,
        version=recorded.version,
        index=recorded.index,
    )


def cell_to_proto(cell: Cell) -> queries_pb2.LicenseStatusCell:
    """Write one cell of the matrix: the axes, what is missing, and what decides."""
    axes = cell.axes
    return queries_pb2.LicenseStatusCell(
        item=cell.item,
        destination=cell.destination,
        requirement=axes_pb2.Requirement.Value.Value(axes.requirement.value),
        review_policy=axes_pb2.ReviewPolicy.Value.Value(axes.review_policy.value),
        authorization=axes_pb2.Authorization.Value.Value(axes.authorization.value),
        destination_measure=axes_pb2.DestinationMeasure.Value.Value(axes.destination_measure.value),
        evidence=axes_pb2.Evidence.Value.Value(cell.evidence.value if cell.evidence else _NONE),
        commercial_condition=axes_pb2.CommercialCondition.Value.Value(
            axes.commercial_condition.value
        ),
        missing=cell.missing,
        deciding=cell.deciding,
    )
