"""The part of the log that says who may sign, replayed from the founding on its own.

The entries about administrators and the log's keys hang together: each is signed by keys that
earlier ones of them made, back to the founding, whose digest is pinned. So they are verified
without the rest of the log: inclusion, signatures, proofs of possession, rules and versions, as
strictly as they were let in. Whoever stole the log's key alone cannot bring in another.

What this cannot show is that a stream ends where the server says: a revocation that is kept back
is found by an audit of the whole log.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any, final

from ledger.client.opened import OpenedEntry
from ledger.client.pins import Pin
from ledger.domain.admission import admit, candidate_keys
from ledger.domain.aggregates import aggregate_for
from ledger.domain.keyring import Keyring
from ledger.domain.possession import possession_of
from ledger.errors import LedgerError, VerificationError
from ledger.log.notekeys import SignatureType, VerifierKey
from ledger.signing.dsse import pae
from ledger.signing.publickeys import parse_public_key
from ledger.signing.verifying import verify_all


@final
class Administration:
    """Some streams of authors, whole as far as they are shown, and the founding's.

    Args:
        ledger_id: The pinned ledger's id.
    """

    def __init__(self, ledger_id: bytes) -> None:
        self._ledger_id = ledger_id
        self._keyring = Keyring()
        self._states: dict[str, Any] = {}
        self._versions: Counter[str] = Counter()
        self._index = -1

    @property
    def keyring(self) -> Keyring:
        """The keys that the entries so far made and ended."""
        return self._keyring

    def version(self, stream: str) -> int:
        """How many entries of a stream there are among those so far."""
        return self._versions[stream]

    def admit(self, entry: OpenedEntry) -> None:
        """Let the next entry in, as the ledger must have done.

        Raises:
            VerificationError: It must not have, or the entries do not come in their order.
        """
        try:
            self._admit(entry)
        except LedgerError as error:
            raise VerificationError(
                f"Entry {entry.index} does not hold: {error.message}",
                field=f"entries[{entry.index}]",
                rule=error.rule,
            ) from error

    def _admit(self, entry: OpenedEntry) -> None:
        statement, stream = entry.statement, entry.statement.stream
        if entry.index <= self._index or (self._index < 0 and entry.digest != self._ledger_id):
            raise VerificationError(
                "It is out of place: the pinned founding comes first, and then the others in the "
                "order of the log.",
                rule="administration-order",
            )
        aggregate = aggregate_for(statement.fact.collection)
        state = self._states.get(stream, aggregate.initial())
        admit(
            statement,
            signers=verified_signers(entry, self._keyring),
            keyring=self._keyring,
            ledger_id=self._ledger_id if entry.index else b"",
            index=entry.index,
            recorded_ms=entry.recorded_ms,
            stream_version=self._versions[stream],
            stream_state=state,
        )
        self._states[stream] = aggregate.evolve(state, statement.fact, entry.digest)
        self._versions[stream] += 1
        self._keyring = self._keyring.apply(statement.fact, entry.index)
        self._index = entry.index


def verified_signers(entry: OpenedEntry, keyring: Keyring) -> list[str]:
    """Verify every signature of an entry, and a new key's proof of possession; gives the keyids.

    Args:
        entry: The entry.
        keyring: All keys before it that may come into question.

    Raises:
        VerificationError: A key is not known.
        SignatureError: A signature does not hold.
        InputError: A key is not one that may be used.
    """
    known = candidate_keys(entry.statement, keyring)
    unknown = [each.keyid for each in entry.envelope.signatures if each.keyid not in known]
    if unknown:
        raise VerificationError(
            f"The key {unknown[0]} is nobody's who may sign this.", rule="key-unknown"
        )
    pairs = [
        (parse_public_key(known[signature.keyid]), signature.sig)
        for signature in entry.envelope.signatures
    ]
    verify_all(pae(entry.envelope.payload_type, entry.envelope.payload), pairs)
    possession = possession_of(entry.statement)
    if possession is not None:
        key = parse_public_key(possession.spki_der)
        key.verify(possession.signature, possession.message)
    return [key.keyid for key, _ in pairs]


def verifiers_of(origin: str, keyring: Keyring) -> tuple[VerifierKey, ...]:
    """The log's keys as notes are verified by, oldest first, each with the sizes that it signs."""
    return tuple(
        VerifierKey(
            origin,
            SignatureType.ED25519,
            parse_public_key(key.spki_der).raw,
            # The first key is there from the founding, of which size 0 is no part.
            from_size=key.from_size if place else 0,
            until_size=key.until_size,
        )
        for place, key in enumerate(keyring.log_keys)
    )


def with_log_keys(pin: Pin, keyring: Keyring) -> Pin:
    """A pin with the keys that the log has had so far, each for its tree sizes.

    A key that is pinned and not among them stays: it may be announced by an entry still to come.
    And an end that is known stays: whoever keeps a retirement back does not undo it.
    """
    ends = {key.public_key: key.until_size for key in pin.log_keys}
    keys = [
        replace(key, until_size=ends[key.public_key])
        if key.until_size is None and key.public_key in ends
        else key
        for key in verifiers_of(pin.origin, keyring)
    ]
    known = {key.public_key for key in keys}
    further = [key for key in pin.log_keys if key.public_key not in known]
    return Pin(pin.origin, pin.ledger_id, (*keys, *further))
