"""Scope as data: the tests that decide whom and what a provision reaches (FORMAT §2).

Here is only their shape; ``determination.matching`` evaluates them.
"""

from __future__ import annotations

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from ledger.domain.model import Frozen
from ledger.domain.number import Number
from ledger.domain.places import is_country
from ledger.domain.vocabulary import EndUse, Operator, Parameter, Transaction, Unpublished

_GROUP = re.compile(r"[A-E]:[1-9](-[a-z]{1,20})?")


def _country(code: str) -> str:
    if not is_country(code):
        message = f"{code!r} is not an ISO 3166 country code"
        raise ValueError(message)
    return code


def _group(name: str) -> str:
    if not _GROUP.fullmatch(name):
        message = f"{name!r} is not a country group such as D:5"
        raise ValueError(message)
    return name


CountryCode = Annotated[
    str, AfterValidator(_country), Field(json_schema_extra={"pattern": "^[A-Z]{2}$"})
]
GroupName = Annotated[
    str, AfterValidator(_group), Field(json_schema_extra={"pattern": f"^{_GROUP.pattern}$"})
]
Threshold = bool | Number


class ParameterTest(Frozen):
    """One comparison of an item's parameter with a threshold."""

    param: Parameter
    op: Operator
    value: Threshold

    @model_validator(mode="after")
    def _kinds_agree(self) -> Self:
        if isinstance(self.value, bool) != (self.param is Parameter.DATACENTER):
            message = f"{self.param.value} cannot be compared with {self.value}"
            raise ValueError(message)
        if isinstance(self.value, bool) and self.op is not Operator.EQUAL:
            message = f"{self.param.value} is compared with == only"
            raise ValueError(message)
        return self


class Alternative(Frozen):
    """One technical class: every test must hold."""

    all_of: Annotated[tuple[ParameterTest, ...], Field(min_length=1)]


class ItemScope(Frozen):
    """Which items: any, by name, or by one of several technical classes.

    ``unpublished``: part of the class is not public, so an item that meets nothing else is
    undetermined. ``names`` empty beside ``described_as``: no item meets it until one is named.
    """

    any: bool = False
    names: tuple[str, ...] = ()
    any_of: tuple[Alternative, ...] = ()
    unpublished: bool = False
    described_as: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.any or self.names or self.any_of or self.unpublished or self.described_as):
            message = "items needs any, names, any_of, unpublished or described_as"
            raise ValueError(message)
        return self


class PlaceScope(Frozen):
    """Which countries: any, by code, or by dated group less exclusions.

    ``codes`` always count; ``not_group`` and ``not_codes`` cut ``any_group`` only.
    """

    any: bool = False
    codes: tuple[CountryCode, ...] = ()
    any_group: tuple[GroupName, ...] = ()
    not_group: tuple[GroupName, ...] = ()
    not_codes: tuple[CountryCode, ...] = ()
    unpublished: bool = False
    described_as: str | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.any or self.codes or self.any_group or self.unpublished):
            message = "a place needs any, codes, any_group or unpublished"
            raise ValueError(message)
        if (self.not_group or self.not_codes) and not self.any_group:
            message = "not_group and not_codes cut any_group only, and there is none"
            raise ValueError(message)
        return self


class ConsigneeScope(Frozen):
    """Which consignees: a list, in full or in part, or an unpublished one."""

    names: tuple[str, ...] | Unpublished = ()
    complete: bool = True
    listed_in: str | None = None
    test: str | None = None
    subsidiaries: bool = False

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.complete and not (self.names or self.listed_in or self.test):
            message = "consignees need names, listed_in, test, or complete false"
            raise ValueError(message)
        return self


class Tests(Frozen):
    """The tests that a provision and its parts have in common; one left out holds."""

    items: ItemScope | None = None
    destinations: PlaceScope | None = None
    headquarters: PlaceScope | None = None
    addressee: str | tuple[str, ...] | None = None
    consignees: ConsigneeScope | None = None
    shipped_from: tuple[CountryCode, ...] = ()
    transactions: tuple[Transaction, ...] = ()
    end_uses: tuple[str, ...] = ()

    @field_validator("addressee")
    @classmethod
    def _one_addressee_is_a_name(
        cls, value: str | tuple[str, ...] | None
    ) -> str | tuple[str, ...] | None:
        return value[0] if isinstance(value, tuple) and len(value) == 1 else value or None

    @property
    def addressees(self) -> tuple[str, ...]:
        """The addressees as a tuple, empty where the tests bind everybody."""
        if self.addressee is None:
            return ()
        return (self.addressee,) if isinstance(self.addressee, str) else self.addressee


_END_USE_TERMS = (
    (EndUse.AI_TRAINING, ("ai-training", "ai training", "training ai")),
    (EndUse.SUPERCOMPUTER, ("supercomputer",)),
    (EndUse.SEMICONDUCTOR, ("semiconductor",)),
    (EndUse.MILITARY, ("military",)),
)


def end_use_of(text: str) -> EndUse | None:
    """The part-744 end use that a provision's wording speaks of, if it is one of the list."""
    folded = text.casefold()
    for end_use, terms in _END_USE_TERMS:
        if any(term in folded for term in terms):
            return end_use
    return None
