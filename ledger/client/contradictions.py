"""Evidence, gathered while the log still answers: what makes a contradiction a proof.

Two notes of one size speak for themselves. Of two sizes, a failing consistency proof shows nothing,
for anybody could have spoiled it. But the inclusion proof of the older tree's last leaf in the
newer tree shows what the newer one began with (``log.proofs.prefix_root``), and a server that
believes in its own side of a fork will hand it out.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Protocol

from ledger.client.misbehavior import PROOF_HASHES_MAX, Kind, Misbehavior
from ledger.client.pins import Pin
from ledger.errors import LedgerError
from ledger.log.checkpoint import Checkpoint
from ledger.log.merkle import HASH_BYTES
from ledger.log.proofs import prefix_root
from ledger.log.receipts import Receipt


class Prover(Protocol):
    """Whoever is asked for proofs: the log, which may lie."""

    async def administration(self) -> Sequence[Receipt]:
        """Get the receipts of the entries about administrators and the log's keys, in order."""
        ...

    async def consistency_proof(self, older: int, newer: int) -> Sequence[bytes]:
        """Get the proof that leads from one tree size to a larger one."""
        ...

    async def inclusion_proof(self, index: int, size: int) -> tuple[bytes, Sequence[bytes]]:
        """Get the hash of a leaf, and the proof that it is in the tree of a size."""
        ...


async def of_unconnected(
    pin: Pin,
    prover: Prover,
    *,
    seen: bytes,
    served: bytes,
    older: Checkpoint,
    newer: Checkpoint,
    proof: Sequence[bytes],
    reason: str,
) -> Misbehavior | None:
    """Say what two notes of different sizes show that no valid proof connects.

    Args:
        pin: Which log.
        prover: Who is asked for the last leaf of the older tree.
        seen: The note that was verified first.
        served: The note that was served now.
        older: The checkpoint of the smaller size.
        newer: That of the larger.
        proof: The consistency proof that was served, which does not hold.
        reason: Why not.

    Returns:
        The evidence; None where the trees turn out to be of one history, so that nothing but the
        served proof was false.
    """
    try:
        leaf, path = await prover.inclusion_proof(older.size - 1, newer.size)
        begins_with = prefix_root(older.size, newer.size, leaf, path, newer.root)
    except LedgerError as error:
        told = f"{reason} Asked for the last leaf of the smaller tree: {error.message}"
        return _evidence(pin, Kind.UNCONNECTED, seen, served, proof=_plain(proof), reason=told)
    if begins_with == older.root:
        return None
    return _evidence(pin, Kind.OTHER_PREFIX, seen, served, leaf_hash=leaf.hex(), proof=_plain(path))


def of_two_roots(pin: Pin, *, seen: bytes, served: bytes) -> Misbehavior:
    """Two notes of one size with different roots."""
    return _evidence(pin, Kind.TWO_ROOTS, seen, served)


def of_rollback(pin: Pin, *, seen: bytes, served: bytes, reason: str) -> Misbehavior:
    """A note of a smaller size than one seen before, served as all that there is."""
    return _evidence(pin, Kind.ROLLBACK, seen, served, reason=reason)


def _evidence(pin: Pin, kind: Kind, seen: bytes, served: bytes, **more: object) -> Misbehavior:
    keys = tuple(key.vkey() for key in pin.log_keys)
    about = {"kind": kind, "origin": pin.origin, "log_keys": keys}
    notes = {"seen": seen.decode(), "served": served.decode()}
    return Misbehavior.model_validate(about | notes | more)


def _plain(proof: Sequence[bytes]) -> tuple[str, ...]:
    """The hashes of a proof as text; what cannot be one is left out."""
    hashes = (value.hex() for value in proof if len(value) == HASH_BYTES)
    return tuple(islice(hashes, PROOF_HASHES_MAX))
