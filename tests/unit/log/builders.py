"""Small builders shared by the tests of notes, checkpoints and proofs."""

from __future__ import annotations

from nacl.signing import SigningKey

from ledger.log.checkpoint import Checkpoint
from ledger.log.hashtree import HashTree
from ledger.log.merkle import leaf_hash
from ledger.log.notekeys import NoteSigner, SignatureType, VerifierKey
from tests.unit.log.oracle import numbered_leaves

ORIGIN = "ledger.example/log"
WITNESS = "witness.example/w1"
TEXT = "a text\n"
TIME_S = 1_753_000_000


def signer_of(
    name: str = ORIGIN, seed: int = 1, kind: SignatureType = SignatureType.ED25519
) -> NoteSigner:
    secret = SigningKey(bytes([seed]) * 32)
    key = VerifierKey(name, kind, bytes(secret.verify_key))
    return NoteSigner(key, lambda message: secret.sign(message).signature)


def cosigner_of(name: str = WITNESS, seed: int = 9) -> NoteSigner:
    return signer_of(name, seed, SignatureType.COSIGNATURE_V1)


def tree_of(size: int) -> HashTree:
    return HashTree(map(leaf_hash, numbered_leaves(size)))


def checkpoint_of(size: int = 5, origin: str = ORIGIN) -> Checkpoint:
    return Checkpoint(origin, size, tree_of(size).root())


def flipped(data: bytes, bit: int = 0) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)
