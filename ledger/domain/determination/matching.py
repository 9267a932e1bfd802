"""Scope: whom and what a provision, exception, lane, exemption or effect reaches (FORMAT §2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import partial
from typing import assert_never

from ledger.domain.determination.question import (
    CONSIGNEE_HEADQUARTERS,
    EXPORTER,
    IS_EXPORT,
    NO_END_USE,
    NO_EXEMPT_PARTY,
    NO_LISTED_PARTY,
    SHIPPED_FROM,
)
from ledger.domain.determination.situation import Party, Situation
from ledger.domain.determination.standing import Reading
from ledger.domain.determination.truth import HOLDS, Truth, all_of, any_of, fails, lacking, on
from ledger.domain.facts import ParameterRange
from ledger.domain.scope import (
    Alternative,
    ConsigneeScope,
    ItemScope,
    ParameterTest,
    PlaceScope,
    Tests,
    end_use_of,
)
from ledger.domain.vocabulary import UNPUBLISHED, EndUse, Operator, Transaction


def reaches(tests: Tests, situation: Situation, day: date, *, of: str) -> Truth:
    """Whether all tests hold on a day; a test left out holds.

    Args:
        tests: The tests of a provision or of one of its parts.
        situation: The question and the record, cut by knowledge.
        day: The day for which group membership counts.
        of: The id by which an unpublished part is named in what the answer lacks.
    """
    # The record holds the tests for as long as it keeps findings.
    return situation.register.findings(
        (id(tests), of, situation.placing(day)), partial(_reaches, tests, situation, day, of)
    )


def _reaches(tests: Tests, situation: Situation, day: date, of: str) -> Truth:
    steady = all_of(_steady(tests, tests.consignees, situation, of))
    return _around(steady, tests, situation, day, of)


def provision_reaches(reading: Reading, situation: Situation, day: date) -> Truth:
    """The same for a provision as amended, with what no day or destination changes settled once."""
    provision, of = reading.provision, reading.rule.provision.id
    steady = situation.settled(
        reading.key, lambda: all_of(_steady(provision, provision.consignees, situation, of))
    )
    return _around(steady, provision, situation, day, of)


def _around(steady: Truth, tests: Tests, situation: Situation, day: date, of: str) -> Truth:
    """The tests of places, whose groups have dated members, around all the others."""
    place = place_in(tests.destinations, situation.question.destination, situation, day, of)
    if place.value is False:
        return place
    if place.value and tests.headquarters is None:
        return steady
    seat = seat_in(tests.headquarters, situation, day, of)
    return all_of(
        (
            on(("destinations", of), place),
            steady,
            on((CONSIGNEE_HEADQUARTERS, tests.headquarters), seat),
        )
    )


def _steady(
    tests: Tests, consignees: ConsigneeScope | None, situation: Situation, of: str
) -> Iterator[Truth]:
    question = situation.question
    yield on(("addressee", tests.addressees), addressed(tests.addressees, situation))
    yield transaction_in(tests.transactions, question.transaction)
    yield on(("items", tests.items), item_in(tests.items, situation, of))
    shipped_from = shipped_from_in(tests.shipped_from, question.shipped_from)
    yield on((SHIPPED_FROM, tests.shipped_from), shipped_from)
    yield end_use_in(tests.end_uses, question.end_use)
    yield on(("consignees", of), consignee_in(consignees, situation, of))


def exempts(tests: Tests, situation: Situation, day: date, *, subsidiaries: bool, of: str) -> Truth:
    """Whether an exemption's tests hold.

    A consignee that was not supplied is assumed not to be the exempt one: an exemption is shown,
    never presumed.
    """
    unlisted = _around(all_of(_steady(tests, None, situation, of)), tests, situation, day, of)
    named = exempt_consignee(tests.consignees, situation.consignee, of, subsidiaries=subsidiaries)
    return all_of((unlisted, named))


def item_in(scope: ItemScope | None, situation: Situation, of: str) -> Truth:
    """By name, or by one of several technical classes, or undetermined (P9)."""
    if scope is None or scope.any:
        return HOLDS
    return situation.once(scope, of, lambda: _item_in(scope, situation, of))


def _item_in(scope: ItemScope, situation: Situation, of: str) -> Truth:
    if any(name.casefold() in situation.item_names for name in scope.names):
        return HOLDS
    tests = (_alternative(alternative, situation) for alternative in scope.any_of)
    described = scope.described_as or "the class of items"
    reason = (
        f"the item is not of its class ({described})"
        if not scope.any_of
        else ("the item's parameters do not meet its technical test")
    )
    met = any_of(tests, otherwise=reason)
    # FORMAT §2: "part of the class is not published, so an item that meets nothing else is
    # undetermined".
    if met.value is False and scope.unpublished:
        return lacking(f"{of} items {UNPUBLISHED}")
    return met


def _alternative(alternative: Alternative, situation: Situation) -> Truth:
    return all_of(_compare(test, situation) for test in alternative.all_of)


def _compare(test: ParameterTest, situation: Situation) -> Truth:
    """A test on a range "is decided if both ends agree, otherwise undetermined" (FORMAT §3)."""
    item = situation.item
    value = item.parameters.get(test.param) if item else None
    if value is None or not situation.parameters_are_public:
        return lacking(test.param.value)
    if isinstance(value, ParameterRange):
        low, high = (_holds(test, end) for end in (value.min, value.max))
        if low is not high:
            return lacking(test.param.value)
        return HOLDS if low else fails(f"{test.param.value} is outside the test")
    return HOLDS if _holds(test, value) else fails(f"{test.param.value} is outside the test")


def _holds(test: ParameterTest, value: bool | Decimal) -> bool:  # noqa: FBT001 - a parameter's value
    match test.op:
        case Operator.AT_LEAST:
            return value >= test.value
        case Operator.BELOW:
            return value < test.value
        case Operator.EQUAL:
            return value == test.value
        case _ as unreachable:
            assert_never(unreachable)


def place_in(
    scope: PlaceScope | None, country: str, situation: Situation, day: date, of: str
) -> Truth:
    """By code, or by dated group less exclusions; "`codes`, which always count"."""
    if scope is None or scope.any or country in scope.codes:
        return HOLDS
    grouped = any(situation.in_group(country, group, day) for group in scope.any_group)
    if grouped:
        left_out = country in scope.not_codes or any(
            situation.in_group(country, group, day) for group in scope.not_group
        )
        if not left_out:
            return HOLDS
    if scope.unpublished:
        return lacking(f"{of} destinations {UNPUBLISHED}")
    return fails(f"{country} is not among its places")


def seat_in(scope: PlaceScope | None, situation: Situation, day: date, of: str) -> Truth:
    """Headquarters "of the consignee or its ultimate parent"; never assumed."""
    if scope is None or scope.any:
        return HOLDS
    party = situation.consignee
    seats = sorted(party.seats) if party else []
    found = any_of(
        (place_in(scope, seat, situation, day, of) for seat in seats),
        otherwise="no headquarters of the consignee is among its places",
    )
    if found.value is False and not (party and party.seats_complete):
        return lacking(CONSIGNEE_HEADQUARTERS)
    return found


def addressed(addressees: tuple[str, ...], situation: Situation) -> Truth:
    """P7: "Addressee-only acts bind the addressee." Unknown exporters are ordinary exporters."""
    if not addressees:
        return HOLDS
    if situation.question.exporter is None:
        return lacking(EXPORTER)
    if any(name.casefold() in situation.knowledge.exporter_names for name in addressees):
        return HOLDS
    return fails(f"it binds {', '.join(addressees)} only")


def consignee_in(scope: ConsigneeScope | None, situation: Situation, of: str) -> Truth:
    """By list. Unless one is named, "no listed party" is assumed, and the answer says so.

    Where a list is not carried in full, or is a test in words, the asker may affirm its words. P9:
    "Unpublished scope => INDETERMINATE for anyone not named."
    """
    if scope is None:
        return HOLDS
    if scope.names == UNPUBLISHED:
        return lacking(f"{of} consignees {UNPUBLISHED}")
    party = situation.consignee
    if any(words and situation.question.affirms(words) for words in (scope.test, scope.listed_in)):
        return HOLDS
    if _is_named(scope, party, subsidiaries=scope.subsidiaries):
        return HOLDS
    if party is not None and party.names and scope.complete:
        return fails("the consignee is not on its list")
    return fails("no listed party is assumed", assumed=NO_LISTED_PARTY)


def exempt_consignee(
    scope: ConsigneeScope | None,
    party: Party | None,
    of: str,
    *,
    subsidiaries: bool,
) -> Truth:
    """By list, for an exemption: whoever is not named is not exempt."""
    if scope is None:
        return HOLDS
    if scope.names == UNPUBLISHED:
        return lacking(f"{of} exempt consignees {UNPUBLISHED}")
    if _is_named(scope, party, subsidiaries=subsidiaries or scope.subsidiaries):
        return HOLDS
    if party is not None and party.names:
        return fails("the consignee is not exempt")
    return fails("no exempt party is assumed", assumed=NO_EXEMPT_PARTY)


def _is_named(scope: ConsigneeScope, party: Party | None, *, subsidiaries: bool) -> bool:
    if party is None or isinstance(scope.names, str):
        return False
    covered = party.names | (party.parent_names if subsidiaries else frozenset())
    return any(name.casefold() in covered for name in scope.names)


def transaction_in(allowed: tuple[Transaction, ...], supplied: Transaction | None) -> Truth:
    """Unless supplied, the transaction is taken for an export, and the answer says so."""
    if not allowed or (supplied or Transaction.EXPORT) in allowed:
        return HOLDS
    words = " or ".join(transaction.value for transaction in allowed)
    return fails(f"it reaches {words} only", assumed="" if supplied else IS_EXPORT)


def shipped_from_in(allowed: tuple[str, ...], supplied: str | None) -> Truth:
    """Where the shipment leaves from; never assumed."""
    if not allowed:
        return HOLDS
    if supplied is None:
        return lacking(SHIPPED_FROM)
    if supplied in allowed:
        return HOLDS
    return fails(f"it reaches shipments from {', '.join(allowed)} only")


def end_use_in(covered: tuple[str, ...], supplied: EndUse | None) -> Truth:
    """End uses are "tested only when one is supplied"; none is assumed otherwise."""
    if not covered:
        return HOLDS
    if supplied is None:
        return fails("no part-744 end use is assumed", assumed=NO_END_USE)
    if supplied is not EndUse.NONE and any(end_use_of(text) is supplied for text in covered):
        return HOLDS
    return fails(f"it reaches the end use {' or '.join(covered)} only")
