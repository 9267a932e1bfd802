"""Validations run beside the writer, and beside each other."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from ledger.errors import InputError
from ledger.store.appender import Appender
from ledger.store.validating import Validator
from tests.unit.store.builders import FOUNDED_SIZE, order

if TYPE_CHECKING:
    from ledger.store.committing import Ledger


def test_what_fits_no_round_does_not_validate(ledger: Ledger) -> None:
    with pytest.raises(InputError):
        Validator(ledger).validate([b""] * 1001)


def test_validations_while_others_append(ledger: Ledger) -> None:
    """Each names a size that the ledger had, and none lies behind an earlier one."""
    validator = Validator(ledger)
    sizes: list[int] = []
    done = threading.Event()

    def validate() -> None:
        while not done.is_set():
            sizes.append(validator.validate([order(999)]))

    thread = threading.Thread(target=validate)
    with Appender(ledger) as appender:
        thread.start()
        for number in range(20):
            appender.append(order(number))
        done.set()
        thread.join()

    assert sizes == sorted(sizes)
    assert set(sizes) <= set(range(FOUNDED_SIZE, FOUNDED_SIZE + 21))
    assert validator.validate([order(999)]) == FOUNDED_SIZE + 20
