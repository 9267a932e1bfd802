from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.keyring import Keyring, keyid_of
from ledger.domain.vocabulary import Role
from ledger.errors import SignatureError
from tests.builders import enrolled, founded, keyid, order, revoked, rotated, spki

if TYPE_CHECKING:
    from ledger.domain.facts import Fact

NOW_MS = 1_760_000_000_000


def keyring_of(*facts: Fact) -> Keyring:
    """The keyring after these facts as the entries 0, 1, 2 and so on."""
    keyring = Keyring()
    for index, fact in enumerate(facts):
        keyring = keyring.apply(fact, index)
    return keyring


def refused_at(keyring: Keyring, name: str, index: int, recorded_ms: int = NOW_MS) -> str:
    with pytest.raises(SignatureError) as refused:
        keyring.valid_at(keyid(name), index, recorded_ms)
    return refused.value.rule


def test_a_key_is_named_by_the_hash_of_its_spki() -> None:
    assert keyid_of(spki("ada")) == keyid("ada")


def test_an_empty_keyring_knows_nobody() -> None:
    assert Keyring().find(keyid("ada")) is None
    assert Keyring().keys_of("ada") == ()
    assert refused_at(Keyring(), "ada", 1) == "key-unknown"


def test_the_founders_are_administrators_from_index_1() -> None:
    keyring = keyring_of(founded("ada", "bo", threshold=2))

    record = keyring.valid_at(keyid("ada"), 1, NOW_MS)
    assert (record.author, record.role, record.party) == ("ada", Role.ADMINISTRATOR, "ada")
    assert record.spki_der == spki("ada")
    assert (keyring.threshold, keyring.administrators) == (2, ("ada", "bo"))
    assert keyring.log_keyid == keyid("log")
    assert refused_at(keyring, "ada", 0) == "key-not-yet-valid"


def test_an_enrolled_key_is_valid_from_the_next_index() -> None:
    keyring = keyring_of(founded("ada"), enrolled("nvidia", Role.COMPANY, party="NVIDIA"))

    record = keyring.valid_at(keyid("nvidia"), 2, NOW_MS)
    assert (record.role, record.party) == (Role.COMPANY, "NVIDIA")
    assert refused_at(keyring, "nvidia", 1) == "key-not-yet-valid"


def test_a_revocation_binds_after_its_own_index() -> None:
    keyring = keyring_of(founded("ada"), enrolled("bo"), revoked("bo"))

    assert keyring.valid_at(keyid("bo"), 2, NOW_MS).revoked_at_index == 2
    assert refused_at(keyring, "bo", 3) == "key-revoked"


def test_a_rotation_ends_the_old_key_and_begins_the_new_one() -> None:
    keyring = keyring_of(
        founded("ada"),
        enrolled("nvidia", Role.COMPANY, party="NVIDIA", not_after_ms=NOW_MS + 1),
        rotated("nvidia", "nvidia-2"),
    )

    old = keyring.valid_at(keyid("nvidia"), 2, NOW_MS)
    new = keyring.valid_at(keyid("nvidia-2"), 3, NOW_MS + 1)
    assert (new.author, new.role, new.party) == (old.author, old.role, old.party)
    assert (new.not_after_ms, new.revoked_at_index) == (None, None)
    assert refused_at(keyring, "nvidia", 3) == "key-revoked"
    assert refused_at(keyring, "nvidia-2", 2) == "key-not-yet-valid"
    assert [record.keyid for record in keyring.keys_of("nvidia")] == [old.keyid, new.keyid]


def test_a_key_has_expired_once_its_last_moment_is_recorded() -> None:
    keyring = keyring_of(founded("ada"), enrolled("bo", not_after_ms=NOW_MS))

    assert keyring.valid_at(keyid("bo"), 2, NOW_MS - 1).author == "bo"
    assert refused_at(keyring, "bo", 2, NOW_MS) == "key-expired"


def test_a_recovered_author_holds_both_keys_until_the_old_one_is_revoked() -> None:
    recovery = enrolled("bo", id="recovered-bo", spki_der=spki("bo-2"))
    keyring = keyring_of(founded("ada"), enrolled("bo"), recovery)

    assert keyring.valid_at(keyid("bo"), 3, NOW_MS).spki_der == spki("bo")
    assert keyring.valid_at(keyid("bo-2"), 3, NOW_MS).spki_der == spki("bo-2")


def test_a_further_administrator_is_one_of_them_once() -> None:
    keyring = keyring_of(
        founded("ada"),
        enrolled("bo", Role.ADMINISTRATOR),
        rotated("bo", "bo-2"),
        enrolled("bo", Role.ADMINISTRATOR, id="recovered-bo", spki_der=spki("bo-3")),
    )

    assert keyring.administrators == ("ada", "bo")
    assert keyring.valid_administrators(4, NOW_MS) == {"ada", "bo"}
    assert keyring.valid_administrators(4, NOW_MS, without=keyid("ada")) == {"bo"}


def test_facts_of_the_domain_leave_the_keyring_as_it_is() -> None:
    keyring = keyring_of(founded("ada"))

    assert keyring.apply(order("co-order"), 1) is keyring


@pytest.mark.parametrize("fact", [rotated("bo", "bo-2"), revoked("bo")], ids=["rotated", "revoked"])
def test_a_change_of_a_key_that_nobody_has_is_a_signature_error(fact: Fact) -> None:
    with pytest.raises(SignatureError) as refused:
        keyring_of(founded("ada")).apply(fact, 1)

    assert refused.value.rule == "key-unknown"


def test_the_keyring_before_an_entry_stays_what_it_was() -> None:
    before = keyring_of(founded("ada"), enrolled("bo"))

    before.apply(revoked("bo"), 2)

    assert before.valid_at(keyid("bo"), 7, NOW_MS).revoked_at_index is None


STEPS = st.lists(st.sampled_from(["enroll", "rotate", "revoke", "order"]), max_size=25)


@given(STEPS, st.data())
def test_every_key_is_valid_from_after_its_beginning_until_its_end(
    steps: list[str], data: st.DataObject
) -> None:
    """Against a model that keeps each key's first and last index in a plain dict."""
    keyring, names = keyring_of(founded("ada")), count()
    spans: dict[str, tuple[int, int | None]] = {}
    for index, step in enumerate(steps, start=1):
        living = [name for name, (_, end) in spans.items() if end is None]
        if step == "order" or (step != "enroll" and not living):
            keyring = keyring.apply(order(f"co-{index}"), index)
            continue
        name = f"key-{next(names)}"
        if step == "enroll":
            keyring = keyring.apply(enrolled("bo", spki_der=spki(name)), index)
        else:
            old = data.draw(st.sampled_from(living))
            spans[old] = (spans[old][0], index)
            change = rotated("bo", name, old=old) if step == "rotate" else revoked("bo", old)
            keyring = keyring.apply(change, index)
        if step != "revoke":
            spans[name] = (index + 1, None)

    for name, (first, last) in spans.items():
        for index in range(len(steps) + 3):
            if first <= index and (last is None or index <= last):
                assert keyring.valid_at(keyid(name), index, NOW_MS).author == "bo"
            else:
                assert refused_at(keyring, name, index) in {"key-not-yet-valid", "key-revoked"}
