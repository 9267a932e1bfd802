"""May this statement become the next entry? All of the write side's questions, in their order.

Pure: the signatures are verified before, the store's uniqueness checks and the transaction come
after, and everything that decides is handed in. The order is the one of DESIGN §3, "key valid
here? role? version? aggregate decides (may refuse)", so that a refusal never tells a stranger
more than an author could read:

1. the statement is for this ledger, and the founding for entry 0 only;
2. its anchor does not lie in the future;
3. its signers are the ones that such a fact needs, and each key is valid here and now;
4. the author's role opens or extends the stream;
5. the expected version is the stream's;
6. the keyring, then the aggregate, decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ledger.domain.aggregates import aggregate_for
from ledger.domain.attachments import AttachmentErased
from ledger.domain.authorship import AuthorEnrolled, KeyRevoked, KeyRotated, LedgerFounded
from ledger.domain.delegation import KeyDelegated
from ledger.domain.enrollment import decide_keys
from ledger.domain.keyring import keyid_of
from ledger.domain.logkeys import LogKeyRetired, LogKeyRotated
from ledger.domain.roles import check_role
from ledger.domain.vocabulary import Role
from ledger.errors import RoleError, RuleError, SignatureError, VersionConflictError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ledger.domain.keyring import KeyRecord, Keyring
    from ledger.domain.statement import Statement


def admit(
    statement: Statement,
    *,
    signers: Sequence[str],
    keyring: Keyring,
    ledger_id: bytes,
    index: int,
    recorded_ms: int,
    stream_version: int,
    stream_state: Any,
) -> None:
    """Let a statement in as the entry at ``index``, or refuse it.

    Args:
        statement: What was signed.
        signers: The keyids whose signatures were verified, all of them, against the keys that
            ``candidate_keys`` gave.
        keyring: All keys before the entry.
        ledger_id: Statement digest of entry 0; empty before it.
        index: Where the entry would stand, which is the tree's size before it.
        recorded_ms: When it would be recorded.
        stream_version: How many events its stream holds.
        stream_state: Its aggregate's state: what ``evolve`` gave last, or ``initial()``.

    Raises:
        SignatureError: An unknown key, one that is not valid here, or one that may not sign this.
        RoleError: The author's role does not open or extend the stream.
        VersionConflictError: The stream has moved on.
        RuleError: A rule of the ledger or of the aggregate refuses, by name.
    """
    _is_for_this_ledger(statement, ledger_id)
    _founding_is_entry_0(statement, index)
    _anchor_is_past(statement, index)
    if isinstance(statement.fact, LedgerFounded):
        _founders_sign(statement, statement.fact, signers)
    else:
        author = _author_signs(statement, signers, keyring, index, recorded_ms)
        check_role(author, statement.fact, stream_state)
    _version_is_current(statement, stream_version)
    decide_keys(keyring, statement.fact, index=index, recorded_ms=recorded_ms)
    aggregate_for(statement.fact.collection).decide(stream_state, statement.fact)


class CandidateKeys:
    """``candidate_keys`` of many statements against one keyring, which each author asks once.

    Args:
        keyring: All keys that may come into question.
    """

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._standing: dict[str, Mapping[str, bytes]] = {}

    def of(self, statement: Statement) -> Mapping[str, bytes]:
        """The keys against which an envelope's signatures are verified, as SPKI DER by keyid."""
        if isinstance(statement.fact, KeyRotated | LedgerFounded):
            return candidate_keys(statement, self._keyring)
        known = self._standing.get(statement.author)
        if known is None:
            known = self._standing[statement.author] = candidate_keys(statement, self._keyring)
        return known


def candidate_keys(statement: Statement, keyring: Keyring) -> Mapping[str, bytes]:
    """The keys against which an envelope's signatures are verified, as SPKI DER by keyid.

    They are the author's, its delegates' and ended ones included, since an ended key deserves to
    be called so; the administrators'; and the ones that the fact itself brings, which sign to show
    that somebody holds them. Any other signer is unknown here, whoever it may be elsewhere.
    """
    brought: tuple[bytes, ...] = ()
    match statement.fact:
        case KeyRotated() as fact:
            brought = (fact.spki_der,)
        case LedgerFounded() as fact:
            brought = tuple(administrator.spki_der for administrator in fact.administrators)
        case _:
            return _standing_keys(statement.author, keyring)
    known = _standing_keys(statement.author, keyring)
    return {**known, **{keyid_of(spki_der): spki_der for spki_der in brought}}


def _standing_keys(author: str, keyring: Keyring) -> Mapping[str, bytes]:
    """Of the candidate keys those that follow from the author alone, as SPKI DER by keyid."""
    return {
        record.keyid: record.spki_der
        for name in (author, *keyring.administrators)
        for record in keyring.keys_of(name)
    }


def _is_for_this_ledger(statement: Statement, ledger_id: bytes) -> None:
    """The ledger id is signed, "so nothing replays into another ledger"."""
    if statement.ledger_id != ledger_id:
        raise RuleError(
            f"The statement is for the ledger {statement.ledger_id.hex() or 'to be founded'}, "
            f"and this one is {ledger_id.hex() or 'not founded yet'}.",
            field="ledger_id",
            rule="other-ledger",
        )


def _founding_is_entry_0(statement: Statement, index: int) -> None:
    """The founding comes first and once: "only local ``init`` writes entry 0"."""
    if isinstance(statement.fact, LedgerFounded) != (index == 0):
        raise RuleError(
            "A ledger begins with its founding, and is founded once.",
            field="fact",
            rule="founding-is-entry-0",
        )


