from __future__ import annotations

from ledger.service.access import ACCESS
from ledger.service.identity import Access
from ledger.v1 import services_pb2


def test_every_method_of_the_ledger_has_a_row_and_no_row_lacks_its_method() -> None:
    methods = {
        f"/{service.full_name}/{method.name}"
        for service in services_pb2.DESCRIPTOR.services_by_name.values()
        for method in service.methods
    }

    assert {name for name in ACCESS if name.startswith("/ledger.")} == methods


def test_only_what_writes_asks_for_a_submitter() -> None:
    submitting = {name for name, access in ACCESS.items() if access > Access.READER}

    assert submitting == {
        "/ledger.v1.LedgerService/Append",
        "/ledger.v1.LedgerService/AppendBatch",
        "/ledger.v1.LedgerService/AppendStream",
        "/ledger.v1.LedgerService/PutAttachment",
    }


def test_only_health_is_open_to_everybody() -> None:
    opened = {name for name, access in ACCESS.items() if access is Access.NONE}

    assert opened == {"/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch"}
