"""The beginning of a ledger, and what must hold whenever one is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.domain.authorship import LedgerFounded
from ledger.errors import LedgerError, RefusedError, RuleError, SettingError, StoreError
from ledger.signing.publickeys import parse_public_key
from ledger.store.committing import Committer
from ledger.store.preparing import parse

if TYPE_CHECKING:
    from ledger.log.receipts import Receipt
    from ledger.store.committing import Ledger


def found(ledger: Ledger, envelope: bytes) -> Receipt:
    """Write entry 0 into an empty store; only a local ``init`` may call this (DESIGN §4).

    The file of the released head is created first, so that a ledger without one is always one
    that lost it.

    Args:
        ledger: The parts, on a database that is empty or does not exist yet.
        envelope: The founding statement, signed by ``threshold`` of the administrators it names.

    Raises:
        RefusedError: There is a ledger in the database already, or the statement is refused.
        SettingError: The founding names another origin or log key than the one that signs here.
        InputError: The envelope is not well formed.
        StoreError: The database or the head's file cannot be written.
    """
    prepared = parse(envelope)
    fact = prepared.statement.fact
    if not isinstance(fact, LedgerFounded):
        raise RuleError(
            "A ledger begins with its founding.", field="fact", rule="founding-is-entry-0"
        )
    _names_the_log_key(fact, ledger)
    ledger.recorder.create_table()
    if ledger.reader.tree_size():
        raise RefusedError("The database holds a ledger already.", rule="already-founded")
    if not ledger.head.exists():
        ledger.head.create()
    outcome = Committer(ledger).settle({0: [prepared]})[0]
    if isinstance(outcome, LedgerError):
        raise outcome
    ledger.head.sync()
    return outcome[0]


def require_sound(ledger: Ledger) -> None:
    """See that the database holds this ledger, whole and up to what was released last.

    Raises:
        StoreError: It does not: nothing must be served from it.
        SettingError: The log's key is that of another log.
    """
    ledger.head.check(ledger.reader)
    if not ledger.reader.tree_size():
        raise StoreError("The database holds no ledger yet.", rule="not-founded")
    checkpoint = ledger.reader.latest_checkpoint().checkpoint()
    for signer in ledger.signers:
        if signer.key.name != checkpoint.origin:
            raise SettingError(
                f"The log key is one of {signer.key.name!r}, and the database holds "
                f"{checkpoint.origin!r}.",
                field="signers",
                rule="log-key",
            )


def _names_the_log_key(fact: LedgerFounded, ledger: Ledger) -> None:
    key = ledger.signers[0].key
    if key.name != fact.origin or key.public_key != parse_public_key(fact.log_key).raw:
        raise SettingError(
            "The founding names another origin or log key than the one that signs here.",
            field="signers",
            rule="log-key",
        )
