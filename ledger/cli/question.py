"""The options that make up a question, in the words of the record."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from ledger.domain.vocabulary import Basis, EndUse, Transaction
from ledger.v1 import axes_pb2, queries_pb2, shared_pb2

_CommandT = TypeVar("_CommandT", bound=Callable[..., Any])

_NAMES: Final = (
    "item",
    "destination",
    "as_of",
    "known_at",
    "basis",
    "exporter",
    "consignee",
    "consignee_hq",
    "end_use",
    "shipped_from",
    "transaction",
    "affirm",
)


def question_options(command: _CommandT) -> _CommandT:
    """Give a command the options of a question, handed to it as ``question``.

    The command has the arguments ``item`` and ``destination`` itself, or neither.
    """

    @functools.wraps(command)
    def with_question(**options: Any) -> Any:
        asked = {name: options.pop(name, None) for name in _NAMES}
        return command(question=_question(**asked), **options)

    wrapped: Any = with_question
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    result: _CommandT = wrapped
    return result


_DAY: Final = click.DateTime(["%Y-%m-%d"])

_OPTIONS: Final = (
    click.option("--as-of", type=_DAY, metavar="DAY", help="The day asked about."),
    click.option(
        "--known-at", type=_DAY, metavar="DAY", help="The last day whose knowledge counts."
    ),
    click.option(
        "--basis",
        type=click.Choice([basis.value.lower() for basis in Basis], case_sensitive=False),
        default="public",
        show_default=True,
        help="Whose knowledge.",
    ),
    click.option("--exporter", metavar="NAME", help="Who exports."),
    click.option("--consignee", metavar="NAME", help="Who receives."),
    click.option("--consignee-hq", metavar="CODE", help="Where the consignee's group is seated."),
    click.option(
        "--end-use",
        type=click.Choice([use.value for use in EndUse], case_sensitive=False),
        help="A part-744 end use.",
    ),
    click.option("--shipped-from", metavar="CODE", help="Where the goods leave from."),
    click.option(
        "--transaction",
        type=click.Choice([kind.value for kind in Transaction], case_sensitive=False),
        help="The kind of movement.",
    ),
    click.option(
        "--affirm",
        multiple=True,
        metavar="WORDS",
        help="A precondition, scope or list met.",
    ),
)


def _question(**asked: Any) -> queries_pb2.Question:
    question = queries_pb2.Question(
        item=asked["item"] or "",
        destination=(asked["destination"] or "").upper(),
        exporter=asked["exporter"] or "",
        consignee=asked["consignee"] or "",
        consignee_headquarters=(asked["consignee_hq"] or "").upper(),
        shipped_from=(asked["shipped_from"] or "").upper(),
        affirmed=asked["affirm"] or (),
        as_of=asked["as_of"].strftime("%Y-%m-%d") if asked["as_of"] else "",
        known_at=asked["known_at"].strftime("%Y-%m-%d") if asked["known_at"] else "",
        basis=axes_pb2.Basis.Value.Value(asked["basis"].upper()),
    )
    if asked["end_use"]:
        question.end_use = queries_pb2.EndUse.Value(_wire("END_USE", asked["end_use"]))
    if asked["transaction"]:
        question.transaction = shared_pb2.Transaction.Value(
            _wire("TRANSACTION", asked["transaction"])
        )
    return question


def _wire(prefix: str, word: str) -> str:
    return f"{prefix}_{word.upper().replace('-', '_')}"
