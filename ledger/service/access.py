"""What each method asks of its caller; one that is not here is for nobody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ledger.service.identity import Access

_METHODS: Final[Mapping[str, Mapping[Access, tuple[str, ...]]]] = {
    "ledger.v1.LedgerService": {
        Access.SUBMITTER: ("Append", "AppendBatch", "AppendStream", "PutAttachment"),
        Access.READER: ("GetReceipt", "GetAttachment", "ListAttachments"),
    },
    "ledger.v1.QueryService": {
        Access.READER: (
            "GetLicenseStatus",
            "ListLicenseStatuses",
            "BatchGetLicenseStatuses",
            "CompareLicenseStatuses",
            "EvaluateDraft",
            "GetOrderExposure",
            "ListSubmissionOutcomes",
            "ListTimeline",
            "GetInstrument",
            "ListInstruments",
            "GetLicense",
            "ListLicenses",
            "GetOrder",
            "ListOrders",
            "GetSubmission",
            "ListSubmissions",
            "GetClaim",
            "ListClaims",
            "GetItem",
            "ListItems",
            "GetDestination",
            "ListDestinations",
            "GetParty",
            "ListParties",
            "GetCoverage",
            "ListCoverages",
        )
    },
    "ledger.v1.StreamService": {
        Access.READER: ("ReadEntries", "WatchEntries", "WatchLicenseStatus")
    },
    "ledger.v1.LogService": {
        Access.READER: (
            "GetCheckpoint",
            "GetInclusionProof",
            "GetConsistencyProof",
            "GetTile",
            "GetEntryBundle",
            "GetAuthor",
            "ListAuthors",
            "ListLogKeys",
        )
    },
    # A probe has no identity, and what it learns is whether the port answers.
    "grpc.health.v1.Health": {Access.NONE: ("Check", "Watch")},
    "grpc.reflection.v1alpha.ServerReflection": {Access.READER: ("ServerReflectionInfo",)},
}

ACCESS: Final[Mapping[str, Access]] = {
    f"/{service}/{method}": access
    for service, by_access in _METHODS.items()
    for access, methods in by_access.items()
    for method in methods
}
"""The access that each method asks, by ``/package.Service/Method``."""
