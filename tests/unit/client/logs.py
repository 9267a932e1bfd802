"""Logs of made-up leaves that sign any of their sizes, also against each other."""

from __future__ import annotations

from collections.abc import Sequence

from ledger.client.pins import Pin
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.hashtree import HashTree
from ledger.log.merkle import leaf_hash
from ledger.log.notekeys import NoteSigner, SignatureType, VerifierKey
from ledger.log.proofs import consistency_proof, inclusion_proof, root_at
from ledger.log.receipts import Receipt
from ledger.signing.privatekeys import PrivateKey

ORIGIN = "ledger.example/trust"
KEY = PrivateKey.generate()
LOG_KEY = VerifierKey(ORIGIN, SignatureType.ED25519, KEY.public.raw)
PIN = Pin(ORIGIN, bytes(32), (LOG_KEY,))


class Log:
    """A log that signs any of its sizes and proves between them.

    Args:
        name: What its leaves are made of: logs of two names are two sides of a fork.
        size: How many leaves it has.
        forked_at: The leaves before this one are the same under every name.
    """

    def __init__(self, name: str = "a", size: int = 40, *, forked_at: int = 0) -> None:
        leaves = (f"{name if place >= forked_at else ''}{place}" for place in range(size))
        self.tree = HashTree(leaf_hash(leaf.encode()) for leaf in leaves)
        self.asked: list[tuple[int, int]] = []

    def note(self, size: int, *, key: PrivateKey = KEY, origin: str = ORIGIN) -> bytes:
        """The signed checkpoint of a size."""
        verifier = VerifierKey(origin, SignatureType.ED25519, key.public.raw)
        checkpoint = Checkpoint(origin, size, root_at(size, self.tree))
        return sign_checkpoint(checkpoint, [NoteSigner(verifier, key.sign)])

    async def administration(self) -> Sequence[Receipt]:
        """Get nothing: the leaves are no entries."""
        return []

    async def consistency_proof(self, older: int, newer: int) -> Sequence[bytes]:
        """Prove that this log's tree of one size continues that of another."""
        self.asked.append((older, newer))
        return consistency_proof(older, newer, self.tree)

    async def inclusion_proof(self, index: int, size: int) -> tuple[bytes, Sequence[bytes]]:
        """Prove a leaf in this log's tree of a size."""
        return self.tree.node(0, index), inclusion_proof(index, size, self.tree)
