from __future__ import annotations

import pytest

from ledger.domain.keyring import Keyring
from ledger.domain.vocabulary import FactKind, Role
from ledger.errors import SignatureError
from tests.builders import (
    delegated,
    enrolled,
    founded,
    keyid,
    log_key_retired,
    log_key_rotated,
    revoked,
    rotated,
    spki,
)
from tests.unit.domain.test_keyring import NOW_MS, keyring_of, refused_at

ENDS_MS = NOW_MS + 1_000
COMPANY = enrolled("nvidia", Role.COMPANY, party="NVIDIA")
DELEGATION = delegated("nvidia", "feed", not_after_ms=ENDS_MS)
DELEGATED = keyring_of(founded("ada"), COMPANY, DELEGATION)
"""The feed's key is delegated to at index 2."""


def test_a_delegates_key_bears_the_authors_role_and_party_and_its_own_limits() -> None:
    record = DELEGATED.valid_at(keyid("feed"), 3, NOW_MS)

    assert (record.author, record.role, record.party) == ("nvidia", Role.COMPANY, "NVIDIA")
    assert record.delegation is not None
    assert record.delegation.by_keyid == keyid("nvidia")
    assert record.delegation.kinds == (FactKind.COMPANY_ORDER,)
    assert DELEGATED.keys_of("nvidia")[0].delegation is None


def test_a_delegation_at_an_index_holds_from_the_next_one() -> None:
    assert refused_at(DELEGATED, "feed", 2) == "key-not-yet-valid"
    DELEGATED.valid_at(keyid("feed"), 3, NOW_MS)


def test_a_delegation_ends_at_exactly_its_time() -> None:
    DELEGATED.valid_at(keyid("feed"), 3, ENDS_MS - 1)
    assert refused_at(DELEGATED, "feed", 3, ENDS_MS) == "key-expired"


def test_the_revocation_of_a_delegation_leaves_the_author_its_key() -> None:
    keyring = DELEGATED.apply(revoked("nvidia", "feed"), 3)

    keyring.valid_at(keyid("feed"), 3, NOW_MS)
    assert refused_at(keyring, "feed", 4) == "key-revoked"
    keyring.valid_at(keyid("nvidia"), 4, NOW_MS)


def test_the_revocation_of_the_delegating_key_ends_what_it_delegated_at_the_same_index() -> None:
    keyring = DELEGATED.apply(revoked("nvidia"), 3)

    assert refused_at(keyring, "feed", 4) == "key-revoked"
    assert {record.revoked_at_index for record in keyring.keys_of("nvidia")} == {3}


def test_another_key_of_the_author_answers_for_its_own_delegations_only() -> None:
    recovered = enrolled(
        "nvidia", Role.COMPANY, party="NVIDIA", id="again", spki_der=spki("nvidia-2")
    )
    keyring = DELEGATED.apply(recovered, 3).apply(revoked("nvidia", "nvidia-2"), 4)

    keyring.valid_at(keyid("feed"), 5, NOW_MS)


def test_a_rotation_passes_the_delegations_on_to_the_new_key() -> None:
    keyring = DELEGATED.apply(rotated("nvidia", "nvidia-2"), 3)
    keyring.valid_at(keyid("feed"), 4, NOW_MS)

    keyring = keyring.apply(revoked("nvidia", "nvidia-2"), 5)
    assert refused_at(keyring, "feed", 6) == "key-revoked"


def test_a_delegation_does_not_outlive_the_key_that_took_it_over() -> None:
    keyring = DELEGATED.apply(rotated("nvidia", "nvidia-2", not_after_ms=NOW_MS + 5), 3)

    assert refused_at(keyring, "feed", 4, NOW_MS + 5) == "key-expired"


def test_an_ended_delegation_is_not_ended_again() -> None:
    keyring = DELEGATED.apply(revoked("nvidia", "feed"), 3).apply(revoked("nvidia"), 4)

    record = keyring.find(keyid("feed"))
    assert record is not None
    assert record.revoked_at_index == 3


def test_nobody_delegates_by_a_key_that_is_not_known() -> None:
    with pytest.raises(SignatureError, match="No author"):
        Keyring().apply(DELEGATION, 0)


@pytest.mark.parametrize(
    ("size", "keys"),
    [
        pytest.param(1, ["log"], id="the founding"),
        pytest.param(3, ["log"], id="before the announcement"),
        pytest.param(4, ["log", "log-2"], id="with the announcement"),
        pytest.param(7, ["log", "log-2"], id="up to the retirement"),
        pytest.param(8, ["log-2"], id="with the retirement"),
        pytest.param(10_000, ["log-2"], id="long after"),
    ],
)
def test_two_entries_say_which_log_keys_sign_which_sizes(size: int, keys: list[str]) -> None:
    keyring = keyring_of(founded("ada")).apply(log_key_rotated(), 3).apply(log_key_retired(), 7)

    assert [key.keyid for key in keyring.log_keys_at(size)] == [keyid(name) for name in keys]
    assert keyring.log_keyid == keyid("log-2")


def test_before_its_founding_a_ledger_has_no_log_key() -> None:
    assert Keyring().log_keyid == ""
    assert Keyring().log_keys_at(0) == ()
