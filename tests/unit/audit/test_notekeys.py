"""The log's own key changes by entries, and a note must bear the signatures of its size's keys."""

from __future__ import annotations

import pytest

from ledger.audit.auditing import Options, audit
from ledger.audit.findings import NOWHERE
from ledger.client.pins import Pin
from ledger.domain.logkeys import log_key_message
from tests import builders
from tests.unit.audit.ledgers import PIN, SignedLog, audited, found
from tests.unit.store.builders import ADMINISTRATOR, LEDGER_ID, key_of, log_signer, order, stated

OLD, NEW = key_of("log"), key_of("log-2")


def announcement() -> bytes:
    """The entry by which the administrator announces the log's next key."""
    message = log_key_message(LEDGER_ID, OLD.public.keyid, NEW.public.spki_der)
    fact = builders.log_key_rotated(
        old_keyid=OLD.public.keyid,
        spki_der=NEW.public.spki_der,
        possession=NEW.sign(message),
    )
    return stated(fact, ADMINISTRATOR, expected_version=1)


def retirement() -> bytes:
    """The entry by which the old key ends."""
    return stated(
        builders.log_key_retired(keyid=OLD.public.keyid), ADMINISTRATOR, expected_version=2
    )


def test_while_the_key_changes_both_sign() -> None:
    log = SignedLog.of(announcement(), order(1))
    log.keys = ("log", "log-2")
    assert found(log) == []
    log.keys = ("log",)
    assert found(log) == [(NOWHERE, "log-keys-of-size")]
    log.keys = ("log-2",)
    assert found(log) == [(NOWHERE, "log-keys-of-size")]


def test_afterwards_the_new_key_signs_alone_and_the_old_pin_still_leads_to_it() -> None:
    log = SignedLog.of(announcement(), retirement(), order(1))
    log.keys = ("log-2",)
    assert found(log) == []
    assert audited(log).tree_size == 5
    log.keys = ("log",)
    assert found(log) == [(NOWHERE, "no-known-signature")]


def test_a_key_signs_nothing_before_it_was_announced() -> None:
    log = SignedLog.of(announcement())
    log.keys = ("log-2",)
    assert (NOWHERE, "no-known-signature") in found(log, Options(processes=1, tree_size=2))


def test_a_pin_of_the_new_key_alone_is_one_of_this_log() -> None:
    log = SignedLog.of(announcement(), retirement())
    log.keys = ("log-2",)
    pin = Pin(PIN.origin, PIN.ledger_id, (log_signer(name="log-2").key,))
    assert list(audit(log, pin, Options(processes=1)).findings) == []


@pytest.mark.parametrize("size", [2, 3])
def test_a_checkpoint_that_was_remembered_may_be_signed_by_the_key_of_its_time(size: int) -> None:
    log = SignedLog.of(announcement(), retirement())
    log.keys = ("log",) if size == 2 else ("log", "log-2")
    remembered = log.checkpoint(size)
    log.keys = ("log-2",)
    report = audited(log, Options(processes=1, remembered=remembered))
    assert (list(report.findings), report.remembered) == ([], size)
