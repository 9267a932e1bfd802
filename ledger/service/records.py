"""Facts and aggregates on record, as messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from typing import NamedTuple, Protocol, TypeAlias

from ledger.codec.facts import event_type, fact_to_proto
from ledger.codec.words import TIME_FLAGS
from ledger.domain.dates import parse_day
from ledger.domain.places import is_country
from ledger.domain.statement import Recorded
from ledger.domain.steps import Steps, finished
from ledger.domain.vocabulary import Collection
from ledger.errors import QuestionError
from ledger.readmodels.catalog import CatalogView
from ledger.readmodels.models import ReadModels
from ledger.readmodels.timeline import About
from ledger.service.pagination import PageStart, Paginator, filled, page_size_of
from ledger.v1 import queries_pb2 as pb


class Named(Protocol):
    """A request for one aggregate."""

    name: str
    tree_size: int


Listing: TypeAlias = (
    pb.ListInstrumentsRequest
    | pb.ListLicensesRequest
    | pb.ListOrdersRequest
    | pb.ListSubmissionsRequest
    | pb.ListClaimsRequest
    | pb.ListItemsRequest
    | pb.ListDestinationsRequest
    | pb.ListPartiesRequest
    | pb.ListCoveragesRequest
)
"""A request for a page of a collection; they differ in their names only."""


class AggregatePage(NamedTuple):
    """A page of aggregates, the token of the next one, and the tree size of them all."""

    records: Sequence[pb.AggregateRecord]
    next_token: str
    tree_size: int


def fact_record(view: CatalogView, recorded: Recorded) -> pb.FactRecord:
    """A fact with its place in the log, as seen from a tree size."""
    fact = recorded.fact
    return pb.FactRecord(
        fact_id=fact.id,
        stream=fact.stream,
        index=recorded.index,
        version=recorded.version,
        author=recorded.author,
        attribution=view.attribution(recorded),
        recorded_ms=recorded.recorded_ms,
        statement_digest=recorded.digest,
        event_type=event_type(fact),
        fact=fact_to_proto(fact),
        unresolved=view.unresolved(fact),
        delegate_keyid=view.delegate(recorded),
        signed_at_ms=recorded.signed_at_ms or 0,
        anchor_size=recorded.anchor_size,
        time_flags=map(TIME_FLAGS.number, view.time_flags(recorded)),
    )


def aggregate_record(view: CatalogView, stream: str) -> Steps[pb.AggregateRecord]:
    """An aggregate, event by event.

    Raises:
        NotFoundError: The stream is not on record.
    """
    events = view.stream(stream)
    record = pb.AggregateRecord(stream=stream, version=len(events))
    for recorded in events:
        record.facts.append(fact_record(view, recorded))
        yield
    return record


class Records:
    """Gets and lists what is on record; runs in steps in the thread for lookups."""

    def __init__(self, models: ReadModels, pages: Paginator) -> None:
        self._models = models
        self._pages = pages

    def aggregate(
        self, collection: Collection, request: Named
    ) -> Steps[tuple[pb.AggregateRecord, int]]:
        """One aggregate by its stream or the id behind the slash, and the tree size.

        Raises:
            NotFoundError: It is not on record at that tree size.
        """
        view = self._view(request.tree_size)
        prefix = f"{collection.value}/"
        stream = prefix + request.name.removeprefix(prefix)
        record = yield from aggregate_record(view, stream)
        return record, view.tree_size

    def aggregates(self, collection: Collection, request: Listing) -> Steps[AggregatePage]:
        """A page of a collection, in the order in which its streams were opened.

        Raises:
            InputError: The page's token or size does not do.
        """
        size = page_size_of(request)
        start = self._pages.start(request)
        view = self._view(start.tree_size)
        streams = view.streams(collection)[start.offset :]
        one = partial(aggregate_record, view)
        records = yield from filled((partial(finished, one(stream)) for stream in streams), size)
        token = ""
        if len(records) < len(streams):
            following = PageStart(view.tree_size, start.offset + len(records), start.day)
            token = self._pages.token(request, following)
        return AggregatePage(records, token, view.tree_size)

    def timeline(self, request: pb.ListTimelineRequest) -> Steps[pb.ListTimelineResponse]:
        """A page of facts in the order of their dates.

        Raises:
            InputError: The page's token or size, a day or the destination does not do.
            NotFoundError: No item of that name is on record.
        """
        size = page_size_of(request)
        first = _day("from_day", request.from_day, date.min)
        last = _day("to_day", request.to_day, date.max)
        start = self._pages.start(request)
        view = self._view(start.tree_size)
        about = About.of(view, item=request.item, destination=_destination(request.destination))
        rows = self._models.timeline.rows(
            view.tree_size, first=first, last=last, start=start.offset
        )
        found = about.among(view, rows)
        taken: list[int] = []

        def shown() -> Iterator[Callable[[], pb.FactRecord] | None]:
            for one in found:
                if one is not None:
                    taken.append(one[0])
                yield one and partial(fact_record, view, one[1])

        facts = yield from filled(shown(), size)
        # The page ends before a row that did not fit into it, or else before the next one.
        follows = taken[len(facts) :]
        if not follows:
            for one in found:
                if one is not None:
                    follows = [one[0]]
                    break
                yield
        token = ""
        if follows:
            token = self._pages.token(request, PageStart(view.tree_size, follows[0], start.day))
        return pb.ListTimelineResponse(facts=facts, next_page_token=token, tree_size=view.tree_size)

    def _view(self, tree_size: int) -> CatalogView:
        return self._models.catalog.at(tree_size or self._models.tree_size)


def _destination(code: str) -> str:
    if code and not is_country(code.upper()):
        message = f"{code!r} is not an ISO 3166-1 alpha-2 code."
        raise QuestionError(message, field="destination", rule="destination-code")
    return code.upper()


def _day(field: str, text: str, default: date) -> date:
    if not text:
        return default
    try:
        return parse_day(text)
    except ValueError as error:
        raise QuestionError(f"{error}.", field=field, rule="day") from error
