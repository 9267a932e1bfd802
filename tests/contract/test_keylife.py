"""Keys that begin and end within one batch, or across two, and the notes by changing log keys."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from ledger.domain.delegation import delegation_message
from ledger.domain.logkeys import log_key_message
from ledger.domain.vocabulary import Role
from ledger.errors import LedgerError, UnavailableError
from ledger.log.checkpoint import open_checkpoint
from ledger.log.note import SignedNote
from ledger.signing.privatekeys import PrivateKey
from ledger.signing.publickeys import Algorithm
from ledger.store.committing import Committer
from ledger.store.logsigning import administered
from tests import builders
from tests.unit.store.builders import (
    ADMINISTRATOR,
    LEDGER_ID,
    ORIGIN,
    START_MS,
    LedgerFolder,
    append,
    enrollment,
    key_of,
    log_signer,
    receipts_of,
    refusal_of,
    revocation,
    rotation,
    stated,
)

if TYPE_CHECKING:
    from ledger.store.committing import Ledger

ENDS_MS = START_MS + 1_000
COMPANY = "nvidia"


def company(**more: Any) -> bytes:
    """The enrollment of a company."""
    return enrollment(COMPANY, Role.COMPANY, **more)


def delegation(
    delegate: str = "feed", *, by: str = COMPANY, version: int = 1, **more: Any
) -> bytes:
    """Orders delegated by the company's key, until ``ENDS_MS``."""
    key = key_of(delegate)
    message = delegation_message(LEDGER_ID, COMPANY, key.public.spki_der)
    fields: dict[str, Any] = {
        "delegating_keyid": key_of(by).public.keyid,
        "spki_der": key.public.spki_der,
        "possession": key.sign(message),
        "not_after_ms": ENDS_MS,
    }
    fact = builders.delegated(COMPANY, delegate, **(fields | more))
    return stated(fact, COMPANY, by, expected_version=version)


def order(name: str, key: str = "feed") -> bytes:
    """An order of the company, whose party is its own name, signed by a key."""
    return stated(builders.order(name, actor=COMPANY), COMPANY, key)


def announcement(new: str = "log-2", *, old: str = "log", version: int = 1) -> bytes:
    """The announcement of the log's next key."""
    key, old_keyid = key_of(new), key_of(old).public.keyid
    fact = builders.log_key_rotated(
        new,
        old_keyid=old_keyid,
        spki_der=key.public.spki_der,
        possession=key.sign(log_key_message(LEDGER_ID, old_keyid, key.public.spki_der)),
    )
    return stated(fact, ADMINISTRATOR, expected_version=version)


def retirement(old: str = "log", *, version: int = 2) -> bytes:
    """The end of the log's old key."""
    fact = builders.log_key_retired(old, keyid=key_of(old).public.keyid)
    return stated(fact, ADMINISTRATOR, expected_version=version)


@pytest.fixture
def ledger(folder: LedgerFolder) -> Ledger:
    """A founded ledger whose folder holds two log keys."""
    return replace(folder.found(), signers=(log_signer(), log_signer(name="log-2")))


def signers_of(note: bytes) -> set[str]:
    """Which of the tests' log keys signed a note."""
    lines = {line.key_id for line in SignedNote.parse(note).signatures}
    signed = set()
    for name in ("log", "log-2"):
        key = log_signer(name=name).key
        if key.key_id in lines:
            open_checkpoint(note, origin=ORIGIN, verifiers=[key])
            signed.add(name)
    return signed


def test_an_author_enrolled_at_an_index_signs_the_next_one_of_the_same_batch(
    ledger: Ledger,
) -> None:
    receipts = append(ledger, company(), delegation(), order("co-1"))

    assert [receipt.index for receipt in receipts] == [2, 3, 4]


def test_a_revocation_binds_the_next_entry_of_the_same_batch(ledger: Ledger) -> None:
    append(ledger, company(), order("co-1", COMPANY))
    batch = (order("co-2", COMPANY), revocation(COMPANY), order("co-3", COMPANY))

    error = refusal_of(ledger, *batch)

    assert (error.rule, error.field) == ("key-revoked", "envelopes[2]")
    append(ledger, *batch[:2])


def test_a_delegation_and_its_end_in_one_batch(ledger: Ledger) -> None:
    append(ledger, company())
    feed = key_of("feed").public.keyid
    revoked = stated(
        builders.revoked(COMPANY, "feed", keyid=feed), COMPANY, COMPANY, expected_version=2
    )

    error = refusal_of(ledger, delegation(), order("co-1"), revoked, order("co-2"))
    assert (error.rule, error.field) == ("key-revoked", "envelopes[3]")

    append(ledger, delegation(), order("co-1"))
    append(ledger, revoked)
    assert refusal_of(ledger, order("co-2")).rule == "key-revoked"


