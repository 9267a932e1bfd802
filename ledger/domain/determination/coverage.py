"""Coverage: for which days the record is meant to be complete.

FORMAT §5: "Facts of one stream extend or shorten it, the latest known one counts. Outside it the
answer is NO_RECORD."
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ledger.domain.authorship import OutsideRecord
from ledger.domain.determination.situation import Situation
from ledger.domain.facts import CoverageDeclared


def declared(situation: Situation) -> Sequence[CoverageDeclared]:
    """The latest known declaration of every stream, by name of the stream."""
    latest = []
    for _, records in sorted(situation.register.coverage.items()):
        known = [r.fact for r in records if situation.knowledge.has(r)]
        if known and isinstance(known[-1], CoverageDeclared):
            latest.append(known[-1])
    return latest


def covering(situation: Situation, day: date) -> Sequence[CoverageDeclared]:
    """The declarations that take in a day, both ends inclusive."""
    return [c for c in declared(situation) if c.from_day <= day <= c.to_day]


def outside_record(situation: Situation) -> Sequence[OutsideRecord]:
    """Rules on the destination that the record does not carry, by the ledger's own policy.

    For them "never NO_LICENSE_REQUIRED; INDETERMINATE if nothing else applies".
    """
    destination = situation.question.destination
    return [o for o in situation.register.policy.outside_record if destination in o.codes]
