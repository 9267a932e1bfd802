"""Dates, decimals, places and sources between protobuf and the domain.

An empty string on the wire is a text that is absent: the domain has no empty texts. Every other
value has one spelling, and the readers here refuse the rest.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from ledger.codec.within import given, maybe
from ledger.codec.words import GRADES, PRECISIONS
from ledger.domain.dates import Dates, OutsideDate, parse_day
from ledger.domain.effects import Source
from ledger.domain.scope import PlaceScope
from ledger.errors import EnvelopeError
from ledger.v1 import facts_pb2, shared_pb2

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from ledger.domain.vocabulary import Grade

_DATES_KEPT: Final = 4_096
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?")


def decimal_to_text(value: Decimal) -> str:
    """Write a decimal canonically: no exponent, no leading or trailing zeros, no "-0"."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def decimal_from_text(text: str, name: str) -> Decimal:
    """Read a canonical decimal.

    Raises:
        EnvelopeError: The text is anything else; ``name`` is the field that held it.
    """
    if not _DECIMAL.fullmatch(text) or text == "-0":
        raise EnvelopeError(
            f"{name} is not a decimal in its shortest form, such as 19.45.",
            field=name,
            rule="decimal",
        )
    return Decimal(text)


def day_from_text(text: str, name: str) -> date:
    """Read a calendar day, ``YYYY-MM-DD``.

    Raises:
        EnvelopeError: The text is anything else; ``name`` is the field that held it.
    """
    try:
        return parse_day(text)
    except ValueError as error:
        raise EnvelopeError(f"{name}: {error}.", field=name, rule="day") from error


def check_ascending(names: Sequence[str], field: str) -> None:
    """Refuse what stands for a map unless it is sorted and names nothing twice.

    Raises:
        EnvelopeError: A name does not follow the one before it.
    """
    for index, (earlier, later) in enumerate(pairwise(names), start=1):
        if later <= earlier:
            raise EnvelopeError(
                f"{field} must be sorted, each once: {later!r} stands after {earlier!r}.",
                field=f"{field}[{index}]",
                rule="sorted",
            )


def grade_from_proto(number: shared_pb2.Grade.ValueType) -> Grade | None:
    """Read the grade of a part of a fact, which may go without."""
    return GRADES.word_or_none(number, "grade")


def outside_date_to_proto(value: OutsideDate | None) -> shared_pb2.OutsideDate | None:
    """Write an outside date, if there is one."""
    if value is None:
        return None
    return shared_pb2.OutsideDate(value=value.value, precision=PRECISIONS.number(value.precision))


def outside_date_from_proto(message: shared_pb2.OutsideDate) -> OutsideDate:
    """Read an outside date.

    Raises:
        EnvelopeError: The precision is missing.
        ValidationError: The value is no date of that precision.
    """
    return OutsideDate(
        value=message.value, precision=PRECISIONS.word(message.precision, "precision")
    )


def dates_to_proto(dates: Dates | None) -> facts_pb2.Dates | None:
    """Write the dates of a fact, if it has any."""
    if dates is None:
        return None
    return facts_pb2.Dates(
        effective=outside_date_to_proto(dates.effective),
        compliance=outside_date_to_proto(dates.compliance),
        notified=outside_date_to_proto(dates.notified),
        public=outside_date_to_proto(dates.public),
        ends=outside_date_to_proto(dates.ends),
    )


def dates_from_proto(message: facts_pb2.Dates) -> Dates:
    """Read the dates of a fact.

    Raises:
        EnvelopeError: One of them is refused.
        ValidationError: They contradict each other.
    """
    return _dates(message.SerializeToString(deterministic=True))


@lru_cache(maxsize=_DATES_KEPT)
def _dates(data: bytes) -> Dates:
    """The dates in a message's bytes; many facts share theirs, and a value never changes."""
    message = facts_pb2.Dates.FromString(data)
    return Dates(
        **given(
            effective=maybe(message, "effective", outside_date_from_proto),
            compliance=maybe(message, "compliance", outside_date_from_proto),
            notified=maybe(message, "notified", outside_date_from_proto),
            public=maybe(message, "public", outside_date_from_proto),
            ends=maybe(message, "ends", outside_date_from_proto),
        )
    )


def place_to_proto(scope: PlaceScope | None) -> shared_pb2.PlaceScope | None:
    """Write a scope of places, if there is one."""
    if scope is None:
        return None
    return shared_pb2.PlaceScope(
        any=scope.any,
        codes=scope.codes,
        any_group=scope.any_group,
        not_group=scope.not_group,
        not_codes=scope.not_codes,
        unpublished=scope.unpublished,
        described_as=scope.described_as or "",
    )


def place_from_proto(message: shared_pb2.PlaceScope) -> PlaceScope:
    """Read a scope of places.

    Raises:
        ValidationError: It says nothing, or names what is no country or group.
    """
    return PlaceScope(
        **given(
            any=message.any,
            codes=tuple(message.codes),
            any_group=tuple(message.any_group),
            not_group=tuple(message.not_group),
            not_codes=tuple(message.not_codes),
            unpublished=message.unpublished,
            described_as=message.described_as,
        )
    )


def source_to_proto(source: Source) -> shared_pb2.Source:
    """Write where a fact was read."""
    return shared_pb2.Source(
        publisher=source.publisher,
        title=source.title,
        date=source.date or "",
        url=source.url or "",
        language=source.language or "",
    )


def source_from_proto(message: shared_pb2.Source) -> Source:
    """Read where a fact was read.

    Raises:
        ValidationError: Publisher or title is missing, or a part has another form.
    """
    return Source(
        publisher=message.publisher,
        title=message.title,
        **given(date=message.date, url=message.url, language=message.language),
    )
