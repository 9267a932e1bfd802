"""What only the whole keyring can answer about a fact on authors and keys (DESIGN §4).

"k of them enroll, recover or revoke authors; an author's own rotation is signed by old and new
key; the last administrator cannot go." Who signed is asked in ``admission``; here is whether the
change may be made. That the new key is a sound one, and that its holder possesses it, is checked
where keys are read and signatures verified: both need cryptography.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.domain.authorship import AuthorEnrolled, KeyRevoked, KeyRotated
from ledger.domain.delegation import KeyDelegated
from ledger.domain.keyring import keyid_of
from ledger.domain.logkeys import LogKeyRetired, LogKeyRotated
from ledger.errors import RuleError

if TYPE_CHECKING:
    from ledger.domain.facts import Fact
    from ledger.domain.keyring import Keyring


def decide_keys(keyring: Keyring, fact: Fact, *, index: int, recorded_ms: int) -> None:
    """Let a change of keys into the ledger, or refuse it; other facts pass.

    Args:
        keyring: All keys before the entry.
        fact: What the entry says.
        index: Where the entry would stand.
        recorded_ms: When it would be recorded.

    Raises:
        RuleError: By the name of the rule that refuses.
    """
    match fact:
        case AuthorEnrolled():
            _key_is_fresh(keyring, fact)
            _key_outlives_its_entry(fact, recorded_ms)
            _recovery_changes_only_the_key(keyring, fact)
        case KeyRotated():
            _rotates_its_own_key(keyring, fact, index, recorded_ms)
            _key_is_fresh(keyring, fact)
            _key_outlives_its_entry(fact, recorded_ms)
        case KeyDelegated():
            _key_is_fresh(keyring, fact)
            _key_outlives_its_entry(fact, recorded_ms)
            _delegation_ends_before_its_key(keyring, fact)
        case LogKeyRotated():
            _key_is_fresh(keyring, fact)
            _replaces_the_only_log_key(keyring, fact)
        case LogKeyRetired():
            _retires_the_older_of_two(keyring, fact)
        case KeyRevoked():
            _revokes_a_key_in_force(keyring, fact)
            _administrators_remain(keyring, fact, index, recorded_ms)
        case _:
            pass


def _key_is_fresh(
    keyring: Keyring, fact: AuthorEnrolled | KeyRotated | KeyDelegated | LogKeyRotated
) -> None:
    """A key serves one author, ever, or the log, and then no author."""
    keyid = keyid_of(fact.spki_der)
    if keyring.find(keyid) is not None or keyid in {key.keyid for key in keyring.log_keys}:
        raise RuleError(
            f"The key {keyid} is in the ledger already: a key serves one author, ever.",
            field="spki_der",
            rule="key-already-enrolled",
        )


def _key_outlives_its_entry(
    fact: AuthorEnrolled | KeyRotated | KeyDelegated, recorded_ms: int
) -> None:
    """No key is born expired."""
    keyid = keyid_of(fact.spki_der)
    if fact.not_after_ms is not None and fact.not_after_ms <= recorded_ms:
        raise RuleError(
            f"The key {keyid} would have expired before it could sign.",
            field="not_after_ms",
            rule="key-already-expired",
        )


def _recovery_changes_only_the_key(keyring: Keyring, fact: AuthorEnrolled) -> None:
    """A further enrollment gives an author a new key; what the author is stays.

    The keys before it stay valid until they are revoked: an author may hold several.
    """
    earlier = keyring.keys_of(fact.author)
    if not earlier:
        return
    known = earlier[0]
    if fact.role is not known.role:
        raise RuleError(
            f"{fact.author} is enrolled as {known.role.value}, which a recovery cannot change.",
            field="role",
            rule="recovery-keeps-role",
        )
    if fact.party != known.party:
        raise RuleError(
            f"{fact.author} is enrolled for {known.party}, which a recovery cannot change.",
            field="party",
            rule="recovery-keeps-party",
        )


def _rotates_its_own_key(keyring: Keyring, fact: KeyRotated, index: int, recorded_ms: int) -> None:
    """Only the author's own key, valid here and now, can be replaced."""
    old = keyring.find(fact.old_keyid)
    if old is None or old.author != fact.author or not old.is_valid(index, recorded_ms):
        raise RuleError(
            f"{fact.old_keyid} is not a valid key of {fact.author} at index {index}.",
            field="old_keyid",
            rule="rotates-its-own-key",
        )


def _revokes_a_key_in_force(keyring: Keyring, fact: KeyRevoked) -> None:
    """Only a key of the named author that was not revoked or replaced can be revoked."""
    record = keyring.find(fact.keyid)
    if record is None or record.author != fact.author:
        raise RuleError(
            f"{fact.keyid} is not a key of {fact.author}.",
            field="keyid",
            rule="revokes-its-authors-key",
        )
    if record.revoked_at_index is not None:
        raise RuleError(
            f"{fact.keyid} was revoked or replaced at index {record.revoked_at_index}.",
            field="keyid",
            rule="key-already-revoked",
        )


def _administrators_remain(
    keyring: Keyring, fact: KeyRevoked, index: int, recorded_ms: int
) -> None:
    """The last administrators cannot go: enough must remain to sign together."""
    if fact.author not in keyring.administrators:
        return
    remaining = keyring.valid_administrators(index + 1, recorded_ms, without=fact.keyid)
    if len(remaining) < keyring.threshold:
        raise RuleError(
            f"Without {fact.keyid} only {len(remaining)} administrators would remain, and "
            f"{keyring.threshold} must sign together.",
            field="keyid",
            rule="last-administrators",
        )


def _delegation_ends_before_its_key(keyring: Keyring, fact: KeyDelegated) -> None:
    """Nobody lets another key sign for longer than one's own key may."""
    own = keyring.find(fact.delegating_keyid)
    if own is None or own.not_after_ms is None or fact.not_after_ms <= own.not_after_ms:
        return
    raise RuleError(
        f"The key {fact.delegating_keyid} expires at {own.not_after_ms} ms, and what it delegates "
        f"would end at {fact.not_after_ms} ms.",
        field="not_after_ms",
        rule="delegation-outlives-its-key",
    )


def _replaces_the_only_log_key(keyring: Keyring, fact: LogKeyRotated) -> None:
    """The key in force is replaced, once: a second rotation waits for the end of the first."""
    signing = [key for key in keyring.log_keys if key.until_size is None]
    if len(signing) > 1:
        raise RuleError(
            f"The key {signing[0].keyid} still signs beside {signing[1].keyid}: retire it first.",
            field="old_keyid",
            rule="log-key-rotation-under-way",
        )
    if fact.old_keyid != keyring.log_keyid:
        raise RuleError(
            f"The log's key is {keyring.log_keyid}, not {fact.old_keyid}.",
            field="old_keyid",
            rule="rotates-the-log-key",
        )


def _retires_the_older_of_two(keyring: Keyring, fact: LogKeyRetired) -> None:
    """A log is never without a key: only one that has been replaced can go."""
    signing = [key.keyid for key in keyring.log_keys if key.until_size is None]
    if fact.keyid not in signing[:-1]:
        raise RuleError(
            f"{fact.keyid} is not a log key that was replaced and still signs.",
            field="keyid",
            rule="retires-the-old-log-key",
        )
