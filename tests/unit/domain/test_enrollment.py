from __future__ import annotations

import pytest

from ledger.domain.enrollment import decide_keys
from ledger.domain.facts import Fact
from ledger.domain.keyring import Keyring
from ledger.domain.vocabulary import Role
from ledger.errors import RuleError
from tests.builders import enrolled, founded, keyid, order, revoked, rotated, spki
from tests.unit.domain.test_keyring import NOW_MS, keyring_of

INDEX = 9


def decide(keyring: Keyring, fact: Fact) -> None:
    decide_keys(keyring, fact, index=INDEX, recorded_ms=NOW_MS)


def refusal(keyring: Keyring, fact: Fact) -> tuple[str, str]:
    with pytest.raises(RuleError) as refused:
        decide(keyring, fact)
    return refused.value.rule, refused.value.field


KEYRING = keyring_of(
    founded("ada"), enrolled("bo", not_after_ms=NOW_MS + 1), enrolled("cy", Role.COMPANY)
)


@pytest.mark.parametrize(
    "fact",
    [
        order("co-order"),
        enrolled("dee"),
        enrolled("dee", Role.ADMINISTRATOR),
        enrolled("bo", id="recovered-bo", spki_der=spki("bo-2")),
        rotated("bo", "bo-2"),
        rotated("ada", "ada-2"),
        revoked("bo"),
    ],
    ids=lambda fact: fact.id,
)
def test_a_sound_change_passes(fact: Fact) -> None:
    decide(KEYRING, fact)


@pytest.mark.parametrize("taken", ["ada", "bo", "cy", "log"])
def test_a_key_serves_one_author_ever(taken: str) -> None:
    enrollment = enrolled("dee", spki_der=spki(taken))

    assert refusal(KEYRING, enrollment) == ("key-already-enrolled", "spki_der")
    assert refusal(KEYRING, rotated("bo", taken)) == ("key-already-enrolled", "spki_der")


def test_a_revoked_key_does_not_come_back() -> None:
    keyring = KEYRING.apply(revoked("bo"), 3)

    assert refusal(keyring, enrolled("bo", id="recovered-bo"))[0] == "key-already-enrolled"


def test_a_key_is_not_enrolled_expired() -> None:
    late = enrolled("dee", not_after_ms=NOW_MS)

    assert refusal(KEYRING, late) == ("key-already-expired", "not_after_ms")
    assert refusal(KEYRING, rotated("bo", "bo-2", not_after_ms=0))[0] == "key-already-expired"


def test_a_recovery_keeps_the_role() -> None:
    promoted = enrolled("bo", Role.ADMINISTRATOR, spki_der=spki("bo-2"))

    assert refusal(KEYRING, promoted) == ("recovery-keeps-role", "role")


def test_a_recovery_keeps_the_party() -> None:
    renamed = enrolled("bo", party="NVIDIA", spki_der=spki("bo-2"))

    assert refusal(KEYRING, renamed) == ("recovery-keeps-party", "party")


@pytest.mark.parametrize(
    "fact",
    [rotated("bo", "bo-2", old="cy"), rotated("bo", "bo-2", old="nobody")],
    ids=["another author's key", "a key that nobody has"],
)
def test_an_author_rotates_its_own_key_only(fact: Fact) -> None:
    assert refusal(KEYRING, fact) == ("rotates-its-own-key", "old_keyid")


def test_a_key_that_has_ended_is_not_rotated() -> None:
    keyring = KEYRING.apply(rotated("bo", "bo-2"), 3)

    assert refusal(keyring, rotated("bo", "bo-3"))[0] == "rotates-its-own-key"


def test_an_expired_key_is_not_rotated() -> None:
    with pytest.raises(RuleError) as refused:
        decide_keys(KEYRING, rotated("bo", "bo-2"), index=INDEX, recorded_ms=NOW_MS + 1)

    assert refused.value.rule == "rotates-its-own-key"


@pytest.mark.parametrize(
    "fact",
    [revoked("bo", "cy"), revoked("bo", "nobody")],
    ids=["another author's key", "a key that nobody has"],
)
def test_only_a_key_of_the_named_author_is_revoked(fact: Fact) -> None:
    assert refusal(KEYRING, fact) == ("revokes-its-authors-key", "keyid")


@pytest.mark.parametrize(
    "ending", [revoked("bo"), rotated("bo", "bo-2")], ids=["revoked", "rotated"]
)
def test_a_key_ends_once(ending: Fact) -> None:
    keyring = KEYRING.apply(ending, 3)

    assert refusal(keyring, revoked("bo")) == ("key-already-revoked", "keyid")


def test_the_last_administrator_cannot_go() -> None:
    assert refusal(KEYRING, revoked("ada")) == ("last-administrators", "keyid")


def test_as_many_administrators_remain_as_must_sign_together() -> None:
    three = keyring_of(founded("ada", "bo", "cy", threshold=2))

    decide(three, revoked("cy"))
    two = three.apply(revoked("cy"), 1)

    assert refusal(two, revoked("bo"))[0] == "last-administrators"


def test_an_administrator_whose_key_has_expired_does_not_count_as_remaining() -> None:
    keyring = keyring_of(founded("ada"), enrolled("bo", Role.ADMINISTRATOR, not_after_ms=NOW_MS))

    assert refusal(keyring, revoked("ada"))[0] == "last-administrators"


def test_an_administrator_enrolled_just_before_counts_as_remaining() -> None:
    keyring = keyring_of(founded("ada"), enrolled("bo", Role.ADMINISTRATOR))

    decide_keys(keyring, revoked("ada"), index=2, recorded_ms=NOW_MS)


def test_an_administrator_with_a_second_key_may_lose_the_first() -> None:
    recovery = enrolled("ada", Role.ADMINISTRATOR, id="recovered-ada", spki_der=spki("ada-2"))

    decide(keyring_of(founded("ada"), recovery), revoked("ada"))


def test_keys_of_other_authors_go_freely() -> None:
    keyring = KEYRING.apply(revoked("bo"), 3)

    decide(keyring, revoked("cy"))

    assert keyring.find(keyid("cy")) is not None
