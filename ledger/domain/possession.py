"""Proofs that a new key is held by somebody: which key, over which message, and by which bytes.

Pure: whether the signature holds is for those who verify, on the write side and in an audit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ledger.domain.authorship import AuthorEnrolled, possession_message
from ledger.domain.delegation import KeyDelegated, delegation_message
from ledger.domain.logkeys import LogKeyRotated, log_key_message

if TYPE_CHECKING:
    from ledger.domain.statement import Statement


class Possession(NamedTuple):
    """A new key's signature, which must verify under that very key.

    Attributes:
        field: Where the fact stands in its statement, such as ``fact.enrolled``.
        spki_der: The new key.
        signature: What its holder made.
        message: What it is made over.
    """

    field: str
    spki_der: bytes
    signature: bytes
    message: bytes


def possession_of(statement: Statement) -> Possession | None:
    """The proof of possession that a statement brings; None where its fact brings none.

    A rotation needs none: the new key signs the envelope itself.
    """
    match statement.fact:
        case AuthorEnrolled() as fact:
            field = "fact.enrolled"
            message = possession_message(statement.ledger_id, fact.author, fact.spki_der)
        case KeyDelegated() as fact:
            field = "fact.delegated"
            message = delegation_message(statement.ledger_id, fact.author, fact.spki_der)
        case LogKeyRotated() as fact:
            field = "fact.log_key_rotated"
            message = log_key_message(statement.ledger_id, fact.old_keyid, fact.spki_der)
        case _:
            return None
    return Possession(field, fact.spki_der, fact.possession, message)
