"""A small record to ask: a chip, two countries, a rule for one group, an order and a letter."""

from __future__ import annotations

from typing import Any, Final

from ledger.domain.facts import Fact
from ledger.domain.provision import Provision
from ledger.domain.scope import ItemScope, PlaceScope
from ledger.domain.vocabulary import Requirement, ReviewPolicy
from ledger.v1 import axes_pb2
from ledger.v1 import queries_pb2 as pb
from tests import builders
from tests.builders import exactly, relation
from tests.simulator import FOUNDED_SIZE, Simulator

RULE: Final = builders.action(
    "rule-2023",
    citation="88 FR 73458",
    provisions=(
        Provision(
            id="rule-2023#chips",
            items=ItemScope(any=True),
            destinations=PlaceScope(any_group=("D:5",)),
            requirement=Requirement.LICENSE_REQUIRED,
            review_policy=ReviewPolicy.PRESUMPTION_OF_DENIAL,
        ),
    ),
)

BEFORE_THE_RULE: Final[tuple[Fact, ...]] = (
    builders.item("H20", aliases=("H20 96GB",)),
    builders.membership("CN", "D:5"),
    builders.membership("FR", "A:1"),
    builders.coverage(),
)
SIZE_BEFORE_THE_RULE: Final = FOUNDED_SIZE + len(BEFORE_THE_RULE)

AFTER_THE_RULE: Final[tuple[Fact, ...]] = (
    builders.order(
        "order-1",
        items=("H20",),
        quantity=exactly(300_000),
        destinations=PlaceScope(codes=("CN",)),
    ),
    builders.submission("letter-1", relates_to=(relation("opposes", "rule-2023"),)),
    builders.claim("claim-1", relates_to=(relation("claims_about", "order-9"),)),
    builders.party("NVIDIA", dates=None),
    builders.license_event("license-1"),
)
WHOLE_SIZE: Final = SIZE_BEFORE_THE_RULE + 1 + len(AFTER_THE_RULE)

REQUIRED: Final = axes_pb2.Requirement.LICENSE_REQUIRED
NOT_REQUIRED: Final = axes_pb2.Requirement.NO_LICENSE_REQUIRED

AS_OF: Final = "2025-08-01"
"""A day inside the coverage, on which the rule holds."""


def fill(service: Simulator) -> None:
    """Append the record: what lies before the rule one by one, then the rule, the rest at once."""
    for fact in BEFORE_THE_RULE:
        service.append(fact)
    service.append(RULE)
    service.append_all(AFTER_THE_RULE)
    service.caught_up()


def question(destination: str = "CN", **more: Any) -> pb.Question:
    """A question that supplies every fact the rule needs."""
    fields = {
        "item": "H20",
        "destination": destination,
        "as_of": AS_OF,
        "exporter": "NVIDIA",
        "consignee_headquarters": destination,
    }
    return pb.Question(**(fields | more))
