"""Who may change which keys: delegations, revocations of one's own, and the log's key."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.domain.facts import Fact
from ledger.domain.vocabulary import Role
from ledger.errors import LedgerError
from tests.builders import (
    delegated,
    enrolled,
    founded,
    keyid,
    log_key_retired,
    log_key_rotated,
    order,
    revoked,
    rotated,
    spki,
    statement,
)
from tests.unit.domain.test_admission import offer
from tests.unit.domain.test_keyring import NOW_MS, keyring_of

ENDS_MS = NOW_MS + 10
COMPANY: dict[str, Any] = {"role": Role.COMPANY, "party": "NVIDIA"}
KEYRING = keyring_of(
    founded("ada", "bo", "cy", threshold=2),
    enrolled("nvidia", **COMPANY),
    enrolled("nvidia", id="nvidia-again", spki_der=spki("spare"), not_after_ms=ENDS_MS, **COMPANY),
    delegated("nvidia", "feed"),
    enrolled("amd", Role.COMPANY, party="AMD"),
)
OVERLAP = KEYRING.apply(log_key_rotated(), 5)


def outcome(fact: Fact, author: str, *signers: str, **more: Any) -> str:
    """ "" where a fact is admitted, or the rule that refuses it."""
    made = statement(fact, author)
    try:
        offer(made, *signers, **({"keyring": KEYRING, "index": 9} | more))
    except LedgerError as error:
        return error.rule
    return ""


ADMITTED: dict[str, tuple[Fact, str, tuple[str, ...]]] = {
    "a delegate signs within its limits": (order("co-1"), "nvidia", ("feed",)),
    "author and delegate sign together": (order("co-1"), "nvidia", ("nvidia", "feed")),
    "an author delegates": (delegated("nvidia", "bot"), "nvidia", ("nvidia",)),
    "an author delegates until its own key expires": (
        delegated("nvidia", "bot", by="spare", not_after_ms=ENDS_MS),
        "nvidia",
        ("spare",),
    ),
    "a key revokes itself": (revoked("nvidia"), "nvidia", ("nvidia",)),
    "an author revokes a delegation": (revoked("nvidia", "feed"), "nvidia", ("nvidia",)),
    "by any own key": (revoked("nvidia", "feed"), "nvidia", ("spare",)),
    "k administrators revoke a key": (revoked("nvidia"), "ada", ("ada", "bo")),
    "k administrators revoke a delegation": (revoked("nvidia", "feed"), "ada", ("ada", "bo")),
    "an administrator resigns": (revoked("cy"), "cy", ("cy",)),
    "k administrators announce a log key": (log_key_rotated(), "ada", ("ada", "cy")),
    "k administrators recover an author": (
        enrolled("amd", Role.COMPANY, party="AMD", id="amd-again", spki_der=spki("amd-2")),
        "bo",
        ("bo", "cy"),
    ),
}

REFUSED: dict[str, tuple[Fact, str, tuple[str, ...], str]] = {
    "a delegate delegates further": (
        delegated("nvidia", "bot", by="feed"),
        "nvidia",
        ("feed",),
        "delegate-changes-no-keys",
    ),
    "a delegate rotates its key": (
        rotated("nvidia", "feed-2", old="feed"),
        "nvidia",
        ("feed", "feed-2"),
        "delegate-changes-no-keys",
    ),
    "a delegate revokes its author": (
        revoked("nvidia"),
        "nvidia",
        ("feed",),
        "delegate-changes-no-keys",
    ),
    "a delegation names a key and another signs": (
        delegated("nvidia", "bot"),
        "nvidia",
        ("spare",),
        "delegation-signed-by-its-key",
    ),
    "a forged delegation, by somebody else's author": (
        delegated("nvidia", "bot", stream="authors/nvidia"),
        "amd",
        ("amd",),
        "delegation-signed-by-its-key",
    ),
    "a delegation of another author's key": (
        delegated("amd", "bot", by="nvidia"),
        "amd",
        ("amd",),
        "delegation-signed-by-its-key",
    ),
    "administrators delegate in an author's name": (
        delegated("nvidia", "bot"),
        "ada",
        ("ada", "bo"),
        "delegation-signed-by-its-key",
    ),
    "an administrator delegates its power": (
        delegated("ada", "bot"),
        "ada",
        ("ada",),
        "delegation-fits-role",
    ),
    "a company delegates what it may not sign": (
        delegated("nvidia", "bot", streams=("orders", "instruments/eccn-3a090")),
        "nvidia",
        ("nvidia",),
        "delegation-fits-role",
    ),
    "a delegation that outlives its key": (
        delegated("nvidia", "bot", by="spare", not_after_ms=ENDS_MS + 1),
        "nvidia",
        ("spare",),
        "delegation-outlives-its-key",
    ),
    "a delegation that is over": (
        delegated("nvidia", "bot", not_after_ms=NOW_MS),
        "nvidia",
        ("nvidia",),
        "key-already-expired",
    ),
    "a key that serves somebody already": (
        delegated("nvidia", "amd"),
        "nvidia",
        ("nvidia",),
        "key-already-enrolled",
    ),
    "the log's key as a delegate": (
        delegated("nvidia", "log"),
        "nvidia",
        ("nvidia",),
        "key-already-enrolled",
    ),
    "one own key revokes another": (
        revoked("nvidia"),
        "nvidia",
        ("spare",),
        "administrators-enroll",
    ),
    "an author revokes another's delegation": (
        revoked("nvidia", "feed"),
        "amd",
        ("amd",),
        "administrators-enroll",
    ),
    "an author names another's key as its own": (
        revoked("amd", "nvidia"),
        "amd",
        ("amd",),
        "administrators-enroll",
    ),
    "an administrator alone revokes an author": (
        revoked("nvidia"),
        "ada",
        ("ada",),
        "administrators-threshold",
    ),
    "an administrator alone changes the log's key": (
        log_key_rotated(),
        "ada",
        ("ada",),
        "administrators-threshold",
    ),
    "a company changes the log's key": (
        log_key_rotated(),
        "nvidia",
        ("nvidia",),
        "administrators-enroll",
    ),
    "an author's key becomes the log's": (
        log_key_rotated("nvidia"),
        "ada",
        ("ada", "bo"),
        "key-already-enrolled",
    ),
    "another key than the log's is replaced": (
        log_key_rotated(old="log-0"),
        "ada",
        ("ada", "bo"),
        "rotates-the-log-key",
    ),
    "the log's only key is retired": (
        log_key_retired(),
        "ada",
        ("ada", "bo"),
        "retires-the-old-log-key",
    ),
}


@pytest.mark.parametrize(("fact", "author", "signers"), ADMITTED.values(), ids=ADMITTED.keys())
def test_is_admitted(fact: Fact, author: str, signers: tuple[str, ...]) -> None:
    assert outcome(fact, author, *signers) == ""


@pytest.mark.parametrize(("fact", "author", "signers", "rule"), REFUSED.values(), ids=REFUSED)
def test_is_refused_by_name(fact: Fact, author: str, signers: tuple[str, ...], rule: str) -> None:
    assert outcome(fact, author, *signers) == rule


def test_a_second_rotation_of_the_log_waits_for_the_end_of_the_first() -> None:
    again = log_key_rotated("log-3", old="log-2")

    assert outcome(again, "ada", "ada", "bo", keyring=OVERLAP) == "log-key-rotation-under-way"
    retired = OVERLAP.apply(log_key_retired(), 6)
    assert outcome(again, "ada", "ada", "bo", keyring=retired) == ""


def test_a_rotation_of_the_log_that_is_replayed_changes_nothing() -> None:
    retired = OVERLAP.apply(log_key_retired(), 6)

    for keyring in (OVERLAP, retired):
        assert outcome(log_key_rotated(), "ada", "ada", "bo", keyring=keyring) in {
            "key-already-enrolled"
        }


def test_only_the_older_of_two_log_keys_is_retired() -> None:
    assert outcome(log_key_retired(), "ada", "ada", "bo", keyring=OVERLAP) == ""
    new = log_key_retired("log-2")
    assert outcome(new, "ada", "ada", "bo", keyring=OVERLAP) == "retires-the-old-log-key"


def test_two_keys_of_one_administrator_count_once() -> None:
    again = enrolled("ada", Role.ADMINISTRATOR, id="ada-again", spki_der=spki("ada-2"))
    keyring = KEYRING.apply(again, 5)
    both = ("ada", "ada-2")

    assert outcome(revoked("nvidia"), "ada", *both, keyring=keyring) == "administrators-threshold"


def test_a_delegation_by_a_revoked_key_is_refused() -> None:
    keyring = KEYRING.apply(revoked("nvidia"), 5)

    assert outcome(delegated("nvidia", "bot"), "nvidia", "nvidia", keyring=keyring) == "key-revoked"
    assert outcome(order("co-1"), "nvidia", "feed", keyring=keyring) == "key-revoked"


def test_a_delegate_is_named_by_its_key() -> None:
    record = KEYRING.find(keyid("feed"))
    assert record is not None
    assert record.author == "nvidia"
