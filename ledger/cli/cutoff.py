"""One side of a comparison on the command line: ``DAY``, ``DAY@KNOWN`` or ``@KNOWN``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Final

import click

from ledger.v1 import axes_pb2, queries_pb2, shared_pb2

_AT: Final = "@"
_TODAY: Final = "today"
_BASIS: Final = {
    axes_pb2.Basis.ADDRESSEE: "those told",
    axes_pb2.Basis.LEDGER: "this ledger",
}


def cut_off(text: str) -> queries_pb2.CutOff:
    """Read the day that is asked about and, behind an @, the last day whose knowledge counts.

    Raises:
        click.BadParameter: A part is not a day.
    """
    as_of, _, known_at = text.partition(_AT)
    for day in filter(None, (as_of, known_at)):
        try:
            date.fromisoformat(day)
        except ValueError as error:
            message = f"{day!r} is not a day such as 2025-08-15."
            raise click.BadParameter(message) from error
    return queries_pb2.CutOff(as_of=as_of, known_at=known_at)


def told(cut: queries_pb2.CutOff, pattern: queries_pb2.Question) -> str:
    """A side in words; what it leaves open the pattern says, and else it is today."""
    as_of, known = (
        getattr(cut, name) or getattr(pattern, name) or _TODAY for name in ("as_of", "known_at")
    )
    basis = _BASIS.get(cut.basis or pattern.basis)
    who = f" to {basis}" if basis else ""
    return f"{as_of}, known{who} {known if known == _TODAY else f'on {known}'}"


def asked_of_many(pattern: queries_pb2.Question) -> str:
    """What is asked of every cell, in a line."""
    return ", ".join([f"as of {told(queries_pb2.CutOff(), pattern)}", *_supplied(pattern)])


def _supplied(pattern: queries_pb2.Question) -> Iterator[str]:
    for words, value in (
        ("exporter", pattern.exporter),
        ("consignee", pattern.consignee),
        ("consignee headquarters", pattern.consignee_headquarters),
        ("shipped from", pattern.shipped_from),
        ("end use", _word(queries_pb2.EndUse.Name, pattern.end_use)),
        ("transaction", _word(shared_pb2.Transaction.Name, pattern.transaction)),
        ("affirmed", "; ".join(pattern.affirmed)),
    ):
        if value:
            yield f"{words} {value}"


def _word(name_of: Callable[[Any], str], value: int) -> str:
    """A wire word without its type's name in front; "" where nothing was said."""
    if not value:
        return ""
    prefix = name_of(0).removesuffix("UNSPECIFIED")
    return name_of(value).removeprefix(prefix).lower().replace("_", "-")
