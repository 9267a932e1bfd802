"""Who may sign, with which key, and when: an immutable value folded from the authors' facts.

A key has an interval of indexes. Enrolled at index i it signs from i + 1 on, also inside a batch;
revoked or replaced at index i it signs nothing after i. Expiry is by the entry's recorded time:
``recorded_ms >= not_after_ms`` (DESIGN §4). A key serves one author, ever. The log's own keys have
intervals of tree sizes (``ledger.domain.logkeys``).

Versions share their entries (``PersistentMap``), so folding n facts costs O(n log n), and the
keyring as it was before any entry can be kept for the price of a reference.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from ledger.domain.authorship import AuthorEnrolled, KeyRevoked, KeyRotated, LedgerFounded
from ledger.domain.delegation import Delegation, KeyDelegated
from ledger.domain.logkeys import LogKey, LogKeyRetired, LogKeyRotated
from ledger.domain.persistent import PersistentMap
from ledger.domain.vocabulary import Role
from ledger.errors import SignatureError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.domain.facts import Fact


def keyid_of(spki_der: bytes) -> str:
    """The name of a key: hex SHA-256 of its SPKI DER."""
    return sha256(spki_der).hexdigest()


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """One key and what the ledger knows of it.

    Attributes:
        keyid: Hex SHA-256 of ``spki_der``.
        author: The one author whom the key serves.
        role: The author's role.
        party: The name under which the author's own facts appear as actor; for an administrator
            of the founding, its author id.
        spki_der: The public key.
        valid_from_index: First index of an entry that it may sign.
        revoked_at_index: Last such index, that of its revocation or rotation, or None; for a
            delegate's key also that of the revocation of the key that answers for it.
        not_after_ms: Recorded time from which it has expired, in ms since 1970, or None.
        delegation: The limits of a delegate's key, or None for one of the author's own.
    """

    keyid: str
    author: str
    role: Role
    party: str
    spki_der: bytes
    valid_from_index: int
    revoked_at_index: int | None = None
    not_after_ms: int | None = None
    delegation: Delegation | None = None

    def check_valid(self, index: int, recorded_ms: int) -> None:
        """See that the key may sign the entry at an index, recorded at a time.

        Raises:
            SignatureError: It is not valid yet, was revoked or replaced, or has expired.
        """
        if index < self.valid_from_index:
            raise SignatureError(
                f"The key {self.keyid} is valid from index {self.valid_from_index}, not yet at "
                f"{index}.",
                rule="key-not-yet-valid",
            )
        if self.revoked_at_index is not None and index > self.revoked_at_index:
            raise SignatureError(
                f"The key {self.keyid} was revoked or replaced at index {self.revoked_at_index}.",
                rule="key-revoked",
            )
        if self.not_after_ms is not None and recorded_ms >= self.not_after_ms:
            raise SignatureError(
                f"The key {self.keyid} expired at {self.not_after_ms} ms.", rule="key-expired"
            )

    def is_valid(self, index: int, recorded_ms: int) -> bool:
        """Whether ``check_valid`` passes: for counting keys, never for trusting one."""
        try:
            self.check_valid(index, recorded_ms)
        except SignatureError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Keyring:
    """All keys of a ledger after some prefix of its entries; ``Keyring()`` is before the first.

    Attributes:
        threshold: How many different administrators sign together.
        log_keys: The log's own keys, which no author may use, oldest first.
        administrators: The author ids of the administrators, in the order of their enrollment.
    """

    threshold: int = 0
    log_keys: tuple[LogKey, ...] = ()
    administrators: tuple[str, ...] = ()
    _keys: PersistentMap[KeyRecord] = field(default_factory=PersistentMap)
    _keyids: PersistentMap[tuple[str, ...]] = field(default_factory=PersistentMap)

    @property
    def log_keyid(self) -> str:
        """The newest of the log's keys, "" before the founding."""
        return self.log_keys[-1].keyid if self.log_keys else ""

    def log_keys_at(self, size: int) -> tuple[LogKey, ...]:
        """The log's keys that sign the note of a tree of this size, oldest first.

        Args:
            size: At most one more than the entries that were folded.
        """
        return tuple(key for key in self.log_keys if key.signs_at(size))

    def find(self, keyid: str) -> KeyRecord | None:
        """What is known of a key, valid or not; None where nobody ever enrolled it."""
        return self._keys.get(keyid)

    def keys_of(self, author: str) -> tuple[KeyRecord, ...]:
        """An author's keys, ended ones included, oldest first; none for an unknown author."""
        return tuple(self._known(keyid) for keyid in self._keyids.get(author) or ())

    def valid_at(self, keyid: str, index: int, recorded_ms: int) -> KeyRecord:
        """The key that may sign the entry at an index, recorded at a time.

        Raises:
            SignatureError: Nobody enrolled the key, or it is not valid there and then.
        """
        record = self._known(keyid)
        record.check_valid(index, recorded_ms)
        return record

    def valid_administrators(self, index: int, recorded_ms: int, *, without: str = "") -> set[str]:
        """The administrators who hold a valid key other than ``without``."""
        return {
            author
            for author in self.administrators
            for record in self.keys_of(author)
            if record.keyid != without and record.is_valid(index, recorded_ms)
        }

    def apply(self, fact: Fact, index: int) -> Keyring:
        """The keyring after the entry at an index; a fact that is not about keys changes nothing.

        The fact must have been admitted.

        Raises:
            SignatureError: A rotation or revocation of a key that nobody enrolled.
        """
        match fact:
            case LedgerFounded():
                return self._founded(fact, index)
            case AuthorEnrolled():
                return self._enrolled(fact, index)
            case KeyRotated():
                return self._rotated(fact, index)
            case KeyRevoked():
                return self._revoked(fact, index)
            case KeyDelegated():
                return self._delegated(fact, index)
            case LogKeyRotated():
                new = LogKey(keyid_of(fact.spki_der), fact.spki_der, from_size=index + 1)
                return replace(self, log_keys=(*self.log_keys, new))
            case LogKeyRetired():
                return replace(self, log_keys=tuple(_retired(self.log_keys, fact.keyid, index)))
            case _:
                return self

    def _founded(self, fact: LedgerFounded, index: int) -> Keyring:
        founders = [
            KeyRecord(
                keyid=keyid_of(administrator.spki_der),
                author=administrator.author,
                role=Role.ADMINISTRATOR,
                party=administrator.author,
                spki_der=administrator.spki_der,
                valid_from_index=index + 1,
            )
            for administrator in fact.administrators
        ]
        log_key = LogKey(keyid_of(fact.log_key), fact.log_key, from_size=index + 1)
        return replace(self._with(*founders), threshold=fact.threshold, log_keys=(log_key,))

    def _enrolled(self, fact: AuthorEnrolled, index: int) -> Keyring:
        return self._with(
            KeyRecord(
                keyid=keyid_of(fact.spki_der),
                author=fact.author,
                role=fact.role,
                party=fact.party,
                spki_der=fact.spki_der,
                valid_from_index=index + 1,
                not_after_ms=fact.not_after_ms,
            )
        )

    def _rotated(self, fact: KeyRotated, index: int) -> Keyring:
        old = self._known(fact.old_keyid)
        new = replace(
            old,
            keyid=keyid_of(fact.spki_der),
            spki_der=fact.spki_der,
            valid_from_index=index + 1,
            not_after_ms=fact.not_after_ms,
        )
        passed_on = [_passed_on(record, new) for record in self._answered_for_by(old)]
        return self._with(replace(old, revoked_at_index=index), new, *passed_on)

    def _revoked(self, fact: KeyRevoked, index: int) -> Keyring:
        known = self._known(fact.keyid)
        ended = (known, *self._answered_for_by(known))
        return self._with(*(replace(record, revoked_at_index=index) for record in ended))

    def _delegated(self, fact: KeyDelegated, index: int) -> Keyring:
        delegate = replace(
            self._known(fact.delegating_keyid),
            keyid=keyid_of(fact.spki_der),
            spki_der=fact.spki_der,
            valid_from_index=index + 1,
            revoked_at_index=None,
            not_after_ms=fact.not_after_ms,
            delegation=Delegation(fact.delegating_keyid, fact.kinds, fact.streams),
        )
        return self._with(delegate)

    def _answered_for_by(self, key: KeyRecord) -> list[KeyRecord]:
        """The delegates' keys, not ended yet, that hang on one of the author's own."""
        return [
            record
            for record in self.keys_of(key.author)
            if record.delegation is not None
            and record.delegation.by_keyid == key.keyid
            and record.revoked_at_index is None
        ]

    def _known(self, keyid: str) -> KeyRecord:
        record = self._keys.get(keyid)
        if record is None:
            raise SignatureError(f"No author has the key {keyid}.", rule="key-unknown")
        return record

    def _with(self, *records: KeyRecord) -> Keyring:
        """These records set, whether their keys are new or known."""
        keys, keyids, administrators = self._keys, self._keyids, self.administrators
        for record in records:
            keys = keys.with_entry(record.keyid, record)
            held = keyids.get(record.author) or ()
            if record.keyid not in held:
                keyids = keyids.with_entry(record.author, (*held, record.keyid))
            if record.role is Role.ADMINISTRATOR and record.author not in administrators:
                administrators = (*administrators, record.author)
        return replace(self, administrators=administrators, _keys=keys, _keyids=keyids)


def _passed_on(delegate: KeyRecord, new: KeyRecord) -> KeyRecord:
    """A delegate's key after the key that answers for it was replaced; it does not outlive it."""
    assert delegate.delegation is not None  # noqa: S101 - narrows what the caller selected by
    ends = [ms for ms in (delegate.not_after_ms, new.not_after_ms) if ms is not None]
    return replace(
        delegate,
        delegation=replace(delegate.delegation, by_keyid=new.keyid),
        not_after_ms=min(ends, default=None),
    )


def _retired(keys: tuple[LogKey, ...], keyid: str, index: int) -> Iterator[LogKey]:
    for key in keys:
        yield replace(key, until_size=index) if key.keyid == keyid else key
