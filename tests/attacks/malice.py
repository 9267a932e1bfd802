"""A real ledger behind a real server, and in front of it one that lies about chosen replies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from ledger.client.client import LedgerClient
from ledger.client.heads import HeadMemory
from ledger.errors import LedgerError, VerificationError
from tests.unit.client.served import Change, Served, changing, lying

Ask = Callable[[LedgerClient], object]
"""Asks something that the lie is about."""

Edit = Callable[[Any], object]
"""Edits one reply, a message, in place."""


@contextmanager
def deceived(
    ledger: Served, change: Change, memory: HeadMemory | None = None
) -> Iterator[LedgerClient]:
    """A client of a server whose replies are changed on the way; it does not suspect it."""
    with lying(ledger.address, change) as address, ledger.connect(address, memory) as client:
        yield client


def caught(
    ledger: Served,
    change: Change,
    ask: Ask,
    *,
    rule: str = "",
    error: type[LedgerError] = VerificationError,
) -> LedgerError:
    """See that a lie is found out, and that the truth is not taken for one.

    Args:
        ledger: Whose server lies.
        change: The lie.
        ask: What is asked; it must succeed where nobody lies.
        rule: The rule that finds the lie out; any where it is empty.
        error: What is raised.
    """
    with ledger.connect() as honest:
        ask(honest)
    with deceived(ledger, change) as client, pytest.raises(error) as found:
        ask(client)
    if rule:
        assert found.value.rule == rule
    return found.value


def edited(method: str, edit: Edit) -> Change:
    """Change the replies of one rpc, named as ``Service.Method``'s last part."""

    def once(reply: Any) -> None:
        edit(reply)

    return changing(method, REPLIES[method], once)


def _replies() -> dict[str, Any]:
    """The reply's class of every rpc, from the generated services."""
    from google.protobuf import message_factory  # noqa: PLC0415 - only here

    from ledger.v1 import services_pb2  # noqa: PLC0415 - only here

    return {
        method.name: message_factory.GetMessageClass(method.output_type)
        for service in services_pb2.DESCRIPTOR.services_by_name.values()
        for method in service.methods
    }


REPLIES = _replies()
