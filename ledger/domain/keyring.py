"""Who may sign, with which key, and when: an immutable value folded from the authors' facts.

A key has an interval of indexes. Enrolled at index i it signs from i + 1 on, also inside a batch;
revoked or replaced at index i it signs nothing after i. Expiry is by the entry's recorded time:
``recorded_ms >= not_after_ms`` (DESIGN §4). A key serves one author, ever.

Versions share their entries (``PersistentMap``), so folding n facts costs O(n log n), and the
keyring as it was before any entry can be kept for the price of a reference.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from ledger.domain.authorship import AuthorEnrolled, KeyRevoked, KeyRotated, LedgerFounded
from ledger.domain.persistent import PersistentMap
from ledger.domain.vocabulary import Role
from ledger.errors import SignatureError

if TYPE_CHECKING:
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
        revoked_at_index: Last such index, that of its revocation or rotation, or None.
        not_after_ms: Recorded time from which it has expired, in ms since 1970, or None.
    """

    keyid: str
    author: str
    role: Role
    party: str
    spki_der: bytes
    valid_from_index: int
    revoked_at_index: int | None = None
    not_after_ms: int | None = None

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
        log_keyid: The log's own key, which no author may use.
        administrators: The author ids of the administrators, in the order of their enrollment.
    """

    threshold: int = 0
    log_keyid: str = ""
    administrators: tuple[str, ...] = ()
    _keys: PersistentMap[KeyRecord] = field(default_factory=PersistentMap)
    _keyids: PersistentMap[tuple[str, ...]] = field(default_factory=PersistentMap)

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
                return self._with(replace(self._known(fact.keyid), revoked_at_index=index))
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
        return replace(
            self._with(*founders), threshold=fact.threshold, log_keyid=keyid_of(fact.log_key)
        )

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
        return self._with(replace(old, revoked_at_index=index), new)

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
