"""Facts: the domain content of a statement, one class an event type.

``ReportedFact`` is a row of the record in one of its four families; coverage, parties, items and
group memberships have a shape of their own (FORMAT §3 to §5). What concerns authors and keys is
in ``authorship``. ``id`` and ``stream`` stand in the row here and in the statement on the wire.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Self

from pydantic import Field, field_validator, model_validator

from ledger.domain.dates import Dates, Day, OutsideDate
from ledger.domain.effects import (
    ClaimText,
    Effect,
    Money,
    Quantity,
    Relation,
    RequestedOutcome,
    Signatories,
    Source,
)
from ledger.domain.model import Frozen
from ledger.domain.number import Number
from ledger.domain.provision import Provision
from ledger.domain.scope import CountryCode, GroupName, PlaceScope
from ledger.domain.vocabulary import Certainty, Collection, Family, Grade, ItemCertainty, Parameter

_COLLECTIONS: Final = {one.value: one for one in Collection}

FactId = Annotated[str, Field(pattern=r"^[a-z0-9-]{3,80}$")]
STREAM = rf"^({'|'.join(Collection)})/[a-z0-9-]{{2,80}}$"
StreamName = Annotated[str, Field(pattern=STREAM)]


class Fact(Frozen):
    """What every fact has: a name that is unique in the log, and the stream it lives in."""

    id: FactId
    stream: StreamName

    @property
    def collection(self) -> Collection:
        """The aggregate's kind, from the stream's name."""
        return _COLLECTIONS[self.stream.partition("/")[0]]


class ReportedFact(Fact):
    """A regulatory action, company order, advocacy submission or claim (FORMAT §1).

    ``items``, ``destinations`` and ``headquarters`` say what it is about: "They serve finding and
    are never tested."
    """

    family: Family
    subtype: str
    actor: str
    addressee: str | tuple[str, ...] | None = None
    issuer_country: CountryCode | None = None
    addressed_to: str | None = None
    citation: str | None = None
    items: tuple[str, ...] = ()
    destinations: PlaceScope | None = None
    headquarters: PlaceScope | None = None
    dates: Dates
    provisions: tuple[Provision, ...] = ()
    relates_to: tuple[Relation, ...] = ()
    quantity: Quantity | None = None
    money: Money | None = None
    requested_outcome: RequestedOutcome | None = None
    signatories: Signatories | None = None
    claims: tuple[ClaimText, ...] = ()
    effects: tuple[Effect, ...] = ()
    sources: tuple[Source, ...] = ()
    certainty: Certainty
    attributed_to: str | None = None
    grade: Grade
    note: str | None = None

    @model_validator(mode="after")
    def _provisions_are_its_own(self) -> Self:
        names = [provision.id for provision in self.provisions]
        for index, provision in enumerate(self.provisions):
            if provision.fact_id != self.id:
                message = f"provisions[{index}].id: {provision.id} must begin with {self.id}#"
                raise ValueError(message)
        if len(set(names)) != len(names):
            message = "provisions: two provisions have one id"
            raise ValueError(message)
        if self.provisions and self.family is not Family.REGULATORY_ACTION:
            message = (
                f"provisions: only a regulatory action carries them, not a {self.family.value}"
            )
            raise ValueError(message)
        return self

    @field_validator("addressee")
    @classmethod
    def _one_addressee_is_a_name(
        cls, value: str | tuple[str, ...] | None
    ) -> str | tuple[str, ...] | None:
        return value[0] if isinstance(value, tuple) and len(value) == 1 else value or None

    @model_validator(mode="after")
    def _is_dated(self) -> Self:
        if self.dates.public is None and self.dates.notified is None:
            message = "dates: public or notified is needed: without one, nobody could know of it"
            raise ValueError(message)
        return self

    @property
    def addressees(self) -> tuple[str, ...]:
        """The addressees as a tuple, empty where there are none."""
        if self.addressee is None:
            return ()
        return (self.addressee,) if isinstance(self.addressee, str) else self.addressee


class CoverageDeclared(Fact):
    """Whoever signs it declares the record meant to be complete between two days, inclusive."""

    actor: str
    regime: str
    from_day: Annotated[Day, Field(alias="from")]
    to_day: Annotated[Day, Field(alias="to")]
    sources: tuple[Source, ...] = ()
    grade: Grade
    note: str | None = None

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if self.to_day < self.from_day:
            message = f"to ({self.to_day}) lies before from ({self.from_day})"
            raise ValueError(message)
        return self


class PartyDescribed(Fact):
    """A party: names, where it is headquartered, and who its ultimate parent is (FORMAT §5)."""

    name: str
    aliases: tuple[str, ...] = ()
    country: CountryCode | None = None
    headquarters: CountryCode | None = None
    ultimate_parent: str | None = None
    identifiers: Mapping[str, str] = {}
    dates: Dates | None = None
    sources: tuple[Source, ...] = ()
    grade: Grade
    note: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Name and aliases."""
        return (self.name, *self.aliases)


