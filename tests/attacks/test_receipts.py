"""A receipt proves one entry at one index in one tree of one log, and nothing beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from ledger.client.transport import finished
from ledger.errors import LedgerError, NoteError, VerificationError
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.hashtree import HashTree
from ledger.log.merkle import leaf_hash
from ledger.log.note import sign_note
from ledger.log.proofs import inclusion_proof, root_at, verify_consistency, verify_inclusion
from ledger.log.receipts import Receipt, verify_receipt
from ledger.v1 import log_pb2, services_pb2
from tests.attacks.malice import caught, edited
from tests.unit.client.served import Served
from tests.unit.log.builders import ORIGIN, flipped, signer_of

LEAVES = [f"entry {place}".encode() for place in range(70)]
TREE = HashTree(map(leaf_hash, LEAVES))
LOG = signer_of()


def note(size: int, *, origin: str = ORIGIN, name: str | None = None) -> bytes:
    """The log's checkpoint of a size."""
    signer = signer_of(name or origin)
    return sign_checkpoint(Checkpoint(origin, size, root_at(size, TREE)), [signer])


def receipt(index: int = 41, size: int = 70) -> Receipt:
    """An honest receipt."""
    proof = tuple(inclusion_proof(index, size, TREE))
    return Receipt(LEAVES[index], index, proof, note(size))


def verify(one: Receipt) -> Checkpoint:
    return verify_receipt(one, origin=ORIGIN, verifiers=[LOG.key])


def bits(data: bytes) -> range:
    return range(8 * len(data))


def test_every_bit_of_an_entry_matters() -> None:
    honest = receipt()
    verify(honest)
    for bit in bits(honest.entry):
        with pytest.raises(VerificationError):
            verify(replace(honest, entry=flipped(honest.entry, bit)))


def test_every_bit_of_a_proof_matters() -> None:
    honest = receipt()
    for place, node in enumerate(honest.inclusion_proof):
        for bit in bits(node):
            proof = list(honest.inclusion_proof)
            proof[place] = flipped(node, bit)
            with pytest.raises(VerificationError):
                verify(replace(honest, inclusion_proof=tuple(proof)))


def test_every_bit_of_a_checkpoint_matters() -> None:
    """But for none: also the key's name and id, the dash, and the base64 are read in one way."""
    honest = receipt()
    for bit in bits(honest.checkpoint):
        with pytest.raises((NoteError, VerificationError)):
            verify(replace(honest, checkpoint=flipped(honest.checkpoint, bit)))


def test_every_other_index_is_refused() -> None:
    honest = receipt()
    for index in {*range(-3, 140), 2**31, 2**63, 2**64 - 1} - {honest.index}:
        with pytest.raises(VerificationError):
            verify(replace(honest, index=index))


@pytest.mark.parametrize("index", [70, 71, 127, 128, 2**31, 2**63])
def test_the_last_entry_is_at_no_index_past_the_end(index: int) -> None:
    """Its path is the one that whoever looks further to the right ends up on."""
    honest = receipt(69)
    verify(honest)
    with pytest.raises(VerificationError):
        verify(replace(honest, index=index))


Forgery = Callable[[], Receipt]


def _of_another_leaf() -> Receipt:
    return replace(receipt(41), entry=LEAVES[40])


def _proof_of_another_leaf() -> Receipt:
    return replace(receipt(41), inclusion_proof=receipt(40).inclusion_proof)


def _proof_of_another_size() -> Receipt:
    return replace(receipt(41, 70), inclusion_proof=receipt(41, 64).inclusion_proof)


def _checkpoint_of_another_size() -> Receipt:
    return replace(receipt(41, 70), checkpoint=note(69))


def _stale_checkpoint() -> Receipt:
    return replace(receipt(41, 70), checkpoint=note(41))


def _checkpoint_of_the_entry_alone() -> Receipt:
    return Receipt(LEAVES[0], 0, (), note(70))


def _another_origin() -> Receipt:
    return replace(receipt(), checkpoint=note(70, origin="ledger.example/other"))


def _another_origin_signed_by_the_log_s_key() -> Receipt:
    """The key of the pinned name also signs for another log; that one's entries are not ours."""
    text = Checkpoint("ledger.example/other", 70, TREE.root()).to_text()
    return replace(receipt(), checkpoint=sign_note(text, [LOG]))


def _signature_of_another_size() -> Receipt:
    text = note(70).decode().rpartition("\n\n")[0]
    line = note(69).decode().rpartition("\n\n")[2]
    return replace(receipt(), checkpoint=f"{text}\n\n{line}".encode())


def _inner_node_as_a_leaf() -> Receipt:
    """The two children of a node, offered as the entry of a tree half as large."""
    left, right = TREE.node(0, 40), TREE.node(0, 41)
    honest = receipt(40)
    return Receipt(left + right, 20, honest.inclusion_proof[1:], note(35))


def _inner_node_with_its_prefix_as_a_leaf() -> Receipt:
    left, right = TREE.node(0, 40), TREE.node(0, 41)
    return replace(receipt(40), entry=b"\x01" + left + right)


