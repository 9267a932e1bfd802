"""The tests that decide whom and what a provision reaches, between protobuf and the domain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.codec.values import (
    decimal_from_text,
    decimal_to_text,
    place_from_proto,
    place_to_proto,
)
from ledger.codec.within import each, given, maybe, missing
from ledger.codec.words import OPERATORS, PARAMETERS, TRANSACTIONS
from ledger.domain.scope import Alternative, ConsigneeScope, ItemScope, ParameterTest, Tests
from ledger.domain.vocabulary import UNPUBLISHED
from ledger.errors import EnvelopeError
from ledger.v1 import facts_pb2

if TYPE_CHECKING:
    from decimal import Decimal

    from google.protobuf.message import Message

    from ledger.domain.vocabulary import Transaction


def tests_to_proto(tests: Tests) -> facts_pb2.Tests:
    """Write the tests of a provision or of a part of one; other fields of it are not theirs."""
    return facts_pb2.Tests(
        items=_items_to_proto(tests.items),
        destinations=place_to_proto(tests.destinations),
        headquarters=place_to_proto(tests.headquarters),
        addressees=tests.addressees,
        consignees=_consignees_to_proto(tests.consignees),
        shipped_from=tests.shipped_from,
        transactions=[TRANSACTIONS.number(transaction) for transaction in tests.transactions],
        end_uses=tests.end_uses,
    )


def tests_from_proto(message: facts_pb2.Tests) -> Tests:
    """Read tests.

    Raises:
        EnvelopeError: One of them is refused.
        ValidationError: The domain refuses a name, a country or an end use.
    """
    return Tests(
        **given(
            items=maybe(message, "items", _items_from_proto),
            destinations=maybe(message, "destinations", place_from_proto),
            headquarters=maybe(message, "headquarters", place_from_proto),
            addressee=tuple(message.addressees),
            consignees=maybe(message, "consignees", _consignees_from_proto),
            shipped_from=tuple(message.shipped_from),
            transactions=_transactions(message),
            end_uses=tuple(message.end_uses),
        )
    )


def some_tests(tests: Tests) -> facts_pb2.Tests | None:
    """Write tests where there are any: a part without tests has no message for them."""
    message = tests_to_proto(tests)
    return message if message.ByteSize() else None


def tests_of(message: Message) -> Tests:
    """Read the tests of a part that may go without.

    Raises:
        EnvelopeError: They are refused, or present and empty, which is spelled by leaving out.
    """
    tests = maybe(message, "tests", tests_from_proto)
    if tests == Tests():
        raise EnvelopeError("tests are present and hold nothing.", field="tests", rule="canonical")
    return tests or Tests()


def _transactions(message: facts_pb2.Tests) -> tuple[Transaction, ...]:
    return tuple(
        TRANSACTIONS.word(number, f"transactions[{index}]")
        for index, number in enumerate(message.transactions)
    )


def _items_to_proto(scope: ItemScope | None) -> facts_pb2.ItemScope | None:
    if scope is None:
        return None
    return facts_pb2.ItemScope(
        any=scope.any,
        names=scope.names,
        any_of=[
            facts_pb2.Alternative(all_of=[_test_to_proto(test) for test in alternative.all_of])
            for alternative in scope.any_of
        ],
        unpublished=scope.unpublished,
        described_as=scope.described_as or "",
    )


def _items_from_proto(message: facts_pb2.ItemScope) -> ItemScope:
    return ItemScope(
        any=message.any,
        names=tuple(message.names),
        any_of=each(message.any_of, "any_of", _alternative_from_proto),
        unpublished=message.unpublished,
        described_as=message.described_as or None,
    )


def _alternative_from_proto(message: facts_pb2.Alternative) -> Alternative:
    return Alternative(all_of=each(message.all_of, "all_of", _test_from_proto))


def _test_to_proto(test: ParameterTest) -> facts_pb2.ParameterTest:
    message = facts_pb2.ParameterTest(
        param=PARAMETERS.number(test.param), op=OPERATORS.number(test.op)
    )
    if isinstance(test.value, bool):
        message.flag = test.value
    else:
        message.decimal = decimal_to_text(test.value)
    return message


def _test_from_proto(message: facts_pb2.ParameterTest) -> ParameterTest:
    return ParameterTest(
        param=PARAMETERS.word(message.param, "param"),
        op=OPERATORS.word(message.op, "op"),
        value=_threshold(message),
    )


def _threshold(message: facts_pb2.ParameterTest) -> bool | Decimal:
    match message.WhichOneof("value"):
        case "flag":
            return message.flag
        case "decimal":
            return decimal_from_text(message.decimal, "decimal")
        case _:
            raise missing("value")


def _consignees_to_proto(scope: ConsigneeScope | None) -> facts_pb2.ConsigneeScope | None:
    if scope is None:
        return None
    return facts_pb2.ConsigneeScope(
        names=() if isinstance(scope.names, str) else scope.names,
        names_unpublished=scope.names == UNPUBLISHED,
        incomplete=not scope.complete,
        listed_in=scope.listed_in or "",
        test=scope.test or "",
        subsidiaries=scope.subsidiaries,
    )


def _consignees_from_proto(message: facts_pb2.ConsigneeScope) -> ConsigneeScope:
    if message.names and message.names_unpublished:
        raise EnvelopeError(
            "names are given and are called unpublished.",
            field="names_unpublished",
            rule="canonical",
        )
    return ConsigneeScope(
        names=UNPUBLISHED if message.names_unpublished else tuple(message.names),
        complete=not message.incomplete,
        listed_in=message.listed_in or None,
        test=message.test or None,
        subsidiaries=message.subsidiaries,
    )
