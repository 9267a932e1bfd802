"""An instrument: a legal act, and what later acts did to it (FORMAT §1).

Foreign measures are instruments too. The aggregate asks little, and its state is what every life
has: whether an act was lawful or wise is not the record's to decide.
"""

from __future__ import annotations

from typing import Final

from ledger.domain.aggregates.base import Aggregate
from ledger.domain.aggregates.life import LIFE_RULES, Life, lived_on
from ledger.domain.facts import ReportedFact
from ledger.domain.vocabulary import Collection

INSTRUMENTS: Final = Aggregate(
    collection=Collection.INSTRUMENTS,
    kinds=(ReportedFact,),
    nothing=Life(),
    rules=LIFE_RULES,
    fold=lived_on,
)
"""The streams ``instruments/<id>``."""
