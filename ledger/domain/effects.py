"""Effects, quantities, sources: the smaller parts of a reported fact (FORMAT §1)."""

from __future__ import annotations

from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from ledger.domain.dates import OutsideDate
from ledger.domain.model import Frozen
from ledger.domain.scope import CountryCode, PlaceScope
from ledger.domain.vocabulary import (
    UNPUBLISHED,
    Authorization,
    Axis,
    CommercialCondition,
    DestinationMeasure,
    OutcomeKind,
    RelationKind,
)

# EXCEPTION_AVAILABLE follows from a provision's exceptions, CONFLICT from two measures, and
# NONE_ON_RECORD from silence: no fact can set them.
AXIS_VALUES: Final = {
    Axis.AUTHORIZATION: frozenset(Authorization)
    - {Authorization.NONE_ON_RECORD, Authorization.EXCEPTION_AVAILABLE},
    Axis.DESTINATION_MEASURE: frozenset(DestinationMeasure)
    - {DestinationMeasure.NONE_ON_RECORD, DestinationMeasure.CONFLICT},
    Axis.COMMERCIAL_CONDITION: frozenset(CommercialCondition),
}


class Relation(Frozen):
    """A link to another fact, or to one provision of it (``fact#name``).

    It works from the relating fact's own effective date, and only where that fact is known. The
    target may be on record later, or never.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]{3,80}(#[a-z0-9-]{1,60})?$")]
    relation: RelationKind

    @property
    def fact_id(self) -> str:
        """The fact that is meant, with or without one of its provisions."""
        return self.id.partition("#")[0]


class Effect(Frozen):
    """What a fact does to an axis other than the requirement."""

    axis: Axis
    value: str
    items: tuple[str, ...] = ()
    destinations: PlaceScope | None = None
    shipped_from: tuple[CountryCode, ...] = ()
    scope: str | None = None
    detail: str | None = None
    ends: OutsideDate | None = None

    @model_validator(mode="after")
    def _value_is_of_axis(self) -> Self:
        if self.value not in AXIS_VALUES[self.axis]:
            message = f"{self.value!r} is not a value that a fact can set on axis {self.axis.value}"
            raise ValueError(message)
        return self

    @property
    def scope_is_unpublished(self) -> bool:
        """True where a scope exists and its text is not public."""
        return self.scope == UNPUBLISHED


class Amount(Frozen):
    """A range of whole units, both ends inclusive; without ``max`` it is open above."""

    min: Annotated[int, Field(ge=0, le=10**15)]
    max: Annotated[int, Field(ge=0, le=10**15)] | None = None
    approximate: bool = False

    @model_validator(mode="after")
    def _ends_in_order(self) -> Self:
        if self.max is not None and self.max < self.min:
            message = f"max {self.max} is below min {self.min}"
            raise ValueError(message)
        return self


class Quantity(Amount):
    """How many, of which unit."""

    unit: str


class Money(Amount):
    """How much, in whole units of an ISO 4217 currency."""

    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Source(Frozen):
    """Where a fact was read. ``date`` is as printed: a day, a month or a year."""

    publisher: str
    title: str
    date: Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")] | None = None
    url: str | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] | None = None


class RequestedOutcome(Frozen):
    """What a submission asks for."""

    kind: OutcomeKind
    text: str


class Signatories(Frozen):
    """Who signed a letter: the stated count, and the names that are public."""

    stated_count: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    names: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.stated_count is None and not self.names:
            message = "signatories need a stated_count or names"
            raise ValueError(message)
        return self


class ClaimText(Frozen):
    """One sentence that somebody claims."""

    text: str
    subject: str
    kind: str
