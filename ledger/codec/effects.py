"""Effects, quantities, relations: the smaller parts of a reported fact (FORMAT §1)."""

from __future__ import annotations

from typing import Any, Final

from ledger.codec.values import (
    outside_date_from_proto,
    outside_date_to_proto,
    place_from_proto,
    place_to_proto,
)
from ledger.codec.within import maybe, missing
from ledger.codec.words import (
    AUTHORIZATIONS,
    AXES,
    COMMERCIAL_CONDITIONS,
    DESTINATION_MEASURES,
    OUTCOME_KINDS,
    RELATION_KINDS,
    Words,
)
from ledger.domain.effects import (
    ClaimText,
    Effect,
    Money,
    Quantity,
    Relation,
    RequestedOutcome,
    Signatories,
)
from ledger.domain.vocabulary import UNPUBLISHED, Axis
from ledger.errors import EnvelopeError
from ledger.v1 import facts_pb2

# The vocabulary of each axis; the axis is also the name of the field that holds its value.
_VALUES: Final[dict[Axis, Words[Any, Any]]] = {
    Axis.AUTHORIZATION: AUTHORIZATIONS,
    Axis.DESTINATION_MEASURE: DESTINATION_MEASURES,
    Axis.COMMERCIAL_CONDITION: COMMERCIAL_CONDITIONS,
}


def relation_to_proto(relation: Relation) -> facts_pb2.Relation:
    """Write a link to a fact or provision."""
    return facts_pb2.Relation(id=relation.id, relation=RELATION_KINDS.number(relation.relation))


def relation_from_proto(message: facts_pb2.Relation) -> Relation:
    """Read a link to a fact or provision.

    Raises:
        EnvelopeError: The kind is missing.
        ValidationError: The target is no id.
    """
    return Relation(id=message.id, relation=RELATION_KINDS.word(message.relation, "relation"))


def quantity_to_proto(quantity: Quantity | None) -> facts_pb2.Quantity | None:
    """Write how many, if it is known."""
    if quantity is None:
        return None
    return facts_pb2.Quantity(
        min=quantity.min,
        max=quantity.max,
        unit=quantity.unit,
        approximate=quantity.approximate,
    )


def quantity_from_proto(message: facts_pb2.Quantity) -> Quantity:
    """Read how many.

    Raises:
        ValidationError: The ends are out of order or out of range.
    """
    return Quantity(
        min=message.min,
        max=message.max if message.HasField("max") else None,
        unit=message.unit,
        approximate=message.approximate,
    )


def money_to_proto(money: Money | None) -> facts_pb2.Money | None:
    """Write how much, if it is known."""
    if money is None:
        return None
    return facts_pb2.Money(
        min=money.min,
        max=money.max,
        currency=money.currency,
        approximate=money.approximate,
    )


def money_from_proto(message: facts_pb2.Money) -> Money:
    """Read how much.

    Raises:
        ValidationError: The ends are out of order or out of range, or the currency is none.
    """
    return Money(
        min=message.min,
        max=message.max if message.HasField("max") else None,
        currency=message.currency,
        approximate=message.approximate,
    )


def outcome_to_proto(outcome: RequestedOutcome | None) -> facts_pb2.RequestedOutcome | None:
    """Write what a submission asks for, if it asks."""
    if outcome is None:
        return None
    return facts_pb2.RequestedOutcome(kind=OUTCOME_KINDS.number(outcome.kind), text=outcome.text)


def outcome_from_proto(message: facts_pb2.RequestedOutcome) -> RequestedOutcome:
    """Read what a submission asks for.

    Raises:
        EnvelopeError: The kind is missing.
        ValidationError: The text is missing.
    """
    return RequestedOutcome(kind=OUTCOME_KINDS.word(message.kind, "kind"), text=message.text)


def signatories_to_proto(signatories: Signatories | None) -> facts_pb2.Signatories | None:
    """Write who signed a letter; a count that nobody stated is 0."""
    if signatories is None:
        return None
    return facts_pb2.Signatories(
        stated_count=signatories.stated_count or 0, names=signatories.names
    )


def signatories_from_proto(message: facts_pb2.Signatories) -> Signatories:
    """Read who signed a letter.

    Raises:
        ValidationError: Nobody did, or more than can be.
    """
    return Signatories(stated_count=message.stated_count or None, names=tuple(message.names))


def claim_to_proto(claim: ClaimText) -> facts_pb2.ClaimText:
    """Write one claimed sentence."""
    return facts_pb2.ClaimText(text=claim.text, subject=claim.subject, kind=claim.kind)


def claim_from_proto(message: facts_pb2.ClaimText) -> ClaimText:
    """Read one claimed sentence.

    Raises:
        ValidationError: A part is missing.
    """
    return ClaimText(text=message.text, subject=message.subject, kind=message.kind)


def effect_to_proto(effect: Effect) -> facts_pb2.Effect:
    """Write what a fact does to an axis."""
    message = facts_pb2.Effect(
        axis=AXES.number(effect.axis),
        items=effect.items,
        destinations=place_to_proto(effect.destinations),
        shipped_from=effect.shipped_from,
        scope="" if effect.scope_is_unpublished else effect.scope or "",
        scope_unpublished=effect.scope_is_unpublished,
        detail=effect.detail or "",
        ends=outside_date_to_proto(effect.ends),
    )
    words = _VALUES[effect.axis]
    setattr(message, effect.axis.value, words.number(words.named(effect.value)))
    return message


def effect_from_proto(message: facts_pb2.Effect) -> Effect:
    """Read what a fact does to an axis.

    Raises:
        EnvelopeError: Axis or value is missing, or they do not belong together.
        ValidationError: No fact can set that value.
    """
    axis = AXES.word(message.axis, "axis")
    held = message.WhichOneof("value")
    if held is None:
        raise missing("value")
    if held != axis.value:
        raise EnvelopeError(
            f"axis {axis.value} goes with a value of its own, not with {held}.",
            field=held,
            rule="axis-value",
        )
    if (message.scope_unpublished and message.scope) or message.scope == UNPUBLISHED:
        raise EnvelopeError(
            "scope is given and is called unpublished.", field="scope", rule="canonical"
        )
    return Effect(
        axis=axis,
        value=_VALUES[axis].word(getattr(message, held), held).value,
        items=tuple(message.items),
        destinations=maybe(message, "destinations", place_from_proto),
        shipped_from=tuple(message.shipped_from),
        scope=UNPUBLISHED if message.scope_unpublished else message.scope or None,
        detail=message.detail or None,
        ends=maybe(message, "ends", outside_date_from_proto),
    )
