"""Questions at random about the shipped record, from a seed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Final

from ledger.domain.determination.question import Question
from ledger.domain.facts import ItemDescribed
from ledger.domain.places import COUNTRY_CODES
from ledger.domain.vocabulary import Basis, EndUse, Transaction
from tests.casebook import facts

ITEMS: Final = tuple(
    name for fact in facts() if isinstance(fact, ItemDescribed) for name in fact.names
)
PLACES: Final = tuple(sorted(COUNTRY_CODES))
CONTESTED: Final = ("CN", "HK", "MO", "RU", "VN", "AE", "SA", "KH", "CY", "JP")
PARTIES: Final = ("NVIDIA", "AMD", "TSMC", "Dell", "G42", "Humain", "Biren", "Moore Threads")
AFFIRMED: Final = ("notified", "state-funded data centers", "sales under the licenses")
FIRST: Final = date(2022, 1, 1)
DAYS: Final = (date(2026, 12, 31) - FIRST).days


def questions(seed: int, count: int, *, covered: bool = False) -> Iterator[Question]:
    """So many questions, the same for the same seed.

    Args:
        seed: Where the questions come from.
        count: How many.
        covered: Whether to ask only about days that the record covers.
    """
    random = Random(seed)  # noqa: S311 - the same questions every time are the point
    for _ in range(count):
        question = _question(random)
        if covered:
            day = date(2022, 8, 26) + timedelta(days=random.randrange(1220))
            question = question.model_copy(update={"as_of": day})
        yield question


def _question(random: Random) -> Question:
    def perhaps(values: tuple[str, ...]) -> str | None:
        return random.choice(values) if random.random() < 0.5 else None

    return Question(
        item=random.choice(ITEMS),
        destination=random.choice(PLACES if random.random() < 0.5 else CONTESTED),
        as_of=FIRST + timedelta(days=random.randrange(DAYS)),
        known_at=FIRST + timedelta(days=random.randrange(DAYS)),
        basis=random.choice(tuple(Basis)),
        exporter=perhaps(PARTIES),
        consignee=perhaps((*PARTIES, "Nobody In Particular")),
        consignee_headquarters=perhaps(CONTESTED),
        end_use=random.choice((None, *EndUse)),
        shipped_from=perhaps(("US", "TW", "KR", "CN")),
        transaction=random.choice((None, *Transaction)),
        affirmed=tuple(w for w in AFFIRMED if random.random() < 0.2),
    )
