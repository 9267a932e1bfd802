"""Which of the log's keys sign the next note: the record says which must, this machine holds some.

A key changes by entries (``ledger.domain.logkeys``), and another process may have appended them.
So the keys are chosen anew for every note, and where one is not held here nothing is signed: a
note without it would be one that no verifier may accept.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from ledger.domain.authorship import ADMINISTRATORS_STREAM
from ledger.domain.keyring import Keyring
from ledger.domain.logkeys import LogKeyRetired, LogKeyRotated
from ledger.errors import RuleError, UnavailableError
from ledger.signing.publickeys import parse_public_key
from ledger.store.mapper import LedgerMapper

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ledger.domain.facts import Fact
    from ledger.log.notekeys import NoteSigner
    from ledger.store.reader import Reader
    from ledger.store.recorder import LedgerRecorder

_MAPPER: Final = LedgerMapper()


def administered(recorder: LedgerRecorder, reader: Reader) -> Keyring:
    """The keyring after the founding and the changes of the log's keys; of authors it knows none.

    Raises:
        StoreError: The entries do not read back.
        NotFoundError: The database does not agree with itself.
    """
    keyring = Keyring()
    for stored in recorder.select_events(ADMINISTRATORS_STREAM):
        fact = _MAPPER.to_domain_event(stored).fact
        keyring = keyring.apply(fact, reader.index_of_fact(fact.id))
    return keyring


def signers_for(
    keyring: Keyring, size: int, signers: Iterable[NoteSigner]
) -> tuple[NoteSigner, ...]:
    """The signers of the note of a tree of this size, in the order of their keys.

    Args:
        keyring: All keys after the tree's last entry.
        size: The tree size.
        signers: Those whose keys are held here.

    Raises:
        UnavailableError: A key that must sign is not held here.
    """
    held = {signer.key.public_key: signer for signer in signers}
    chosen = []
    for key in keyring.log_keys_at(size):
        signer = held.get(_raw(key.spki_der))
        if signer is None:
            raise UnavailableError(
                f"The log's key {key.keyid} must sign from tree size {key.from_size} on, and is "
                "not held here: put it into the ledger's folder, and start this server again.",
                rule="log-key-not-held",
            )
        chosen.append(signer)
    return tuple(chosen)


def require_change_can_be_signed(
    fact: Fact, keyring: Keyring, signed_size: int, signers: Sequence[NoteSigner]
) -> None:
    """Refuse a change of the log's key that would leave notes unsigned, or clients behind.

    Args:
        fact: The fact of the next entry.
        keyring: All keys before it.
        signed_size: The size of the newest tree whose note is in the database.
        signers: Those whose keys are held here.

    Raises:
        RuleError: It announces a key that is not held here, or retires one in the very batch that
            announces its successor: no note by both keys would lead from one to the other.
    """
    match fact:
        case LogKeyRotated():
            if all(signer.key.public_key != _raw(fact.spki_der) for signer in signers):
                raise RuleError(
                    f"The key {sha256(fact.spki_der).hexdigest()} is not held here, and this "
                    "server could sign no note after the entry: put it into the ledger's folder, "
                    "and start the server again.",
                    field="spki_der",
                    rule="log-key-not-held",
                )
        case LogKeyRetired() if keyring.log_keys and keyring.log_keys[-1].from_size > signed_size:
            raise RuleError(
                "The old key is retired once a note that both keys signed has been released.",
                field="keyid",
                rule="log-key-retired-at-once",
            )
        case _:
            pass


@lru_cache(maxsize=16)
def _raw(spki_der: bytes) -> bytes:
    """A key's 32 bytes, parsed once: checking its point costs as much as signing the note."""
    return parse_public_key(spki_der).raw