def test_a_delegation_before_its_author_is_known_is_refused_and_the_next_round_takes_it(
    ledger: Ledger,
) -> None:
    outcomes = Committer(ledger).commit([[order("co-1")], [company(), delegation()]])

    assert isinstance(outcomes[0], LedgerError)
    assert outcomes[0].rule == "key-unknown"
    receipts_of(outcomes[1])
    append(ledger, order("co-1"))


def test_a_delegate_expires_at_exactly_its_time(folder: LedgerFolder, ledger: Ledger) -> None:
    append(ledger, company(), delegation())
    folder.clock.now_ms = ENDS_MS - 1
    append(ledger, order("co-1"))
    folder.clock.now_ms = ENDS_MS

    assert refusal_of(ledger, order("co-2")).rule == "key-expired"


def test_a_delegates_key_that_nobody_holds_is_refused(ledger: Ledger) -> None:
    append(ledger, company())
    enrolls = key_of("feed").sign(b"another message")

    error = refusal_of(ledger, delegation(possession=enrolls))

    assert (error.rule, error.field) == ("possession", "fact.delegated.possession")


def test_a_forged_delegation_lets_nobody_sign(ledger: Ledger) -> None:
    append(ledger, company())

    assert refusal_of(ledger, delegation(by="thief")).rule == "key-unknown"
    assert refusal_of(ledger, order("co-1")).rule == "key-unknown"


def test_a_rotation_that_is_replayed_gets_its_first_receipt_and_changes_nothing(
    ledger: Ledger,
) -> None:
    append(ledger, company())
    rotated = rotation(COMPANY, "nvidia-2")
    (first,) = append(ledger, rotated)
    append(ledger, order("co-1", "nvidia-2"))

    assert append(ledger, rotated) == (first,)
    again = stated(
        builders.rotated(
            COMPANY,
            "again",
            old_keyid=key_of(COMPANY).public.keyid,
            spki_der=key_of("nvidia-2").public.spki_der,
        ),
        COMPANY,
        COMPANY,
        "nvidia-2",
        expected_version=2,
    )
    assert refusal_of(ledger, again).rule == "key-revoked"


def test_notes_carry_the_old_signature_until_the_old_key_is_retired(ledger: Ledger) -> None:
    entries = (
        company(),
        announcement(),
        order("co-1", COMPANY),
        retirement(),
        order("co-2", COMPANY),
    )
    notes = [append(ledger, entry)[0].checkpoint for entry in entries]

    assert [signers_of(note) for note in notes] == [
        {"log"},
        {"log", "log-2"},
        {"log", "log-2"},
        {"log-2"},
        {"log-2"},
    ]
    keyring = administered(ledger.recorder, ledger.reader)
    assert [(key.from_size, key.until_size) for key in keyring.log_keys] == [(1, 5), (4, None)]


def test_a_key_that_is_not_held_here_is_not_announced(folder: LedgerFolder) -> None:
    error = refusal_of(folder.found(), announcement())

    assert (error.rule, error.field) == ("log-key-not-held", "spki_der")


def test_a_server_without_the_key_that_another_announced_signs_nothing_more(
    folder: LedgerFolder, ledger: Ledger
) -> None:
    old = folder.open()
    committer = Committer(old)
    receipts_of(committer.commit([[company()]])[0])
    append(ledger, announcement())

    outcome = committer.commit([[order("co-1", COMPANY)]])[0]

    assert isinstance(outcome, UnavailableError)
    assert outcome.rule == "log-key-not-held"
    with pytest.raises(UnavailableError):
        Committer(old).catch_up()
    append(ledger, order("co-1", COMPANY))


def test_the_old_key_is_not_retired_before_a_note_by_both_is_there(ledger: Ledger) -> None:
    assert refusal_of(ledger, announcement(), retirement()).rule == "log-key-retired-at-once"

    append(ledger, announcement())
    append(ledger, retirement())


def test_a_log_key_whose_holder_does_not_take_over_is_refused(ledger: Ledger) -> None:
    fact = builders.log_key_rotated(
        "log-2",
        old_keyid=key_of("log").public.keyid,
        spki_der=key_of("log-2").public.spki_der,
        possession=key_of("log-2").sign(b"another message"),
    )

    error = refusal_of(ledger, stated(fact, ADMINISTRATOR, expected_version=1))

    assert (error.rule, error.field) == ("possession", "fact.log_key_rotated.possession")


def test_the_logs_key_is_of_the_kind_that_signs_notes(ledger: Ledger) -> None:
    key = PrivateKey.generate(Algorithm.ECDSA_P256_SHA256)
    old = key_of("log").public.keyid
    fact = builders.log_key_rotated(
        "p256",
        old_keyid=old,
        spki_der=key.public.spki_der,
        possession=key.sign(log_key_message(LEDGER_ID, old, key.public.spki_der)),
    )

    error = refusal_of(ledger, stated(fact, ADMINISTRATOR, expected_version=1))

    assert (error.rule, error.field) == ("log-key", "fact.log_key_rotated.spki_der")
