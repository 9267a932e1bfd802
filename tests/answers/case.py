"""One case of the table: a question, the answer that the law's model gives to it, and why.

A case is pure data, so that one table serves every way of asking: the engine, gRPC, the command
line. The expected values were derived by hand from the record and the model of the law; ``why``
holds the derivation. What a case leaves out, it does not claim.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

EXPORT = "transaction is an export"
NO_END_USE = "no part-744 end use"
NO_LISTED_PARTY = "no listed party"

LATE = "2026-06-30"
"""A day on which everything in the shipped record was public."""


@dataclass(frozen=True)
class Case:
    """A question and what must come out.

    Attributes:
        name: Unique in the table; names the test.
        question: The command line's options: item, destination, as_of, known_at, basis, exporter,
            consignee, consignee_hq, end_use, shipped_from, transaction, and affirm (words separated
            by ``;``).
        missing: Exactly the facts named as missing, in any order.
        assumed: Exactly what is named as assumed, in any order.
        flags: Flags that must be raised; others may be.
        unflagged: Flags that must not be raised.
        applied: Facts that must be APPLIED.
        unapplied: Facts that must not be.
        dispositions: What must have become of single facts.
        offers: Exactly the codes of the exceptions that deciding reasons offer, one a reason.
        conflicts: Facts that must stand together in one open conflict.
        since: The first day of the requirement's unbroken run.
        next_change: The day of the next change on record; "" where there is none.
        why: The derivation: which rows decide, by which rule.
    """

    name: str
    question: Mapping[str, str]
    why: str
    requirement: str = ""
    review_policy: str = ""
    authorization: str = ""
    destination_measure: str = ""
    evidence: str = ""
    commercial_condition: str = ""
    missing: tuple[str, ...] | None = None
    assumed: tuple[str, ...] | None = None
    flags: tuple[str, ...] = ()
    unflagged: tuple[str, ...] = ()
    applied: frozenset[str] = frozenset()
    unapplied: frozenset[str] = frozenset()
    dispositions: Mapping[str, str] = field(default_factory=dict)
    offers: tuple[str, ...] | None = None
    conflicts: frozenset[str] = frozenset()
    since: str = ""
    next_change: str | None = None


def ask(
    item: str, destination: str, as_of: str, known_at: str = LATE, **more: str
) -> dict[str, str]:
    """A question by its options; without ``known_at`` the whole shipped record is known."""
    return {
        "item": item,
        "destination": destination,
        "as_of": as_of,
        "known_at": known_at,
        **more,
    }
