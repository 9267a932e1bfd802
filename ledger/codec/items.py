"""Items between protobuf and the domain: a chip or board with its parameters (FORMAT §3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.codec.values import (
    check_ascending,
    decimal_from_text,
    decimal_to_text,
    outside_date_from_proto,
    outside_date_to_proto,
    source_from_proto,
    source_to_proto,
)
from ledger.codec.within import each, maybe, missing
from ledger.codec.words import GRADES, ITEM_CERTAINTIES
from ledger.domain.facts import ItemDescribed, ParameterRange
from ledger.v1 import facts_pb2

if TYPE_CHECKING:
    from ledger.domain.facts import ParameterValue
    from ledger.domain.vocabulary import Grade


def item_to_proto(fact: ItemDescribed) -> facts_pb2.ItemDescribed:
    """Write the description of an item."""
    return facts_pb2.ItemDescribed(
        name=fact.name,
        aliases=fact.aliases,
        vendor=fact.vendor,
        launch=outside_date_to_proto(fact.launch),
        reported=outside_date_to_proto(fact.reported),
        parameters=[
            _parameter_to_proto(name, value) for name, value in sorted(fact.parameters.items())
        ],
        unpublished=fact.unpublished,
        basis=[
            facts_pb2.ItemBasis(group=group, text=text)
            for group, text in sorted(fact.basis.items())
        ],
        certainty=ITEM_CERTAINTIES.number(fact.certainty),
        grades=[
            facts_pb2.ItemGrade(group=group, grade=GRADES.number(grade))
            for group, grade in sorted(fact.grades.items())
        ],
        sources=[source_to_proto(source) for source in fact.sources],
        note=fact.note or "",
    )


def item_from_proto(message: facts_pb2.ItemDescribed, fact_id: str, stream: str) -> ItemDescribed:
    """Read the description of an item.

    Raises:
        EnvelopeError: Parameters, bases or grades are not sorted, or a part is refused.
        ValidationError: The domain refuses the whole.
    """
    check_ascending([parameter.name for parameter in message.parameters], "parameters")
    check_ascending([basis.group for basis in message.basis], "basis")
    check_ascending([grade.group for grade in message.grades], "grades")
    return ItemDescribed(
        id=fact_id,
        stream=stream,
        name=message.name,
        aliases=tuple(message.aliases),
        vendor=message.vendor,
        launch=maybe(message, "launch", outside_date_from_proto),
        reported=maybe(message, "reported", outside_date_from_proto),
        parameters=dict(each(message.parameters, "parameters", _parameter_from_proto)),
        unpublished=tuple(message.unpublished),
        basis={basis.group: basis.text for basis in message.basis},
        certainty=ITEM_CERTAINTIES.word(message.certainty, "certainty"),
        grades=dict(each(message.grades, "grades", _item_grade_from_proto)),
        sources=each(message.sources, "sources", source_from_proto),
        note=message.note or None,
    )


def _parameter_to_proto(name: str, value: ParameterValue) -> facts_pb2.ItemParameter:
    message = facts_pb2.ItemParameter(name=name)
    match value:
        case bool():
            message.flag = value
        case ParameterRange():
            message.range.min = decimal_to_text(value.min)
            message.range.max = decimal_to_text(value.max)
        case _:
            message.decimal = decimal_to_text(value)
    return message


def _parameter_from_proto(message: facts_pb2.ItemParameter) -> tuple[str, ParameterValue]:
    value: ParameterValue
    match message.WhichOneof("value"):
        case "flag":
            value = message.flag
        case "decimal":
            value = decimal_from_text(message.decimal, "decimal")
        case "range":
            value = ParameterRange(
                min=decimal_from_text(message.range.min, "range.min"),
                max=decimal_from_text(message.range.max, "range.max"),
            )
        case _:
            raise missing("value")
    return message.name, value


def _item_grade_from_proto(message: facts_pb2.ItemGrade) -> tuple[str, Grade]:
    return message.group, GRADES.word(message.grade, "grade")
