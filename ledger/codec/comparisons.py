"""Differences, exposures and outcomes from the domain to the wire."""

from __future__ import annotations

from collections.abc import Callable

from ledger.codec.answers import cell_to_proto
from ledger.domain.determination.advocacy import Advocacy, Response
from ledger.domain.determination.difference import Difference
from ledger.domain.determination.exposure import OrderExposure, Total
from ledger.domain.statement import Recorded
from ledger.v1 import queries_pb2

RecordWriter = Callable[[Recorded], queries_pb2.FactRecord]


def difference_to_proto(difference: Difference) -> queries_pb2.StatusDifference:
    """Write a cell whose axes are not the same on both sides."""
    return queries_pb2.StatusDifference(
        before=cell_to_proto(difference.before),
        after=cell_to_proto(difference.after),
        axes=difference.axes,
        causes=difference.causes,
    )


def order_to_proto(order: OrderExposure, *, record: RecordWriter) -> queries_pb2.OrderExposure:
    """Write an order against the status, then and now."""
    return queries_pb2.OrderExposure(
        order=record(order.recorded),
        day=order.day.isoformat(),
        at_order=cell_to_proto(order.then),
        at_question=cell_to_proto(order.now),
        contradicts=order.contradicts,
        changed_by=order.changed_by,
    )


def total_to_proto(total: Total) -> queries_pb2.QuantityTotal:
    """Write a range that the record adds up; an open end stays open."""
    return queries_pb2.QuantityTotal(
        unit=total.unit,
        min=total.min,
        max=total.max,
        approximate=total.approximate,
        fact_ids=total.fact_ids,
    )


def advocacy_to_proto(advocacy: Advocacy, *, record: RecordWriter) -> queries_pb2.SubmissionOutcome:
    """Write a submission and what was then done."""
    return queries_pb2.SubmissionOutcome(
        submission=record(advocacy.recorded),
        about=advocacy.about,
        answered_by=[_response(response) for response in advocacy.answered_by],
        afterwards=[_response(response) for response in advocacy.afterwards],
    )


def _response(response: Response) -> queries_pb2.SubmissionResponse:
    return queries_pb2.SubmissionResponse(
        fact_id=response.fact_id, how=response.how, day=response.day.isoformat()
    )