def _anchor_is_past(statement: Statement, index: int) -> None:
    """An anchor is "size + root of a checkpoint the author verified", so there was such a tree.

    The store compares the root.
    """
    if statement.anchor is not None and statement.anchor.size > index:
        raise RuleError(
            f"The anchor has the size {statement.anchor.size}, and this log only {index}.",
            field="anchor.size",
            rule="anchor-from-the-future",
        )


def _founders_sign(statement: Statement, fact: LedgerFounded, signers: Sequence[str]) -> None:
    """The founding names "administrators' keys and k-of-n", and k of them sign it."""
    founders = {keyid_of(founder.spki_der): founder.author for founder in fact.administrators}
    for signer in signers:
        if signer not in founders:
            raise SignatureError(
                f"The key {signer} is none of the founding administrators'.",
                field="signatures",
                rule="signer-is-not-a-founder",
            )
    _enough_sign_together(statement, {founders[signer] for signer in signers}, fact.threshold)


def _author_signs(
    statement: Statement, signers: Sequence[str], keyring: Keyring, index: int, recorded_ms: int
) -> KeyRecord:
    """Each signer may sign this very fact, here and now; gives a key of the author's."""
    fact = statement.fact
    if isinstance(fact, KeyRotated):
        _both_keys_sign(fact, signers)
        signers = [fact.old_keyid]
    records = [keyring.valid_at(signer, index, recorded_ms) for signer in signers]
    for record in records:
        if record.delegation is not None:
            record.delegation.check_covers(fact)
    match fact:
        case KeyRevoked() if _ends_its_own(statement, fact, records, keyring):
            pass
        case (
            AuthorEnrolled() | KeyRevoked() | LogKeyRotated() | LogKeyRetired() | AttachmentErased()
        ):
            _administrators_sign(statement, records, keyring.threshold)
        case KeyDelegated():
            _delegating_key_signs(statement, fact, records)
        case _:
            _only_the_author_signs(statement, records)
    return next(record for record in records if record.author == statement.author)


def _both_keys_sign(fact: KeyRotated, signers: Sequence[str]) -> None:
    """That is: "an author's own rotation is signed by old and new key"."""
    if set(signers) != {fact.old_keyid, keyid_of(fact.spki_der)}:
        raise SignatureError(
            "A rotation is signed by the old key and the new one, and by no other.",
            field="signatures",
            rule="rotation-signed-by-both",
        )


def _ends_its_own(
    statement: Statement, fact: KeyRevoked, records: Sequence[KeyRecord], keyring: Keyring
) -> bool:
    """Whether an author revokes what is its own: the very key that signs, or a delegation.

    That is no more than a thief of the key could do by a rotation, and the quickest help for an
    owner who fears one. Another key of its own it cannot revoke: of two holders who each call the
    other a thief, the administrators decide.
    """
    signed = {(record.author, record.keyid) for record in records}
    if fact.author != statement.author or {author for author, _ in signed} != {fact.author}:
        return False
    target = keyring.find(fact.keyid)
    is_delegated = target is not None and target.delegation is not None
    return signed == {(fact.author, fact.keyid)} or is_delegated


def _delegating_key_signs(
    statement: Statement, fact: KeyDelegated, records: Sequence[KeyRecord]
) -> None:
    """The entry names the key that answers for the delegate's, and no other signs."""
    signed = [(record.author, record.keyid) for record in records]
    if fact.author != statement.author or signed != [(fact.author, fact.delegating_keyid)]:
        raise SignatureError(
            f"{fact.author} delegates by the signature of its key {fact.delegating_keyid} alone.",
            field="signatures",
            rule="delegation-signed-by-its-key",
        )


def _only_the_author_signs(statement: Statement, records: Sequence[KeyRecord]) -> None:
    """Signatures are "each by a different key that may sign this": one of the author's own."""
    strangers = {record.author for record in records} - {statement.author}
    if strangers or not records:
        raise SignatureError(
            f"A statement of {statement.author} is signed by {statement.author} alone, here by "
            f"{', '.join(sorted(strangers)) or 'nobody'}.",
            field="signatures",
            rule="only-the-author-signs",
        )


def _administrators_sign(
    statement: Statement, records: Sequence[KeyRecord], threshold: int
) -> None:
    """Of the administrators "k of them enroll, recover or revoke authors", or erase a document."""
    others = {record.author for record in records if record.role is not Role.ADMINISTRATOR}
    if others:
        raise RoleError(
            "Only administrators enroll, revoke, erase and change the log's key, not "
            f"{', '.join(sorted(others))}.",
            field="signatures",
            rule="administrators-enroll",
        )
    _enough_sign_together(statement, {record.author for record in records}, threshold)


def _enough_sign_together(statement: Statement, signed: set[str], threshold: int) -> None:
    if statement.author not in signed:
        raise SignatureError(
            f"{statement.author} made the statement and did not sign it.",
            field="signatures",
            rule="author-did-not-sign",
        )
    if len(signed) < threshold:
        raise SignatureError(
            f"{threshold} administrators sign together; here only {', '.join(sorted(signed))}.",
            field="signatures",
            rule="administrators-threshold",
        )


def _version_is_current(statement: Statement, stream_version: int) -> None:
    """The expected version is "events already in the stream, explicit; 0 = must not exist"."""
    if statement.expected_version != stream_version:
        raise VersionConflictError(
            f"{statement.stream} holds {stream_version} events; the statement expects "
            f"{statement.expected_version}.",
            expected=statement.expected_version,
            actual=stream_version,
        )
