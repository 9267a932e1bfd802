from __future__ import annotations

from ledger.service.server import SERVICES


def test_the_services_are_those_of_the_proto() -> None:
    assert set(SERVICES) == {
        "ledger.v1.LedgerService",
        "ledger.v1.LogService",
        "ledger.v1.QueryService",
        "ledger.v1.StreamService",
    }