class ParameterRange(Frozen):
    """A parameter known as a range, both ends inclusive."""

    min: Number
    max: Number

    @model_validator(mode="after")
    def _ends_in_order(self) -> Self:
        if self.max < self.min:
            message = f"max {self.max} is below min {self.min}"
            raise ValueError(message)
        return self


ParameterValue = bool | Number | ParameterRange
TESTABLE = frozenset(Parameter)
DESCRIPTIVE = frozenset({"dense_tops", "bit_length", "die_area_mm2"})
GRADED = frozenset({"performance", "die", "memory", "io", "datacenter", "launch"})


class ItemDescribed(Fact):
    """A chip or board with its parameters; no item carries a class (FORMAT §3)."""

    name: str
    aliases: tuple[str, ...] = ()
    vendor: str
    launch: OutsideDate | None = None
    reported: OutsideDate | None = None
    parameters: Mapping[str, ParameterValue] = {}
    unpublished: tuple[str, ...] = ()
    basis: Mapping[str, str] = {}
    certainty: ItemCertainty
    grades: Mapping[str, Grade] = {}
    sources: tuple[Source, ...] = ()
    note: str | None = None

    @field_validator("parameters", "unpublished")
    @classmethod
    def _parameters_are_known_words(
        cls, value: Mapping[str, ParameterValue] | tuple[str, ...]
    ) -> Mapping[str, ParameterValue] | tuple[str, ...]:
        for name in value:
            if name not in TESTABLE and name not in DESCRIPTIVE:
                message = f"{name!r} is not a parameter of FORMAT §2 and §3"
                raise ValueError(message)
        return value

    @field_validator("grades")
    @classmethod
    def _graded_groups_are_known_words(cls, value: Mapping[str, Grade]) -> Mapping[str, Grade]:
        for name in value:
            if name not in GRADED:
                message = f"{name!r} is not a group of parameters: {', '.join(sorted(GRADED))}"
                raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _published_or_not(self) -> Self:
        for name in self.unpublished:
            if name in self.parameters:
                message = f"unpublished: {name} has a value among the parameters"
                raise ValueError(message)
        if self.launch is not None and self.reported is not None:
            message = "reported: it stands for an item that is not released and excludes launch"
            raise ValueError(message)
        for name, value in self.parameters.items():
            if isinstance(value, bool) != (name == Parameter.DATACENTER):
                kind = "true or false" if name == Parameter.DATACENTER else "a number or a range"
                message = f"parameters.{name}: it must be {kind}, not {value}"
                raise ValueError(message)
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Name and aliases; they match without regard to case."""
        return (self.name, *self.aliases)


class GroupMembership(Fact):
    """A country's place in a group: ``from_date`` inclusive, ``until_date`` the first day out."""

    group: GroupName
    country: CountryCode
    name: str
    from_date: Day | None = None
    until_date: Day | None = None
    grade: Grade
    source: str
    note: str | None = None

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if self.from_date and self.until_date and self.until_date <= self.from_date:
            message = f"until_date ({self.until_date}) does not follow from_date"
            raise ValueError(message)
        return self


class CoSignature(Fact):
    """A further signatory joins a submission, naming the digest of the letter it signs."""

    letter_digest: Annotated[bytes, Field(min_length=32, max_length=32)]
    signatory: str
    affiliation: str | None = None


def slug(name: str) -> str:
    """A name as part of a stream: lower case, digits and single hyphens.

    Raises:
        ValueError: Nothing of the name is left, or too much.
    """
    folded = "".join(c if c.isascii() and c.isalnum() else " " for c in name.casefold())
    joined = "-".join(folded.split())
    if not 2 <= len(joined) <= 60:  # noqa: PLR2004 - what the stream pattern leaves room for
        message = f"{name!r} cannot name a stream"
        raise ValueError(message)
    return joined
