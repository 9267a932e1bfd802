"""QueryService: questions, each answered in a thread behind the loop, at one tree size."""

from __future__ import annotations

from functools import partial
from typing import final

from ledger.domain.vocabulary import Collection
from ledger.service.answers import Answers
from ledger.service.calls import Context, ready
from ledger.service.comparisons import Comparisons
from ledger.service.reading import Reading
from ledger.service.records import AggregatePage, Listing, Named, Records
from ledger.service.statuses import Statuses
from ledger.v1 import queries_pb2 as pb
from ledger.v1 import services_pb2_grpc


@final
class QueryService(services_pb2_grpc.QueryServiceServicer):
    """Hands each question to whoever answers its kind."""

    def __init__(
        self,
        reading: Reading,
        answers: Answers,
        statuses: Statuses,
        comparisons: Comparisons,
        records: Records,
    ) -> None:
        self._reading = reading
        self._answers = answers
        self._comparisons = comparisons
        self._statuses = statuses
        self._records = records

    async def GetLicenseStatus(
        self, request: pb.GetLicenseStatusRequest, context: Context
    ) -> pb.GetLicenseStatusResponse:
        asked = self._answers.asked(request)
        data = self._answers.remembered(asked)
        if data is None:
            data = await self._reading.answer(
                partial(self._answers.answer_bytes, asked),
                tree_sizes={request.tree_size},
                min_tree_size=request.min_tree_size,
            )
        return ready(pb.GetLicenseStatusResponse, data)

    async def ListLicenseStatuses(
        self, request: pb.ListLicenseStatusesRequest, context: Context
    ) -> pb.ListLicenseStatusesResponse:
        return await self._reading.answer_in_steps(
            self._statuses.matrix(request),
            tree_sizes={request.tree_size},
            min_tree_size=request.min_tree_size,
        )

    async def BatchGetLicenseStatuses(
        self, request: pb.BatchGetLicenseStatusesRequest, context: Context
    ) -> pb.BatchGetLicenseStatusesResponse:
        data = await self._reading.answer_in_steps(
            self._statuses.answers(request),
            tree_sizes={one.tree_size for one in request.requests},
            min_tree_size=max((one.min_tree_size for one in request.requests), default=0),
        )
        return ready(pb.BatchGetLicenseStatusesResponse, data)

    async def CompareLicenseStatuses(
        self, request: pb.CompareLicenseStatusesRequest, context: Context
    ) -> pb.CompareLicenseStatusesResponse:
        return await self._reading.answer_in_steps(
            self._comparisons.compare(request),
            tree_sizes={request.before.tree_size, request.after.tree_size},
        )

    async def EvaluateDraft(
        self, request: pb.EvaluateDraftRequest, context: Context
    ) -> pb.EvaluateDraftResponse:
        return await self._reading.answer_in_steps(
            self._comparisons.evaluate(request), tree_sizes={request.tree_size}
        )

    async def GetOrderExposure(
        self, request: pb.GetOrderExposureRequest, context: Context
    ) -> pb.GetOrderExposureResponse:
        return await self._reading.answer_in_steps(
            self._comparisons.exposure(request), tree_sizes={request.tree_size}
        )

    async def ListSubmissionOutcomes(
        self, request: pb.ListSubmissionOutcomesRequest, context: Context
    ) -> pb.ListSubmissionOutcomesResponse:
        return await self._reading.answer_in_steps(
            self._comparisons.outcomes(request), tree_sizes={request.tree_size}
        )

    async def ListTimeline(
        self, request: pb.ListTimelineRequest, context: Context
    ) -> pb.ListTimelineResponse:
        return await self._reading.look_up_in_steps(
            self._records.timeline(request), tree_sizes={request.tree_size}
        )

    async def _get(self, collection: Collection, request: Named) -> tuple[pb.AggregateRecord, int]:
        return await self._reading.look_up_in_steps(
            self._records.aggregate(collection, request), tree_sizes={request.tree_size}
        )

    async def _list(self, collection: Collection, request: Listing) -> AggregatePage:
        return await self._reading.look_up_in_steps(
            self._records.aggregates(collection, request), tree_sizes={request.tree_size}
        )

    async def GetInstrument(
        self, request: pb.GetInstrumentRequest, context: Context
    ) -> pb.GetInstrumentResponse:
        record, size = await self._get(Collection.INSTRUMENTS, request)
        return pb.GetInstrumentResponse(instrument=record, tree_size=size)

    async def ListInstruments(
        self, request: pb.ListInstrumentsRequest, context: Context
    ) -> pb.ListInstrumentsResponse:
        page = await self._list(Collection.INSTRUMENTS, request)
        return pb.ListInstrumentsResponse(
            instruments=page.records, next_page_token=page.next_token, tree_size=page.tree_size
        )

    async def GetLicense(
        self, request: pb.GetLicenseRequest, context: Context
    ) -> pb.GetLicenseResponse:
        record, size = await self._get(Collection.LICENSES, request)
        return pb.GetLicenseResponse(license=record, tree_size=size)

    async def ListLicenses(
        self, request: pb.ListLicensesRequest, context: Context
    ) -> pb.ListLicensesResponse:
        page = await self._list(Collection.LICENSES, request)
        return pb.ListLicensesResponse(
            licenses=page.records, next_page_token=page.next_token, tree_size=page.tree_size
        )

    async def GetOrder(self, request: pb.GetOrderRequest, context: Context) -> pb.GetOrderResponse:
        record, size = await self._get(Collection.ORDERS, request)
        return pb.GetOrderResponse(order=record, tree_size=size)

    async def ListOrders(
        self, request: pb.ListOrdersRequest, context: Context
    ) -> pb.ListOrdersResponse:
        page = await self._list(Collection.ORDERS, request)
        return pb.ListOrdersResponse(
            orders=page.records, next_page_token=page.next_token, tree_size=page.tree_size
        )

    async def GetSubmission(
        self, request: pb.GetSubmissionRequest, context: Context
    ) -> pb.GetSubmissionResponse:
        record, size = await self._get(Collection.SUBMISSIONS, request)
        return pb.GetSubmissionResponse(submission=record, tree_size=size)

    async def ListSubmissions(
        self, request: pb.ListSubmissionsRequest, context: Context
    ) -> pb.ListSubmissionsResponse:
        page = await self._list(Collection.SUBMISSIONS, request)
        return pb.ListSubmissionsResponse(
            submissions=page.records, next_page_token=page.next_token, tree_size=page.tree_size
        )

    async def GetClaim(self, request: pb.GetClaimRequest, context: Context) -> pb.GetClaimResponse:
        record, size = await self._get(Collection.CLAIMS, request)
        return pb.GetClaimResponse(claim=record, tree_size=size)

    async def ListClaims(
        self, request: pb.ListClaimsRequest, context: Context
    ) -> pb.ListClaimsResponse:
        page = await self._list(Collection.CLAIMS, request)
        return pb.ListClaimsResponse(
            claims=page.records, next_page_token=page.next_token, tree_size=page.tree_size
        )

    async def GetItem(self, request: pb.GetItemRequest, context: Context) -> pb.GetItemResponse:
        record, size = await self._get(Collection.ITEMS, request)
        return pb.GetItemResponse(item=record, tree_size=size)

    async def ListItems(
        self, request: pb.ListItemsRequest, context: Context
    ) -> pb.ListItemsResponse:
        page = await self._list(Collection.ITEMS, request)
        return pb.ListItemsResponse(
            items=page.records, next_page_token=page.next_token, tree_size=page.tree_size
        )

    async def GetDestination(
        self, request: pb.GetDestinationRequest, context: Context
    ) -> pb.GetDestinationResponse:
        record, size = await self._get(Collection.DESTINATIONS, request)
        return pb.GetDestinationResponse(destination=record, tree_size=size)

    async def ListDestinations(
        self, request: pb.ListDestinationsRequest, context: Context
    ) -> pb.ListDestinationsResponse:
        page = await self._list(Collection.DESTINATIONS, request)
        return pb.ListDestinationsResponse(
            destinations=page.records, next_page_token=page.next_token, tree_size=page.tree_size
        )

    async def GetParty(self, request: pb.GetPartyRequest, context: Context) -> pb.GetPartyResponse:
        record, size = await self._get(Collection.PARTIES, request)
        return pb.GetPartyResponse(party=record, tree_size=size)

    async def ListParties(
        self, request: pb.ListPartiesRequest, context: Context
    ) -> pb.ListPartiesResponse:
        page = await self._list(Collection.PARTIES, request)
        return pb.ListPartiesResponse(
            parties=page.records, next_page_token=page.next_token, tree_size=page.tree_size
        )

    async def GetCoverage(
        self, request: pb.GetCoverageRequest, context: Context
    ) -> pb.GetCoverageResponse:
        record, size = await self._get(Collection.COVERAGE, request)
        return pb.GetCoverageResponse(coverage=record, tree_size=size)

    async def ListCoverages(
        self, request: pb.ListCoveragesRequest, context: Context
    ) -> pb.ListCoveragesResponse:
        page = await self._list(Collection.COVERAGE, request)
        return pb.ListCoveragesResponse(
            coverages=page.records, next_page_token=page.next_token, tree_size=page.tree_size
        )