def _longer_proof() -> Receipt:
    honest = receipt()
    return replace(honest, inclusion_proof=(*honest.inclusion_proof, bytes(32)))


def _shorter_proof() -> Receipt:
    honest = receipt()
    return replace(honest, inclusion_proof=honest.inclusion_proof[:-1])


def _empty_proof() -> Receipt:
    return replace(receipt(), inclusion_proof=())


def _reversed_proof() -> Receipt:
    honest = receipt()
    return replace(honest, inclusion_proof=honest.inclusion_proof[::-1])


def _hashes_run_together() -> Receipt:
    honest = receipt()
    joined = (honest.inclusion_proof[0] + honest.inclusion_proof[1],)
    return replace(honest, inclusion_proof=joined + honest.inclusion_proof[2:])


FORGERIES: dict[str, Forgery] = {
    "another leaf under this one's proof": _of_another_leaf,
    "the proof of another leaf": _proof_of_another_leaf,
    "the proof in a tree of another size": _proof_of_another_size,
    "a checkpoint of another size": _checkpoint_of_another_size,
    "a stale checkpoint, from before the entry": _stale_checkpoint,
    "an empty proof, as if the entry were alone": _checkpoint_of_the_entry_alone,
    "a checkpoint of another origin": _another_origin,
    "another origin, with the log's own signature": _another_origin_signed_by_the_log_s_key,
    "a signature of another size": _signature_of_another_size,
    "an inner node as a leaf": _inner_node_as_a_leaf,
    "an inner node with its prefix as a leaf": _inner_node_with_its_prefix_as_a_leaf,
    "one hash too many": _longer_proof,
    "one hash too few": _shorter_proof,
    "no hash": _empty_proof,
    "the hashes in reverse": _reversed_proof,
    "two hashes in one": _hashes_run_together,
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forged_receipt_is_refused(forge: Forgery) -> None:
    verify(receipt())
    with pytest.raises(VerificationError):
        verify(forge())


def test_an_inner_node_is_no_leaf_also_where_sizes_fit() -> None:
    """In a tree of two, whose root would be a leaf's hash if leaves and nodes hashed alike."""
    pair = TREE.node(0, 0) + TREE.node(0, 1)
    for data in (pair, b"\x01" + pair):
        with pytest.raises(VerificationError):
            verify_inclusion(0, 1, leaf_hash(data), [], TREE.node(1, 0))


@pytest.mark.parametrize("size", [1, 2, 5, 8, 70])
def test_nothing_is_consistent_with_the_empty_tree(size: int) -> None:
    """Else an unverified root would pass for one that was proved (see ``verify_consistency``)."""
    with pytest.raises(VerificationError) as found:
        verify_consistency(0, root_at(0, TREE), size, root_at(size, TREE), [])
    assert found.value.rule == "consistency-sizes"


Spoil = Callable[[log_pb2.Receipt], None]


def _entry(message: log_pb2.Receipt) -> None:
    message.entry = flipped(message.entry, 8 * len(message.entry) - 1)


def _recorded_earlier(message: log_pb2.Receipt) -> None:
    """Back-dating by the server: the recorded time stands in the leaf."""
    message.entry = message.entry[:8] + bytes([message.entry[8] - 1]) + message.entry[9:]


def _index(message: log_pb2.Receipt) -> None:
    message.index -= 1


def _proof(message: log_pb2.Receipt) -> None:
    message.inclusion_proof[0] = flipped(message.inclusion_proof[0])


def _checkpoint(message: log_pb2.Receipt) -> None:
    message.checkpoint = flipped(message.checkpoint, 8 * len(message.checkpoint) - 17)


def _nothing(message: log_pb2.Receipt) -> None:
    message.Clear()


SPOILS: dict[str, Spoil] = {
    "a bit of the entry": _entry,
    "an earlier recorded time": _recorded_earlier,
    "another index": _index,
    "a bit of the proof": _proof,
    "a bit of the signature": _checkpoint,
    "an empty receipt": _nothing,
}


@pytest.mark.parametrize("name", ["order-1", 5])
def test_the_receipt_of_another_entry_is_not_taken_for_it(ledger: Served, name: str | int) -> None:
    """It is a good receipt, of something else than was asked for."""
    other = finished(ledger.client.steps.calls.receipt("order-2"))

    def lie(reply: services_pb2.GetReceiptResponse) -> None:
        if reply.receipt.index > 1:
            reply.receipt.entry, reply.receipt.index = other.entry, other.index
            reply.receipt.inclusion_proof[:] = other.inclusion_proof
            reply.receipt.checkpoint = other.checkpoint

    tale = edited("GetReceipt", lie)
    caught(ledger, tale, lambda client: client.proved(name), rule="receipt-of-another")


@pytest.mark.parametrize("spoil", SPOILS.values(), ids=SPOILS.keys())
def test_a_server_that_spoils_a_receipt_is_found_out(ledger: Served, spoil: Spoil) -> None:
    def lie(reply: services_pb2.GetReceiptResponse) -> None:
        if reply.receipt.index > 1:
            spoil(reply.receipt)

    ask = edited("GetReceipt", lie)
    caught(ledger, ask, lambda client: client.proved("order-1"), error=LedgerError)
