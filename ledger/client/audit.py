"""The whole log, recomputed: every entry hashed, every signature and every rule tried again.

An audit proves what inclusion proofs cannot: that nothing in the log was changed, back-dated or
let in against the rules, and that the tree which the log signs is the tree of these entries and no
others. It trusts the pin and reads everything else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, final

from ledger.client.attachments import AttachmentStatus, attachment_states
from ledger.client.client import LedgerClient
from ledger.client.opened import OpenedEntry, open_entry
from ledger.client.transport import finished
from ledger.client.trust import Head
from ledger.codec.facts import event_type
from ledger.domain.admission import admit, candidate_keys
from ledger.domain.aggregates import aggregate_for
from ledger.domain.attachments import AttachmentRegister
from ledger.domain.keyring import Keyring
from ledger.domain.possession import possession_of
from ledger.domain.statement import Statement
from ledger.errors import LedgerError, VerificationError
from ledger.log.merkle import leaf_hash, root_of
from ledger.log.proofs import verify_inclusion
from ledger.signing.dsse import pae
from ledger.signing.publickeys import PublicKey, parse_public_key
from ledger.signing.verifying import verify_all

Progress = Callable[[int, int], None]
"""Told how many entries are read, of how many."""


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What an audit found to hold.

    Attributes:
        head: The verified checkpoint whose tree was recomputed.
        entries: How many entries there are of each event type.
        authors: How many entries each author signed.
        attachments: Documents that statements name, and what has become of them; of all this the
            server is believed only whether it holds one that nobody erased.
    """

    head: Head
    entries: Counter[str] = field(default_factory=Counter)
    authors: Counter[str] = field(default_factory=Counter)
    attachments: list[AttachmentStatus] = field(default_factory=list)


def audit(client: LedgerClient, progress: Progress | None = None) -> AuditReport:
    """Read the whole log and verify everything that can be.

    Raises:
        VerificationError: Something does not hold; ``field`` names the first entry where it does
            not, as ``entries[<index>]``.
        RollbackError: The log is shorter than it was.
        ForkError: It is of another history.
    """
    client.verify_founding()
    head = client.checkpoint()
    replay = _Replay(client.ledger_id)
    report = AuditReport(head)
    hashes: list[bytes] = []
    finding: VerificationError | None = None
    for entry in client.entries(0, head.size):
        hashes.append(leaf_hash(entry.entry))
        if finding is None:
            try:
                opened = replay.admit(entry.entry, entry.index)
                report.entries[event_type(opened.fact)] += 1
                report.authors[opened.statement.author] += 1
            except LedgerError as error:
                finding = _finding(entry.index, error)
        if progress is not None:
            progress(entry.index + 1, head.size)
    changed = _first_not_included(client, head, hashes)
    findings = [error for error in (finding, changed) if error is not None]
    if findings:
        raise min(findings, key=_index_of)
    report.attachments.extend(attachment_states(client, replay.attachments, head.size))
    return report


