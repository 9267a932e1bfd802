"""Questions between the wire and the domain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from pydantic import ValidationError

from ledger.codec.words import BASES
from ledger.domain.dates import parse_day
from ledger.domain.determination.question import Question
from ledger.domain.vocabulary import Basis, EndUse, Transaction
from ledger.errors import QuestionError
from ledger.v1 import axes_pb2, queries_pb2, shared_pb2

_END_USE_PREFIX: Final = "END_USE_"
_TRANSACTION_PREFIX: Final = "TRANSACTION_"


def question_from_proto(message: queries_pb2.Question, *, today: date) -> Question:
    """Read a question; days left empty are ``today``, and the basis is PUBLIC unless stated.

    Raises:
        QuestionError: With the field that cannot be asked about in that way.
    """
    try:
        return Question(
            item=message.item.strip(),
            destination=message.destination.upper(),
            as_of=_day("as_of", message.as_of, today),
            known_at=_day("known_at", message.known_at, today),
            basis=_basis(message.basis),
            exporter=message.exporter.strip() or None,
            consignee=message.consignee.strip() or None,
            consignee_headquarters=message.consignee_headquarters.upper() or None,
            end_use=_end_use(message.end_use),
            shipped_from=message.shipped_from.upper() or None,
            transaction=_transaction(message.transaction),
            affirmed=tuple(message.affirmed),
        )
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in ("question", *first["loc"]))
        reason = str(first["msg"]).removeprefix("Value error, ")
        if field == "question.item":
            reason = "an item must be named, in at most 4,000 characters"
        raise QuestionError(reason, field=field, rule="question") from None


def question_to_proto(question: Question) -> queries_pb2.Question:
    """Write a question, with every default stated."""
    message = queries_pb2.Question(
        item=question.item,
        destination=question.destination,
        exporter=question.exporter or "",
        consignee=question.consignee or "",
        consignee_headquarters=question.consignee_headquarters or "",
        shipped_from=question.shipped_from or "",
        affirmed=question.affirmed,
        as_of=question.as_of.isoformat(),
        known_at=question.known_at.isoformat(),
        basis=BASES.number(question.basis),
    )
    if question.end_use is not None:
        message.end_use = queries_pb2.EndUse.Value(_wire(_END_USE_PREFIX, question.end_use))
    if question.transaction is not None:
        name = _wire(_TRANSACTION_PREFIX, question.transaction)
        message.transaction = shared_pb2.Transaction.Value(name)
    return message


def _wire(prefix: str, word: str) -> str:
    return prefix + word.upper().replace("-", "_")


def _word(prefix: str, name: str) -> str:
    return name.removeprefix(prefix).lower().replace("_", "-")


def _day(field: str, text: str, today: date) -> date:
    if not text:
        return today
    try:
        return parse_day(text)
    except ValueError as error:
        raise QuestionError(str(error), field=f"question.{field}", rule="question") from None


def _basis(value: int) -> Basis:
    if value == axes_pb2.Basis.UNSPECIFIED:
        return Basis.PUBLIC
    name = _name_of(axes_pb2.Basis.Value.items(), value, "basis")
    return Basis(name)


def _end_use(value: int) -> EndUse | None:
    if value == queries_pb2.END_USE_UNSPECIFIED:
        return None
    return EndUse(_word(_END_USE_PREFIX, _name_of(queries_pb2.EndUse.items(), value, "end_use")))


def _transaction(value: int) -> Transaction | None:
    if value == shared_pb2.TRANSACTION_UNSPECIFIED:
        return None
    name = _name_of(shared_pb2.Transaction.items(), value, "transaction")
    return Transaction(_word(_TRANSACTION_PREFIX, name))


def _name_of(names: Sequence[tuple[str, int]], value: int, field: str) -> str:
    for name, number in names:
        if number == value:
            return name
    message = f"{value} is not a known value"
    raise QuestionError(message, field=f"question.{field}", rule="question")
