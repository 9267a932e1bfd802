"""Answers from the domain to the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, Final, final

from ledger.codec.questions import question_to_proto
from ledger.codec.words import (
    AUTHORIZATIONS,
    CERTAINTIES,
    COMMERCIAL_CONDITIONS,
    DESTINATION_MEASURES,
    DISPOSITIONS,
    EVIDENCES,
    GRADES,
    REQUIREMENTS,
    REVIEW_POLICIES,
)
from ledger.domain.determination.answer import Answer, Axes, Considered, NextChange
from ledger.domain.determination.question import Question
from ledger.domain.determination.review import Offer, Reason
from ledger.domain.determination.survey import Cell
from ledger.domain.facts import ItemDescribed, ReportedFact
from ledger.domain.statement import Recorded
from ledger.domain.vocabulary import Disposition, Evidence, Requirement
from ledger.v1 import queries_pb2

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
        self._written: dict[tuple[int, Disposition, str, str], bytes] = {}

    def __call__(self, entries: Iterable[Considered]) -> bytes:
        """The field ``considered`` of an answer that lists these entries, serialized.

        A message may be written in parts (protobuf encoding, "Last One Wins"): this is one.
        """
        return b"".join(map(self._row, entries))

    def _row(self, entry: Considered) -> bytes:
        key = (entry.recorded.index, entry.disposition, entry.reason, entry.superseded_by)
        found = self._written.get(key)
        if found is None:
            if len(self._written) >= ROWS_MAX:
                self._written.clear()
            row = _considered(entry, self._attribution, self._delegate)
            listing = queries_pb2.GetLicenseStatusResponse(considered=[row])
            found = self._written[key] = listing.SerializeToString()
        return found


def answer_to_proto(answer: Answer, rows: Rows) -> queries_pb2.GetLicenseStatusResponse:
    """Write an answer; checkpoint and proofs are the service's to add.

    Args:
        answer: The determination's answer.
        rows: Writes its considered entries.
    """
    message = _determined(answer)
    message.MergeFrom(question_part(answer.question, answer.since))
    message.tree_size = answer.tree_size
    message.MergeFromString(rows(answer.considered))
    return message


def shared_part(answer: Answer, rows: Rows) -> bytes:
    """An answer's bytes without the tree size, and without what ``question_part`` says before it.

    Args:
        answer: The determination's answer; its ``since`` is said here unless it is the day asked
            about.
        rows: Writes its considered entries.
    """
    message = _determined(answer)
    if answer.since and answer.since != answer.question.as_of:
        message.since = answer.since.isoformat()
    return message.SerializeToString() + rows(answer.considered)


def _determined(answer: Answer) -> queries_pb2.GetLicenseStatusResponse:
    """What an answer does not repeat of its question, but for the considered entries."""
    return queries_pb2.GetLicenseStatusResponse(
        **_axes(answer.axes, answer.evidence),
        authorization_scope=answer.authorization_scope,
        authorization_detail=answer.authorization_detail,
        measure_detail=answer.measure_detail,
        condition_detail=answer.condition_detail,
        reasons=map(_reason, answer.reasons),
        exceptions=map(_offer, answer.offers),
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
        engine_version=answer.engine_version,
    )


def _axes(axes: Axes, evidence: Evidence | None) -> dict[str, Any]:
    """The five axes and the side fact, by the names that an answer and a cell have for them."""
    return {
        "requirement": REQUIREMENTS.number(axes.requirement),
        "review_policy": REVIEW_POLICIES.number(axes.review_policy),
        "authorization": AUTHORIZATIONS.number(axes.authorization),
        "destination_measure": DESTINATION_MEASURES.number(axes.destination_measure),
        "evidence": EVIDENCES.number(evidence),
        "commercial_condition": COMMERCIAL_CONDITIONS.number(axes.commercial_condition),
    }


def question_part(question: Question, since: date | None) -> queries_pb2.GetLicenseStatusResponse:
    """What an answer repeats of its question, and the first day of the requirement.

    Args:
        question: The question.
        since: The day, unless ``shared_part`` says another one behind this: the day asked about,
            or none where there is no record.
    """
    return queries_pb2.GetLicenseStatusResponse(
        question=question_to_proto(question),
        since=since.isoformat() if since else "",
        supplied=question.supplied(),
    )


def _reason(reason: Reason) -> queries_pb2.Reason:
    finding = reason.finding
    provision = finding.reading.provision
    start = provision.effective or finding.reading.rule.fact.dates.starts
    closed = reason.closed_lane
    return queries_pb2.Reason(
        provision_id=finding.id,
        requirement=REQUIREMENTS.number(finding.value or Requirement.NO_LICENSE_REQUIRED),
        review_policy=REVIEW_POLICIES.number(reason.policy),
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
        disposition=DISPOSITIONS.number(entry.disposition),
        reason=entry.reason,
        superseded_by=entry.superseded_by,
        attribution=attribution(recorded),
        statement_digest=recorded.digest,
        delegate_keyid=delegate(recorded),
    )
    if isinstance(recorded.fact, ReportedFact):
        fact = recorded.fact
        message.citation = fact.citation or ""
        message.certainty = CERTAINTIES.number(fact.certainty)
        message.grade = GRADES.number(fact.grade)
    return message


def _next_change(change: NextChange | None) -> queries_pb2.NextChange | None:
    if change is None:
        return None
    return queries_pb2.NextChange(
        date=change.day.isoformat(),
        description=change.description,
        fact_ids=change.fact_ids,
        requirement=REQUIREMENTS.number(change.axes.requirement),
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
    return queries_pb2.LicenseStatusCell(
        item=cell.item,
        destination=cell.destination,
        **_axes(cell.axes, cell.evidence),
        missing=cell.missing,
        deciding=cell.deciding,
    )
