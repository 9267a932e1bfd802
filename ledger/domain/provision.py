"""A provision: one rule in an instrument (FORMAT §2)."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from ledger.domain.dates import OutsideDate
from ledger.domain.model import Frozen
from ledger.domain.scope import Tests
from ledger.domain.vocabulary import Grade, Requirement, ReviewPolicy

PROVISION_ID = r"^[a-z0-9-]{3,80}#[a-z0-9-]{1,60}$"

ProvisionId = Annotated[str, Field(pattern=PROVISION_ID)]


class ReviewRule(Frozen):
    """A review policy that replaces the default where all its tests hold; the first one counts."""

    when: Tests
    policy: ReviewPolicy


class ReviewLane(Tests):
    """A policy that replaces one provision's own once every precondition is affirmed."""

    on_provision: ProvisionId
    preconditions: tuple[str, ...] = ()
    policy: ReviewPolicy
    effective: OutsideDate | None = None
    ends: OutsideDate | None = None
    grade: Grade | None = None
    note: str | None = None


class LicenseException(Tests):
    """A license exception: leaves the requirement standing and makes an authorization available."""

    code: str
    preconditions: tuple[str, ...] = ()
    effective: OutsideDate | None = None
    ends: OutsideDate | None = None
    grade: Grade | None = None
    note: str | None = None


class Exemption(Tests):
    """Where all its tests hold, the provision does not apply, nor those named in ``also_from``."""

    ends: OutsideDate | None = None
    effective: OutsideDate | None = None
    also_from: tuple[ProvisionId, ...] = ()
    subsidiaries: bool = False
    grade: Grade | None = None
    note: str | None = None


class Provision(Tests):
    """One rule: it applies where all its tests hold; a test left out holds.

    ``amends``: this provision replaces, from its own ``effective``, only the fields it carries of
    the one named. ``restates``: says again what the named one requires. ``declares_from``: guidance
    about the past, which annotates from that day once known and never re-dates.
    """

    id: ProvisionId
    amends: ProvisionId | None = None
    restates: ProvisionId | None = None
    effective: OutsideDate | None = None
    compliance: OutsideDate | None = None
    ends: OutsideDate | None = None
    declares_from: OutsideDate | None = None
    requirement: Requirement | None = None
    review_policy: ReviewPolicy | None = None
    review_by: tuple[ReviewRule, ...] = ()
    review_lanes: tuple[ReviewLane, ...] = ()
    exceptions: tuple[LicenseException, ...] = ()
    exempt: tuple[Exemption, ...] = ()
    presumes: str | None = None
    grade: Grade | None = None
    note: str | None = None

    @field_validator("requirement")
    @classmethod
    def _asks_something(cls, value: Requirement | None) -> Requirement | None:
        if value is Requirement.NO_RECORD:
            message = "NO_RECORD is what an answer says, not what a provision asks"
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _amends_or_restates_another(self) -> Self:
        if self.id in (self.amends, self.restates):
            message = f"{self.id} cannot amend or restate itself"
            raise ValueError(message)
        return self

    @property
    def parts(self) -> tuple[Tests, ...]:
        """All that has tests of its own: the provision itself first."""
        whens = (rule.when for rule in self.review_by)
        return (self, *whens, *self.review_lanes, *self.exceptions, *self.exempt)

    @property
    def fact_id(self) -> str:
        """The fact that brought this provision."""
        return self.id.partition("#")[0]
