"""The write side's rules: one aggregate a file, each a state, its rules and a fold.

``aggregate_for`` gives the one for a collection. An aggregate enforces what its own stream can
show; what must be unique across streams (fact id, author and nonce) is a side table of the store,
and what concerns keys is asked of the keyring. Corrections never delete, and nothing is edited: a
state only tells what may come next.
"""

from __future__ import annotations

from typing import Any, Final

from ledger.domain.aggregates.attachment import ATTACHMENTS
from ledger.domain.aggregates.author import AUTHORS
from ledger.domain.aggregates.base import Aggregate
from ledger.domain.aggregates.claim import CLAIMS
from ledger.domain.aggregates.coverage import COVERAGE
from ledger.domain.aggregates.destination import DESTINATIONS
from ledger.domain.aggregates.instrument import INSTRUMENTS
from ledger.domain.aggregates.item import ITEMS
from ledger.domain.aggregates.license import LICENSES
from ledger.domain.aggregates.order import ORDERS
from ledger.domain.aggregates.party import PARTIES
from ledger.domain.aggregates.submission import SUBMISSIONS
from ledger.domain.vocabulary import Collection

__all__ = ["Aggregate", "aggregate_for"]

# Any: the caller keeps the state it was given and hands it back, whatever it is.
_ALL: Final[tuple[Aggregate[Any, Any], ...]] = (
    INSTRUMENTS,
    LICENSES,
    ORDERS,
    SUBMISSIONS,
    CLAIMS,
    ITEMS,
    DESTINATIONS,
    PARTIES,
    AUTHORS,
    COVERAGE,
    ATTACHMENTS,
)
_BY_COLLECTION: Final = {aggregate.collection: aggregate for aggregate in _ALL}


def aggregate_for(collection: Collection) -> Aggregate[Any, Any]:
    """The aggregate whose streams lie in a collection; every collection has one."""
    return _BY_COLLECTION[collection]
