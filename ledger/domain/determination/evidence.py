"""The fifth axis: "Evidence: the weakest applied link decides"."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ledger.domain.facts import ItemDescribed, ReportedFact
from ledger.domain.vocabulary import Certainty, Evidence, ItemCertainty

ORDER: Final = tuple(Evidence)
"""Weakest first."""


def evidence_of(fact: ReportedFact) -> Evidence:
    """How strong one fact's source is; a press report counts its distinct publishers."""
    match fact.certainty:
        case Certainty.OFFICIAL:
            return Evidence.OFFICIAL_TEXT
        case Certainty.COMPANY_FILING:
            return Evidence.COMPANY_FILING
        case Certainty.PRESS_REPORT:
            publishers = {source.publisher for source in fact.sources}
            return Evidence.PRESS_MULTI if len(publishers) > 1 else Evidence.PRESS_SINGLE
        case Certainty.ATTRIBUTED_CLAIM:
            return Evidence.ATTRIBUTED_CLAIM


def weakest(
    applied: Iterable[ReportedFact], item: ItemDescribed | None, *, item_was_tested: bool
) -> Evidence | None:
    """The weakest link of an answer; None where nothing on record carries it.

    The item's parameters are a link only where a technical test read them. A vendor's own
    specification is what the tests are written for and weakens nothing; figures that are only
    claimed do.
    """
    links = [evidence_of(fact) for fact in applied]
    if item is not None and item_was_tested:
        if item.certainty is ItemCertainty.ATTRIBUTED_CLAIM:
            links.append(Evidence.ATTRIBUTED_CLAIM)
        elif not links:
            links.append(Evidence.COMPANY_FILING)
    return min(links, key=ORDER.index, default=None)