@final
class _Replay:
    """The write side once more, on nothing but the entries: who could sign, what could follow."""

    def __init__(self, ledger_id: bytes) -> None:
        self._ledger_id = ledger_id
        self._keyring = Keyring()
        self._states: dict[str, Any] = {}
        self._versions: Counter[str] = Counter()
        self._fact_ids: set[str] = set()
        self._nonces: set[tuple[str, bytes]] = set()
        self._recorded_ms = 0
        self.attachments = AttachmentRegister()

    def admit(self, data: bytes, index: int) -> OpenedEntry:
        """Let the next entry in as the ledger must have done.

        Raises:
            LedgerError: It must not have.
        """
        entry = open_entry(data, index)
        statement, stream = entry.statement, entry.statement.stream
        signers = self._verified_signers(entry)
        aggregate = aggregate_for(statement.fact.collection)
        state = self._states.get(stream, aggregate.initial())
        admit(
            statement,
            signers=signers,
            keyring=self._keyring,
            ledger_id=self._ledger_id if index else b"",
            index=index,
            recorded_ms=entry.recorded_ms,
            stream_version=self._versions[stream],
            stream_state=state,
        )
        self._is_unique(statement)
        self._is_in_time(entry)
        self._states[stream] = aggregate.evolve(state, statement.fact, entry.digest)
        self._versions[stream] += 1
        self._keyring = self._keyring.apply(statement.fact, index)
        self.attachments.add(index, statement.author, statement.fact, statement.attachments)
        return entry

    def _verified_signers(self, entry: OpenedEntry) -> list[str]:
        """Verify every signature, and a new key's proof of possession; gives the key ids."""
        known = candidate_keys(entry.statement, self._keyring)
        pairs: list[tuple[PublicKey, bytes]] = []
        for signature in entry.envelope.signatures:
            if signature.keyid not in known:
                raise VerificationError(
                    f"The key {signature.keyid} is nobody's who may sign this.", rule="key-unknown"
                )
            pairs.append((parse_public_key(known[signature.keyid]), signature.sig))
        verify_all(pae(entry.envelope.payload_type, entry.envelope.payload), pairs)
        possession = possession_of(entry.statement)
        if possession is not None:
            key = parse_public_key(possession.spki_der)
            key.verify(possession.signature, possession.message)
        return [signature.keyid for signature in entry.envelope.signatures]

    def _is_unique(self, statement: Statement) -> None:
        nonce = (statement.author, statement.nonce)
        if statement.fact_id in self._fact_ids or nonce in self._nonces:
            raise VerificationError(
                f"{statement.fact_id}, or its author's nonce, is in the log twice.",
                rule="unique",
            )
        self._fact_ids.add(statement.fact_id)
        self._nonces.add(nonce)

    def _is_in_time(self, entry: OpenedEntry) -> None:
        if entry.recorded_ms < self._recorded_ms:
            raise VerificationError(
                "It was recorded before the entry in front of it.", rule="recorded-in-order"
            )
        self._recorded_ms = entry.recorded_ms


def _first_not_included(
    client: LedgerClient, head: Head, hashes: list[bytes]
) -> VerificationError | None:
    """Compare the recomputed root; if it differs, find the first entry that no proof covers.

    Equal roots prove every entry at its index at once. Where they differ, the log's own proofs
    still lead from the signed root to the leaves that it once hashed, so one that fails names an
    entry that was changed since.
    """
    if root_of(hashes) == head.checkpoint.root:
        return None
    tried = (_not_included(client, head, index, hashed) for index, hashed in enumerate(hashes))
    unnamed = VerificationError("The entries do not make the signed tree.", rule="root-hash")
    return next((error for error in tried if error is not None), unnamed)


def _not_included(
    client: LedgerClient, head: Head, index: int, hashed: bytes
) -> VerificationError | None:
    try:
        _, proof = finished(client.steps.calls.inclusion_proof(index, head.size))
        verify_inclusion(index, head.size, hashed, proof, head.checkpoint.root)
    except LedgerError as error:
        return VerificationError(
            f"Entry {index} is not the one that the log signed: {error.message}",
            field=f"entries[{index}]",
            rule="inclusion-proof",
        )
    return None


def _finding(index: int, error: LedgerError) -> VerificationError:
    detail = f" ({error.field})" if error.field else ""
    return VerificationError(
        f"Entry {index} does not hold: {error.message}{detail}",
        field=f"entries[{index}]",
        rule=error.rule,
    )


def _index_of(error: VerificationError) -> tuple[int, int]:
    """The entry an error names, those that name none last; of one entry, what says most first."""
    number = error.field.removeprefix("entries[").removesuffix("]")
    said_last = int(error.rule == "inclusion-proof")
    return (int(number), said_last) if number.isdigit() else (2**63, said_last)
